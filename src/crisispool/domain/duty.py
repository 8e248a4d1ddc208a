"""Who is on duty when: shifts of the on-call desk and of the coordinator on call."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Duty(StrEnum):
    """The two rosters, and who stands behind the desk."""

    CALLTAKER = "calltaker"
    BACKUP = "backup"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True)
class DutyShift:
    """A colleague on a roster from `starts_at` up to `ends_at` (UTC)."""

    id: str
    network_id: str
    duty: Duty
    colleague_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FallbackPlace:
    """Where to turn when no unit is free. `kind`: reserve, hotel, night_shelter, youth_crisis_line, hospital, …"""

    id: str
    network_id: str
    kind: str
    name: str
    phone: str
    nis: str | None
    position: int
    checked_on: str | None = None
