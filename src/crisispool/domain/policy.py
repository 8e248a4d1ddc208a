"""The settings of a network: every rule that steering can decide, with its default. Source: policy, marks [D]."""

from dataclasses import dataclass
from datetime import time, timedelta

from crisispool.domain.stay import Landing, StayPolicy


@dataclass(frozen=True, slots=True)
class Policy:
    """What a network has decided. Stored per version; every decision remembers the version that made it."""

    version: int = 1
    stay_policy: StayPolicy = StayPolicy.LETTER
    landing: Landing = Landing.PREFER
    override_nights: int = 7
    hold_for: timedelta = timedelta(minutes=10)
    checkout_at: time = time(10)
    handover_at: time = time(8)
    backup_at: time = time(9, 15)
    coordinator_at: time = time(10)
    first_contact_by: time = time(12)
    turnover_due_at: time = time(16)
    early_registration_from: time = time(15)
    outreach_decides_until: time = time(15)
    ask_arrival_after: tuple[timedelta, ...] = (timedelta(minutes=15), timedelta(minutes=90))
    same_household_within: timedelta = timedelta(hours=6)
    access_readable_for: timedelta = timedelta(hours=3)
    page_bound_for: timedelta = timedelta(minutes=15)
    untaken_steps: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(minutes=10),
        timedelta(minutes=15),
    )
    coordinator_silent_after: timedelta = timedelta(minutes=15)
    care_at: time = time(16)
    care_overdue_at: time = time(18)
    care_again_at: time = time(20)
    care_closes_at: time = time(22)
    weekend_list_at: time = time(13)
    weekend_list_until: time = time(16)
    units_round_at: time = time(15, 30)
    near_km: float = 15.0
    stale_after_working_days: int = 5
    proposal_order: tuple[str, ...] = (
        "cleaned",
        "confirmed",
        "mandate",
        "does_not_waste",
        "near",
        "solidarity",
        "stable",
    )
    cold_weather: bool = False
