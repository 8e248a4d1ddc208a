"""The next working day: a support worker takes a case, makes contact, and says how it ended."""

from dataclasses import replace
from typing import Any

from crisispool.conversations import daytime
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import (
    Acknowledge,
    CheckOut,
    Contacted,
    ListHandovers,
    MakeLink,
    RecordOutcome,
)
from crisispool.conversations.intents_by_day import (
    ListWeekend,
    NotYetLeft,
)
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.outreach import CASE, to_extension
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import (
    Choice,
    Link,
    Outcome,
    Refused,
    Say,
    Screen,
    Session,
    Situation,
)
from crisispool.domain.handover import HandoverState, Solved
from crisispool.domain.handover import Outcome as Ending

look = fetching(ListHandovers(), "morning.listed")

ON_ONE_SCREEN = 9
"""Outcomes shown at a time: the ones that come most often are named first."""

WAYS = {
    HandoverState.DELIVERED: ("accept_me", "accept", "colleague", "page"),
    HandoverState.ACCEPTED: ("contacted", "outcome", "page", "worker_me", "colleague"),
    HandoverState.CONTACTED: ("outcome", "page", "colleague"),
    HandoverState.CLOSED: ("page",),
}
"""What can be done with a handover, by its state; with the bed of its people more, as long as they have one."""


def _show_list(session: Session, situation: Situation) -> Screen:
    handovers = session.memory["handovers"]
    choices = tuple(
        Choice(f"case:{number}", f"choice.handover_{each['state']}", {"reference": each["reference"]})
        for number, each in enumerate(handovers)
    )
    return Screen(
        "morning.list" if handovers else "morning.nothing",
        {"count": len(handovers)},
        choices=(*choices, *options("cases", "friday", "day")),
    )


def _take_list(session: Session, code: str, situation: Situation) -> Turn:
    if code == "friday":
        return want(session, ListWeekend(), "friday.listed")
    if code == "day":
        return daytime.open_questions(session, situation)
    return to_case(session, session.memory["handovers"][int(code.removeprefix("case:"))])


def to_case(session: Session, handover: dict[str, Any], *notes: Say) -> Turn:
    """One handover and what can be done with it."""
    return go(session, "morning.case", *notes, handover=handover, url=None)


def _show_case(session: Session, situation: Situation) -> Screen:
    handover = session.memory["handover"]
    known = handover["worker_id"] is not None
    ways = [
        way
        for way in WAYS[HandoverState(handover["state"])]
        if not (way == "colleague" and not situation.colleagues) and not (way == "worker_me" and known)
    ]
    url = session.memory.get("url")
    return Screen(
        "morning.case",
        {name: handover[name] for name in ("reference", "adults", "children")},
        lines=tuple(_particulars(handover)),
        choices=(*options("case", *ways), *_of_the_beds(handover)),
        links=(Link("link.case", url),) if url else (),
    )


def _of_the_beds(handover: dict[str, Any]) -> list[Choice]:
    """More nights for each bed, and that they left; when the stay is over also that they did not."""
    beds = handover["beds"] if handover["state"] != HandoverState.CLOSED else ()
    group = "bed" if len(beds) < 2 else "bed_of"
    return [
        Choice(f"{way}:{number}", f"choice.{group}.{way}", {"reference": bed["reference"]})
        for number, bed in enumerate(beds)
        for way in (("extend", "left", "not_left") if bed["over"] else ("extend", "left"))
    ]


def _particulars(handover: dict[str, Any]) -> list[Say]:
    lines = [Say(f"morning.state_{handover['state']}")]
    if handover["admitted"] and handover["checkout"]:
        lines.append(Say("morning.until", {"checkout": handover["checkout"]}))
    if not handover["admitted"]:
        lines.append(Say("morning.not_admitted"))
    if handover["arrival_unknown"]:
        lines.append(Say("morning.arrival_unknown"))
    if handover["previous_case_id"]:
        lines.append(Say("morning.known"))
    if handover.get("open_cases_of_worker") is not None:
        lines.append(Say("morning.open_cases", {"count": handover["open_cases_of_worker"]}))
    return lines


def _take_case(session: Session, code: str, situation: Situation) -> Turn:
    handover_id = session.memory["handover"]["id"]
    way, _, number = code.partition(":")
    if number:
        return _take_bed(session, way, session.memory["handover"]["beds"][int(number)])
    match code:
        case "accept_me" | "worker_me":
            return want(session, Acknowledge(handover_id, situation.colleague_id), "morning.accepted")
        case "accept":
            return want(session, Acknowledge(handover_id), "morning.accepted")
        case "contacted":
            return want(session, Contacted(handover_id), "morning.contacted")
        case "page":
            return want(session, MakeLink("case", handover_id), "morning.linked")
        case "outcome":
            return go(session, "morning.outcome", offset=0)
    return go(session, "morning.colleague")


def _take_bed(session: Session, way: str, bed: dict[str, Any]) -> Turn:
    if way == "extend":
        return to_extension(session, bed["id"], CASE)
    if way == "not_left":
        return want(session, NotYetLeft(bed["id"]), "morning.not_left")
    if bed["over"]:
        return want(session, CheckOut(bed["id"]), "morning.left")
    return go(session, "morning.left", bed=bed)


def _show_left(session: Session, situation: Situation) -> Screen:
    facts = {"reference": session.memory["bed"]["reference"]}
    return Screen("morning.left", facts, choices=options("sure_left", "no", "yes"))


def _take_left(session: Session, code: str, situation: Situation) -> Turn:
    if code == "yes":
        return want(session, CheckOut(session.memory["bed"]["id"]), "morning.left")
    return go(session, "morning.case")


def of_the_bed(note: str) -> After:
    """What was noted of a bed, or why it cannot be; and the case as it is now."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        if isinstance(outcome, Refused):
            said = Say(f"refusal.{outcome.code}", outcome.facts)
        else:
            said = Say(note, {"reference": outcome.answer["reference"]})
        return replace(want(session.knowing(bed=None), ListHandovers(), "morning.returned"), notes=(said,))

    return after


def returned(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The case that something was done about, as it is now; when it is gone, the list."""
    rows = [] if isinstance(outcome, Refused) else outcome.answer
    found = [row for row in rows if row["id"] == session.memory["handover"]["id"]]
    if found:
        return to_case(session, found[0])
    return arriving("morning.list", "handovers")(session, outcome, situation)


def _show_colleague(session: Session, situation: Situation) -> Screen:
    choices = tuple(Choice(c.id, "choice.name", {"name": c.label}) for c in situation.colleagues)
    return Screen(
        "morning.colleague", {"reference": session.memory["handover"]["reference"]}, choices=choices
    )


def _take_colleague(session: Session, code: str, situation: Situation) -> Turn:
    return want(session, Acknowledge(session.memory["handover"]["id"], code), "morning.accepted")


def _show_outcome(session: Session, situation: Situation) -> Screen:
    offset = session.memory["offset"]
    shown = tuple(Ending)[offset : offset + ON_ONE_SCREEN]
    return Screen(
        "morning.outcome",
        {"reference": session.memory["handover"]["reference"]},
        choices=(*options("outcome", *shown), *options("proposals", "more")),
    )


def _take_outcome(session: Session, code: str, situation: Situation) -> Turn:
    if code == "more":
        following = session.memory["offset"] + ON_ONE_SCREEN
        return go(session, session.at, offset=following if following < len(Ending) else 0)
    return go(session, "morning.solved", ending=code)


def _show_solved(session: Session, situation: Situation) -> Screen:
    facts = {"reference": session.memory["handover"]["reference"]}
    return Screen("morning.solved", facts, choices=options("solved", *Solved))


def _take_solved(session: Session, code: str, situation: Situation) -> Turn:
    memory = session.memory
    return want(session, RecordOutcome(memory["handover"]["id"], memory["ending"], code), "morning.closed")


def done(note: str) -> After:
    """The case as it is now, with what was done; a refusal says why and shows the list anew."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        if isinstance(outcome, Refused):
            turn = look(session, situation)
            return Turn(
                turn.session, (Say(f"refusal.{outcome.code}", outcome.facts),), turn.intent, turn.then
            )
        return to_case(session, outcome.answer, Say(note, {"reference": outcome.answer["reference"]}))

    return after


def linked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The page of the case, for everything that may not be in a chat."""
    if isinstance(outcome, Refused):
        return go(session, "morning.case", Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "morning.case", url=outcome.answer["url"])


def _again(session: Session, situation: Situation) -> Turn:
    return go(session, "morning.case")


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "morning.list": Place(_show_list, _take_list, back=_to_start, stop=_to_start, look=look),
    "morning.case": Place(_show_case, _take_case, back=look, stop=_to_start),
    "morning.left": Place(_show_left, _take_left, back=_again, stop=_to_start),
    "morning.colleague": Place(_show_colleague, _take_colleague, back=_again, stop=_to_start),
    "morning.outcome": Place(_show_outcome, _take_outcome, back=_again, stop=_to_start),
    "morning.solved": Place(
        _show_solved,
        _take_solved,
        back=lambda session, situation: go(session, "morning.outcome", offset=0),
        stop=_to_start,
    ),
}

AFTER: dict[str, After] = {
    "morning.listed": arriving("morning.list", "handovers"),
    "morning.accepted": done("morning.accepted"),
    "morning.contacted": done("morning.contacted"),
    "morning.closed": done("morning.closed"),
    "morning.linked": linked,
    "morning.left": of_the_bed("morning.has_left"),
    "morning.not_left": of_the_bed("morning.not_left"),
    "morning.returned": returned,
}
