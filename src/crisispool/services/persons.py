"""The people of a household: references, identities, recognising someone who was here before."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crisispool.domain.booking import BookingPerson
from crisispool.domain.errors import BadInput
from crisispool.domain.household import Person, PersonIdentity, PersonMerge
from crisispool.domain.organisation import Network
from crisispool.domain.request import Request
from crisispool.domain.secret import Secret
from crisispool.ports import Ids, OneOf, Transaction, Vault
from crisispool.services.asks import IdentityAsk, PersonAsk


def normalised(name: str) -> str:
    """A name as it is compared: letters only, without accents, case or order of apostrophes and hyphens."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    # Unicode counts some apostrophes, such as U+02BC, among the letters: as modifiers (Lm).
    return "".join(mark for mark in letters if mark.isalpha() and unicodedata.category(mark) != "Lm")


@dataclass(frozen=True)
class Recognition:
    """What an identity led to: the reference as it is now, and whether it is someone known."""

    person: Person
    known: bool


class Persons:
    """References to people. Policy: who may see what, section 8 (recognised by keyed hash, never by number)."""

    def __init__(self, ids: Ids, vault: Vault) -> None:
        self._ids = ids
        self._vault = vault

    async def register(
        self, tx: Transaction, request: Request, asks: Sequence[PersonAsk], now: datetime
    ) -> list[Person]:
        """A reference for each person told of, and a provisional one for every other adult; adults first."""
        adults = [ask for ask in asks if ask.adult]
        if len(adults) > request.adults:
            raise BadInput("persons", "more_adults_than_counted")
        if len(asks) - len(adults) > request.children:
            raise BadInput("persons", "more_children_than_counted")
        adults += [PersonAsk() for _ in range(request.adults - len(adults))]
        registered = []
        for position, ask in enumerate([*adults, *(ask for ask in asks if not ask.adult)]):
            reference = self._ids.new()
            person = Person(
                id=reference,
                network_id=request.network_id,
                request_id=request.id,
                canonical_id=reference,
                adult=ask.adult,
                position=position,
                age=ask.age,
                claimed_nights=ask.claimed_nights,
                created_at=now,
            )
            await tx.add(person)
            if ask.identity is not None:
                person = (await self.identify(tx, person, ask.identity, request.created_by, now)).person
            registered.append(person)
        return registered

    async def adjust(
        self, tx: Transaction, request: Request, asks: Sequence[PersonAsk], now: datetime
    ) -> None:
        """Bring the references in line with a changed request: known ones stay, claimed nights are as told now."""
        references = await tx.find(Person, request_id=request.id, order=("position",))
        locked = await tx.lock(Person, [person.id for person in references])
        references = sorted(locked, key=lambda person: person.position)
        adults = [person for person in references if person.adult]
        for person in adults[request.adults :]:
            # Who is known, was taken for someone, or had a bed for a while, stays on record.
            if not await _on_record(tx, person):
                await tx.remove(person)
        position = max((person.position for person in references), default=-1)
        for number in range(request.adults - len(adults)):
            reference = self._ids.new()
            person = Person(
                id=reference,
                network_id=request.network_id,
                request_id=request.id,
                canonical_id=reference,
                adult=True,
                position=position + 1 + number,
                created_at=now,
            )
            await tx.add(person)
            adults.append(person)
        told = [ask.claimed_nights for ask in asks if ask.adult]
        for number, person in enumerate(adults[: request.adults]):
            claimed = told[number] if number < len(told) else ()
            if person.claimed_nights != claimed:
                await tx.save(replace(person, claimed_nights=claimed))

    async def identify(
        self, tx: Transaction, person: Person, identity: IdentityAsk, by: str, now: datetime
    ) -> Recognition:
        """Keep who a reference is, and link it to the reference of the same person when there is one.

        Only a full identity links; a coarse one (birth year) never does. Nights stay where they were recorded.
        """
        full, coarse = self._digests(identity)
        # Two references to somebody new, told at the same moment: one of them must see the other.
        await tx.lock(Network, [person.network_id])
        person = await tx.get(Person, person.id) or person
        await self._keep(tx, person, identity)
        found = (
            await tx.find(Person, network_id=person.network_id, digest=full, order=("created_at",))
            if full
            else []
        )
        earlier = next((other for other in found if other.id != person.id), None)
        corrected = person.digest not in (None, full)
        own = person.id if corrected else person.canonical_id
        canonical = earlier.canonical_id if earlier else own
        person = await self._lock_all(tx, person, {canonical, person.canonical_id, person.id})
        if corrected:
            await self._part(tx, person, by, now)
            await self._move(tx, person, canonical, by, now)
        else:
            # Whoever was found to be the same person as this one is now known along with it.
            for same in await tx.find(Person, canonical_id=person.canonical_id, order=("id",)):
                await self._move(tx, same, canonical, by, now)
        person = replace(person, canonical_id=canonical, digest=full, coarse_digest=coarse)
        await tx.save(person)
        return Recognition(person, earlier is not None)

    async def _lock_all(self, tx: Transaction, person: Person, canonical: set[str]) -> Person:
        """Row locks on these people and every reference to them; the person, fresh from under the lock."""
        references = await tx.find(Person, canonical_id=OneOf(tuple(canonical)))
        await tx.lock(Person, sorted({*canonical, *(each.id for each in references)}))
        return await tx.get(Person, person.id) or person

    async def _move(self, tx: Transaction, person: Person, canonical: str, by: str, now: datetime) -> None:
        if person.canonical_id != canonical:
            await tx.add(PersonMerge(self._ids.new(), person.id, person.canonical_id, canonical, by, now))
            await tx.save(replace(person, canonical_id=canonical))

    async def _part(self, tx: Transaction, mistaken: Person, by: str, now: datetime) -> None:
        """Whoever was linked to a reference that turns out to be somebody else stays together without it."""
        linked = await tx.find(Person, canonical_id=mistaken.id, order=("created_at",))
        others = [person for person in linked if person.id != mistaken.id]
        for person in others:
            to = others[0].id
            await tx.add(PersonMerge(self._ids.new(), person.id, mistaken.id, to, by, now))
            await tx.save(replace(person, canonical_id=to))

    def _digests(self, identity: IdentityAsk) -> tuple[str | None, str]:
        given, surname = normalised(identity.given_name), normalised(identity.surname)
        if not given or not surname:
            raise BadInput("identity", "name_without_letters")
        born = identity.birth_date
        year = born.year if born else identity.birth_year
        if year is None:
            raise BadInput("identity", "birth_missing")
        coarse = self._vault.digest("person.coarse", f"{given}|{surname[0]}|{year}")
        full = self._vault.digest("person", f"{given}|{surname}|{born.isoformat()}") if born else None
        return full, coarse

    async def _keep(self, tx: Transaction, person: Person, identity: IdentityAsk) -> None:
        born = identity.birth_date.isoformat() if identity.birth_date else str(identity.birth_year)
        kept = PersonIdentity(
            person_id=person.id,
            given_name=Secret(identity.given_name),
            surname=Secret(identity.surname),
            birth_date=Secret(born),
            phone=Secret(identity.phone),
            language=identity.language,
        )
        if await tx.get(PersonIdentity, person.id) is None:
            await tx.add(kept)
        else:
            await tx.save(kept)


async def _on_record(tx: Transaction, person: Person) -> bool:
    """Whether something else on record speaks of this reference."""
    if await tx.get(PersonIdentity, person.id) or await tx.find(BookingPerson, person_id=person.id, limit=1):
        return True
    merges = await tx.find(PersonMerge, person_id=person.id, limit=1)
    merges += await tx.find(PersonMerge, from_canonical_id=person.id, limit=1)
    merges += await tx.find(PersonMerge, to_canonical_id=person.id, limit=1)
    return bool(merges)
