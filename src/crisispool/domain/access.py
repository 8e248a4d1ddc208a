"""Who may see the address and key of a booking now: the role table as one function."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crisispool.domain.booking import LIVE_STATES, Booking, BookingState
from crisispool.domain.handover import Handover, HandoverState
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.policy import Policy
from crisispool.domain.request import HIDING_KINDS, Request


class AccessCode(StrEnum):
    """Why access is given, or why not; the order of the second half is from the most to the least telling."""

    REFERRER = "referrer"
    CALLTAKER = "calltaker"
    UNIT_MANAGER = "unit_manager"
    SUPPORT_WORKER = "support_worker"
    COORDINATOR = "coordinator"

    REASON_NEEDED = "reason_needed"
    ARRIVED = "arrived"
    TOO_LATE = "too_late"
    BOOKING_OVER = "booking_over"
    OFF_SHIFT = "off_shift"
    HIDING = "hiding"
    NOT_YOURS = "not_yours"


GIVEN = frozenset(
    {
        AccessCode.REFERRER,
        AccessCode.CALLTAKER,
        AccessCode.UNIT_MANAGER,
        AccessCode.SUPPORT_WORKER,
        AccessCode.COORDINATOR,
    }
)


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """A booking, its request and the owner of its unit; the handover of its case when there is one already.

    `service_ids` are the organisations that have the handover. `on_shift`: the asker is on duty as a
    calltaker. `reason_given`: the asker wrote down why.
    """

    booking: Booking
    request: Request
    owner_id: str
    handover: Handover | None = None
    service_ids: frozenset[str] = frozenset()
    on_shift: bool = False
    reason_given: bool = False


@dataclass(frozen=True, slots=True)
class AccessVerdict:
    """Whether address and key may be shown, and the code that says as whom, or why not."""

    allowed: bool
    code: AccessCode


def may_see_access(actor: Actor, facts: AccessFacts, now: datetime, policy: Policy) -> AccessVerdict:
    """Judge one look at address and key. Whoever has several roles is judged by the best of them.

    In a case of violence only the key holder, who made the request (they transport, or call back who does),
    the accepted worker, and a coordinator with a reason. Policy: who may see what, section 8.
    """
    codes = {judge(actor, facts, now, policy) for judge in (_asker, _desk, _owner, _worker, _coordinator)}
    best = next(code for code in AccessCode if code in codes)
    return AccessVerdict(best in GIVEN, best)


def may_see_door(actor: Actor, owner_id: str, *, same_network: bool, slept_in: bool) -> AccessVerdict:
    """Judge one look at address and key of a unit, whoever sleeps there.

    Its owner holds the key. A coordinator of the owner's network sees all, but while somebody sleeps there only
    through the booking, where people hide with a reason: asked of every unit alike, it tells nobody who hides where.
    Policy: who may see what, section 8.
    """
    if actor.is_(Role.UNIT_MANAGER) and actor.organisation_id == owner_id:
        return AccessVerdict(True, AccessCode.UNIT_MANAGER)
    if not (actor.is_(Role.COORDINATOR) and same_network):
        return AccessVerdict(False, AccessCode.NOT_YOURS)
    code = AccessCode.REASON_NEEDED if slept_in else AccessCode.COORDINATOR
    return AccessVerdict(code in GIVEN, code)


def may_know_place(actor: Actor, facts: AccessFacts, now: datetime, policy: Policy) -> bool:
    """Whether the asker may know which unit it is. Where people hide only who may see the address, and who gave it.

    Policy: who may see what, section 8.
    """
    gave = facts.booking.by == actor.colleague_id
    return gave or not _hides(facts) or may_see_access(actor, facts, now, policy).allowed


def _asker(actor: Actor, facts: AccessFacts, now: datetime, policy: Policy) -> AccessCode:
    """Who made the request, a calltaker by phone only while on shift: until arrival, a few hours at most."""
    if facts.request.created_by != actor.colleague_id or not actor.is_(Role.REFERRER, Role.CALLTAKER):
        return AccessCode.NOT_YOURS
    if not (facts.on_shift or actor.is_(Role.REFERRER)):
        return AccessCode.OFF_SHIFT
    if facts.booking.arrival_known or facts.booking.state is BookingState.CHECKED_IN:
        return AccessCode.ARRIVED
    if now >= facts.booking.at + policy.access_readable_for:
        return AccessCode.TOO_LATE
    if facts.booking.state not in LIVE_STATES:
        return AccessCode.BOOKING_OVER
    return AccessCode.REFERRER


def _desk(actor: Actor, facts: AccessFacts, now: datetime, policy: Policy) -> AccessCode:
    """The calltaker who made the booking, on shift, while it lives."""
    if facts.booking.by != actor.colleague_id or not actor.is_(Role.CALLTAKER):
        return AccessCode.NOT_YOURS
    if _hides(facts):
        return AccessCode.HIDING
    if facts.booking.state not in LIVE_STATES:
        return AccessCode.BOOKING_OVER
    return AccessCode.CALLTAKER if facts.on_shift else AccessCode.OFF_SHIFT


def _owner(actor: Actor, facts: AccessFacts, now: datetime, policy: Policy) -> AccessCode:
    """The landlord holds the key of the own unit anyway."""
    own = actor.is_(Role.UNIT_MANAGER) and actor.organisation_id == facts.owner_id
    return AccessCode.UNIT_MANAGER if own else AccessCode.NOT_YOURS


def _worker(actor: Actor, facts: AccessFacts, now: datetime, policy: Policy) -> AccessCode:
    """A service that has the case, until it is closed; in a case of violence only who took it up."""
    handover = facts.handover
    if (
        handover is None
        or not actor.is_(Role.SUPPORT_WORKER)
        or actor.organisation_id not in facts.service_ids
    ):
        return AccessCode.NOT_YOURS
    if handover.state is HandoverState.CLOSED:
        return AccessCode.BOOKING_OVER
    if _hides(facts) and actor.colleague_id not in (handover.worker_id, handover.accepted_by):
        return AccessCode.HIDING
    return AccessCode.SUPPORT_WORKER


def _coordinator(actor: Actor, facts: AccessFacts, now: datetime, policy: Policy) -> AccessCode:
    """All of the own network, audited; in a case of violence with a reason."""
    if not actor.is_(Role.COORDINATOR) or actor.network_id != facts.booking.network_id:
        return AccessCode.NOT_YOURS
    return AccessCode.COORDINATOR if facts.reason_given or not _hides(facts) else AccessCode.REASON_NEEDED


def _hides(facts: AccessFacts) -> bool:
    return facts.request.kind in HIDING_KINDS
