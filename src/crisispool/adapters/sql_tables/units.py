"""Tables of the dwellings: what they offer, in which networks, what their owners say about them."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.unit import (
    OutOfService,
    Placement,
    StatusEvent,
    Turnover,
    Unit,
    UnitAccess,
    UnitNetwork,
)

table(
    Unit,
    "units",
    links={"owner_id": "organisations.id", "nis": "municipalities.nis"},
    checks={"places": "places > 0", "cots": "cots >= 0", "rooms": "rooms > 0"},
    versioned=True,
)
table(UnitAccess, "unit_access", key=["unit_id"], links={"unit_id": "units.id"})
table(
    UnitNetwork,
    "unit_networks",
    links={"unit_id": "units.id", "network_id": "networks.id"},
    unique=[("unit_id", "network_id")],
)
table(
    Placement,
    "placements",
    links={"unit_id": "units.id", "booking_id": "bookings.id"},
    checks={"until": "until >= starts_on"},
)
table(OutOfService, "out_of_service", links={"unit_id": "units.id"})
table(
    Turnover,
    "turnovers",
    links={"unit_id": "units.id", "booking_id": "bookings.id"},
    index=[("due_at",)],
)
table(StatusEvent, "status_events", links={"unit_id": "units.id"}, index=[("unit_id", "at")])
