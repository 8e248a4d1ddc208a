"""Weekend care: the households to call today, and one tap for what was heard."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents_by_day import ListCare, RecordCare
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.care import CareResult

look = fetching(ListCare(), "care.listed")

SAID = "care_"
"""Before each result: one of them is the word by which people ask for help at any screen."""


def _show_list(session: Session, situation: Situation) -> Screen:
    calls = session.memory["calls"]
    choices = tuple(
        Choice(f"call:{n}", "care.again" if call["tries"] else "care.household", _facts(call))
        for n, call in enumerate(calls)
    )
    return Screen("care.list" if calls else "care.nothing", {"count": len(calls)}, choices=choices)


def _facts(call: dict[str, Any]) -> dict[str, Any]:
    return {name: call[name] for name in ("reference", "adults", "children")}


def _take_list(session: Session, code: str, situation: Situation) -> Turn:
    return go(session, "care.call", call=session.memory["calls"][int(code.removeprefix("call:"))])


def _show_call(session: Session, situation: Situation) -> Screen:
    choices = tuple(Choice(f"{SAID}{result}", f"care.result.{result}") for result in CareResult)
    return Screen("care.call", _facts(session.memory["call"]), choices=choices)


def _take_call(session: Session, code: str, situation: Situation) -> Turn:
    result = code.removeprefix(SAID)
    intent = RecordCare(session.memory["call"]["booking_id"], result)
    return want(session.knowing(result=result), intent, "care.said")


def said(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """It is noted, or why it cannot be; and who is still to be called."""
    result, reference = session.memory["result"], session.memory["call"]["reference"]
    note = Say(f"care.noted.{result}", {"reference": reference})
    if isinstance(outcome, Refused):
        note = Say(f"refusal.{outcome.code}", outcome.facts)
    return replace(look(session.knowing(result=None, call=None), situation), notes=(note,))


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "care.list": Place(_show_list, _take_list, back=_to_start, stop=_to_start, look=look),
    "care.call": Place(_show_call, _take_call, back=look, stop=_to_start),
}

AFTER: dict[str, After] = {
    "care.listed": arriving("care.list", "calls"),
    "care.said": said,
}
