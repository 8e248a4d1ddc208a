"""What the answers of the night desk lead to: is the talk cut short, and what is asked of the services."""

from collections.abc import Iterator
from dataclasses import dataclass

from crisispool.conversations.intents import CompleteRequest, OpenRequest
from crisispool.conversations.questions import (
    FOR_THE_RECORD,
    RESUMED,
    SAME,
    Answers,
    adults_of,
    children_of,
    referrer_of,
)
from crisispool.conversations.vocabulary import Situation
from crisispool.domain.admission import FailAction
from crisispool.domain.request import OUTSIDE_REGION, RequestKind


@dataclass(frozen=True, slots=True)
class Fail:
    """An answer that ends the search for a bed. `action` None: the stay rule says no."""

    refusal: str
    action: FailAction | None = None


STAY = Fail("stay_limit")

FAILS: dict[tuple[str, str], Fail] = {
    ("office", "no"): Fail("office_hours", FailAction.REDIRECT),
    ("professional", "no"): Fail("not_professional", FailAction.REDIRECT),
    ("danger", "yes"): Fail("medical", FailAction.REDIRECT),
    ("elsewhere", "own_network"): Fail("own_network", FailAction.ALTERNATIVE),
    ("elsewhere", "hotel"): Fail("hotel", FailAction.ALTERNATIVE),
    ("unsafe", "intoxicated"): Fail("intoxicated", FailAction.PAUSE),
    ("unsafe", "danger"): Fail("psychiatric", FailAction.REDIRECT),
    ("unsafe", "aggressive"): Fail("aggression", FailAction.REFUSE),
    ("unsafe", "not_alone"): Fail("medical", FailAction.REDIRECT),
    ("unsafe", "minor_alone"): Fail("minor_alone", FailAction.REDIRECT),
    ("consent", "no_bed"): Fail("declined", FailAction.REFUSE),
}
"""What an answer leads to when the checklist is silent about it: a slip in a file never opens a door."""


WITH_STAFF = "not_alone_staffed"
"""Someone who cannot manage alone at night, for whom a bed with staff is looked for."""

ASKED_OF_CHECKLIST = ("office", "professional", "danger", "elsewhere", "unsafe", "consent")


def answers_for_checklist(answers: Answers) -> dict[str, str]:
    """The answers in the words of the checklist. Danger that has been dealt with is no danger now."""
    told = {key: str(answers[key]) for key in ASKED_OF_CHECKLIST if key in answers}
    if "danger" in told:
        told["danger"] = "yes" if answers.get("danger_now") == "care" else "no"
    return told


def fail_of(answers: Answers, situation: Situation) -> Fail | None:
    """The first answer that ends the search, in the order of the questions; None: a bed may be looked for."""
    ending = (fail for fail in _fails(answers, situation) if fail.action is not FailAction.CHOOSE_OTHER_UNIT)
    return next(ending, STAY if _beyond_the_desk(answers, situation) else None)


def staffed_only(answers: Answers, situation: Situation) -> bool:
    """Whether only a staffed bed is safe."""
    return answers.get("unsafe") == WITH_STAFF or any(
        fail.action is FailAction.CHOOSE_OTHER_UNIT for fail in _fails(answers, situation)
    )


def _fails(answers: Answers, situation: Situation) -> Iterator[Fail]:
    if answers.get("danger") == "yes" and "danger_now" not in answers:
        return
    for question, answer in answers_for_checklist(answers).items():
        said = [c for c in situation.checklist if c.question == question and answer in c.fails_on]
        if said:
            yield Fail(said[0].refusal, said[0].action)
        elif (question, answer) in FAILS:
            yield FAILS[question, answer]


def still_asked(key: str, fail: Fail | None) -> bool:
    """Whether a question is still asked after an answer that fails."""
    return fail is None or key in FOR_THE_RECORD


def nights_before(answers: Answers) -> int:
    """Nights in a row up to yesterday, as the caller tells; 0 when nobody knows."""
    told = str(answers.get("yesterday", "0"))
    return int(told) if told.isdigit() else 0


def _beyond_the_desk(answers: Answers, situation: Situation) -> bool:
    used = nights_before(answers)
    if not 0 < used < len(situation.stay_after):
        return False
    stay = situation.stay_after[used]
    return not stay.allowed or stay.by == "coordinator"


def request_from(
    answers: Answers, situation: Situation, request_id: str | None
) -> OpenRequest | CompleteRequest:
    """What is asked of intake: a new request, or more about the one that is there."""
    staffed = staffed_only(answers, situation)
    consent = {"bed_contact": True, "bed_only": False}.get(str(answers.get("consent")))
    here = answers.get("whereabouts")
    origin = answers.get("origin")
    needs = tuple(answers.get("needs", ()))
    cots = int(str(answers.get("cots", 1))) if "cot" in needs else 0
    if RESUMED in answers and request_id is not None:
        return CompleteRequest(
            request_id,
            nights_before(answers),
            consent,
            (*needs, "staffed") if staffed else needs,
            origin=None if origin is None else str(origin),
            cots=cots,
        )
    return OpenRequest(
        kind=str(answers.get("kind", RequestKind.OTHER)),
        adults=adults_of(answers),
        children=children_of(answers),
        referrer=referrer_of(answers, situation),
        request_id=request_id,
        origin=None if origin is None else str(here if origin == SAME else origin),
        whereabouts=None if here in (None, OUTSIDE_REGION) else str(here),
        needs=(*needs, "staffed") if staffed else needs,
        avoid=tuple(answers.get("avoid", ())),
        cots=cots,
        claimed_nights=nights_before(answers),
        contact_consent=consent,
    )
