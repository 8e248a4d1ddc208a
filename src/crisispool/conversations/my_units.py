"""An owner's units: one list with what each of them is, and one tap to say what it is now."""

from dataclasses import replace
from datetime import date, time
from typing import Any

from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import (
    CheckOut,
    Intent,
)
from crisispool.conversations.intents_by_day import (
    AnswerHold,
    ConfirmUnits,
    LendAgain,
    ListUnits,
    NotYetLeft,
    SayStatus,
    StaysAs,
    WithdrawUnit,
)
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.calendar import BRUSSELS, DAY

look = fetching(ListUnits(), "units.listed")

COUNTED = {
    "free": ("free",),
    "turnover": ("turnover",),
    "busy": ("occupied", "booked", "held"),
    "out": ("out_of_service",),
}
"""The statuses that an owner is told together, by one word."""

ORDER = ("free", "turnover", "held", "booked", "occupied", "out_of_service")
"""What may be something else by tonight comes first."""

AT_ONCE, ON_ONE_SCREEN = 8, 20
"""Units under the question itself, and on one screen of the whole list."""

READY_BY = time(16)
"""Later than this nobody says that a unit is ready today."""


def _in_order(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(units, key=lambda unit: (ORDER.index(unit["status"]), unit["label"]))


def _show_menu(session: Session, situation: Situation) -> Screen:
    units = session.memory["units"]
    if not units:
        return Screen("units.none")
    counted = {word: sum(unit["status"] in those for unit in units) for word, those in COUNTED.items()}
    changing = [n for n, unit in enumerate(units) if _can_change(unit, situation)][:AT_ONCE]
    return Screen(
        "units.menu",
        counted,
        choices=(
            *options("units", "all_right"),
            *(_unit(n, units[n]) for n in changing),
            *options("units", "changed"),
        ),
    )


def _can_change(unit: dict[str, Any], situation: Situation) -> bool:
    if unit["status"] in ("free", "turnover", "held"):
        return True
    until = unit["until"]
    return until is not None and date.fromisoformat(until[:10]) <= situation.night + DAY


def _unit(number: int, unit: dict[str, Any]) -> Choice:
    word = _word(unit)
    return Choice(f"unit:{number}", word.key, word.facts)


def _word(unit: dict[str, Any]) -> Say:
    """What a unit is, in words: its status, and until when."""
    word = unit["status"]
    if word == "free" and not unit["cleaned"]:
        word = "not_cleaned"
    if word in ("free", "not_cleaned", "turnover") and not unit["offered"]:
        word = "not_lent"
    until = unit["until"] if word not in ("out_of_service", "not_lent") else None
    group = "unit_until" if until else "unit"
    return Say(f"my_units.{group}.{word}", {"unit": unit["label"], "until": until})


def _take_menu(session: Session, code: str, situation: Situation) -> Turn:
    if code == "all_right":
        return want(session, ConfirmUnits(), "units.confirmed")
    if code == "changed":
        # Somebody else, or an answer to a message, may have changed one since this screen was shown.
        return want(session.knowing(offset=0), ListUnits(), "units.changed")
    return _to_unit(session, code)


def _to_unit(session: Session, code: str) -> Turn:
    return go(session, "units.unit", unit=session.memory["units"][int(code.removeprefix("unit:"))])


def _show_list(session: Session, situation: Situation) -> Screen:
    offset, units = session.memory.get("offset", 0), session.memory["units"]
    shown = list(enumerate(units))[offset : offset + ON_ONE_SCREEN]
    more = options("proposals", "more") if len(units) > ON_ONE_SCREEN else ()
    return Screen("units.list", choices=(*(_unit(n, unit) for n, unit in shown), *more))


def _take_list(session: Session, code: str, situation: Situation) -> Turn:
    if code == "more":
        following = session.memory.get("offset", 0) + ON_ONE_SCREEN
        return go(session, session.at, offset=following if following < len(session.memory["units"]) else 0)
    return _to_unit(session, code)


def _show_unit(session: Session, situation: Situation) -> Screen:
    unit = session.memory["unit"]
    return Screen(
        "units.unit",
        {"unit": unit["label"]},
        notes=(_word(unit),),
        lines=_inside(unit),
        choices=tuple(_ways(unit, situation)),
    )


def _inside(unit: dict[str, Any]) -> tuple[Say, ...]:
    booking = unit.get("booking")
    if booking is None:
        return ()
    persons = {"persons": unit["persons"]} if unit.get("persons") else {}
    return (Say("my_units.inside" if persons else "my_units.comes", {**booking, **persons}),)


def _ways(unit: dict[str, Any], situation: Situation) -> list[Choice]:
    """What can be said of a unit as it is now: what would be refused is not offered."""
    match unit["status"]:
        case "booked":
            ways = _of_a_guest(unit["booking"], situation) if unit.get("booking") else []
        case "held":
            ways = [_way("yes"), _way("no")] if unit.get("hold_id") else []
        case _:
            ways = _of_its_own(unit, situation)
    if unit.get("leaves_on"):
        return [*ways, _way("lend_again")]
    first = max(situation.night + DAY, *(_days(unit, "checkout") or [situation.night]))
    return [*ways, _way("withdraw", first)]


def _way(name: str, day: date | None = None) -> Choice:
    if day is None:
        return Choice(name, f"my_units.way.{name}")
    group = "way_day" if name in ("occupied", "turnover") else "way"
    return Choice(f"{name}:{day}", f"my_units.{group}.{name}", {"day": day.isoformat()})


def _days(unit: dict[str, Any], name: str) -> list[date]:
    booking = unit.get("booking")
    return [date.fromisoformat(booking[name])] if booking else []


def _of_a_guest(booking: dict[str, Any], situation: Situation) -> list[Choice]:
    night, checkout = (date.fromisoformat(booking[name]) for name in ("night", "checkout"))
    over = situation.today is not None and checkout <= situation.today
    ways = [_way("left"), _way("not_left")] if over else []
    if night < situation.night:
        ways.append(_way("stays_as"))
    if checkout > situation.night:
        ways.append(_way("own_from", checkout))
    return ways


def _of_its_own(unit: dict[str, Any], situation: Situation) -> list[Choice]:
    status, ways = unit["status"], []
    if status != "free" or not unit["cleaned"]:
        ready = "ready_with_key" if unit.get("key_code") else "ready"
        label = ready if status in ("free", "turnover") or unit.get("key_code") else "free"
        ways.append(replace(_way("free"), label=f"my_units.way.{label}"))
    ways += [_way("occupied", day) for day in _ends(situation)]
    ways.append(_way("occupied"))
    ways += [_way("turnover", day) for day in _ready_days(situation)]
    if status != "out_of_service":
        ways.append(_way("out_of_service"))
    return ways


def _ends(situation: Situation) -> list[date]:
    """Mornings on which a use may end: tomorrow, Friday, Monday, in a week."""
    tomorrow = situation.night + DAY
    friday, monday = (tomorrow + DAY * ((weekday - tomorrow.weekday()) % 7) for weekday in (4, 0))
    return sorted({tomorrow, friday, monday, situation.night + DAY * 7})


def _ready_days(situation: Situation) -> list[date]:
    """Days on which a unit may be ready: today while there is time, the next working day, in a week."""
    here = situation.now.astimezone(BRUSSELS)
    today = [situation.night] if here.date() == situation.night and here.time() < READY_BY else []
    return sorted({*today, situation.contact_day, situation.night + DAY * 7})


def _take_unit(session: Session, code: str, situation: Situation) -> Turn:
    unit = session.memory["unit"]
    name, _, day = code.partition(":")
    if name == "stays_as":
        return go(session, "units.stays_as")
    return want(session, _said(unit, name, day or None), f"units.{name}")


def _said(unit: dict[str, Any], name: str, day: str | None) -> Intent:
    unit_id = unit["id"]
    match name:
        case "own_from":
            return SayStatus(unit_id, "occupied", since=day)
        case "withdraw":
            return WithdrawUnit(unit_id, day or "")
        case "lend_again":
            return LendAgain(unit_id)
        case "left":
            return CheckOut(unit["booking"]["id"])
        case "not_left":
            return NotYetLeft(unit["booking"]["id"])
        case "yes" | "no":
            return AnswerHold(unit["hold_id"], name)
    return SayStatus(unit_id, name, day)


def _show_stays_as(session: Session, situation: Situation) -> Screen:
    unit = session.memory["unit"]
    facts = {"unit": unit["label"], "reference": unit["booking"]["reference"]}
    return Screen("units.stays_as", facts, choices=(_way("stays_as_no"), _way("stays_as_yes")))


def _take_stays_as(session: Session, code: str, situation: Situation) -> Turn:
    if code == "stays_as_yes":
        return want(session, StaysAs(session.memory["unit"]["booking"]["id"]), "units.stays_as")
    return go(session, "units.unit")


def _done(note: str) -> After:
    """Say that it is noted, or why it cannot be, and show how all units stand now."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        said = Say(note, {"unit": session.memory.get("unit", {}).get("label", "")})
        if isinstance(outcome, Refused):
            said = Say(f"refusal.{outcome.code}", outcome.facts)
        return replace(look(session.knowing(unit=None), situation), notes=(said,))

    return after


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


def _to_list(session: Session, situation: Situation) -> Turn:
    return go(session, "units.list")


PLACES: dict[str, Place] = {
    "units.menu": Place(_show_menu, _take_menu, look=look),
    "units.list": Place(_show_list, _take_list, back=look, stop=_to_start),
    "units.unit": Place(_show_unit, _take_unit, back=_to_list, stop=_to_start),
    "units.stays_as": Place(
        _show_stays_as,
        _take_stays_as,
        back=lambda session, situation: go(session, "units.unit"),
        stop=_to_start,
    ),
}

SAID = {
    "free": "said",
    "occupied": "said",
    "turnover": "said",
    "out_of_service": "said",
    "own_from": "said",
    "withdraw": "withdrawn",
    "lend_again": "lent_again",
    "left": "left",
    "not_left": "not_left",
    "stays_as": "stays_as_now",
    "yes": "yes",
    "no": "no",
}
"""What is said when something was noted, by what was tapped."""

AFTER: dict[str, After] = {
    "units.listed": arriving("units.menu", "units", _in_order),
    "units.changed": arriving("units.list", "units", _in_order),
    "units.confirmed": _done("units.confirmed"),
    **{f"units.{name}": _done(f"my_units.said.{said}") for name, said in SAID.items()},
}
