"""What a talk about shifts and rosters wants, done by the services."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crisispool.conversations import duty_intents as d
from crisispool.domain.duty import Duty
from crisispool.domain.organisation import Actor
from crisispool.services.roster_gaps import RosterGaps
from crisispool.services.rosters import Rosters
from crisispool.services.shifts import Shifts


@dataclass(frozen=True)
class ErrandsOfDuty:
    """The services behind shifts and rosters."""

    shifts: Shifts
    rosters: Rosters
    gaps: RosterGaps


ErrandOfDuty = Callable[[ErrandsOfDuty, Actor, str, Any], Awaitable[Any]]

OF_DUTY: dict[type[Any], ErrandOfDuty] = {
    d.LookShift: lambda e, actor, op, it: e.shifts.view(actor),
    d.BeginShift: lambda e, actor, op, it: e.shifts.go_on(actor, op),
    d.EndShift: lambda e, actor, op, it: e.shifts.go_off(actor, op, sure=it.sure),
    d.GiveShift: lambda e, actor, op, it: e.shifts.give(actor, op, it.to_id),
    d.LookRoster: lambda e, actor, op, it: e.rosters.roster(actor),
    d.OfferShift: lambda e, actor, op, it: e.rosters.offer(actor, op, it.shift_id, it.to_id),
    d.AcceptShift: lambda e, actor, op, it: e.rosters.accept(actor, op, it.offer_id),
    d.Substitute: lambda e, actor, op, it: e.rosters.substitute(actor, op, it.shift_id, it.colleague_id),
    d.KeepShift: lambda e, actor, op, it: e.rosters.take_back(actor, op, it.offer_id),
    d.FillGap: lambda e, actor, op, it: e.gaps.fill(
        actor,
        op,
        Duty(it.duty),
        it.colleague_id,
        datetime.fromisoformat(it.starts_at),
        datetime.fromisoformat(it.ends_at),
    ),
    d.TakeOff: lambda e, actor, op, it: e.gaps.take_off(actor, op, it.shift_id, sure=it.sure),
}
"""Who does what: one service method for each intent."""
