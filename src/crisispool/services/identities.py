"""Who someone is, told after the bed was given; the rule is judged again, and nobody is put out."""

from dataclasses import asdict

from crisispool.conversations.vocabulary import Say
from crisispool.domain.booking import AlertCause, BookingPerson
from crisispool.domain.errors import NotThere
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Role
from crisispool.ports import Transaction
from crisispool.services.answers import PersonAnswer
from crisispool.services.asks import IdentityAsk
from crisispool.services.duty import at_work
from crisispool.services.parts import Parts, require
from crisispool.services.persons import Persons
from crisispool.services.sight import booking_of
from crisispool.services.stay_alerts import judge_again

WRITERS = (Role.REFERRER, Role.CALLTAKER, Role.SUPPORT_WORKER, Role.COORDINATOR)


class Identities:
    """Late identities. Policy: how long someone may stay, section 4."""

    def __init__(self, parts: Parts, persons: Persons) -> None:
        self._parts = parts
        self._persons = persons

    async def put(
        self, actor: Actor, operation_id: str, booking_id: str, person_id: str, ask: IdentityAsk
    ) -> PersonAnswer:
        """Keep who a person of a booking is, recognise them, and judge their runs again.

        A broken limit raises an alert for the coordinator; the booking stays. Refusals: ``not_there``,
        ``bad_input``.
        """
        require(actor, *WRITERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> PersonAnswer:
            asker = await at_work(tx, actor, now, *WRITERS)
            booking = await booking_of(tx, asker, booking_id)
            sleeps = await tx.get(BookingPerson, booking_id, person_id)
            person = await tx.get(Person, person_id)
            if sleeps is None or person is None:
                raise NotThere("person")
            network = await parts.facts.network(tx, booking.network_id)
            found = await self._persons.identify(tx, person, ask, actor.colleague_id, now)
            canonical = found.person.canonical_id
            cause = AlertCause.IDENTITY
            alert = bool(await judge_again(tx, parts.ids, network, [canonical], cause, now))
            await tx.audit(
                actor.colleague_id,
                "person.identified",
                "person",
                person_id,
                now,
                {"known": found.known, "alert": alert},
            )
            # Who only asks for a bed must not learn whether someone was here before.
            may_know = asker.is_(Role.SUPPORT_WORKER, Role.COORDINATOR)
            known = found.known and may_know
            told = alert and (may_know or asker.is_(Role.CALLTAKER))
            key = "identity.alert" if told else "identity.known" if known else "identity.kept"
            return PersonAnswer(booking.id, person_id, known, told, (Say(key),))

        content = {"booking": booking_id, "person": person_id, **asdict(ask)}
        return await parts.operations.once(operation_id, "identity", content, now, PersonAnswer, work)
