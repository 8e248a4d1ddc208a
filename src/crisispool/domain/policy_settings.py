"""Every setting of a network as people write it: what it can be, what must follow what, where it comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from crisispool.domain.errors import BadInput
from crisispool.domain.policy import Policy
from crisispool.domain.stay import Landing, StayPolicy

MINUTE: Final = timedelta(minutes=1)
CLOCK_CHANGE: Final = (time(2), time(3))
"""An hour that one night has twice and another not at all: nothing is planned in it."""

DEFAULTS: Final = Policy()

IN_ORDER: Final = (
    ("handover_at", "backup_at", "coordinator_at", "first_contact_by"),
    ("care_at", "care_overdue_at", "care_again_at", "care_closes_at"),
    ("weekend_list_at", "weekend_list_until"),
)
"""Settings of one day that follow each other."""


class SettingKind(StrEnum):
    """In what a setting is said. A switch is turned, by who may, and never typed."""

    CHOICE = "choice"
    NIGHTS = "nights"
    DAYS = "days"
    DISTANCE = "distance"
    MINUTES = "minutes"
    CLOCK = "clock"
    STEPS = "steps"
    ORDER = "order"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `section` is the part of the policy that it comes from; `least`, `most` are its limits.

    `key` is its name in a region file, that of the field of `Policy` unless the file counts in minutes.
    """

    name: str
    kind: SettingKind
    section: int
    least: int = 0
    most: int = 0
    options: tuple[str, ...] = ()
    key: str = ""

    @property
    def in_file(self) -> str:
        """Its name in a region file."""
        return self.key or self.name


def _minutes(name: str, section: int, most: int, key: str) -> Setting:
    return Setting(name, SettingKind.MINUTES, section, 1, most, key=f"{key}_minutes")


def _clock(name: str, section: int) -> Setting:
    return Setting(name, SettingKind.CLOCK, section)


def _steps(name: str, section: int) -> Setting:
    return Setting(name, SettingKind.STEPS, section, 1, 1440, key=f"{name}_minutes")


SETTINGS: Final = (
    _clock("early_registration_from", 3),
    Setting("stay_policy", SettingKind.CHOICE, 4, options=tuple(StayPolicy)),
    Setting("landing", SettingKind.CHOICE, 4, options=tuple(Landing)),
    Setting("override_nights", SettingKind.NIGHTS, 4, 5, 14),
    _minutes("coordinator_silent_after", 4, 60, "coordinator_silent"),
    _clock("outreach_decides_until", 4),
    _steps("ask_arrival_after", 4),
    _clock("checkout_at", 4),
    _minutes("hold_for", 5, 60, "hold"),
    _steps("untaken_steps", 5),
    _minutes("same_household_within", 5, 1440, "same_household"),
    _minutes("access_readable_for", 5, 180, "access_readable"),
    _clock("care_at", 5),
    _clock("care_overdue_at", 5),
    _clock("care_again_at", 5),
    _clock("care_closes_at", 5),
    Setting("cold_weather", SettingKind.SWITCH, 5),
    _clock("units_round_at", 6),
    _clock("turnover_due_at", 6),
    Setting("stale_after_working_days", SettingKind.DAYS, 6, 1, 60),
    Setting("proposal_order", SettingKind.ORDER, 6, options=DEFAULTS.proposal_order),
    Setting("near_km", SettingKind.DISTANCE, 6, 0, 100),
    _clock("handover_at", 7),
    _clock("backup_at", 7),
    _clock("coordinator_at", 7),
    _clock("first_contact_by", 7),
    _clock("weekend_list_at", 7),
    _clock("weekend_list_until", 7),
    _minutes("page_bound_for", 8, 60, "page_bound"),
)
"""All of them, by the part of the policy that they come from."""

BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


def written(setting: Setting, policy: Policy) -> tuple[str, ...]:
    """The value as people write it, one text a part: ``("10:00",)``, ``("5", "10", "15")``, ``("letter",)``."""
    value: Any = getattr(policy, setting.name)
    match setting.kind:
        case SettingKind.MINUTES:
            return (str(value // MINUTE),)
        case SettingKind.CLOCK:
            return (f"{value:%H:%M}",)
        case SettingKind.STEPS:
            return tuple(str(each // MINUTE) for each in value)
        case SettingKind.ORDER:
            return tuple(value)
        case SettingKind.DISTANCE:
            return (f"{value:g}",)
        case SettingKind.SWITCH:
            return ("on" if value else "off",)
    return (str(value),)


def with_value(policy: Policy, setting: Setting, texts: Sequence[str]) -> Policy:
    """The policy with this setting as somebody wrote it, every rule looked at. Raises BadInput of ``value``."""
    changed = replace(policy, **{setting.name: _read(setting, [each.strip() for each in texts])})
    if any(setting.name in pair for pair in out_of_order(changed)):
        raise BadInput("value", "out_of_order")
    return changed


def out_of_order(policy: Policy) -> Iterator[tuple[str, str]]:
    """Pairs of settings of one day of which the second comes before the first."""
    for day in IN_ORDER:
        for earlier, later in pairwise(day):
            if getattr(policy, earlier) > getattr(policy, later):
                yield earlier, later


def in_clock_change(at: time) -> bool:
    """Whether this is the hour that a night may have twice, or not at all."""
    first, last = CLOCK_CHANGE
    return first <= at < last


def _read(setting: Setting, texts: Sequence[str]) -> Any:
    if not texts or not all(texts):
        raise BadInput("value", "missing")
    match setting.kind:
        case SettingKind.STEPS:
            return _read_steps(setting, texts)
        case SettingKind.ORDER:
            if sorted(texts) != sorted(setting.options):
                raise BadInput("value", "each_once")
            return tuple(texts)
    [text] = texts[-1:]
    match setting.kind:
        case SettingKind.CHOICE if text in setting.options:
            return StayPolicy(text) if setting.name == "stay_policy" else Landing(text)
        case SettingKind.CLOCK:
            return _read_clock(text)
        case SettingKind.MINUTES:
            return _whole(setting, text) * MINUTE
        case SettingKind.NIGHTS | SettingKind.DAYS:
            return _whole(setting, text)
        case SettingKind.DISTANCE:
            return float(_whole(setting, text))
    raise BadInput("value", "not_a_choice")


def _read_steps(setting: Setting, texts: Sequence[str]) -> tuple[timedelta, ...]:
    steps = [_whole(setting, text) for text in texts]
    if len(steps) != len(getattr(DEFAULTS, setting.name)):
        raise BadInput("value", "missing")
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise BadInput("value", "not_rising")
    return tuple(step * MINUTE for step in steps)


def _read_clock(text: str) -> time:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise BadInput("value", "not_a_time") from None
    if at.tzinfo is not None or at.second or at.microsecond:
        raise BadInput("value", "not_a_time")
    if in_clock_change(at):
        raise BadInput("value", "clock_change")
    return at


def _whole(setting: Setting, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadInput("value", "wrong_type")
    if not setting.least <= int(text) <= setting.most:
        raise BadInput("value", "out_of_range")
    return int(text)
