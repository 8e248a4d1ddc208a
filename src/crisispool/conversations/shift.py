"""The talk of a calltaker's own shift: on and off duty, what is in hand, and giving it to who goes on."""

from typing import Any

from crisispool.conversations.duty_intents import BeginShift, EndShift, GiveShift, LookShift
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.listing import fetching
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation

look = fetching(LookShift(), "shift.looked")


def ways(*codes: str) -> tuple[Choice, ...]:
    """Choices of this talk."""
    return tuple(Choice(code, f"shift.choice.{code}") for code in codes)


def _in_hand(shift: dict[str, Any]) -> bool:
    return any(shift[name] for name in ("requests", "bookings", "holds"))


def _counted(shift: dict[str, Any]) -> dict[str, int]:
    return {name: shift[name] for name in ("requests", "bookings", "holds")}


def _show(session: Session, situation: Situation) -> Screen:
    shift = session.memory["shift"]
    lines = [Say("shift.others", {"others": shift["others"]}) if shift["others"] else Say("shift.nobody")]
    if _in_hand(shift):
        lines.append(Say("shift.in_hand", _counted(shift)))
    give = ("give",) if _in_hand(shift) and shift["to"] else ()
    return Screen(
        "shift.on" if shift["on"] else "shift.off",
        {"until": shift["until"], "desk": situation.desk_phone},
        lines=tuple(lines),
        # What a second tap could hit comes first: giving asks to whom, and going on when on changes nothing.
        choices=ways(*give, *(("end",) if shift["on"] else ("begin",)), "menu"),
    )


def _take(session: Session, code: str, situation: Situation) -> Turn:
    match code:
        case "begin":
            return want(session, BeginShift(), "shift.begun")
        case "end":
            return want(session, EndShift(), "shift.ended")
        case "give":
            return go(session, "shift.give")
    return to_start(session)


def looked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """How it stands with the own shift."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "shift.menu", shift=outcome.answer)


def begun(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """On duty."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "shift.menu", Say("shift.said_begun"), shift=outcome.answer)


def ended(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """Off duty; or asked once more, because nobody would be left."""
    if not isinstance(outcome, Refused):
        return go(session, "shift.menu", Say("shift.said_ended"), shift=outcome.answer)
    if outcome.code == "last_on_duty":
        return go(session, "shift.last", left=outcome.facts)
    return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))


def _show_last(session: Session, situation: Situation) -> Screen:
    coordinator = situation.coordinator_phone or situation.desk_phone
    facts = {**session.memory["left"], "coordinator": coordinator}
    return Screen("shift.last", facts, choices=ways("stay", "end_all_the_same"))


def _take_last(session: Session, code: str, situation: Situation) -> Turn:
    if code == "end_all_the_same":
        return want(session, EndShift(sure=True), "shift.ended")
    return look(session, situation)


def _show_give(session: Session, situation: Situation) -> Screen:
    shift = session.memory["shift"]
    choices = tuple(
        Choice(f"to:{n}", "choice.name", {"name": each["label"]}) for n, each in enumerate(shift["to"])
    )
    return Screen("shift.give", _counted(shift), choices=choices)


def _take_give(session: Session, code: str, situation: Situation) -> Turn:
    to = session.memory["shift"]["to"][int(code.removeprefix("to:"))]
    return want(session, GiveShift(to["id"]), "shift.given")


def given(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """It is the colleague's now, or why not."""
    if isinstance(outcome, Refused):
        note = Say(f"refusal.{outcome.code}", outcome.facts)
    else:
        note = Say("shift.said_given", {"to": outcome.answer["to"]})
    return Turn(session, (note,), LookShift(), "shift.looked")


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "shift.menu": Place(_show, _take, back=_to_start, look=look),
    "shift.last": Place(_show_last, _take_last, back=look),
    "shift.give": Place(_show_give, _take_give, back=look),
}

AFTER: dict[str, After] = {
    "shift.looked": looked,
    "shift.begun": begun,
    "shift.ended": ended,
    "shift.given": given,
}
