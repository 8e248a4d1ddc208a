"""The next working day: a case, its one handover, and the steps until someone has spoken with the person."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


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
    """One request and all its bookings, until closed. `handover_due_at` is 08:00 on the working day after its night.

    `admitted` is False for a refused person who agreed to contact. `handed_over_at` is set with the handover.
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
    """One service that gets the handover. `deliver_on` is its first open day; `leads` marks the lead of the tandem."""

    id: str
    handover_id: str
    organisation_id: str
    leads: bool
    deliver_on: date
    deliver_at: datetime
    delivered_at: datetime | None = None
    backup_told_at: datetime | None = None
