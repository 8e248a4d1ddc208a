"""The ten legal holidays of Belgium, for any year, from the `holidays` library."""

from datetime import date
from functools import cache

import holidays

SUNDAYS = {"Pasen", "Pinksteren"}
"""Public in the library, but no legal holidays: they are always a Sunday."""


class LegalHolidays:
    """A container of dates: `day in LegalHolidays()`. ValueError: a year the library does not know."""

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.name(day) is not None

    def name(self, day: date) -> str | None:
        """The Dutch name of the legal holiday on `day`, None on any other day."""
        return _names(day.year).get(day)


@cache
def _names(year: int) -> dict[date, str]:
    # "nl" and not "nl_BE": with a language it does not have the library falls back to English silently.
    public = holidays.country_holidays("BE", years=year, language="nl", categories=("public",))
    if not public:
        raise ValueError(f"the legal holidays of {year} are not known")
    return {day: name for day in sorted(public) if (name := public[day]) not in SUNDAYS}
