"""The stay rule by example: the table of the policy, joined runs, holidays, policies and households."""

from collections.abc import Collection
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.calendar import DAY, NetworkCalendar
from crisispool.domain.stay import (
    Granter,
    StayCode,
    StayPolicy,
    StayVerdict,
    judge_household,
    judge_stay,
    runs,
)

CALENDAR = NetworkCalendar(LegalHolidays())
LETTER = StayPolicy.LETTER
NIGHTS = st.dates(date(2026, 6, 1), date(2027, 12, 31))
POLICIES = st.sampled_from(StayPolicy)


def day(text: str) -> date:
    """A date as `27-11`, in 2026, or with its year."""
    numbers = [int(number) for number in text.split("-")]
    return date(numbers[2] if len(numbers) == 3 else 2026, numbers[1], numbers[0])


def days(text: str) -> list[date]:
    return [day(each) for each in text.split()]


def judge(
    night: str,
    nights: int | None = None,
    used: str = "",
    closed: str = "",
    policy: StayPolicy = LETTER,
) -> StayVerdict:
    calendar = NetworkCalendar(LegalHolidays(), frozenset(days(closed)))
    return judge_stay(day(night), nights, days(used), calendar, policy)


def mornings(verdict: StayVerdict) -> tuple[date | None, date | None]:
    return verdict.longest_checkout, verdict.hard_checkout


TABLE = [
    # arrival, used, first block, out, longest with whole blocks, hard limit
    ("23-11", "", 1, "24-11", "26-11", "26-11"),
    ("24-11", "", 1, "25-11", "27-11", "29-11"),
    ("25-11", "", 1, "26-11", "30-11", "30-11"),
    ("27-11", "", 3, "30-11", "2-12", "2-12"),
    ("29-11", "", 1, "30-11", "2-12", "2-12"),
    ("28-11", "", 2, "30-11", "3-12", "3-12"),
    ("10-11", "", 2, "12-11", "13-11", "15-11"),
    ("24-12", "", 4, "28-12", "29-12", "29-12"),
    ("27-11", "23-11 24-11 25-11", 3, "30-11", "2-12", "2-12"),
]


@pytest.mark.parametrize(("night", "used", "block", "checkout", "longest", "hard"), TABLE)
def test_the_table_of_the_policy(
    night: str, used: str, block: int, checkout: str, longest: str, hard: str
) -> None:
    verdict = judge(night, used=used)
    assert verdict.allowed
    assert verdict.code is StayCode.OK
    assert verdict.by is Granter.CALLTAKER
    assert len(verdict.nights) == len(verdict.block) == block
    assert verdict.checkout == day(checkout)
    assert mornings(verdict) == (day(longest), day(hard))


@pytest.mark.parametrize(
    ("call", "nights", "checkout"),
    [
        (datetime(2026, 11, 28, 1, 0, tzinfo=UTC), "27-11 28-11 29-11", "30-11"),  # Saturday 02:00
        (datetime(2026, 11, 28, 6, 0, tzinfo=UTC), "28-11 29-11", "30-11"),  # Saturday 07:00
        (datetime(2026, 11, 30, 6, 0, tzinfo=UTC), "29-11", "30-11"),  # Monday 07:00
        (datetime(2026, 11, 30, 7, 30, tzinfo=UTC), "30-11", "1-12"),  # Monday 08:30
    ],
)
def test_a_call_gets_the_nights_up_to_the_next_working_day(
    call: datetime, nights: str, checkout: str
) -> None:
    verdict = judge_stay(CALENDAR.night_of(call), None, (), CALENDAR, LETTER)
    assert verdict.nights == tuple(days(nights))
    assert verdict.checkout == day(checkout)


def test_three_nights_in_three_units_refuse_a_fourth_that_bridges_nothing() -> None:
    verdict = judge("26-11", used="25-11 23-11 24-11")
    assert (verdict.allowed, verdict.code, verdict.by) == (False, StayCode.STAY_LIMIT, None)
    assert verdict.run == tuple(days("23-11 24-11 25-11 26-11"))
    assert verdict.used_in_run == tuple(days("23-11 24-11 25-11"))
    assert mornings(verdict) == (None, None)


def test_a_weekend_that_no_longer_fits_whole_leaves_two_nights_to_the_coordinator() -> None:
    verdict = judge("27-11", used="24-11 25-11 26-11")
    assert verdict.code is StayCode.STAY_LIMIT
    assert len(verdict.nights) == len(verdict.block) == 3
    assert verdict.checkout == day("30-11")
    assert mornings(verdict) == (None, day("29-11"))
    assert judge("27-11", 2, "24-11 25-11 26-11").by is Granter.COORDINATOR
    assert judge("27-11", 1, "24-11 25-11 26-11").by is Granter.COORDINATOR


@pytest.mark.parametrize(
    ("night", "nights", "used", "by"),
    [
        ("27-11", None, "", Granter.CALLTAKER),
        ("27-11", 3, "", Granter.CALLTAKER),
        ("27-11", 2, "", Granter.COORDINATOR),  # ends inside a block
        ("27-11", 4, "", Granter.COORDINATOR),  # two blocks from the start of a run
        ("24-11", 2, "", Granter.COORDINATOR),
        ("30-11", None, "27-11 28-11 29-11", Granter.SUPPORT_WORKER),
        ("30-11", 2, "27-11 28-11 29-11", Granter.SUPPORT_WORKER),
        ("27-11", 3, "26-11", Granter.SUPPORT_WORKER),
        ("27-11", 2, "26-11", Granter.COORDINATOR),
        ("27-11", 3, "30-11 1-12", Granter.CALLTAKER),  # what is booked for later makes no earlier night
        ("30-11", 3, "27-11 28-11 29-11", None),
    ],
)
def test_who_may_give_it(night: str, nights: int | None, used: str, by: Granter | None) -> None:
    assert judge(night, nights, used).by is by


def test_a_booking_that_joins_two_older_ones_is_judged_on_the_whole_run() -> None:
    assert judge("24-11", 1, "22-11 23-11 25-11").code is StayCode.STAY_LIMIT
    assert judge("25-11", 1, "24-11 26-11").run == tuple(days("24-11 25-11 26-11"))
    joined = judge("28-11", 1, "26-11 27-11 29-11 30-11")
    assert joined.allowed
    assert joined.run == tuple(days("26-11 27-11 28-11 29-11 30-11"))
    assert joined.used_in_run == tuple(days("26-11 27-11 29-11 30-11"))
    assert not judge("28-11", 1, "26-11 27-11 29-11 30-11 1-12").allowed


def test_the_last_mornings_stop_before_a_night_that_is_used_and_count_what_they_join() -> None:
    # Friday and Saturday join nothing; with Sunday the run would be six nights.
    assert mornings(judge("27-11", None, "26-11 30-11 1-12")) == (None, day("29-11"))
    # Sunday is used: the weekend is no whole block any more.
    assert mornings(judge("27-11", 1, "29-11")) == (None, day("29-11"))
    # Monday is used: the weekend fits and joins it.
    assert mornings(judge("27-11", None, "30-11")) == (day("30-11"), day("30-11"))


def test_a_night_asked_that_is_used_is_refused_before_the_limit_is_judged() -> None:
    verdict = judge("23-11", 7, "27-11")
    assert verdict.code is StayCode.ALREADY_USED
    assert (verdict.allowed, verdict.by) == (False, None)
    assert mornings(verdict) == (day("26-11"), day("26-11"))
    assert mornings(judge("27-11", None, "27-11")) == (None, None)


def test_one_night_elsewhere_ends_the_run() -> None:
    assert judge("27-11", used="23-11 24-11 25-11").run == tuple(days("27-11 28-11 29-11"))


@pytest.mark.parametrize(
    ("night", "nights", "policy", "allowed"),
    [
        # Saturday to Wednesday: one bridge night, four others
        ("28-11", 5, StayPolicy.LETTER, True),
        ("28-11", 5, StayPolicy.THREE_PLUS_TWO, False),
        ("28-11", 4, StayPolicy.THREE_PLUS_TWO, True),
        ("28-11", 5, StayPolicy.WEEKEND_LABEL, True),
        # Sunday to Thursday: no bridge night, one weekend label
        ("29-11", 4, StayPolicy.LETTER, False),
        ("29-11", 4, StayPolicy.THREE_PLUS_TWO, False),
        ("29-11", 5, StayPolicy.WEEKEND_LABEL, True),
        ("29-11", 6, StayPolicy.WEEKEND_LABEL, False),
        ("20-7", 5, StayPolicy.THREE_PLUS_TWO, True),  # eve of the holiday, three others, a Friday
        # Whit Monday to Thursday: the night of a holiday, which is no bridge
        ("25-5", 4, StayPolicy.LETTER, False),
        ("25-5", 5, StayPolicy.WEEKEND_LABEL, True),
        # Monday to Friday: the fifth night is the bridge, too late
        ("23-11", 4, StayPolicy.LETTER, False),
        ("23-11", 5, StayPolicy.WEEKEND_LABEL, False),
        ("23-11", 3, StayPolicy.THREE_PLUS_TWO, True),
        ("23-11", 4, StayPolicy.THREE_PLUS_TWO, False),
        ("24-11", 5, StayPolicy.THREE_PLUS_TWO, True),
    ],
)
def test_the_three_policies(night: str, nights: int, policy: StayPolicy, allowed: bool) -> None:
    verdict = judge(night, nights, policy=policy)
    assert verdict.allowed is allowed
    assert verdict.policy is policy


class TestAscension2027WithAClosedBridgeDay:
    """Thursday 6 May is Ascension; the outreach service is closed on Friday 7 May."""

    CLOSED = "7-5-2027"

    def test_the_eve_is_one_block_of_five_nights(self) -> None:
        verdict = judge("5-5-2027", closed=self.CLOSED)
        assert (len(verdict.block), verdict.checkout, verdict.by) == (5, day("10-5-2027"), Granter.CALLTAKER)
        assert mornings(verdict) == (day("10-5-2027"), day("10-5-2027"))

    def test_without_the_closing_day_the_eve_is_two_nights(self) -> None:
        verdict = judge("5-5-2027")
        assert (len(verdict.block), verdict.checkout) == (2, day("7-5-2027"))
        assert mornings(verdict) == (day("10-5-2027"), day("10-5-2027"))

    def test_who_came_on_tuesday_must_be_helped_by_wednesday(self) -> None:
        verdict = judge("4-5-2027", closed=self.CLOSED)
        assert mornings(verdict) == (day("5-5-2027"), day("9-5-2027"))
        assert verdict.out_of_reach == tuple(days("5-5-2027 6-5-2027 7-5-2027 8-5-2027 9-5-2027"))

    def test_the_holiday_itself_is_four_nights(self) -> None:
        assert len(judge("6-5-2027", closed=self.CLOSED).nights) == 4


class TestAFirstBlockOfSevenNights:
    """Closed from Wednesday to Monday: the block of Tuesday 24 November lasts until Tuesday 1 December."""

    CLOSED = "25-11 26-11 27-11 30-11"

    def test_becomes_five_nights_that_the_calltaker_gives(self) -> None:
        for nights in (None, 5):
            verdict = judge("24-11", nights, closed=self.CLOSED)
            assert (verdict.allowed, len(verdict.nights), len(verdict.block)) == (True, 5, 7)
            assert verdict.by is Granter.CALLTAKER
            assert verdict.shortened
            assert mornings(verdict) == (None, day("29-11"))

    def test_is_refused_when_more_is_asked_and_is_the_coordinator_s_when_less(self) -> None:
        assert judge("24-11", 6, closed=self.CLOSED).code is StayCode.STAY_LIMIT
        assert judge("24-11", 7, closed=self.CLOSED).code is StayCode.STAY_LIMIT
        assert judge("24-11", 4, closed=self.CLOSED).by is Granter.COORDINATOR

    def test_is_asked_whole_and_refused_when_it_continues_a_run(self) -> None:
        verdict = judge("24-11", used="23-11", closed=self.CLOSED)
        assert (verdict.allowed, len(verdict.nights)) == (False, 7)
        assert mornings(verdict) == (None, day("28-11"))
        assert not verdict.shortened


@pytest.mark.parametrize(
    ("night", "checkout", "longest"),
    [
        ("31-12-2026", "4-1-2027", "5-1-2027"),
        ("26-3-2027", "30-3-2027", "31-3-2027"),  # the clock goes forward on Easter Sunday
        ("27-3-2027", "30-3-2027", "1-4-2027"),
        ("29-10-2027", "2-11-2027", "3-11-2027"),  # back on the eve of All Saints'
        ("30-10-2027", "2-11-2027", "4-11-2027"),
    ],
)
def test_new_year_and_clock_changes_move_no_night(night: str, checkout: str, longest: str) -> None:
    verdict = judge(night)
    assert verdict.checkout == day(checkout)
    assert verdict.longest_checkout == day(longest)


def test_less_than_one_night_is_refused_as_input() -> None:
    for nights in (0, -1):
        with pytest.raises(ValueError, match="at least one night"):
            judge("27-11", nights)


def test_runs_are_the_longest_chains_in_whatever_order_the_nights_come() -> None:
    assert runs(days("27-11 25-11 30-11 26-11 25-11")) == (tuple(days("25-11 26-11 27-11")), (day("30-11"),))
    assert runs([]) == ()


def judge_adults(night: str, used: dict[str, Collection[date]], nights: int | None = None) -> StayVerdict:
    return judge_household(day(night), nights, used, CALENDAR, LETTER).verdict


def test_the_strictest_adult_governs_and_the_split_shows_who() -> None:
    verdict = judge_household(
        day("26-11"), None, {"first": days("23-11 24-11 25-11"), "second": []}, CALENDAR, LETTER
    )
    assert verdict.verdict.code is StayCode.STAY_LIMIT
    assert verdict.verdict.used_in_run == tuple(days("23-11 24-11 25-11"))
    assert verdict.limiting == ("first",)
    assert verdict.by_adult["second"].by is Granter.CALLTAKER


def test_among_adults_who_may_stay_the_one_who_needs_the_highest_decision_governs() -> None:
    assert judge_adults("30-11", {"new": [], "back": days("27-11 28-11 29-11")}).by is Granter.SUPPORT_WORKER


def test_the_longest_run_governs_a_household_that_is_refused() -> None:
    week, three = days("19-11 20-11 21-11 22-11 23-11 24-11 25-11"), days("23-11 24-11 25-11")
    assert len(judge_adults("26-11", {"week": week, "three": three}).run) == 8
    assert len(judge_adults("26-11", {"three": three, "week": week}).run) == 8


def test_the_last_mornings_of_a_household_suit_every_adult() -> None:
    verdict = judge_adults("24-11", {"back": days("23-11"), "later": days("25-11")})
    assert verdict.by is Granter.SUPPORT_WORKER
    assert mornings(verdict) == (day("25-11"), day("25-11"))
    assert mornings(judge_adults("24-11", {"new": [], "there": days("24-11")})) == (None, None)


def test_nobody_limits_a_household_that_is_wholly_refused_or_wholly_allowed() -> None:
    full = days("23-11 24-11 25-11")
    both = judge_household(day("26-11"), None, {"a": full, "b": full}, CALENDAR, LETTER)
    none = judge_household(day("26-11"), None, {"a": [], "b": []}, CALENDAR, LETTER)
    assert both.limiting == none.limiting == ()


def test_the_nights_of_a_household_are_the_same_for_every_adult() -> None:
    calendar = NetworkCalendar(LegalHolidays(), frozenset(days("25-11 26-11 27-11 30-11")))
    both = judge_household(day("24-11"), None, {"new": [], "back": days("23-11")}, calendar, LETTER)
    assert {len(own.nights) for own in both.by_adult.values()} == {5}


def test_a_household_without_adults_is_refused_as_input() -> None:
    with pytest.raises(ValueError, match="at least one adult"):
        judge_household(day("26-11"), None, {}, CALENDAR, LETTER)


@st.composite
def questions(draw: st.DrawFn) -> tuple[date, int, list[date], StayPolicy]:
    night = draw(NIGHTS)
    around = st.integers(-8, 10).map(lambda n: night + DAY * n)
    return night, draw(st.integers(1, 7)), draw(st.lists(around, unique=True)), draw(POLICIES)


@given(questions(), st.data())
def test_the_order_of_the_bookings_never_matters(
    question: tuple[date, int, list[date], StayPolicy], data: st.DataObject
) -> None:
    night, nights, used, policy = question
    verdict = judge_stay(night, nights, used, CALENDAR, policy)
    assert judge_stay(night, nights, data.draw(st.permutations(used)), CALENDAR, policy) == verdict
    assert judge_stay(night, nights, frozenset(used), CALENDAR, policy) == verdict


@given(questions())
def test_a_shorter_stay_from_the_same_night_is_allowed_when_the_longer_one_is(
    question: tuple[date, int, list[date], StayPolicy],
) -> None:
    night, nights, used, policy = question
    if judge_stay(night, nights, used, CALENDAR, policy).allowed:
        for fewer in range(1, nights):
            assert judge_stay(night, fewer, used, CALENDAR, policy).allowed


@given(questions())
def test_a_run_is_never_longer_than_the_limit_however_it_is_built(
    question: tuple[date, int, list[date], StayPolicy],
) -> None:
    _, _, wanted, policy = question
    used: set[date] = set()
    for night in wanted:
        if judge_stay(night, 1, used, CALENDAR, policy).allowed:
            used.add(night)
    for run in runs(used):
        assert len(run) <= 5
        if len(run) > 3 and policy is not StayPolicy.WEEKEND_LABEL:
            assert any(not CALENDAR.is_working_day(night + DAY) for night in run[:4])


@given(NIGHTS, POLICIES)
def test_a_first_admission_is_never_refused(night: date, policy: StayPolicy) -> None:
    verdict = judge_stay(night, None, [night - DAY * 2], CALENDAR, policy)
    assert verdict.allowed
    assert verdict.by is Granter.CALLTAKER
