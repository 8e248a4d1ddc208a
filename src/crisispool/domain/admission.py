"""The admission criteria: a versioned checklist and what each answer leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from crisispool.domain.calendar import DAY, NetworkCalendar
from crisispool.domain.errors import Refusal
from crisispool.domain.request import MATERIAL_KINDS, RequestKind


class FailAction(StrEnum):
    """What a failing answer does. Source: policy, section 5."""

    PAUSE = "pause"
    REDIRECT = "redirect"
    ALTERNATIVE = "alternative"
    CHOOSE_OTHER_UNIT = "choose_other_unit"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of one version of a network's checklist.

    `question` is one of the talk's questions (``danger``, ``elsewhere``, ``unsafe``, ``consent`` …);
    `fails_on` are the answers that fail it; `refusal` the code used when the request ends because of it.
    """

    id: str
    network_id: str
    version: int
    position: int
    code: str
    question: str
    fails_on: tuple[str, ...]
    action: FailAction
    refusal: str
    may_override: bool = False
    decided_by: str = ""


SOCIAL = "social_"
"""How the name of a question of the social inquiry begins; a material crisis skips it."""


class AdmissionResult(StrEnum):
    """What the check-up leads to; apart from `ok` the `FailAction` of the criterion that decides."""

    OK = "ok"
    PAUSE = "pause"
    REDIRECT = "redirect"
    ALTERNATIVE = "alternative"
    CHOOSE_OTHER_UNIT = "choose_other_unit"
    REFUSE = "refuse"


MOST_BINDING_FIRST = (
    FailAction.REDIRECT,
    FailAction.REFUSE,
    FailAction.PAUSE,
    FailAction.ALTERNATIVE,
    FailAction.CHOOSE_OTHER_UNIT,
)
"""Which failing criterion decides: help elsewhere goes before a no, a no before another unit."""


@dataclass(frozen=True, slots=True)
class AdmissionVerdict:
    """What a checklist says about the answers given.

    `failed` and `overridden` are criterion codes; `refusal` is the code used when the request ends because of
    it, None when a bed may be given. `unanswered` are questions still to be asked. `pause_until` goes with
    `pause` only. `place_needed`: it is cold, nobody is sent away without a named place.
    """

    result: AdmissionResult
    failed: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    refusal: str | None = None
    pause_until: datetime | None = None
    place_needed: bool = False


def judge_admission(
    criteria: Sequence[Criterion],
    answers: Mapping[str, str],
    kind: RequestKind,
    *,
    cold_weather: bool,
    now: datetime,
    calendar: NetworkCalendar,
    overrides: frozenset[str] = frozenset(),
) -> AdmissionVerdict:
    """Judge the answers (by question) by one version of a checklist. Policy: admission criteria, section 5.

    In cold weather a refusal becomes an alternative: a named place. Raises Refusal ``override_not_allowed``
    when `overrides` names a failing criterion that nobody may pass over.
    """
    asked = [c for c in sorted(criteria, key=lambda c: c.position) if not _skipped(c, kind)]
    failing = [c for c in asked if answers.get(c.question) in c.fails_on]
    if forbidden := [c.code for c in failing if c.code in overrides and not c.may_override]:
        raise Refusal("override_not_allowed", {"criteria": forbidden})
    standing = [c for c in failing if c.code not in overrides]
    verdict = AdmissionVerdict(
        AdmissionResult.OK,
        failed=tuple(c.code for c in standing),
        overridden=tuple(c.code for c in failing if c.code in overrides),
        unanswered=tuple(dict.fromkeys(c.question for c in asked if c.question not in answers)),
    )
    if not standing:
        return verdict
    decider = min(standing, key=lambda c: MOST_BINDING_FIRST.index(c.action))
    if decider.action is FailAction.CHOOSE_OTHER_UNIT:
        return replace(verdict, result=AdmissionResult.CHOOSE_OTHER_UNIT)
    result = AdmissionResult(decider.action)
    if cold_weather and result is AdmissionResult.REFUSE:
        result = AdmissionResult.ALTERNATIVE
    return replace(
        verdict,
        result=result,
        refusal=decider.refusal,
        pause_until=_next_turn(now, calendar) if result is AdmissionResult.PAUSE else None,
        place_needed=cold_weather,
    )


def _skipped(criterion: Criterion, kind: RequestKind) -> bool:
    return kind in MATERIAL_KINDS and criterion.question.startswith(SOCIAL)


def _next_turn(now: datetime, calendar: NetworkCalendar) -> datetime:
    """The next 06:00: a question that waits is looked at again before the night is over."""
    today = calendar.local(now).date()
    this_morning = calendar.instant(today, calendar.night_turns)
    return this_morning if now < this_morning else calendar.instant(today + DAY, calendar.night_turns)
