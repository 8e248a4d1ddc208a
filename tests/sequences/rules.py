"""The rules of the network's policy, written a second time and as short as they are: nights, the run, who may give.

Nothing of the product is used here. Policy: sections 3 and 4.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HERE = ZoneInfo("Europe/Brussels")
LIMIT, OVERRIDE = 5, 7

HOLIDAYS = frozenset(
    date(year, month, day)
    for year, month, day in (
        (2026, 11, 1), (2026, 11, 11), (2026, 12, 25), (2027, 1, 1), (2027, 3, 29), (2027, 5, 1), (2027, 5, 6),
        (2027, 5, 17), (2027, 7, 21), (2027, 8, 15), (2027, 11, 1), (2027, 11, 11), (2027, 12, 25), (2028, 1, 1),
    )
)  # fmt: skip
"""The legal holidays of the time in which sequences happen."""


@dataclass
class Days:
    """The days of the network; `closed` are the closing days of outreach, as people enter them."""

    closed: set[date] = field(default_factory=set)

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day.weekday() < 5 and day not in HOLIDAYS and day not in self.closed

    def bridge(self, night: date) -> bool:
        """Whether nobody works on the morning after."""
        return not self.works(night + DAY)

    def next_working(self, night: date) -> date:
        """The first working day after a night label."""
        day = night + DAY
        while not self.works(day):
            day += DAY
        return day

    def block(self, night: date) -> int:
        """How many nights up to the morning of the next working day."""
        return (self.next_working(night) - night).days

    def night_of(self, moment: datetime) -> date:
        """The night of a moment: the day before until 06:00, on a working day until 08:30."""
        here = moment.astimezone(HERE)
        turns = time(8, 30) if self.works(here.date()) else time(6)
        return here.date() - DAY if here.time() < turns else here.date()

    def office_hours(self, moment: datetime) -> bool:
        """Whether the services work."""
        here = moment.astimezone(HERE)
        return self.works(here.date()) and time(8, 30) <= here.time() < time(17)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of the local clock."""
    return datetime.combine(day, time(hour, minute), HERE).astimezone(UTC)


def stretch(first: date, number: int) -> tuple[date, ...]:
    """So many labels from the first one."""
    return tuple(first + DAY * n for n in range(number))


def chains(used: Collection[date]) -> list[list[date]]:
    """The runs: maximal chains of consecutive nights."""
    found: list[list[date]] = []
    for night in sorted(set(used)):
        if found and found[-1][-1] + DAY == night:
            found[-1].append(night)
        else:
            found.append([night])
    return found


def within(run: Collection[date], days: Days) -> bool:
    """The hard limit: three nights, or four or five with a bridge night among the first four."""
    return len(run) <= 3 or (len(run) <= LIMIT and any(days.bridge(night) for night in sorted(run)[:4]))


def local_date(moment: datetime) -> date:
    """The date of a moment on the local clock."""
    return moment.astimezone(HERE).date()


@dataclass(frozen=True)
class Asker:
    """Who asks for a stay, and what was decided about it: all that the right to give it hangs on."""

    role: str
    now: datetime
    reason: bool = False
    no_readmission: bool = False


def why_no_stay(asked: tuple[date, ...], used: frozenset[date], days: Days, who: Asker) -> set[str]:
    """Why this asker may not give one adult these nights; empty when they may. Policy: who decides, section 4."""
    if used & set(asked):
        return {"already_used"}
    run = next(chain for chain in chains(used | set(asked)) if asked[0] in chain)
    continues = asked[0] - DAY in used
    block = days.block(asked[0])
    lands = days.works(asked[-1] + DAY) or (not continues and block > LIMIT == len(asked))
    if not within(run, days):
        return set() if who.role == "coordinator" and who.reason and len(run) <= OVERRIDE else {"stay_limit"}
    if who.role == "coordinator":
        return set() if lands or who.reason else {"reason_missing"}
    if not lands:
        return {"stay_not_yours"}
    if who.role == "worker":
        outreach_decides = who.now.astimezone(HERE).time() < time(15)
        return set() if continues and outreach_decides else {"stay_not_yours"}
    ahead = asked[0] > days.next_working(days.night_of(who.now))
    again = not days.office_hours(who.now) and not who.no_readmission and not ahead
    return set() if len(asked) <= block and (not continues or again) else {"stay_not_yours"}


def usual_nights(night: date, used: frozenset[date], days: Days) -> int:
    """How many are given when nobody says how many: a block; a first admission five at most."""
    return days.block(night) if night - DAY in used else min(days.block(night), LIMIT)
