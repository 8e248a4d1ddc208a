"""The coordinator: what is stuck in one list, one tap to open each; and the cold-weather switch."""

from typing import Any

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import ListBookings, ListHandovers, TakeRequest
from crisispool.conversations.intents_by_day import (
    ListCare,
    ListStuck,
    ListWeekend,
    LookColdWeather,
    TurnColdWeather,
)
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.outreach import STUCK, to_extension
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation

look = fetching(ListStuck(), "coordinating.listed")
look_at_the_cold = fetching(LookColdWeather(), "coordinating.felt")

REQUESTS = ("decide_stay", "untaken", "undecided")
HANDOVERS = ("contact", "worker")
BOOKINGS = ("overstay", "checkout", "arrival")
ONLY_TOLD = ("undelivered",)
"""Nothing opens from here: who was not reached is called."""

ON_ONE_SCREEN = 15


def _show_stuck(session: Session, situation: Situation) -> Screen:
    stuck = session.memory["stuck"]
    choices = tuple(
        Choice(f"stuck:{n}", f"coordinating.stuck_is.{each['kind']}", _facts(each))
        for n, each in enumerate(stuck[:ON_ONE_SCREEN])
        if each["kind"] not in ONLY_TOLD
    )
    told = [each for each in stuck if each["kind"] in ONLY_TOLD]
    return Screen(
        "coordinating.stuck" if stuck else "coordinating.nothing_stuck",
        {"count": len(stuck)},
        lines=tuple(Say(f"coordinating.stuck_is.{each['kind']}", _facts(each)) for each in told),
        choices=choices,
    )


def _facts(stuck: dict[str, Any]) -> dict[str, Any]:
    return {name: stuck[name] for name in ("reference", "since", "count")}


def _take_stuck(session: Session, code: str, situation: Situation) -> Turn:
    """Open it: a request is taken over by this tap, as from the open requests."""
    each = session.memory["stuck"][int(code.removeprefix("stuck:"))]
    kind, sought = each["kind"], session.knowing(sought=each["id"])
    if kind in REQUESTS:
        return want(session, TakeRequest(each["id"]), "news.taken")
    if kind in HANDOVERS:
        return want(sought, ListHandovers(), "news.handover")
    if kind in BOOKINGS:
        return want(sought, ListBookings(), "news.booking")
    if kind == "extension":
        return to_extension(session, each["id"], STUCK)
    if kind == "care":
        return want(session, ListCare(), "care.listed")
    return want(session, ListWeekend(), "friday.listed")


def _show_cold(session: Session, situation: Situation) -> Screen:
    word = "on" if session.memory["cold"] else "off"
    turn = "off" if session.memory["cold"] else "on"
    choices = tuple(Choice(code, f"coordinating.turn.{code}") for code in ("keep", turn))
    return Screen("coordinating.cold", lines=(Say(f"coordinating.cold_is.{word}"),), choices=choices)


def _take_cold(session: Session, code: str, situation: Situation) -> Turn:
    if code == "keep":
        return to_start(session)
    return want(session, TurnColdWeather(on=code == "on"), "coordinating.turned")


def felt(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """Whether the switch is on."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "coordinating.cold", cold=outcome.answer["on"])


def turned(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The desk knows."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return to_start(session, Say(f"coordinating.turned.{'on' if outcome.answer['on'] else 'off'}"))


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "coordinating.stuck": Place(_show_stuck, _take_stuck, back=_to_start, stop=_to_start, look=look),
    "coordinating.cold": Place(_show_cold, _take_cold, back=_to_start, stop=_to_start),
}

AFTER: dict[str, After] = {
    "coordinating.listed": arriving("coordinating.stuck", "stuck"),
    "coordinating.felt": felt,
    "coordinating.turned": turned,
}
