"""Tables of a bed given and the morning after: cases, holds, bookings and their nights, handovers."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.booking import (
    Booking,
    BookingPerson,
    Hold,
    PersonNight,
    StayAlert,
    StayDecision,
    UnitNight,
)
from crisispool.domain.handover import Case, Handover, HandoverRecipient

# One case for each request: however often the morning's sweep runs, a case becomes one handover.
table(
    Case,
    "cases",
    links={
        "network_id": "networks.id",
        "request_id": "requests.id",
        "previous_case_id": "cases.id",
    },
    unique=[("request_id",), ("network_id", "reference")],
    index=[("handover_due_at",)],
)
table(
    Hold,
    "holds",
    links={"network_id": "networks.id", "request_id": "requests.id", "unit_id": "units.id"},
    index=[("until",)],
    checks={"nights": "nights > 0"},
)
# A booking whose stay was cancelled before its first night ends where it began: checkout may equal night.
table(
    Booking,
    "bookings",
    links={
        "network_id": "networks.id",
        "case_id": "cases.id",
        "request_id": "requests.id",
        "unit_id": "units.id",
    },
    unique=[("network_id", "reference")],
    index=[("ask_arrival_at",), ("ask_checkout_at",), ("network_id", "state")],
    checks={"checkout": "checkout >= night"},
    versioned=True,
)
# The key is the rule: whatever callers, caches and clocks do, a unit has one household a night.
table(
    UnitNight,
    "unit_nights",
    key=["unit_id", "night"],
    links={"unit_id": "units.id", "hold_id": "holds.id", "booking_id": "bookings.id"},
    index=[("night",)],
    checks={"one_taker": "(hold_id IS NULL) <> (booking_id IS NULL)"},
)
# The key is the rule: a person sleeps in one bed a night.
table(
    PersonNight,
    "person_nights",
    key=["person_id", "night"],
    links={"person_id": "persons.id", "booking_id": "bookings.id"},
)
table(
    BookingPerson,
    "booking_persons",
    key=["booking_id", "person_id"],
    links={"booking_id": "bookings.id", "person_id": "persons.id"},
)
table(
    StayDecision,
    "stay_decisions",
    links={"request_id": "requests.id", "booking_id": "bookings.id"},
    index=[("report_at",)],
)
table(
    StayAlert,
    "stay_alerts",
    links={"network_id": "networks.id", "booking_id": "bookings.id", "person_id": "persons.id"},
)
table(
    Handover,
    "handovers",
    links={
        "network_id": "networks.id",
        "case_id": "cases.id",
        "lead_organisation_id": "organisations.id",
        "worker_id": "colleagues.id",
    },
    unique=[("case_id",)],
    index=[("due_at",), ("next_action_at",), ("network_id", "closed_at")],
    versioned=True,
)
table(
    HandoverRecipient,
    "handover_recipients",
    links={"handover_id": "handovers.id", "organisation_id": "organisations.id"},
    unique=[("handover_id", "organisation_id")],
    index=[("deliver_at",)],
)
