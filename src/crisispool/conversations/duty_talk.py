"""The talk of the rosters: the coming nights, a shift given away, kept or taken over, somebody else put in."""

from datetime import datetime
from typing import Any

from crisispool.conversations.duty_intents import (
    AcceptShift,
    KeepShift,
    LookRoster,
    OfferShift,
    Substitute,
    TakeOff,
)
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.listing import fetching
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.organisation import Role

look = fetching(LookRoster(), "duty.looked")

Shift = dict[str, Any]


def span(shift: Shift) -> dict[str, Any]:
    """A shift as people read it."""
    return {
        "duty": Say(f"duty.name.{shift['duty']}").plain(),
        "since": shift["starts_at"],
        "until": shift["ends_at"],
        "who": shift.get("who", ""),
    }


def _shifts(session: Session) -> list[Shift]:
    """Every shift of the coming nights, once."""
    nights = session.memory["roster"]["nights"]
    return list({shift["id"]: shift for night in nights for shift in night["shifts"]}.values())


def _show(session: Session, situation: Situation) -> Screen:
    nights = session.memory["roster"]["nights"]
    gaps = [night for night in nights if night["gaps"]]
    lines = tuple(
        Say(f"duty.gap_{gap}", {"night": night["night"]}) for night in gaps for gap in night["gaps"]
    )
    shifts = list(enumerate(_shifts(session)))
    mine = [
        Choice(f"mine:{n}", f"duty.choice.mine{'_offered' if shift['offered'] else ''}", span(shift))
        for n, shift in shifts
        if shift["mine"]
    ]
    offers = [
        Choice(f"take:{n}", "duty.choice.take", span(shift)) for n, shift in shifts if shift["offer_id"]
    ]
    key = "duty.roster" if mine else "duty.not_on_it"
    more = (Choice("nights", "duty.choice.nights"), Choice("menu", "duty.choice.menu"))
    fill = (Choice("gaps", "duty.choice.gaps"),) if gaps and Role.COORDINATOR in situation.roles else ()
    return Screen(key, {"coming": len(nights)}, lines=lines, choices=(*mine, *offers, *fill, *more))


def _take(session: Session, code: str, situation: Situation) -> Turn:
    what, _, number = code.partition(":")
    if what in ("nights", "gaps"):
        return go(session, f"duty.{what}")
    if what == "menu":
        return to_start(session)
    chosen = _shifts(session)[int(number)]
    if what == "take":
        return go(session, "duty.take", chosen=chosen)
    return go(session, "duty.keep" if chosen.get("own_offer_id") else "duty.give", chosen=chosen)


def _show_nights(session: Session, situation: Situation) -> Screen:
    lines = tuple(
        Say("duty.night", {"night": night["night"], "labels": [shift["who"] for shift in night["shifts"]]})
        if night["shifts"]
        else Say("duty.night_empty", {"night": night["night"]})
        for night in session.memory["roster"]["nights"]
    )
    others: tuple[Choice, ...] = ()
    if Role.COORDINATOR in situation.roles:
        others = tuple(
            Choice(f"put:{n}", "duty.choice.put", span(shift)) for n, shift in enumerate(_shifts(session))
        )
    return Screen("duty.nights", lines=lines, choices=(*others, Choice("back_to", "duty.choice.back_to")))


def _take_nights(session: Session, code: str, situation: Situation) -> Turn:
    what, _, number = code.partition(":")
    if what != "put":
        return look(session, situation)
    return go(session, "duty.put", chosen=_shifts(session)[int(number)])


def _colleagues(session: Session) -> list[dict[str, Any]]:
    """Who else can have the chosen shift."""
    chosen = session.memory["chosen"]
    able = session.memory["roster"]["colleagues"].get(chosen["duty"], [])
    return [each for each in able if each["label"] != chosen["who"]]


def _named(session: Session) -> tuple[Choice, ...]:
    return tuple(
        Choice(f"to:{n}", "choice.name", {"name": each["label"]})
        for n, each in enumerate(_colleagues(session))
    )


def _chosen_colleague(session: Session, code: str) -> str:
    return str(_colleagues(session)[int(code.removeprefix("to:"))]["id"])


def _show_give(session: Session, situation: Situation) -> Screen:
    everyone = (Choice("everyone", "duty.choice.everyone"),)
    return Screen("duty.give", span(session.memory["chosen"]), choices=(*everyone, *_named(session)))


def _take_give(session: Session, code: str, situation: Situation) -> Turn:
    to = None if code == "everyone" else _chosen_colleague(session, code)
    return want(session, OfferShift(session.memory["chosen"]["id"], to), "duty.offered")


def _show_keep(session: Session, situation: Situation) -> Screen:
    choices = (Choice("no", "duty.choice.stays_offered"), Choice("yes", "duty.choice.keep"))
    return Screen("duty.keep", span(session.memory["chosen"]), choices=choices)


def _take_keep(session: Session, code: str, situation: Situation) -> Turn:
    if code == "no":
        return look(session, situation)
    return want(session, KeepShift(session.memory["chosen"]["own_offer_id"]), "duty.kept")


def _show_put(session: Session, situation: Situation) -> Screen:
    chosen = session.memory["chosen"]
    begun = datetime.fromisoformat(chosen["starts_at"]) <= situation.now
    off = () if begun else (Choice("off", "duty.choice.off"),)
    return Screen("duty.put", span(chosen), choices=(*_named(session), *off))


def _take_put(session: Session, code: str, situation: Situation) -> Turn:
    chosen = session.memory["chosen"]
    if code == "off":
        return want(session, TakeOff(chosen["id"]), "duty.taken_off")
    return want(session, Substitute(chosen["id"], _chosen_colleague(session, code)), "duty.put_in")


def _show_take(session: Session, situation: Situation) -> Screen:
    choices = (Choice("no", "duty.choice.no"), Choice("yes", "duty.choice.yes"))
    return Screen("duty.take", span(session.memory["chosen"]), choices=choices)


def _take_take(session: Session, code: str, situation: Situation) -> Turn:
    if code == "no":
        return look(session, situation)
    return want(session, AcceptShift(session.memory["chosen"]["offer_id"]), "duty.accepted")


def looked(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The coming nights."""
    if isinstance(outcome, Refused):
        return to_start(session, Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "duty.roster", roster=outcome.answer, chosen=None)


def and_look(said: str) -> After:
    """Say that it is done, or why it is not, and show the roster anew."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        key = f"refusal.{outcome.code}" if isinstance(outcome, Refused) else said
        facts = outcome.facts if isinstance(outcome, Refused) else {"who": outcome.answer["who"]}
        return Turn(session, (Say(key, facts),), LookRoster(), "duty.looked")

    return after


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "duty.roster": Place(_show, _take, back=_to_start, look=look),
    "duty.nights": Place(_show_nights, _take_nights, back=look),
    "duty.give": Place(_show_give, _take_give, back=look),
    "duty.take": Place(_show_take, _take_take, back=look),
    "duty.keep": Place(_show_keep, _take_keep, back=look),
    "duty.put": Place(_show_put, _take_put, back=look),
}

AFTER: dict[str, After] = {
    "duty.looked": looked,
    "duty.offered": and_look("duty.said_offered"),
    "duty.kept": and_look("duty.said_kept"),
    "duty.accepted": and_look("duty.said_accepted"),
    "duty.put_in": and_look("duty.said_put_in"),
}
