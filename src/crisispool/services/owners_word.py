"""What an owner or the desk says of a unit, written down: placements, out of service, turnover, free."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from crisispool.domain.availability import UnitFacts, earliest_placement
from crisispool.domain.errors import BadInput, Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.unit import OutOfService, Placement, UnitStatus
from crisispool.ports import Ids, Transaction
from crisispool.services.asks import StatusAsk
from crisispool.services.facts import NetworkFacts
from crisispool.services.unit_changes import start_turnover

OWNERS = (Role.UNIT_MANAGER, Role.COORDINATOR)
CONFIRMED = "confirmed"


@dataclass(frozen=True)
class OwnersWord:
    """One thing said of one unit, which is locked. Policy: status, section 6."""

    tx: Transaction
    ids: Ids
    facts: UnitFacts
    network: NetworkFacts
    now: datetime

    async def take(self, actor: Actor, ask: StatusAsk) -> None:
        """Make it so. Refusals: ``held_until``, ``booked_until``, ``key_code_must_change``, ``bad_input``."""
        self._check_dates(ask)
        match ask.status:
            case UnitStatus.FREE if ask.since is not None and ask.since > self.tonight:
                await self._plan_no_use(ask.since, ask.until)
            case UnitStatus.FREE:
                _must_have_another_key(actor, self.facts, ask)
                await self._end_all(key_changed=True)
            case UnitStatus.OCCUPIED:
                await self._use(ask.since or self.tonight, ask.until)
            case UnitStatus.OUT_OF_SERVICE:
                await self._close()
            case UnitStatus.TURNOVER:
                await self._make_ready(ask.until)
            case "confirmed":
                pass
            case _:
                raise BadInput("status", "unknown")

    @property
    def tonight(self) -> date:
        """The label of tonight's night."""
        return self.network.calendar.night_of(self.now)

    def _check_dates(self, ask: StatusAsk) -> None:
        if ask.since is not None and ask.status not in (UnitStatus.OCCUPIED, UnitStatus.FREE):
            raise BadInput("since", "only_for_a_use")
        since = ask.since or self.tonight
        if since < self.tonight:
            raise BadInput("since", "past")
        if ask.until is None:
            return
        # A unit may be ready today; a use lasts a night at least.
        today = ask.status == UnitStatus.TURNOVER and ask.until == since and self._due(since) > self.now
        if ask.until <= since and not today:
            raise BadInput("until", "past")

    async def _use(self, since: date, until: date | None) -> None:
        must_be_in_nobodys_way(self.facts, since, until, self.now, self.network)
        if since == self.tonight:
            await self._end_all()
        await self.tx.add(Placement(self.ids.new(), self.facts.unit.id, since, until))

    async def _plan_no_use(self, since: date, until: date | None) -> None:
        """What was planned to begin from `since` on, and before `until`, does not happen; what goes on now stays."""
        for placement in self.facts.placements:
            if placement.starts_on >= since and (until is None or placement.starts_on < until):
                await self.tx.save(replace(placement, ended_at=self.now))

    async def _close(self) -> None:
        must_be_in_nobodys_way(self.facts, self.tonight, None, self.now, self.network)
        if self.facts.out_of_service is None:
            await self.tx.add(OutOfService(self.ids.new(), self.facts.unit.id, self.now, "owner"))

    async def _make_ready(self, until: date | None) -> None:
        must_be_in_nobodys_way(self.facts, self.tonight, None, self.now, self.network)
        await self._end_all()
        calendar = self.network.calendar
        day = until or calendar.next_working_day(calendar.local(self.now).date())
        await start_turnover(self.tx, self.ids, self.facts.unit.id, self._due(day), self.now)

    def _due(self, day: date) -> datetime:
        return self.network.calendar.instant(day, self.network.policy.turnover_due_at)

    async def _end_all(self, *, key_changed: bool = False) -> None:
        """Whatever the owner had going on in the unit is over. Bookings and holds are not the owner's to end, and
        a key code that must change must still do so after another use."""
        for placement in self.facts.placements:
            if placement.starts_on <= self.tonight:
                await self.tx.save(replace(placement, ended_at=self.now))
        if self.facts.out_of_service:
            await self.tx.save(replace(self.facts.out_of_service, ended_at=self.now))
        turnover = self.facts.turnover
        if turnover and (key_changed or not turnover.key_code_must_change):
            await self.tx.save(replace(turnover, done_at=self.now))


def must_be_in_nobodys_way(
    facts: UnitFacts, since: date, until: date | None, now: datetime, network: NetworkFacts
) -> None:
    """Raise Refusal ``held_until`` or ``booked_until``, with the earliest date instead; never with the unit, which
    may be where people hide."""
    earliest = earliest_placement(facts, since, until, now, network.calendar)
    if earliest > since:
        held = UnitStatus.HELD in facts.nights_taken.values() and not facts.bookings
        code = "held_until" if held else "booked_until"
        raise Refusal(code, {"earliest": earliest.isoformat()})


def _must_have_another_key(actor: Actor, facts: UnitFacts, ask: StatusAsk) -> None:
    """Where somebody hid, the unit is free only when its owner says that all is done, the key code too."""
    if facts.turnover is None or not facts.turnover.key_code_must_change:
        return
    if ask.cleaned is False or not actor.is_(*OWNERS):
        raise Refusal("key_code_must_change", {"unit": facts.unit.id})
