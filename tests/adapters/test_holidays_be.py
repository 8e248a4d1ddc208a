"""The ten legal holidays, against the list in the law."""

from datetime import date, timedelta

import pytest

from crisispool.adapters.holidays_be import LegalHolidays


def test_2026_has_the_ten_legal_holidays_and_no_other_day() -> None:
    holidays = LegalHolidays()
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {day.isoformat()[5:]: holidays.name(day) for day in year if day in holidays} == {
        "01-01": "Nieuwjaar",
        "04-06": "Paasmaandag",
        "05-01": "Dag van de Arbeid",
        "05-14": "O. L. H. Hemelvaart",
        "05-25": "Pinkstermaandag",
        "07-21": "Nationale feestdag",
        "08-15": "O. L. V. Hemelvaart",
        "11-01": "Allerheiligen",
        "11-11": "Wapenstilstand",
        "12-25": "Kerstmis",
    }


@pytest.mark.parametrize("year", range(2026, 2051))
def test_every_year_has_ten_of_them(year: int) -> None:
    holidays = LegalHolidays()
    first = date(year, 1, 1)
    assert (
        sum(first + timedelta(days=n) in holidays for n in range((date(year + 1, 1, 1) - first).days)) == 10
    )


def test_flemish_and_office_closing_days_are_not_legal_holidays() -> None:
    holidays = LegalHolidays()
    for day in (
        date(2026, 7, 11),
        date(2026, 11, 2),
        date(2026, 11, 15),
        date(2026, 12, 26),
        date(2026, 4, 5),
    ):
        assert day not in holidays
        assert holidays.name(day) is None


def test_a_year_nobody_knows_is_refused_instead_of_taken_for_a_year_without_holidays() -> None:
    with pytest.raises(ValueError, match="9999"):
        _ = date(9999, 12, 25) in LegalHolidays()


def test_something_that_is_no_date_is_no_holiday() -> None:
    assert "2026-12-25" not in LegalHolidays()
