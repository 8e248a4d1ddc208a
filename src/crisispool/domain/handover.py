"""The next working day: a case, its one handover, and the steps until someone has spoken with the person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.calendar import NetworkCalendar, Night
from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import Membership, OrganisationKind
from crisispool.domain.policy import Policy


class HandoverState(StrEnum):
    """Where a handover stands."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    CONTACTED = "contacted"
    CLOSED = "closed"


class HandoverStep(StrEnum):
    """What happens next when nobody acts. Source: policy, section 7."""

    BACKUP = "backup"
    COORDINATOR = "coordinator"
    CONTACT_OVERDUE = "contact_overdue"


class Outcome(StrEnum):
    """How outreach support ended. Source: policy, section 7."""

    HOME_AFTER_MEDIATION = "home_after_mediation"
    OWN_NETWORK = "own_network"
    REGULAR_SHELTER = "regular_shelter"
    CRISIS_DWELLING = "crisis_dwelling"
    TRANSIT_DWELLING = "transit_dwelling"
    READMISSION = "readmission"
    NIGHT_SHELTER = "night_shelter"
    HOTEL = "hotel"
    SAFE_HOUSE = "safe_house"
    HEALTH_CARE = "health_care"
    PRIVATE_RENT = "private_rent"
    SOCIAL_RENT = "social_rent"
    HOUSING_FIRST = "housing_first"
    YOUTH_CRISIS_LINE = "youth_crisis_line"
    LEFT_WITHOUT_CONTACT = "left_without_contact"
    CONTACT_FAILED = "contact_failed"
    CONTACT_DECLINED = "contact_declined"
    OTHER = "other"


class Solved(StrEnum):
    """Whether the crisis is solved."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Case:
    """One request and all its bookings, until closed.

    `handover_due_at` is 08:00 on the working day after its night. `admitted` is False for a refused person
    who agreed to contact. `handed_over_at` is set with the handover.
    """

    id: str
    network_id: str
    request_id: str
    reference: str
    night: date
    handover_due_at: datetime
    admitted: bool
    opened_at: datetime
    contact_consent: bool = True
    previous_case_id: str | None = None
    handed_over_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A case with outreach support; exactly one per case.

    `next_action_at` and `next_step` say what happens when nobody acts; both None when nothing is owed.
    """

    id: str
    network_id: str
    case_id: str
    state: HandoverState
    due_at: datetime
    delivered_at: datetime
    lead_organisation_id: str
    accepted_by: str | None = None
    accepted_at: datetime | None = None
    worker_id: str | None = None
    worker_named_at: datetime | None = None
    contacted_at: datetime | None = None
    outcome: Outcome | None = None
    solved: Solved | None = None
    closed_at: datetime | None = None
    arrival_unknown: bool = False
    next_step: HandoverStep | None = None
    next_action_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class HandoverRecipient:
    """One service that gets the handover on its first open day; `leads` marks the lead of the tandem."""

    id: str
    handover_id: str
    organisation_id: str
    leads: bool
    deliver_on: date
    deliver_at: datetime
    delivered_at: datetime | None = None
    backup_told_at: datetime | None = None


WITHOUT_CONTACT = frozenset({Outcome.LEFT_WITHOUT_CONTACT, Outcome.CONTACT_FAILED, Outcome.CONTACT_DECLINED})
"""Outcomes that close a handover in which nobody spoke with the person."""


@dataclass(frozen=True, slots=True)
class OutreachService:
    """An organisation that may get a handover, with the days on which it is closed by itself."""

    organisation_id: str
    closing_days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Delivery:
    """Which service gets a handover, on which day and moment, and whether it leads the tandem."""

    organisation_id: str
    leads: bool
    deliver_on: date
    deliver_at: datetime


def handover_due(night: Night, calendar: NetworkCalendar, policy: Policy) -> datetime:
    """08:00 on the first working day after the night label. Policy: the next working day, section 7."""
    return calendar.instant(calendar.next_working_day(night), policy.handover_at)


def competent_ocmw(origin: str | None, memberships: Iterable[Membership]) -> Membership | None:
    """The municipality whose OCMW is competent: where they lived or last stayed, never where the bed is.

    None when `origin` is unknown, outside the region, or no address: then the CAW starts.
    """
    return next((m for m in memberships if m.nis == origin and m.ocmw_id is not None), None)


def recipients(
    due_on: date,
    ocmw: OutreachService | None,
    caw: OutreachService,
    *,
    prefers_caw: bool,
    lead: OrganisationKind,
    calendar: NetworkCalendar,
    policy: Policy,
) -> tuple[Delivery, ...]:
    """Who gets a handover that is due on a working day, the lead first. `ocmw` None: nobody is competent.

    An OCMW closed that day leaves the lead to the CAW and gets it on its first open day; likewise a CAW. When
    both are closed the CAW gets it all the same: outreach is guaranteed. Policy: section 7.
    """

    def delivery(service: OutreachService, leads: bool, day: date) -> Delivery:
        return Delivery(service.organisation_id, leads, day, calendar.instant(day, policy.handover_at))

    if ocmw is None or prefers_caw:
        return (delivery(caw, True, due_on),)
    ocmw_on, caw_on = first_open_day(ocmw, due_on, calendar), first_open_day(caw, due_on, calendar)
    if ocmw_on > due_on:
        return delivery(caw, True, due_on), delivery(ocmw, False, ocmw_on)
    caw_leads = lead is OrganisationKind.CAW and caw_on == due_on
    both = delivery(ocmw, not caw_leads, ocmw_on), delivery(caw, caw_leads, caw_on)
    return both if both[0].leads else (both[1], both[0])


def first_open_day(service: OutreachService, due_on: date, calendar: NetworkCalendar) -> date:
    """The first working day from `due_on` on that this service is open."""
    day = due_on
    while day in service.closing_days or not calendar.is_working_day(day):
        day = calendar.next_working_day(day)
    return day


def accept(handover: Handover, by: str, now: datetime) -> Handover:
    """A colleague takes it up and becomes the contact person; the first one wins.

    Refusals: ``already_accepted``, ``handover_closed``. Accepting again changes nothing.
    """
    _must_be_open(handover)
    if handover.accepted_by == by:
        return handover
    if handover.accepted_by is not None:
        raise Refusal("already_accepted")
    return replace(
        handover,
        state=HandoverState.ACCEPTED,
        accepted_by=by,
        accepted_at=now,
        version=handover.version + 1,
    )


def name_worker(handover: Handover, worker_id: str, by: str, now: datetime) -> Handover:
    """A worker is named, or another one instead; naming one before anyone accepted accepts it too.

    Refusals: ``handover_closed``.
    """
    _must_be_open(handover)
    if handover.worker_id == worker_id:
        return handover
    if handover.accepted_by is None:
        handover = replace(handover, state=HandoverState.ACCEPTED, accepted_by=by, accepted_at=now)
    return replace(handover, worker_id=worker_id, worker_named_at=now, version=handover.version + 1)


def given_back(handover: Handover) -> Handover:
    """Whoever accepted it does not have it any more: it waits to be accepted, and every step is owed again."""
    _must_be_open(handover)
    return replace(
        handover,
        state=HandoverState.DELIVERED,
        accepted_by=None,
        accepted_at=None,
        worker_id=None,
        worker_named_at=None,
        next_step=HandoverStep.BACKUP,
        version=handover.version + 1,
    )


def contacted(handover: Handover, now: datetime) -> Handover:
    """Someone spoke with the person: nothing is owed any more but the outcome.

    Refusals: ``not_accepted``, ``handover_closed``. Once is enough: again changes nothing.
    """
    _must_be_open(handover)
    if handover.contacted_at is not None:
        return handover
    if handover.accepted_by is None:
        raise Refusal("not_accepted")
    return replace(
        handover,
        state=HandoverState.CONTACTED,
        contacted_at=now,
        next_step=None,
        next_action_at=None,
        version=handover.version + 1,
    )


def close(handover: Handover, outcome: Outcome, solved: Solved, now: datetime) -> Handover:
    """How it ended. An outcome without contact needs only that someone accepted it.

    Refusals: ``not_accepted``, ``not_contacted``, ``handover_closed``. The same end again changes nothing.
    """
    if handover.state is HandoverState.CLOSED and (handover.outcome, handover.solved) == (outcome, solved):
        return handover
    _must_be_open(handover)
    if handover.accepted_by is None:
        raise Refusal("not_accepted")
    if handover.contacted_at is None and outcome not in WITHOUT_CONTACT:
        raise Refusal("not_contacted")
    return replace(
        handover,
        state=HandoverState.CLOSED,
        outcome=outcome,
        solved=solved,
        closed_at=now,
        next_step=None,
        next_action_at=None,
        version=handover.version + 1,
    )


def _must_be_open(handover: Handover) -> None:
    if handover.state is HandoverState.CLOSED:
        raise Refusal("handover_closed")
