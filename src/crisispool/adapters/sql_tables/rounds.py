"""Tables of what comes back on certain days: rounds, calls and lines around closed days, night lists."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.care import CareCall
from crisispool.domain.night_list import NightList
from crisispool.domain.on_paper import PaperBooking
from crisispool.domain.rounds import Round
from crisispool.domain.weekend import WeekendLine

table(
    Round,
    "rounds",
    links={"network_id": "networks.id"},
    unique=[("network_id", "kind")],
    index=[("due_at",)],
)
table(
    CareCall,
    "care_calls",
    links={"network_id": "networks.id", "booking_id": "bookings.id"},
    unique=[("booking_id", "day")],
    index=[("next_action_at",), ("network_id", "day")],
    versioned=True,
)
table(
    WeekendLine,
    "weekend_lines",
    links={"network_id": "networks.id", "case_id": "cases.id", "booking_id": "bookings.id"},
    unique=[("booking_id", "day")],
    index=[("network_id", "day")],
    versioned=True,
)
table(
    NightList,
    "night_lists",
    links={"network_id": "networks.id"},
    unique=[("network_id", "day")],
    index=[("clear_at",)],
)
# One line of the paper becomes one booking, also when two colleagues enter it at once.
table(
    PaperBooking,
    "paper_bookings",
    links={"network_id": "networks.id", "booking_id": "bookings.id"},
    unique=[("network_id", "night", "reference"), ("booking_id",)],
)
