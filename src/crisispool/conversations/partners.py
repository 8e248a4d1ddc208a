"""The small talks: a referrer's requests, and who only wants to know what is here."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.engine import After, Place, Turn, go, want
from crisispool.conversations.intents import ListRequests, WithdrawRequest
from crisispool.conversations.listing import arriving, fetching
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import Choice, Outcome, Refused, Say, Screen, Session, Situation

my_requests = fetching(ListRequests(), "referrer.listed")


def _plain_menu(key: str) -> Place:
    def show(session: Session, situation: Situation) -> Screen:
        return Screen(key, {"desk": situation.desk_phone})

    return Place(show, lambda session, code, situation: go(session, key))


def _show_referrer(session: Session, situation: Situation) -> Screen:
    requests = session.memory["listed"]
    lines = tuple(Say(f"referrer.{each['state']}", {"reference": each["reference"]}) for each in requests)
    choices = tuple(
        Choice(f"request:{number}", "choice.withdraw.reference", {"reference": each["reference"]})
        for number, each in enumerate(requests)
        if each["state"] == "open"
    )
    key = "referrer.menu" if requests else "referrer.no_requests"
    return Screen(key, {"desk": situation.desk_phone}, lines=lines, choices=choices)


def _take_referrer(session: Session, code: str, situation: Situation) -> Turn:
    return go(
        session, "referrer.withdraw", request=session.memory["listed"][int(code.removeprefix("request:"))]
    )


def _show_withdraw(session: Session, situation: Situation) -> Screen:
    facts = {"reference": session.memory["request"]["reference"]}
    return Screen("referrer.withdraw", facts, choices=options("withdraw", "no", "yes"))


def _take_withdraw(session: Session, code: str, situation: Situation) -> Turn:
    if code == "yes":
        return want(session, WithdrawRequest(session.memory["request"]["id"]), "referrer.withdrawn")
    return my_requests(session, situation)


def and_look(look: Any, note: str) -> After:
    """Say that it is done, or why it is not, and show the list anew."""

    def after(session: Session, outcome: Outcome, situation: Situation) -> Turn:
        said = Say(f"refusal.{outcome.code}", outcome.facts) if isinstance(outcome, Refused) else Say(note)
        turn: Turn = look(session, situation)
        return replace(turn, notes=(said,))

    return after


PLACES: dict[str, Place] = {
    "referrer.menu": Place(_show_referrer, _take_referrer, look=my_requests),
    "referrer.withdraw": Place(_show_withdraw, _take_withdraw, back=my_requests),
    "council.menu": _plain_menu("council.menu"),
    "admin.menu": _plain_menu("admin.menu"),
    "start.nobody": _plain_menu("start.nobody"),
}

AFTER: dict[str, After] = {
    "referrer.listed": arriving("referrer.menu", "listed"),
    "referrer.withdrawn": and_look(my_requests, "referrer.withdrawn_now"),
}
