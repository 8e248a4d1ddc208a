"""The stay rule against a second one, written in another way: every start date of 2026-2036, every length.

The second rule shares no code with the first: it has its own Easter, keeps the nights of a person as bits of
one number, and finds the last mornings by trying every length there is.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.stay import StayPolicy, judge_stay

YEARS = range(2025, 2039)
FIRST, LAST = date(2026, 1, 1), date(2036, 12, 31)
BACK, AHEAD = 9, 30
"""Days before and after a start date that the second rule looks at."""


def easter(year: int) -> date:
    """Gauss's Easter, valid from 1900 to 2099 with its two exceptions."""
    a, b, c = year % 19, year % 4, year % 7
    d = (19 * a + 24) % 30
    e = (2 * b + 4 * c + 6 * d + 5) % 7
    if (d, e) == (29, 6) or (d == 28 and e == 6 and a > 10):
        e -= 7
    return date(year, 3, 22) + timedelta(days=d + e)


def legal_holidays(year: int) -> set[date]:
    fixed = {(1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25)}
    return {date(year, month, day) for month, day in fixed} | {
        easter(year) + timedelta(days=after) for after in (1, 39, 50)
    }


HOLIDAYS = frozenset(day for year in YEARS for day in legal_holidays(year))


def test_the_second_rule_knows_the_same_holidays() -> None:
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    known = LegalHolidays()
    assert [day for day in days if day in HOLIDAYS] == [day for day in days if day in known]


class SecondRule:
    """One start date. Bit i of every number is the night, or the morning, of `night - BACK + i`."""

    def __init__(self, night: date, used: set[date], closed: frozenset[date], policy: str) -> None:
        day = [night - timedelta(days=BACK - i) for i in range(BACK + AHEAD)]
        self.night, self.policy = night, policy
        self.used = sum(1 << i for i, each in enumerate(day) if each in used)
        works = [each.isoweekday() <= 5 and each not in HOLIDAYS and each not in closed for each in day]
        self.works = sum(1 << i for i, is_so in enumerate(works) if is_so)
        self.label = sum(1 << i for i, each in enumerate(day) if each.isoweekday() >= 5 or each in HOLIDAYS)
        self.block = next(n for n in range(1, AHEAD) if works[BACK + n])
        self.possible = [n for n in range(1, 12) if self.code(n) == "ok"]

    def code(self, nights: int) -> str:
        asked = ((1 << nights) - 1) << BACK
        if asked & self.used:
            return "already_used"
        # The run: shift away the zero bits below the start of the chain, then count its ones.
        taken = asked | self.used
        start = BACK
        while taken >> (start - 1) & 1:
            start -= 1
        chain = taken >> start
        length = (~chain & (chain + 1)).bit_length() - 1
        bridges = [not (self.works >> (start + i + 1)) & 1 for i in range(length)]
        labels = [bool((self.label >> (start + i)) & 1) for i in range(length)]
        allowed = {
            "letter": length <= 3 or (length <= 5 and True in bridges[:4]),
            "three_plus_two": length <= 5 and bridges.count(False) <= 3,
            "weekend_label": length <= 3 or (length <= 5 and True in bridges[:4] + labels[:4]),
        }
        return "ok" if allowed[self.policy] else "stay_limit"

    def answer(self, nights: int | None) -> dict[str, object]:
        earlier = bool(self.used >> (BACK - 1) & 1)
        if nights is None:
            nights = 5 if self.block > 5 and not earlier else self.block
        possible = self.possible
        landing = [n for n in possible if self.works >> (BACK + n) & 1]
        lands = bool(self.works >> (BACK + nights) & 1)
        first = not earlier and (nights == self.block or (nights == 5 and self.block > 5))
        code = self.code(nights)
        by = "calltaker" if first else "support_worker" if earlier and lands else "coordinator"
        return {
            "code": code,
            "nights": nights,
            "block": self.block,
            "longest": self.night + timedelta(days=landing[-1]) if landing else None,
            "hard": self.night + timedelta(days=possible[-1]) if possible else None,
            "by": by if code == "ok" else None,
        }


def cases(seed: int) -> Iterator[tuple[date, set[date], frozenset[date], StayPolicy]]:
    """Every start date, with other used nights, closing days and policy each time."""
    chance = random.Random(seed)  # noqa: S311 - a test that repeats itself, no secret
    for n in range((LAST - FIRST).days + 1):
        night = FIRST + timedelta(days=n)
        density = chance.choice((0, 0.2, 0.4, 0.7))
        used = {night + timedelta(days=i) for i in range(-8, 12) if chance.random() < density}
        if chance.random() < 0.8:
            used.discard(night)
        closing = chance.choice((0, 0, 0, 0.2, 0.6))
        closed = frozenset(night + timedelta(days=i) for i in range(-8, 14) if chance.random() < closing)
        yield night, used, closed, list(StayPolicy)[n % 3]


def test_every_start_date_of_eleven_years_and_every_length_gets_the_answer_of_the_second_rule() -> None:
    seen: dict[tuple[str, object], int] = {}
    for night, used, closed, policy in cases(seed=20261128):
        calendar = NetworkCalendar(HOLIDAYS, closed)
        second = SecondRule(night, used, closed, policy.value)
        for nights in (None, 1, 2, 3, 4, 5, 6, 7):
            verdict = judge_stay(night, nights, used, calendar, policy)
            first = {
                "code": verdict.code.value,
                "nights": len(verdict.nights),
                "block": len(verdict.block),
                "longest": verdict.longest_checkout,
                "hard": verdict.hard_checkout,
                "by": verdict.by and verdict.by.value,
            }
            expected = second.answer(nights)
            assert first == expected, f"{night} {nights} {policy} used={sorted(used)} closed={sorted(closed)}"
            seen[(verdict.code.value, expected["by"])] = seen.get((verdict.code.value, expected["by"]), 0) + 1
    # A comparison that never met a rare answer would prove nothing about it.
    assert len(seen) == 5
    assert min(seen.values()) > 100
