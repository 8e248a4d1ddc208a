"""Who may give which stay, landing on a working day, and what the coordinator is shown."""

from datetime import date
from itertools import product

import pytest

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.granting import (
    GiveCode,
    GiveVerdict,
    LandingChoice,
    LandingOption,
    WeekendWarning,
    landing_options,
    may_give,
    weekend_warning,
)
from crisispool.domain.stay import Granter, Landing, StayPolicy, StayVerdict, judge_stay

CALLTAKER, SUPPORT_WORKER, COORDINATOR = Granter
OK = GiveVerdict(GiveCode.OK)


def nov(*days: int) -> list[date]:
    return [date(2026, 11, day) for day in days]


def calendar(closed: tuple[int, ...] = ()) -> NetworkCalendar:
    return NetworkCalendar(LegalHolidays(), frozenset(nov(*closed)))


def stay(
    night: int, nights: int | None = None, used: tuple[int, ...] = (), closed: tuple[int, ...] = ()
) -> StayVerdict:
    return judge_stay(nov(night)[0], nights, nov(*used), calendar(closed), StayPolicy.LETTER)


def not_yours(needs: Granter) -> GiveVerdict:
    return GiveVerdict(GiveCode.STAY_NOT_YOURS, needs=needs)


FIRST_BLOCK = stay(27)
FIRST_FIVE = stay(24, closed=(25, 26, 27, 30))
TWO_BLOCKS = stay(24, 2)
ONE_MORE = stay(26, used=(25,))
TWO_MORE = stay(29, 2, used=(28,))
PART_OF_A_BLOCK = stay(27, 2)
PART_THAT_CONTINUES = stay(27, 2, used=(26,))
TOO_LONG = stay(27, used=(24, 25, 26))
MUCH_TOO_LONG = stay(27, used=(22, 23, 24, 25, 26))
USED = stay(27, used=(28,))


@pytest.mark.parametrize(
    ("verdict", "role", "night", "day"),
    [
        (FIRST_BLOCK, CALLTAKER, OK, OK),
        (FIRST_BLOCK, SUPPORT_WORKER, not_yours(CALLTAKER), not_yours(CALLTAKER)),
        (FIRST_BLOCK, COORDINATOR, OK, OK),
        (FIRST_FIVE, CALLTAKER, OK, OK),
        (FIRST_FIVE, COORDINATOR, OK, OK),
        (TWO_BLOCKS, CALLTAKER, not_yours(COORDINATOR), not_yours(COORDINATOR)),
        (TWO_BLOCKS, SUPPORT_WORKER, not_yours(COORDINATOR), not_yours(COORDINATOR)),
        (TWO_BLOCKS, COORDINATOR, OK, OK),
        (ONE_MORE, CALLTAKER, OK, not_yours(SUPPORT_WORKER)),
        (ONE_MORE, SUPPORT_WORKER, OK, OK),
        (ONE_MORE, COORDINATOR, OK, OK),
        (TWO_MORE, CALLTAKER, not_yours(COORDINATOR), not_yours(SUPPORT_WORKER)),
        (TWO_MORE, SUPPORT_WORKER, OK, OK),
        (PART_OF_A_BLOCK, CALLTAKER, not_yours(COORDINATOR), not_yours(COORDINATOR)),
        (PART_THAT_CONTINUES, SUPPORT_WORKER, not_yours(COORDINATOR), not_yours(COORDINATOR)),
    ],
)
def test_who_may_give_what_at_night_and_by_day(
    verdict: StayVerdict, role: Granter, night: GiveVerdict, day: GiveVerdict
) -> None:
    assert may_give(verdict, role, network_time=True) == night
    assert may_give(verdict, role, network_time=False) == day


def test_what_the_rule_names_is_what_the_role_may_give() -> None:
    for verdict in (FIRST_BLOCK, FIRST_FIVE, TWO_BLOCKS, ONE_MORE, TWO_MORE):
        assert verdict.by is not None
        assert may_give(verdict, verdict.by, network_time=False) == OK


def test_a_readmission_that_outreach_refused_goes_to_the_coordinator_on_call() -> None:
    asked = may_give(ONE_MORE, CALLTAKER, network_time=True, readmission_refused=True)
    assert asked == not_yours(COORDINATOR)
    assert may_give(ONE_MORE, COORDINATOR, network_time=True, readmission_refused=True) == OK
    assert may_give(FIRST_BLOCK, CALLTAKER, network_time=True, readmission_refused=True) == OK


def test_after_the_hour_of_outreach_its_workers_extend_nothing_any_more() -> None:
    asked = may_give(ONE_MORE, SUPPORT_WORKER, network_time=False, outreach_decides=False)
    assert asked == not_yours(COORDINATOR)


def test_nobody_gives_a_night_that_is_used() -> None:
    for role, override in product(Granter, (True, False)):
        given = may_give(USED, role, network_time=True, override=override, reason=True, named_person=True)
        assert given == GiveVerdict(GiveCode.ALREADY_USED)


def test_beyond_the_limit_only_the_coordinator_with_a_reason() -> None:
    limit = GiveVerdict(GiveCode.STAY_LIMIT, needs=COORDINATOR)
    for role in (CALLTAKER, SUPPORT_WORKER):
        assert may_give(TOO_LONG, role, network_time=True, override=True, reason=True) == limit
    assert may_give(TOO_LONG, COORDINATOR, network_time=True, reason=True) == limit
    assert may_give(TOO_LONG, COORDINATOR, network_time=True, override=True).code is GiveCode.REASON_MISSING
    given = may_give(TOO_LONG, COORDINATOR, network_time=True, override=True, reason=True)
    assert given == GiveVerdict(GiveCode.OK, override=True)


def test_beyond_seven_nights_in_all_nobody() -> None:
    given = may_give(MUCH_TOO_LONG, COORDINATOR, network_time=True, override=True, reason=True)
    assert given == GiveVerdict(GiveCode.STAY_LIMIT)
    more = may_give(
        MUCH_TOO_LONG, COORDINATOR, network_time=True, override=True, reason=True, override_nights=8
    )
    assert more.allowed
    assert may_give(stay(27, 2, used=(22, 23, 24, 25, 26)), CALLTAKER, network_time=True).needs is COORDINATOR


def test_a_stay_that_ends_on_a_closed_day_needs_a_reason_and_someone_who_meets_them() -> None:
    def ask(*, reason: bool, named_person: bool, landing: Landing = Landing.PREFER) -> GiveCode:
        return may_give(
            PART_OF_A_BLOCK,
            COORDINATOR,
            network_time=True,
            landing=landing,
            reason=reason,
            named_person=named_person,
        ).code

    assert ask(reason=False, named_person=True) is GiveCode.REASON_MISSING
    assert ask(reason=True, named_person=False) is GiveCode.NAMED_PERSON_MISSING
    assert ask(reason=True, named_person=True) is GiveCode.OK
    assert ask(reason=True, named_person=True, landing=Landing.STRICT) is GiveCode.LANDING_REFUSED
    assert ask(reason=False, named_person=False, landing=Landing.OFF) is GiveCode.OK


def test_an_override_that_ends_on_a_closed_day_also_needs_someone_who_meets_them() -> None:
    until_saturday = stay(24, 5, used=(23,))
    given = may_give(until_saturday, COORDINATOR, network_time=True, override=True, reason=True)
    assert given.code is GiveCode.NAMED_PERSON_MISSING


def test_without_landing_any_nights_within_the_limit_are_given_as_if_they_were_a_block() -> None:
    def ask(verdict: StayVerdict, role: Granter, *, network_time: bool = True) -> GiveVerdict:
        return may_give(verdict, role, network_time=network_time, landing=Landing.OFF)

    assert ask(PART_OF_A_BLOCK, CALLTAKER) == OK
    assert ask(PART_THAT_CONTINUES, CALLTAKER) == OK
    assert ask(PART_THAT_CONTINUES, CALLTAKER, network_time=False) == not_yours(SUPPORT_WORKER)
    assert ask(PART_THAT_CONTINUES, SUPPORT_WORKER) == OK
    assert ask(stay(27, 4), CALLTAKER) == not_yours(COORDINATOR)


def test_the_first_five_of_a_long_block_are_given_whatever_the_landing() -> None:
    for landing in Landing:
        assert may_give(FIRST_FIVE, CALLTAKER, network_time=True, landing=landing) == OK


def test_a_coordinator_who_does_not_answer_leaves_one_night_within_the_limit() -> None:
    def ask(verdict: StayVerdict, landing: Landing = Landing.PREFER, *, refused: bool = False) -> GiveVerdict:
        return may_give(
            verdict,
            CALLTAKER,
            network_time=True,
            coordinator_silent=True,
            landing=landing,
            readmission_refused=refused,
        )

    reported = GiveVerdict(GiveCode.OK, report=True)
    assert ask(stay(27, 1, used=(24, 25, 26))) == reported
    assert ask(ONE_MORE, refused=True) == reported
    assert ask(TWO_BLOCKS) == not_yours(COORDINATOR)
    assert ask(TOO_LONG) == GiveVerdict(GiveCode.STAY_LIMIT, needs=COORDINATOR)
    assert ask(stay(26, 1, used=(23, 24, 25))).code is GiveCode.STAY_LIMIT
    assert ask(stay(27, 1), Landing.STRICT) == GiveVerdict(GiveCode.LANDING_REFUSED)


def options(
    night: int, used: tuple[int, ...] = (), landing: Landing = Landing.PREFER
) -> list[tuple[str, str]]:
    shown = landing_options(nov(night)[0], nov(*used), calendar(), StayPolicy.LETTER, landing=landing)
    return [(option.choice.value, option.checkout.isoformat()[5:]) for option in shown]


def test_for_a_tuesday_the_coordinator_sees_friday_then_monday_then_sunday() -> None:
    assert landing_options(nov(24)[0], [], calendar(), StayPolicy.LETTER) == (
        LandingOption(LandingChoice.SOLVE_BY, date(2026, 11, 27), nights=3, run_nights=3),
        LandingOption(LandingChoice.OVERRIDE, date(2026, 11, 30), nights=6, run_nights=6),
        LandingOption(LandingChoice.NAMED_PERSON, date(2026, 11, 29), nights=5, run_nights=5),
    )


def test_every_option_that_is_shown_can_be_given() -> None:
    for night, used in product(range(1, 30), ((), (night_before := 23,), (22, night_before), (21, 22, 23))):
        for landing in Landing:
            shown = landing_options(nov(night)[0], nov(*used), calendar(), StayPolicy.LETTER, landing=landing)
            for option in shown:
                verdict = stay(night, option.nights, used)
                assert may_give(
                    verdict,
                    COORDINATOR,
                    network_time=True,
                    landing=landing,
                    override=option.choice is LandingChoice.OVERRIDE,
                    reason=True,
                    named_person=True,
                ).allowed
                assert len(verdict.run) == option.run_nights


def test_on_friday_after_three_nights_there_is_only_the_override_or_the_sunday() -> None:
    assert options(27, (24, 25, 26)) == [("override", "11-30"), ("named_person", "11-29")]
    assert options(27, (24, 25, 26), Landing.STRICT) == [("override", "11-30")]


def test_an_override_beyond_seven_nights_or_over_a_used_night_is_not_shown() -> None:
    assert options(27, (22, 23, 24, 25, 26)) == []
    assert options(27, (29,)) == [("named_person", "11-29")]
    assert options(27, (27,)) == []


def test_when_the_weekend_fits_no_shorter_stay_is_shown() -> None:
    assert options(25) == [("solve_by", "11-30"), ("override", "12-01")]


def test_the_first_evening_warns_of_a_weekend_that_does_not_fit() -> None:
    warning = WeekendWarning(until=date(2026, 11, 27), run_nights=3, missed=tuple(nov(27, 28, 29)))
    assert weekend_warning(stay(24)) == warning
    assert weekend_warning(stay(24, 3)) == warning
    assert weekend_warning(stay(25, used=(24,))) == warning


def test_no_warning_when_the_weekend_fits_or_is_far_or_the_stay_itself_goes_on() -> None:
    for verdict in (
        stay(25),
        stay(23),
        stay(27),
        stay(24, 5),
        stay(26, used=(23, 24, 25)),
        stay(24, used=(27,)),
    ):
        assert weekend_warning(verdict) is None


def test_a_calltaker_gives_one_block_after_tonights_and_leaves_the_rest_to_outreach() -> None:
    night, used = date(2026, 11, 30), [date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)]
    verdict = judge_stay(night, None, used, calendar(), StayPolicy.LETTER)
    assert may_give(verdict, Granter.CALLTAKER, network_time=True).allowed
    ahead = may_give(verdict, Granter.CALLTAKER, network_time=True, far_ahead=True)
    assert (ahead.code, ahead.needs) == (GiveCode.STAY_NOT_YOURS, Granter.COORDINATOR)
