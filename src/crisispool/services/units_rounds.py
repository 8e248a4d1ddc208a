"""The owners' round: on the afternoon of a working day each owner is asked whether it still stands as we show it."""

from collections import defaultdict
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

from crisispool.domain.availability import UnitState, status
from crisispool.domain.organisation import Organisation
from crisispool.domain.record import Message
from crisispool.domain.units_round import counts, is_asked
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell
from crisispool.services.parts import Parts

KEY = "message.units_round"
ABOUT = "units_round"
"""The kind of what the question is about; its id is the day, so that yesterday's question is told from today's."""


class UnitsRounds:
    """Rows of the round inside a transaction of its caller. Policy: freshness, section 6."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def ask(self, tx: Transaction, network: NetworkFacts, day: date, now: datetime) -> None:
        """One question for each owner with something to confirm; done again on the same day it asks nobody twice.

        Whose unit is in two networks is asked by the one that the owner belongs to.
        """
        states = await self._states_by_owner(tx, network, now)
        network_id, next_round = network.network.id, network.calendar.next_working_day(day)
        owners = await tx.find(Organisation, id=OneOf(tuple(states)), network_id=network_id, order=("id",))
        monday = network.calendar.instant(day - timedelta(days=day.weekday()), time(0))
        earlier = await tx.find(Message, network_id=network_id, key=KEY, at=AtLeast(monday))
        asked = {message.recipient_id for message in earlier}
        for owner in owners:
            own = states[owner.id]
            if not is_asked(own, next_round, this_week=owner.id in asked):
                continue
            facts, about, mark = asdict(counts(own)), (ABOUT, day.isoformat()), f"{ABOUT}:{day}"
            await tell(tx, self._parts.ids, network_id, ("owner", owner.id), KEY, facts, about, mark, now)

    async def _states_by_owner(
        self, tx: Transaction, network: NetworkFacts, now: datetime
    ) -> dict[str, list[UnitState]]:
        ids = await self._parts.facts.unit_ids(tx, network.network.id)
        states: dict[str, list[UnitState]] = defaultdict(list)
        for facts in (await self._parts.facts.units(tx, ids, now)).values():
            states[facts.unit.owner_id].append(status(facts, now, network.calendar))
        return states
