"""Nights, working days and office hours of one network; the only place that knows local time."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
LONGEST_CLOSURE = 60
"""Days without a working day after which a calendar is taken to be wrong."""

Night = date
"""A night is the local date of its evening, never a number of hours."""

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class NetworkCalendar:
    """The days of a network. `closing_days` are those of its outreach service, on top of the legal holidays.

    Policy: nights, working days, office hours, section 3.
    """

    legal_holidays: Container[date]
    closing_days: frozenset[date] = frozenset()
    office_opens: time = time(8, 30)
    office_closes: time = time(17, 0)
    night_turns: time = time(6, 0)
    zone: ZoneInfo = BRUSSELS

    def is_holiday(self, day: date) -> bool:
        """Whether `day` is a legal holiday; a closing day is not one."""
        return day in self.legal_holidays

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, no legal holiday and no closing day of outreach."""
        return day.weekday() < 5 and not self.is_holiday(day) and day not in self.closing_days

    def is_bridge_night(self, night: Night) -> bool:
        """Whether the morning after `night` is not a working day."""
        return not self.is_working_day(night + DAY)

    def next_working_day(self, night: Night) -> date:
        """The first working day after the label of `night`. ValueError: none in `LONGEST_CLOSURE` days."""
        return self._nearest_working_day(night, DAY)

    def previous_working_day(self, day: date) -> date:
        """The last working day before `day`. ValueError: none in `LONGEST_CLOSURE` days."""
        return self._nearest_working_day(day, -DAY)

    def block(self, night: Night) -> tuple[Night, ...]:
        """The nights from `night` up to the morning of the next working day; at least one."""
        return tuple(night + DAY * n for n in range((self.next_working_day(night) - night).days))

    def night_of(self, moment: datetime) -> Night:
        """The night of an arrival: the previous date until 06:00, on a working day until offices open."""
        here = self.local(moment)
        turns = self.office_opens if self.is_working_day(here.date()) else self.night_turns
        return here.date() - DAY if here.time() < turns else here.date()

    def is_office_hours(self, moment: datetime) -> bool:
        """Whether the services work; everything else is network time, without a gap."""
        here = self.local(moment)
        return self.is_working_day(here.date()) and self.office_opens <= here.time() < self.office_closes

    def local(self, moment: datetime) -> datetime:
        """`moment` on the clock of the network. ValueError: it has no zone."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(self.zone)

    def instant(self, day: date, at: time) -> datetime:
        """The UTC moment of the local time `at` on `day`.

        A time that is skipped when summer time begins is the first moment after the gap; a time that comes
        twice when it ends is the first of the two. ValueError: `at` has a zone of its own.
        """
        if at.tzinfo is not None:
            raise ValueError("a local time has no time zone")
        wall = datetime.combine(day, at.replace(fold=0))
        if not self._exists(wall):
            wall = wall.replace(second=0, microsecond=0)
            while not self._exists(wall):
                wall += MINUTE
        return wall.replace(tzinfo=self.zone).astimezone(UTC)

    def _exists(self, wall: datetime) -> bool:
        there_and_back = wall.replace(tzinfo=self.zone).astimezone(UTC).astimezone(self.zone)
        return there_and_back.replace(tzinfo=None) == wall

    def _nearest_working_day(self, day: date, step: timedelta) -> date:
        try:
            for distance in range(1, LONGEST_CLOSURE + 1):
                if self.is_working_day(day + step * distance):
                    return day + step * distance
        except OverflowError:
            pass  # the end of the calendar itself: no working day there either
        # Without this stop a list of closing days that never ends would keep the desk waiting forever.
        raise ValueError(f"no working day within {LONGEST_CLOSURE} days of {day}: check the closing days")
