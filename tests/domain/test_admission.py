"""The check-up: what each failing answer leads to."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from crisispool.domain.admission import (
    SOCIAL,
    AdmissionResult,
    AdmissionVerdict,
    Criterion,
    FailAction,
    judge_admission,
)
from crisispool.domain.errors import Refusal
from crisispool.domain.request import RequestKind
from tests.domain.examples import CALENDAR, SATURDAY_NIGHT_CALL, at


def a_criterion(
    position: int, code: str, question: str, fails_on: str, action: FailAction, refusal: str, **changes: Any
) -> Criterion:
    return Criterion(code, "n", 1, position, code, question, (fails_on,), action, refusal, **changes)


CHECKLIST = (
    a_criterion(
        1, "elsewhere", "elsewhere", "family", FailAction.ALTERNATIVE, "own_network", may_override=True
    ),
    a_criterion(2, "sober", "unsafe", "intoxicated", FailAction.PAUSE, "intoxicated"),
    a_criterion(3, "minor", "unsafe", "minor_alone", FailAction.REDIRECT, "minor_alone"),
    a_criterion(4, "manages", "unsafe", "not_alone", FailAction.CHOOSE_OTHER_UNIT, "medical"),
    a_criterion(5, "calm", "behaviour", "aggressive", FailAction.REFUSE, "aggression", may_override=True),
    a_criterion(6, "means", SOCIAL + "means", "hotel", FailAction.ALTERNATIVE, "hotel"),
)
FINE = {"elsewhere": "no", "unsafe": "none", "behaviour": "none", "social_means": "none"}


def judge(
    *,
    kind: RequestKind = RequestKind.CONFLICT,
    cold_weather: bool = False,
    now: datetime = SATURDAY_NIGHT_CALL,
    overrides: tuple[str, ...] = (),
    **answers: str,
) -> AdmissionVerdict:
    return judge_admission(
        CHECKLIST,
        {**FINE, **answers},
        kind,
        cold_weather=cold_weather,
        now=now,
        calendar=CALENDAR,
        overrides=frozenset(overrides),
    )


def test_who_fails_nothing_may_have_a_bed() -> None:
    assert judge() == AdmissionVerdict(AdmissionResult.OK)


@pytest.mark.parametrize(
    ("question", "answer", "result", "failed", "refusal"),
    [
        ("elsewhere", "family", "alternative", "elsewhere", "own_network"),
        ("unsafe", "intoxicated", "pause", "sober", "intoxicated"),
        ("unsafe", "minor_alone", "redirect", "minor", "minor_alone"),
        ("unsafe", "not_alone", "choose_other_unit", "manages", None),
        ("behaviour", "aggressive", "refuse", "calm", "aggression"),
    ],
)
def test_each_failing_answer_leads_to_what_the_checklist_says(
    question: str, answer: str, result: str, failed: str, refusal: str | None
) -> None:
    answers: dict[str, Any] = {question: answer}
    verdict = judge(**answers)
    assert (verdict.result, verdict.failed, verdict.refusal) == (result, (failed,), refusal)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-28 02:04", "2026-11-28 06:00"),
        ("2026-11-28 05:59", "2026-11-28 06:00"),
        ("2026-11-28 06:00", "2026-11-29 06:00"),
        ("2026-11-28 23:00", "2026-11-29 06:00"),
        ("2027-03-28 01:30", "2027-03-28 06:00"),
        ("2027-10-31 02:30", "2027-10-31 06:00"),
    ],
)
def test_who_is_heavily_intoxicated_waits_until_six_and_is_not_refused(now: str, until: str) -> None:
    verdict = judge(unsafe="intoxicated", now=at(now))
    assert verdict.result is AdmissionResult.PAUSE
    assert verdict.pause_until == at(until)


def test_only_a_pause_has_an_end() -> None:
    assert judge(unsafe="intoxicated", behaviour="aggressive").pause_until is None
    assert judge(unsafe="minor_alone").pause_until is None


def test_help_elsewhere_decides_before_a_no_and_a_no_before_another_unit() -> None:
    both = judge(unsafe="minor_alone", behaviour="aggressive")
    assert (both.result, both.failed) == (AdmissionResult.REDIRECT, ("minor", "calm"))
    assert both.refusal == "minor_alone"
    assert judge(unsafe="not_alone", behaviour="aggressive").result is AdmissionResult.REFUSE


def test_a_material_crisis_skips_the_social_questions() -> None:
    assert judge(social_means="hotel").result is AdmissionResult.ALTERNATIVE
    fire = judge_admission(
        CHECKLIST,
        {"elsewhere": "no", "unsafe": "none", "behaviour": "none", "social_means": "hotel"},
        RequestKind.FIRE_WATER_CLOSED,
        cold_weather=False,
        now=SATURDAY_NIGHT_CALL,
        calendar=CALENDAR,
    )
    assert fire == AdmissionVerdict(AdmissionResult.OK)
    assert judge(kind=RequestKind.FIRE_WATER_CLOSED, unsafe="intoxicated").result is AdmissionResult.PAUSE


def test_in_cold_weather_nobody_goes_without_a_named_place() -> None:
    refused = judge(behaviour="aggressive", cold_weather=True)
    assert (refused.result, refused.place_needed) == (AdmissionResult.ALTERNATIVE, True)
    assert refused.refusal == "aggression"
    for answer in ("intoxicated", "minor_alone"):
        assert judge(unsafe=answer, cold_weather=True).place_needed
        assert not judge(unsafe=answer).place_needed
    assert not judge(unsafe="not_alone", cold_weather=True).place_needed
    assert not judge(cold_weather=True).place_needed


def test_a_criterion_may_be_passed_over_only_where_the_checklist_says_so() -> None:
    passed = judge(behaviour="aggressive", overrides=("calm",))
    assert (passed.result, passed.failed, passed.overridden) == (AdmissionResult.OK, (), ("calm",))
    with pytest.raises(Refusal, match="override_not_allowed") as refusal:
        judge(unsafe="intoxicated", overrides=("sober", "calm"))
    assert refusal.value.facts == {"criteria": ["sober"]}


def test_passing_over_one_criterion_leaves_the_others_standing() -> None:
    verdict = judge(behaviour="aggressive", elsewhere="family", overrides=("calm",))
    assert (verdict.result, verdict.failed) == (AdmissionResult.ALTERNATIVE, ("elsewhere",))


def test_passing_over_what_did_not_fail_is_not_remembered() -> None:
    assert judge(overrides=("calm", "sober")).overridden == ()


def test_a_question_not_asked_yet_is_named() -> None:
    verdict = judge_admission(
        CHECKLIST, {"elsewhere": "no"}, RequestKind.EVICTION,
        cold_weather=False, now=SATURDAY_NIGHT_CALL, calendar=CALENDAR,
    )  # fmt: skip
    assert verdict.unanswered == ("unsafe", "behaviour", "social_means")


def test_the_position_decides_between_two_criteria_of_one_weight() -> None:
    twice = (replace(CHECKLIST[4], position=9, code="later", refusal="other"), CHECKLIST[4])
    verdict = judge_admission(
        twice, {"behaviour": "aggressive"}, RequestKind.OTHER,
        cold_weather=False, now=SATURDAY_NIGHT_CALL, calendar=CALENDAR,
    )  # fmt: skip
    assert (verdict.failed, verdict.refusal) == (("calm", "later"), "aggression")
