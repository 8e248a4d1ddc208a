"""The night list read: by the coordinator, and by who is on a roster in its nights; every look is kept."""

from dataclasses import dataclass
from datetime import date, datetime

from crisispool.domain.errors import NotThere
from crisispool.domain.night_list import NightList, NightListContent, covered
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.rounds import RoundKind, next_moment
from crisispool.ports import AtLeast, Transaction
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
        parts, now = self._parts, self._parts.now()
        async with parts.store.transaction() as tx:
            await _must_be_at_it(tx, parts, actor, now)
            found = await tx.find(NightList, network_id=actor.network_id, order=("-day",), limit=1)
            if not found:
                return None
            details = {"page": as_what}
            await tx.audit(actor.colleague_id, "page.night_list", "night_list", found[0].id, now, details)
            return await _answer(tx, parts, found[0], now)


async def list_of(
    tx: Transaction, parts: Parts, actor: Actor, list_id: str, now: datetime
) -> NightListAnswer:
    """This list, for who reads already. Raises NotYourRole, and NotThere when it is cleared or not theirs."""
    await _must_be_at_it(tx, parts, actor, now)
    found = await tx.get(NightList, list_id)
    if found is None or found.network_id != actor.network_id:
        raise NotThere("night_list")
    return await _answer(tx, parts, found, now)


async def _answer(tx: Transaction, parts: Parts, found: NightList, now: datetime) -> NightListAnswer:
    network = await parts.facts.network(tx, found.network_id)
    calendar = network.calendar
    next_at = next_moment(RoundKind.NIGHT_LIST, found.made_at, calendar, network.policy)
    newer = await tx.find(NightList, network_id=found.network_id, made_at=AtLeast(next_at), limit=1)
    content = CONTENT.validate_json(found.content.reveal())
    over = content.nights[-1].night < calendar.night_of(now)
    return NightListAnswer(found.day, found.made_at, next_at, over, next_at <= now and not newer, content)


async def _must_be_at_it(tx: Transaction, parts: Parts, actor: Actor, now: datetime) -> None:
    require(actor, *READERS)
    if actor.is_(Role.COORDINATOR) or await is_on_duty(tx, actor, now):
        return
    network = await parts.facts.network(tx, actor.network_id)
    nights = covered(network.calendar.night_of(now), now, network.calendar)
    if actor.colleague_id not in await on_roster(tx, network, nights):
        raise NotThere("page")
