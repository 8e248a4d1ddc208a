"""Parts of a booking that stood on paper: what is asked, who it may be already, and what was said of it since."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from crisispool.domain.admission import AdmissionResult, Criterion
from crisispool.domain.availability import cannot_be_inside, status
from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.calendar import DAY
from crisispool.domain.errors import Refusal
from crisispool.domain.on_paper import PaperBooking
from crisispool.domain.organisation import Actor
from crisispool.domain.request import (
    HIDING_KINDS,
    Request,
    RequestKind,
    RequestNote,
    RequestState,
    Screening,
)
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitStatus
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.asks import Override
from crisispool.services.booking_rows import next_question
from crisispool.services.departures import ask_checkout_at
from crisispool.services.facts import NetworkFacts
from crisispool.services.parts import Parts
from crisispool.services.unit_changes import ready_by, start_turnover, tell_owner

GONE_THROUGH: Final = {"on_paper": "ok"}
"""The check-up of a booking on paper: the list was gone through, and nothing stood in the way."""


CALLER: Final = "caller"
"""The purpose of the note with the number at which whoever asked is called back."""


SAID_OTHERWISE: Final = {
    "unit_booked": "paper_unit_booked",
    "unit_held": "paper_unit_booked",
    "unit_turnover": "paper_unit_turnover",
}


class PaperState(StrEnum):
    """Where the people are when their line is entered, as far as anybody knows."""

    UNKNOWN = "unknown"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class PaperAsk:
    """One line of the form on the night list.

    `slept_before`: nights in a row up to the evening before, as the caller said; `phone`: where who called can be
    reached; `checked`: the checklist was gone through and nothing stood in the way; `left_on`: the day on which they
    left, when they did; `other_people`: somebody looked, and they are not those of a request that looks alike.
    """

    happened_at: datetime
    paper: str
    unit_id: str
    adults: int
    kind: RequestKind
    nights: int | None = None
    children: int = 0
    referrer: str = "other"
    origin: str | None = None
    phone: str = ""
    slept_before: int = 0
    state: PaperState = PaperState.UNKNOWN
    left_on: date | None = None
    contact_declined: bool = False
    checked: bool = False
    other_people: bool = False
    override: Override | None = None


async def must_be_others(tx: Transaction, request: Request, network: NetworkFacts) -> None:
    """A household that asked in another way around the same hour may be this one: then it has its bed, or its
    request must end. Lines of the paper are told apart by their references."""
    around = network.policy.same_household_within
    rows = await tx.find(
        Request,
        network_id=request.network_id,
        adults=request.adults,
        children=request.children,
        state=OneOf((RequestState.OPEN, RequestState.BOOKED)),
        created_at=AtLeast(request.created_at - around),
    )
    near = {row.id: row.reference for row in rows if row.created_at <= request.created_at + around}
    booked = await tx.find(Booking, request_id=OneOf(tuple(near)))
    papers = await tx.find(PaperBooking, booking_id=OneOf(tuple(each.id for each in booked)))
    of_paper = {each.booking_id for each in papers}
    for each in booked:
        if each.id in of_paper:
            near.pop(each.request_id, None)
    if near:
        raise Refusal("paper_alike", {"references": sorted(near.values())})


async def may_be_inside(
    tx: Transaction, parts: Parts, network: NetworkFacts, unit_id: str, checkout: date, now: datetime
) -> None:
    """Who did not leave as far as anybody knows may be there still, which nobody else can be then. Refusals as
    `OnPaper.enter`."""
    [facts] = (await parts.facts.units(tx, [unit_id], now)).values()
    # Until the hour of leaving a bed for the evening after is in nobody's way, as with every other booking.
    over = now >= network.calendar.instant(checkout, network.policy.checkout_at)
    last = network.calendar.night_of(now) if over else checkout - DAY
    if why := cannot_be_inside(facts, checkout, last):
        raise said_otherwise(Refusal(f"unit_{why}"))


def said_otherwise(no: Refusal) -> Refusal:
    """Why a unit cannot be given, where somebody who enters it afterwards can do something else about it."""
    return Refusal(SAID_OTHERWISE[no.code]) if no.code in SAID_OTHERWISE else no


async def keep_check_up(
    tx: Transaction, parts: Parts, actor: Actor, request: Request, ask: PaperAsk, network: NetworkFacts
) -> None:
    """What was gone through on paper, and where who called can be reached."""
    ids, then = parts.ids, ask.happened_at
    if ask.checked:
        newest = await tx.find(Criterion, network_id=request.network_id, order=("-version",), limit=1)
        await tx.add(
            Screening(
                id=ids.new(),
                request_id=request.id,
                checklist_version=newest[0].version if newest else 0,
                answers=dict(GONE_THROUGH),
                result=AdmissionResult.OK,
                failed=(),
                overridden=(),
                policy_version=network.policy.version,
                by=actor.colleague_id,
                at=then,
            )
        )
    if ask.phone.strip():
        number = Secret(ask.phone.strip())
        await tx.add(RequestNote(ids.new(), request.id, CALLER, number, actor.colleague_id, then))


async def as_it_is_now(
    tx: Transaction, booking: Booking, ask: PaperAsk, network: NetworkFacts, now: datetime
) -> Booking:
    """What was said of it since; questions of which the hour has passed are not asked any more."""
    if ask.left_on is not None:
        changed = replace(booking, state=BookingState.CHECKED_OUT, arrival_known=True, ended_at=now)
        changed = replace(changed, ask_arrival_at=None, ask_checkout_at=None)
    else:
        changed = booking
        while changed.ask_arrival_at is not None and changed.ask_arrival_at <= now:
            changed = replace(changed, arrival_asked=changed.arrival_asked + 1)
            changed = replace(changed, ask_arrival_at=next_question(changed, None, network))
        day = booking.checkout
        while ask_checkout_at(day, network) <= now:
            day += DAY
        changed = replace(changed, ask_checkout_at=ask_checkout_at(day, network))
    if ask.state is PaperState.INSIDE and ask.left_on is None:
        changed = replace(changed, state=BookingState.CHECKED_IN, arrival_known=True, arrived_at=now)
        changed = replace(changed, ask_arrival_at=None)
    if changed != booking:
        changed = replace(changed, version=booking.version + 1)
        await tx.save(changed)
    return changed


async def make_ready(
    tx: Transaction,
    parts: Parts,
    booking: Booking,
    unit: Unit,
    request: Request,
    left_on: date,
    network: NetworkFacts,
    now: datetime,
) -> None:
    """The dwelling is made ready, unless its owner or the desk did something else with it since they left."""
    hid = request.kind in HIDING_KINDS
    [facts] = (await parts.facts.units(tx, [unit.id], now)).values()
    since = network.calendar.instant(left_on, time.min)
    known = unit.confirmed_at is not None and unit.confirmed_at >= since
    found = status(facts, now, network.calendar).status
    if not hid and (known or found is not UnitStatus.FREE):
        return
    ids, due = parts.ids, ready_by(network, now)
    await start_turnover(tx, ids, unit.id, due, now, booking_id=booking.id, key_code_must_change=hid)
    if found in (UnitStatus.BOOKED, UnitStatus.OCCUPIED):
        # Nobody comes to clean where others live by now: the key code changes once they leave.
        return
    await tell_owner(tx, ids, booking, "message.left", now, {"due": due.isoformat()})
