"""The questions of the night desk as one table: safety first, identity last, one screen a question.

Policy: the night desk, section 5. Every answer is a code; names of the codes are those of the checklist.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crisispool.conversations.counting import MOST_PERSONS, adults_in, household_in, one_number
from crisispool.conversations.vocabulary import Answer, Choice, Expects, Referrer, Say, Situation
from crisispool.domain.distance import nearest
from crisispool.domain.organisation import Municipality
from crisispool.domain.request import HIDING_KINDS, NO_FIXED_ADDRESS, OUTSIDE_REGION, RequestKind

Answers = Mapping[str, Answer]

RESUMED = "resumed"
"""Stands among the answers when the request came in by another door: then much is known already."""

KNOWN, BRIEF = "known", "brief"
"""How much: all that the other door asks, or only what somebody who asks in five taps tells."""

CALLERS = ("police", "caw", "ocmw", "hospital", "gp", "other")
HOUSEHOLDS = {
    "woman": (1, 0),
    "man": (1, 0),
    "couple": (2, 0),
    "parent_1": (1, 1),
    "parent_2": (1, 2),
    "couple_children": (2, None),
    "other": (None, None),
}
"""Adults and children of each choice; None is asked."""

UNSAFE = ("intoxicated", "danger", "aggressive", "not_alone", "minor_alone")
NEEDS = ("step_free", "cot", "pet", "separate_rooms", "interpreter", "no_transport", "prefers_caw")
NONE, DONE = "none", "done"
SAME = "same"
"""They lived or slept where they are now."""


def always(answers: Answers, situation: Situation) -> bool:
    """Asked in every talk."""
    return True


def fresh(answers: Answers, situation: Situation) -> bool:
    """Asked when the request begins here, and not when another door took it in."""
    return RESUMED not in answers


def untold(answers: Answers, situation: Situation) -> bool:
    """Asked unless another door asked it."""
    return answers.get(RESUMED, BRIEF) == BRIEF


def when(key: str, *codes: str) -> Callable[[Answers, Situation], bool]:
    """Asked after one of these answers to an earlier question."""
    return lambda answers, situation: answers.get(key) in codes


def options(group: str, *codes: str) -> tuple[Choice, ...]:
    """Choices whose labels are `choice.<group>.<code>`."""
    return tuple(Choice(str(code), f"choice.{group}.{code}") for code in codes)


def fixed(group: str, *codes: str) -> Callable[[Answers, Situation], tuple[Choice, ...]]:
    """The same choices in every talk."""
    return lambda answers, situation: options(group, *codes)


def nothing(answers: Answers, situation: Situation) -> dict[str, Any]:
    """A question that needs no facts."""
    return {}


def nobody_yet(answers: Answers) -> tuple[str, ...]:
    """A question of several answers that starts empty."""
    return ()


def unread(text: str) -> Answers | None:
    """A question that takes its choices only."""
    return None


def unticked(choice: Choice) -> Choice:
    """A choice that looks the same when it was picked."""
    return choice


def no_lines(answers: Answers, picked: Iterable[str]) -> tuple[Say, ...]:
    """A question that says no more."""
    return ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `several`: taps add up until ``done`` or ``none``; `picked` is picked at first, `ticked` is how a
    choice looks then, `lines` what is said along. `read`: the answers in what was typed, in their order."""

    key: str
    choices: Callable[[Answers, Situation], tuple[Choice, ...]]
    asked_if: Callable[[Answers, Situation], bool] = always
    facts: Callable[[Answers, Situation], dict[str, Any]] = nothing
    expects: Expects = Expects.CHOICE
    at_least: int = 1
    at_most: int = MOST_PERSONS
    several: bool = False
    picked: Callable[[Answers], tuple[str, ...]] = field(default=nobody_yet)
    ticked: Callable[[Choice], Choice] = unticked
    lines: Callable[[Answers, Iterable[str]], tuple[Say, ...]] = no_lines
    read: Callable[[str], Answers | None] = unread


def _named(items: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    return tuple(Choice(code, "choice.name", {"name": name}) for code, name in items)


def _towns(answers: Answers, situation: Situation, near: str | None = None) -> tuple[Choice, ...]:
    towns: tuple[Municipality, ...] = (
        nearest(situation.municipalities, near) if near else situation.municipalities
    )
    return _named((town.nis, town.name) for town in towns)


def _here(answers: Answers) -> str | None:
    return str(answers["whereabouts"]) if "whereabouts" in answers else None


def referrers_of(answers: Answers, situation: Situation) -> tuple[Referrer, ...]:
    """The services on record of the kind that calls."""
    return tuple(each for each in situation.referrers if each.kind == answers.get("caller"))


def _caller(answers: Answers, situation: Situation) -> tuple[Choice, ...]:
    recent = _named((f"at:{each.id}", each.name) for each in situation.referrers if each.recent)
    return recent[:3] + options("caller", *CALLERS)


def _service(answers: Answers, situation: Situation) -> tuple[Choice, ...]:
    known = _named((each.id, each.name) for each in referrers_of(answers, situation))
    return known + options("service", "unknown")


def _service_asked(answers: Answers, situation: Situation) -> bool:
    return fresh(answers, situation) and len(referrers_of(answers, situation)) > 1


def _people(word: str) -> Callable[[Answers, Situation], tuple[Choice, ...]]:
    return lambda answers, situation: tuple(
        Choice(str(number), f"choice.{word}", {"number": number}) for number in range(1, 7)
    )


def _children_asked(answers: Answers, situation: Situation) -> bool:
    return answers.get("household") == "couple_children" or answers.get("with_children") == "yes"


def children_of(answers: Answers) -> int:
    """How many children, as far as it was said."""
    children = HOUSEHOLDS.get(str(answers.get("household")), (0, 0))[1]
    return children if children is not None else int(str(answers.get("children", 0)))


def adults_of(answers: Answers) -> int:
    """How many adults, as far as it was said."""
    adults = HOUSEHOLDS.get(str(answers.get("household")), (1, 0))[0]
    return adults if adults is not None else int(str(answers.get("adults", 1)))


def _whereabouts(answers: Answers, situation: Situation) -> tuple[Choice, ...]:
    caller = next((each for each in situation.referrers if each.id == referrer_of(answers, situation)), None)
    return _towns(answers, situation, caller.nis if caller else None) + options("place", OUTSIDE_REGION)


def referrer_of(answers: Answers, situation: Situation) -> str:
    """The service that calls: its id when it is on record, else its kind."""
    caller = str(answers.get("caller", "other"))
    if caller.startswith("at:"):
        return caller.removeprefix("at:")
    service = answers.get("service")
    if service is not None and service != "unknown":
        return str(service)
    known = referrers_of(answers, situation)
    return known[0].id if len(known) == 1 else caller


def _avoid(answers: Answers, situation: Situation) -> tuple[Choice, ...]:
    return _towns(answers, situation, _here(answers)) + options("avoid", DONE)


def own_places(answers: Answers) -> tuple[str, ...]:
    """Where they are now, and where they live when that is known already."""
    origin = str(answers.get("origin", ""))
    own = dict.fromkeys((_here(answers) or "", origin if origin != SAME else ""))
    return tuple(nis for nis in own if nis not in ("", OUTSIDE_REGION, NO_FIXED_ADDRESS))


def _avoided(choice: Choice) -> Choice:
    return replace(choice, label="choice.avoided")


def _own_on(answers: Answers, picked: Iterable[str]) -> tuple[Say, ...]:
    own = set(own_places(answers))
    if not own:
        return ()
    return (Say("night_desk.own_avoided" if own <= set(picked) else "night_desk.own_not_avoided"),)


def _wanted(choice: Choice) -> Choice:
    return replace(choice, label=f"choice.needs_ticked.{choice.code}")


def _origin(answers: Answers, situation: Situation) -> tuple[Choice, ...]:
    here = _here(answers)
    others = tuple(choice for choice in _towns(answers, situation, here) if choice.code != here)
    same = options("origin", SAME) if here != OUTSIDE_REGION else ()
    return same + others + options("place", OUTSIDE_REGION, NO_FIXED_ADDRESS)


def _yesterday(answers: Answers, situation: Situation) -> dict[str, Any]:
    return {"before": situation.before.isoformat(), "night": situation.night.isoformat()}


def _contact_day(answers: Answers, situation: Situation) -> dict[str, Any]:
    return {"day": situation.contact_day.isoformat()}


def _needs(answers: Answers, situation: Situation) -> tuple[Choice, ...]:
    return options("needs", NONE, *NEEDS, DONE)


def _cots_asked(answers: Answers, situation: Situation) -> bool:
    return "cot" in answers.get("needs", ()) and children_of(answers) > 1


def _all(*tests: Callable[[Answers, Situation], bool]) -> Callable[[Answers, Situation], bool]:
    return lambda answers, situation: all(test(answers, situation) for test in tests)


def _call(answers: Answers, situation: Situation) -> dict[str, Any]:
    return {"call": situation.office_call or situation.desk_phone}


QUESTIONS: tuple[Question, ...] = (
    Question(
        "office",
        fixed("office", "unreachable", "tonight", "no"),
        lambda answers, situation: situation.office_hours,
        _call,
    ),
    Question("caller", _caller, fresh),
    Question("service", _service, _service_asked),
    Question("professional", fixed("professional", "yes", "no"), when("caller", "other")),
    Question("danger", fixed("danger", "no", "yes")),
    Question("danger_now", fixed("danger_now", "safe", "care"), when("danger", "yes")),
    Question("household", fixed("household", *HOUSEHOLDS), fresh, read=household_in),
    Question("adults", _people("adults"), when("household", "other"), expects=Expects.NUMBER, read=adults_in),
    Question("with_children", fixed("with_children", "yes", "no"), when("household", "other")),
    Question(
        "children",
        _people("children"),
        _children_asked,
        expects=Expects.NUMBER,
        at_least=0,
        read=one_number("children", 0),
    ),
    Question("whereabouts", _whereabouts, fresh),
    Question("kind", fixed("kind", *RequestKind), fresh),
    Question(
        "avoid",
        _avoid,
        when("kind", *HIDING_KINDS),
        several=True,
        picked=own_places,
        ticked=_avoided,
        lines=_own_on,
    ),
    Question("elsewhere", fixed("elsewhere", "no", "own_network", "hotel")),
    Question("unsafe", fixed("unsafe", NONE, *UNSAFE)),
    Question("origin", _origin, untold),
    Question("yesterday", fixed("yesterday", "0", "1", "2", "3", "unknown"), facts=_yesterday),
    Question("consent", fixed("consent", "bed_contact", "bed_only", "no_bed"), facts=_contact_day),
    Question("needs", _needs, untold, several=True, ticked=_wanted),
    Question(
        "cots",
        _people("cots"),
        _all(untold, _cots_asked),
        expects=Expects.NUMBER,
        read=one_number("cots", 1),
    ),
)
"""What the desk asks, in this order."""

FOR_THE_RECORD = frozenset({"household", "adults", "with_children", "children"})
"""What is still asked when an answer ends the talk early: the figures need to know how many people asked."""
