"""The night list read: by the coordinator, and by who is on a roster in its nights; every look is kept."""

from dataclasses import dataclass
from datetime import date, datetime

from crisispool.domain.errors import NotThere
from crisispool.domain.night_list import NightList, NightListContent, covered
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.rounds import RoundKind, next_moment
from crisispool.ports import Transaction
from crisispool.services.duty import is_on_duty
from crisispool.services.night_list_making import CONTENT, on_roster
from crisispool.services.parts import Parts, require

READERS = (Role.CALLTAKER, Role.COORDINATOR)


@dataclass(frozen=True, slots=True, repr=False)
class NightListAnswer:
    """The newest list of the network. `over`: its nights have passed. `next_at`: when the one after it was or is
    due; `missing`: that moment has passed and it is not there."""

    day: date
    made_at: datetime
    next_at: datetime
    over: bool
    missing: bool
    content: NightListContent


class NightLists:
    """Reads the list. Who may see it: section 8, as for an address; on paper the desk has it before the call."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def newest(self, actor: Actor, as_what: str) -> NightListAnswer | None:
        """The newest list, None when there is none yet; the look is audited as ``page`` or ``pdf``.

        Raises NotYourRole, and NotThere for who takes calls and is not on a roster in these nights.
        """
        require(actor, *READERS)
        parts, now = self._parts, self._parts.now()
        async with parts.store.transaction() as tx:
            await self._must_be_at_it(tx, actor, now)
            found = await tx.find(NightList, network_id=actor.network_id, order=("-day",), limit=1)
            if not found:
                return None
            newest = found[0]
            details = {"page": as_what}
            await tx.audit(actor.colleague_id, "page.night_list", "night_list", newest.id, now, details)
            network = await parts.facts.network(tx, actor.network_id)
            next_at = next_moment(RoundKind.NIGHT_LIST, newest.made_at, network.calendar, network.policy)
            content = CONTENT.validate_json(newest.content.reveal())
            over = content.nights[-1].night < network.calendar.night_of(now)
            return NightListAnswer(newest.day, newest.made_at, next_at, over, next_at <= now, content)

    async def _must_be_at_it(self, tx: Transaction, actor: Actor, now: datetime) -> None:
        if actor.is_(Role.COORDINATOR) or await is_on_duty(tx, actor, now):
            return
        network = await self._parts.facts.network(tx, actor.network_id)
        tonight = network.calendar.night_of(now)
        nights = covered(tonight, now, network.calendar)
        if actor.colleague_id not in await on_roster(tx, network, nights):
            raise NotThere("page")
