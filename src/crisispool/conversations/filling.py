"""The talk of gaps in the rosters: one that a coordinator fills, and somebody taken off who leaves one."""

from typing import Any

from crisispool.conversations.duty_intents import FillGap, TakeOff
from crisispool.conversations.duty_talk import and_look, look, span
from crisispool.conversations.engine import After, Place, Turn, go, want
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Screen, Session, Situation

SHOWN = 12
"""Gaps on one screen, the first first: what is filled makes room for the next."""

BACK = Choice("back_to", "duty.choice.back_to")


def _gaps(session: Session) -> list[dict[str, Any]]:
    nights = session.memory["roster"]["nights"]
    return [gap for night in nights for gap in night.get("open", ())][:SHOWN]


def _show(session: Session, situation: Situation) -> Screen:
    choices = tuple(Choice(f"gap:{n}", "duty.choice.gap", span(gap)) for n, gap in enumerate(_gaps(session)))
    return Screen("duty.gaps" if choices else "duty.no_gaps", choices=(*choices, BACK))


def _take(session: Session, code: str, situation: Situation) -> Turn:
    what, _, number = code.partition(":")
    if what != "gap":
        return look(session, situation)
    return go(session, "duty.fill", chosen=_gaps(session)[int(number)])


def _able(session: Session) -> list[dict[str, Any]]:
    """Who can fill the chosen gap."""
    chosen = session.memory["chosen"]
    there = session.memory["roster"]["colleagues"].get(chosen["duty"], [])
    return [each for each in there if each["id"] in chosen["able"]]


def _show_fill(session: Session, situation: Situation) -> Screen:
    named = tuple(
        Choice(f"to:{n}", "choice.name", {"name": each["label"]}) for n, each in enumerate(_able(session))
    )
    key = "duty.fill" if named else "duty.fill_nobody"
    return Screen(key, span(session.memory["chosen"]), choices=(*named, BACK))


def _take_fill(session: Session, code: str, situation: Situation) -> Turn:
    what, _, number = code.partition(":")
    if what != "to":
        return look(session, situation)
    chosen, who = session.memory["chosen"], _able(session)[int(number)]["id"]
    gap = FillGap(chosen["duty"], who, chosen["starts_at"], chosen["ends_at"])
    return want(session, gap, "duty.filled")


def _show_off(session: Session, situation: Situation) -> Screen:
    """Asked once more, because nobody would be left."""
    choices = (Choice("no", "duty.choice.no"), Choice("off_all_the_same", "duty.choice.off_all_the_same"))
    return Screen("duty.off", span(session.memory["chosen"]), choices=choices)


def _take_off(session: Session, code: str, situation: Situation) -> Turn:
    if code == "no":
        return look(session, situation)
    return want(session, TakeOff(session.memory["chosen"]["id"], sure=True), "duty.taken_off")


def taken_off(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """Off the roster; or asked once more."""
    if isinstance(outcome, Refused) and outcome.code == "makes_gap":
        return go(session, "duty.off")
    return and_look("duty.said_taken_off")(session, outcome, situation)


PLACES: dict[str, Place] = {
    "duty.gaps": Place(_show, _take, back=look),
    "duty.fill": Place(_show_fill, _take_fill, back=look),
    "duty.off": Place(_show_off, _take_off, back=look),
}

AFTER: dict[str, After] = {
    "duty.filled": and_look("duty.said_filled"),
    "duty.taken_off": taken_off,
}
