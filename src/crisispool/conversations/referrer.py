"""The talk of who asks for a bed: five taps, and then one screen that says how the request stands."""

from dataclasses import replace

from crisispool.conversations import bringing
from crisispool.conversations.asking import Form
from crisispool.conversations.bringing import again, elsewhere, look_at, ways
from crisispool.conversations.checkup import request_from
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import ListOwnRequests, WithdrawRequest
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.questions import QUESTIONS, Question, own_places
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation
from crisispool.domain.request import HIDING_KINDS

ASKED = ("danger", "danger_now", "household", "adults", "with_children", "children", "whereabouts", "kind")
"""The questions of the desk that the asker answers; all others the desk asks when it calls back."""

MOVING = ("early", "told_desk", "told_backup", "told_coordinator", "nobody", "taken", "paused")
"""How a request may stand that has no bed and no answer yet."""

my_requests = fetching(ListOwnRequests(), "referrer.listed")


def _phone(session: Session, situation: Situation) -> tuple[Say, ...]:
    """The phone is the first door: it is on every screen."""
    return (Say("referrer.phone", {"desk": situation.desk_phone}),)


def _asked(session: Session, situation: Situation) -> list[Question]:
    if session.answers.get("danger_now") == "care":
        return [each for each in QUESTIONS if each.key in ("danger", "danger_now")]
    found = [each for each in QUESTIONS if each.key in ASKED and each.asked_if(session.answers, situation)]
    return [*found, SEND]


def _begin(session: Session, situation: Situation) -> Turn:
    home = situation.home
    caller = f"at:{home.id}" if home else "other"
    return FORM.advance(replace(session, answers={"caller": caller}, history=()), situation)


def _send(session: Session, situation: Situation) -> Turn:
    """Everything is answered: the request is stored. Where people hide, not near where they are now."""
    if session.answers.get("danger_now") == "care":
        return to_start(session, Say("referrer.care"))
    answers = dict(session.answers)
    if answers.get("kind") in HIDING_KINDS:
        answers["avoid"] = own_places(answers)
    return want(session, request_from(answers, situation, None), "referrer.sent")


def _dropped(session: Session, situation: Situation) -> Turn:
    return to_start(session, Say("night_desk.dropped"))


SEND = Question("send", lambda answers, situation: ways("send"))
FORM = Form("referrer", _asked, _send, _begin, _dropped, _phone)


def _show_send(session: Session, situation: Situation) -> Screen:
    number = situation.home.call_back if situation.home else ""
    done, total = FORM.progress(session, situation)
    return Screen(
        "referrer.send" if number else "referrer.send_unreachable",
        {"call_back": number, "desk": situation.desk_phone},
        lines=_phone(session, situation) if number else (),
        choices=ways("send"),
        done=done,
        total=total,
    )


def sent(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request is stored: how it stands."""
    clean = to_start(session).session
    if isinstance(outcome, Refused):
        return to_start(clean, Say(f"refusal.{outcome.code}", outcome.facts))
    return look_at(clean, outcome.answer["id"])


def found(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request that was looked for, when it is still the asker's."""
    sought = session.memory.get("sought")
    rows = [] if isinstance(outcome, Refused) else outcome.answer
    for row in rows:
        if sought in (row["id"], *(bed["id"] for bed in row["beds"])):
            made = session.memory.get("made", [])
            return go(session, "referrer.request", sought=None, made=None, own=row, links=made)
    return to_start(session.knowing(sought=None), Say("news.gone"))


def _show_menu(session: Session, situation: Situation) -> Screen:
    requests = session.memory["listed"]
    choices = tuple(
        Choice(f"request:{n}", f"referrer.choice.at_{each['stand']}", {"reference": each["reference"]})
        for n, each in enumerate(requests)
    )
    key = "referrer.menu" if requests else "referrer.no_requests"
    return Screen(key, {"desk": situation.desk_phone}, choices=(*ways("new"), *choices))


def _take_menu(session: Session, code: str, situation: Situation) -> Turn:
    if code != "new":
        own = session.memory["listed"][int(code.removeprefix("request:"))]
        return go(session, "referrer.request", own=own, links=[])
    if situation.home and not situation.home.asks_now:
        return go(session, "referrer.by_day")
    return _begin(session, situation)


def _show_by_day(session: Session, situation: Situation) -> Screen:
    facts = {"call": situation.office_call or situation.desk_phone, "desk": situation.desk_phone}
    return Screen("referrer.by_day", facts, choices=ways("menu"))


def _show(session: Session, situation: Situation) -> Screen:
    own = session.memory["own"]
    stand = own["stand"]
    if stand in ("booked", "inside"):
        return bringing.show(session, situation)
    facts = {
        "reference": own["reference"],
        "next": own["next_at"],
        "call_back": own["call_back"],
        "desk": situation.desk_phone,
    }
    key = f"{stand}_unreachable" if stand == "taken" and not own["call_back"] else stand
    return Screen(
        f"referrer.{key}",
        facts,
        lines=elsewhere(situation) if stand in ("nobody", "refused") else (),
        choices=ways("look", "withdraw", "menu") if stand in MOVING else ways("new", "menu"),
    )


def _take(session: Session, code: str, situation: Situation) -> Turn:
    match code:
        case "new":
            return _take_menu(session, code, situation)
        case "look":
            return again(session, situation)
        case "withdraw":
            return go(session, "referrer.withdraw")
        case "menu":
            return to_start(session)
    return bringing.take(session, code, situation)


def _show_withdraw(session: Session, situation: Situation) -> Screen:
    facts = {"reference": session.memory["own"]["reference"], "desk": situation.desk_phone}
    return Screen("referrer.withdraw", facts, choices=ways("keep", "withdrawn"))


def _take_withdraw(session: Session, code: str, situation: Situation) -> Turn:
    if code != "withdrawn":
        return again(session, situation)
    own = session.memory["own"]
    if own["stand"] == "booked":
        return bringing.give_back(session, situation)
    return want(session, WithdrawRequest(own["id"]), "referrer.withdrawn")


def withdrawn(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request is over, or why not; and how it stands."""
    said = (Say(f"refusal.{outcome.code}", outcome.facts),) if isinstance(outcome, Refused) else ()
    return look_at(session, session.memory["own"]["id"], *said)


def _to_start(session: Session, situation: Situation) -> Turn:
    return to_start(session)


def _take_send(session: Session, code: str, situation: Situation) -> Turn:
    return FORM.answered(session, {"send": code}, situation)


def _places() -> dict[str, Place]:
    asked: dict[str, Place] = {
        f"referrer.{each.key}": FORM.place_of(each) for each in QUESTIONS if each.key in ASKED
    }
    return {**asked, "referrer.send": Place(_show_send, _take_send, FORM.back, FORM.over, FORM.stop)}


def _menu_only(session: Session, code: str, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "referrer.menu": Place(_show_menu, _take_menu, look=my_requests),
    "referrer.by_day": Place(_show_by_day, _menu_only, back=_to_start),
    "referrer.request": Place(_show, _take, back=_to_start, look=again),
    "referrer.withdraw": Place(_show_withdraw, _take_withdraw, back=again),
    **_places(),
    **bringing.PLACES,
}

AFTER: dict[str, After] = {
    "referrer.listed": arriving("referrer.menu", "listed"),
    "referrer.sent": sent,
    "referrer.found": found,
    "referrer.withdrawn": withdrawn,
    **bringing.AFTER,
}
