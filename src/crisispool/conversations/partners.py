"""The small talks: an owner's units, and who only wants to know what is here."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import ConfirmUnits, ListUnits, SayStatus
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation

STATUSES = ("free", "occupied", "turnover", "out_of_service")
"""What an owner can say of a unit."""

my_units = fetching(ListUnits(), "units.listed")


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


def _plain_menu(key: str) -> Place:
    def show(session: Session, situation: Situation) -> Screen:
        return Screen(key, {"desk": situation.desk_phone})

    return Place(show, lambda session, code, situation: go(session, key))


def _show_units(session: Session, situation: Situation) -> Screen:
    units = session.memory["units"]
    counted = {name: sum(unit["status"] in statuses for unit in units) for name, statuses in COUNTED.items()}
    return Screen(
        "units.menu" if units else "units.none",
        counted,
        choices=options("units", "all_right", "changed") if units else (),
    )


COUNTED = {
    "free": ("free",),
    "turnover": ("turnover",),
    "busy": ("occupied", "booked", "held"),
    "out": ("out_of_service",),
}


def _take_units(session: Session, code: str, situation: Situation) -> Turn:
    if code == "all_right":
        return want(session, ConfirmUnits(), "units.confirmed")
    return go(session, "units.list")


def _show_unit_list(session: Session, situation: Situation) -> Screen:
    choices = tuple(
        Choice(f"unit:{number}", f"choice.unit_{unit['status']}", {"unit": unit["label"]})
        for number, unit in enumerate(session.memory["units"])
    )
    return Screen("units.list", choices=choices)


def _take_unit_list(session: Session, code: str, situation: Situation) -> Turn:
    return go(session, "units.unit", unit=session.memory["units"][int(code.removeprefix("unit:"))])


def _show_unit(session: Session, situation: Situation) -> Screen:
    facts: dict[str, Any] = {"unit": session.memory["unit"]["label"]}
    return Screen("units.unit", facts, choices=options("status", *STATUSES))


def _take_unit(session: Session, code: str, situation: Situation) -> Turn:
    return want(session, SayStatus(session.memory["unit"]["id"], code), "units.said")


def and_look(look: Any, note: str) -> After:
    """Say that it is done, or why it is not, and show the list anew."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        said = Say(f"refusal.{outcome.code}", outcome.facts) if isinstance(outcome, Refused) else Say(note)
        turn: Turn = look(session, situation)
        return replace(turn, notes=(said,))

    return after


PLACES: dict[str, Place] = {
    "units.menu": Place(_show_units, _take_units, look=my_units),
    "units.list": Place(_show_unit_list, _take_unit_list, back=my_units, stop=_to_start),
    "units.unit": Place(
        _show_unit, _take_unit, back=lambda session, situation: go(session, "units.list"), stop=_to_start
    ),
    "council.menu": _plain_menu("council.menu"),
    "admin.menu": _plain_menu("admin.menu"),
    "start.nobody": _plain_menu("start.nobody"),
}

AFTER: dict[str, After] = {
    "units.listed": arriving("units.menu", "units"),
    "units.confirmed": and_look(my_units, "units.confirmed"),
    "units.said": and_look(my_units, "units.said"),
}
