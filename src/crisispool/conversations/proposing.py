"""From proposals to a bed: choose, hold for some minutes, book."""

from dataclasses import replace
from datetime import date
from typing import Any

from crisispool.conversations.asking import back, let_go, over, stop
from crisispool.conversations.booking import booked_now
from crisispool.conversations.engine import After, Place, Turn, go, want
from crisispool.conversations.intents import Book, HoldUnit
from crisispool.conversations.questions import options
from crisispool.conversations.refusing import to_cascade
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.calendar import DAY

AT_ONCE = 3
"""Proposals on one screen."""

STAY_CODES = ("stay_limit", "stay_not_yours", "already_used", "landing_refused", "reason_missing")
"""Refusals of the stay rule: another unit would not help."""


def found(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """What is free. Nothing: the other places; the search itself was kept as unmet demand."""
    if isinstance(outcome, Refused):
        note = Say(f"refusal.{outcome.code}", outcome.facts)
        return _stay_refused(session, outcome, situation) or go(session, "night_desk.stopped", note)
    answer = outcome.answer
    searched = session.knowing(
        night=answer["night"], nights=answer["nights"], checkout=answer["checkout"], stay_sentence=None
    )
    slower = (Say("night_desk.slower"),) if answer.get("slow") else ()
    if answer["proposals"]:
        return go(searched, "night_desk.proposals", *slower, proposals=answer["proposals"], offset=0)
    narrow = session.answers.get("needs") or session.answers.get("avoid")
    refusal = "no_suitable_unit" if narrow else "no_unit"
    return to_cascade(searched, situation, refusal, *slower, places=answer.get("fallback"))


def _show_proposals(session: Session, situation: Situation) -> Screen:
    every, offset = session.memory["proposals"], session.memory["offset"]
    shown = every[offset : offset + AT_ONCE]
    more = ("more",) if len(every) > AT_ONCE else ()
    return Screen(
        "night_desk.proposals",
        {"count": len(every)},
        notes=ends_this_morning(session.memory["checkout"], situation),
        lines=tuple(_line(number, proposal) for number, proposal in enumerate(shown, 1)),
        choices=(
            *(
                Choice(
                    f"unit:{offset + n}", "choice.beds", {"units": [_place_of(each) for each in units_of(p)]}
                )
                for n, p in enumerate(shown)
            ),
            *options("proposals", *more, "none"),
        ),
    )


def units_of(proposal: dict[str, Any]) -> list[dict[str, Any]]:
    """The one unit of a proposal, or the two that a large household gets together."""
    one = {"unit": proposal["label"], "town": proposal["municipality"], "places": proposal["places"]}
    other = proposal.get("together_with")
    return [one, other] if other else [one]


def _place_of(unit: dict[str, Any]) -> str:
    named = unit["town"] in unit["unit"]
    return str(unit["unit"]) if named else f"{unit['unit']}, {unit['town']}"


def ends_this_morning(checkout: str, situation: Situation) -> tuple[Say, ...]:
    """Said when someone calls just before the services open: the stay is over in an hour or two."""
    if situation.today is None or checkout != situation.today.isoformat():
        return ()
    facts = {"at": situation.checkout_at.isoformat(), "opens": situation.office_opens.isoformat()}
    return (Say("night_desk.this_morning", facts),)


def _line(number: int, proposal: dict[str, Any]) -> Say:
    units = [each["unit"] for each in units_of(proposal)]
    facts = {"number": number, "units": units, "sentence": proposal["sentence"]}
    if proposal.get("confirmed_at"):
        return Say("night_desk.proposal", {**facts, "confirmed_at": proposal["confirmed_at"]})
    return Say("night_desk.proposal_unconfirmed", facts)


def _take_proposals(session: Session, code: str, situation: Situation) -> Turn:
    every = session.memory["proposals"]
    match code:
        case "more":
            offset = session.memory["offset"] + AT_ONCE
            return go(session, session.at, offset=offset if offset < len(every) else 0)
        case "none":
            return to_cascade(session, situation, "no_suitable_unit")
    chosen = every[int(code.removeprefix("unit:"))]
    units = [unit for unit in (chosen["unit_id"], chosen.get("with_unit_id")) if unit]
    return _hold_next(session.knowing(to_hold=units, holds=[], chosen=units_of(chosen)), situation)


def _hold_next(session: Session, situation: Situation) -> Turn:
    unit_id, *others = session.memory["to_hold"]
    hold = HoldUnit(session.memory["request_id"], unit_id, session.memory.get("stay_nights"))
    return want(session.knowing(to_hold=others), hold, "night_desk.held")


def held(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The unit is ours for some minutes, or someone was first: then at once the next best."""
    if isinstance(outcome, Refused):
        return _stay_refused(session, outcome, situation) or _find_with(session, outcome, situation)
    answer = outcome.answer
    hold = {"id": answer["id"], "until": answer["until"], "owner_asked": answer.get("owner_asked", False)}
    holds = [*session.memory["holds"], hold]
    kept = session.knowing(
        holds=holds, night=answer["night"], nights=answer["nights"], checkout=answer["checkout"]
    )
    return _hold_next(kept, situation) if session.memory["to_hold"] else go(kept, "night_desk.book")


def _find_with(session: Session, outcome: Refused, situation: Situation) -> Turn:
    """Say what went wrong, let go of what is left and look again."""
    turn = let_go(session, situation, "find")
    return replace(turn, notes=(Say(f"refusal.{outcome.code}", outcome.facts), *turn.notes))


def _stay_refused(session: Session, outcome: Refused, situation: Situation) -> Turn | None:
    if outcome.code not in STAY_CODES:
        return None
    return let_go(session.knowing(stay_sentence=outcome.facts.get("sentence", [])), situation, "stay_limit")


def _show_book(session: Session, situation: Situation) -> Screen:
    memory = session.memory
    first = date.fromisoformat(memory["night"])
    facts = {
        "nights": [(first + DAY * n).isoformat() for n in range(memory["nights"])],
        "count": memory["nights"],
        "checkout": memory["checkout"],
        "at": situation.checkout_at.isoformat(),
        "until": min(hold["until"] for hold in memory["holds"]),
    }
    asked = any(hold.get("owner_asked") for hold in memory["holds"])
    return Screen(
        "night_desk.book",
        facts,
        notes=ends_this_morning(memory["checkout"], situation),
        lines=(
            *(
                Say("night_desk.book_unit", {"unit": _place_of(unit), "places": unit["places"]})
                for unit in memory.get("chosen", ())
            ),
            *((Say("night_desk.owner_asked", {"until": facts["until"]}),) if asked else ()),
        ),
        choices=options("book", "book", "other"),
    )


def _take_book(session: Session, code: str, situation: Situation) -> Turn:
    if code == "other":
        return let_go(session, situation, "find")
    book = Book(session.memory["holds"][0]["id"], override_reason=session.memory.get("reason"))
    return want(session, book, "night_desk.booked")


def booked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """A bed. A second unit of the same household is booked right after it."""
    memory = session.memory
    if isinstance(outcome, Refused):
        if memory.get("bookings"):
            turn = booked_now(session.knowing(holds=None, request_id=None), memory["bookings"], situation)
            return replace(turn, notes=(Say(f"refusal.{outcome.code}", outcome.facts), *turn.notes))
        rest = session.knowing(holds=memory["holds"][1:]) if outcome.code == "hold_lapsed" else session
        return _stay_refused(rest, outcome, situation) or _find_with(rest, outcome, situation)
    bookings = [*memory.get("bookings", []), outcome.answer]
    left = memory["holds"][1:]
    if left:
        return want(
            session.knowing(holds=left, bookings=bookings),
            Book(left[0]["id"], further=True, override_reason=memory.get("reason")),
            "night_desk.booked",
        )
    return booked_now(session, bookings, situation)


def _other(session: Session, situation: Situation) -> Turn:
    return let_go(session, situation, "find")


PLACES: dict[str, Place] = {
    "night_desk.proposals": Place(_show_proposals, _take_proposals, back=back, over=over, stop=stop),
    "night_desk.book": Place(_show_book, _take_book, back=_other, over=over, stop=stop),
}

AFTER: dict[str, After] = {
    "night_desk.found": found,
    "night_desk.held": held,
    "night_desk.booked": booked,
}
