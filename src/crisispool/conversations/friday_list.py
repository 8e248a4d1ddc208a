"""The list before closed days: each household without a bed until the next working day gets an answer."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents_by_day import (
    AnswerLine,
    ListWeekend,
)
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.outreach import FRIDAY, to_extension
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.organisation import Role
from crisispool.domain.weekend import LineAnswer

look = fetching(ListWeekend(), "friday.listed")


def _open_first(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: not _is_open(line))


def _is_open(line: dict[str, Any]) -> bool:
    """What lies with the coordinator is still to be decided."""
    return line["answer"] in (None, LineAnswer.COORDINATOR)


def _show_list(session: Session, situation: Situation) -> Screen:
    lines = session.memory["lines"]
    if not lines:
        return Screen("friday.nothing")
    facts = {"count": sum(_is_open(line) for line in lines), "back": lines[0]["back"]}
    choices = tuple(
        Choice(f"line:{n}", f"friday.line_is.{line['answer'] or 'open'}", _facts(line))
        for n, line in enumerate(lines)
    )
    return Screen("friday.list" if facts["count"] else "friday.all_answered", facts, choices=choices)


def _facts(line: dict[str, Any]) -> dict[str, Any]:
    return {name: line[name] for name in ("reference", "checkout", "back", "nights")}


def _take_list(session: Session, code: str, situation: Situation) -> Turn:
    return go(session, "friday.line", line=session.memory["lines"][int(code.removeprefix("line:"))])


def _show_line(session: Session, situation: Situation) -> Screen:
    line = session.memory["line"]
    return Screen(
        "friday.line",
        _facts(line),
        lines=tuple(Say(f"friday.{name}", _facts(line)) for name in _particulars(line)),
        choices=tuple(
            Choice(way, f"friday.way.{way}", _facts(line))
            for way in _ways(line, situation)
            if way != line["answer"]
        ),
    )


def _particulars(line: dict[str, Any]) -> list[str]:
    if not _is_open(line):
        return [f"answer.{line['answer']}"]
    with_coordinator = [f"answer.{line['answer']}"] if line["answer"] else []
    if not line["can_bridge"]:
        return [*with_coordinator, "too_long"]
    where = "here" if line["own_unit_free"] else "elsewhere" if line["proposals"] else "nowhere"
    return [*with_coordinator, where]


def _ways(line: dict[str, Any], situation: Situation) -> tuple[str, ...]:
    decides = Role.COORDINATOR in situation.roles
    extend = ("extend",) if _is_open(line) and (line["can_bridge"] or decides) else ()
    said = (LineAnswer.LEAVES.value, LineAnswer.ELSEWHERE.value)
    return (*extend, *said, *(() if decides else (LineAnswer.COORDINATOR.value,)))


def _take_line(session: Session, code: str, situation: Situation) -> Turn:
    line = session.memory["line"]
    if code == "extend":
        return to_extension(session, line["booking_id"], FRIDAY)
    return want(session, AnswerLine(line["id"], code), "friday.answered")


def answered(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """It is noted, or why it cannot be; and the list as it is now."""
    line = session.memory["line"]
    said = Say("friday.noted", {"reference": line["reference"]})
    if isinstance(outcome, Refused):
        said = Say(f"refusal.{outcome.code}", outcome.facts)
    return replace(look(session, situation), notes=(said,))


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "friday.list": Place(_show_list, _take_list, back=_to_start, stop=_to_start, look=look),
    "friday.line": Place(_show_line, _take_line, back=look, stop=_to_start),
}

AFTER: dict[str, After] = {
    "friday.listed": arriving("friday.list", "lines", _open_first),
    "friday.answered": answered,
}
