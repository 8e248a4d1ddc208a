"""When there is no bed, by the rules or for want of one: pause, other places, the contact question."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.asking import advance, back, begin, find, over, stop
from crisispool.conversations.checkup import WITH_STAFF
from crisispool.conversations.elsewhere import fitting, listed
from crisispool.conversations.engine import After, Place, Turn, go, to_start, want
from crisispool.conversations.intents import MakeLink, Refuse
from crisispool.conversations.questions import options
from crisispool.conversations.vocabulary import (
    Choice,
    Link,
    Outcome,
    Refused,
    Say,
    Screen,
    Session,
    Situation,
)

PLACES_FOR = {
    "minor_alone": ("youth_crisis_line",),
    "hotel": ("hotel",),
    "psychiatric": ("hospital", "psychiatric"),
    "medical": ("hospital",),
    "not_professional": ("caw",),
    "stay_limit": ("night_shelter",),
}
"""Kinds of the fallback list whose numbers help after a refusal."""

ALTERNATIVES = {
    "own_network": "own_network",
    "hotel": "hotel",
    "minor_alone": "youth_crisis_line",
    "psychiatric": "hospital",
    "medical": "hospital",
}
"""What was offered instead, as a code."""

WHY = ("full", "no_answer", "not_for_them")
NO_BED = ("no_unit", "no_suitable_unit")
ADVICE = {"hotel": "tried_hotel", "night_shelter": "tried_night_shelter"}


def _show_pause(session: Session, situation: Situation) -> Screen:
    return Screen("night_desk.pause", choices=options("pause", "keep", "better", "refuse"))


def _take_pause(session: Session, code: str, situation: Situation) -> Turn:
    match code:
        case "better":
            return back(session, situation)
        case "refuse":
            return go(session, "night_desk.contact", refusal="intoxicated")
    return to_start(session, Say("night_desk.kept_open", {"request": session.memory["request"]}))


def _show_contact(session: Session, situation: Situation) -> Screen:
    code = session.memory["refusal"]
    staffed = code == "medical" and session.answers.get("unsafe") == "not_alone"
    return Screen(
        "night_desk.contact",
        {"day": situation.contact_day.isoformat()},
        notes=because(code, situation),
        choices=options("contact", "yes", "no", *(("staffed",) if staffed else ())),
    )


def because(refusal: str, situation: Situation) -> tuple[Say, ...]:
    """Why there is no bed, and the numbers that help then."""
    kinds = PLACES_FOR.get(refusal, ())
    numbers = (
        Say("night_desk.place", {"name": place.name, "phone": place.phone})
        for place in situation.fallback
        if place.kind in kinds
    )
    return (Say(f"because.{refusal}"), *numbers)


def _take_contact(session: Session, code: str, situation: Situation) -> Turn:
    if code == "staffed":
        return advance(replace(session, answers={**session.answers, "unsafe": WITH_STAFF}), situation)
    memory = session.memory
    refusal = memory["refusal"]
    intent = Refuse(
        memory["request_id"],
        refusal,
        contact_consent=code == "yes",
        alternative=memory.get("alternative") or ALTERNATIVES.get(refusal, ""),
        tried=tuple(memory.get("tried", ())),
    )
    return want(session.knowing(consent=code == "yes"), intent, "night_desk.refused")


def refused(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """The request has ended; who may be contacted gets a page for the number, never the chat."""
    if isinstance(outcome, Refused):
        note = Say(f"refusal.{outcome.code}", outcome.facts)
        if outcome.code == "named_place_missing":
            return to_cascade(session, situation, session.memory["refusal"], note)
        return to_start(session, note)
    if session.memory.get("consent"):
        return want(session, MakeLink("contact", session.memory["request_id"]), "night_desk.contact_link")
    return go(session, "night_desk.refused")


def contact_link(session: Session, outcome: Outcome, situation: Situation) -> Turn:
    """Where to write down how to reach them."""
    if isinstance(outcome, Refused):
        return go(session, "night_desk.refused", Say(f"refusal.{outcome.code}", outcome.facts))
    return go(session, "night_desk.refused", url=outcome.answer["url"])


def _show_refused(session: Session, situation: Situation) -> Screen:
    url = session.memory.get("url")
    return Screen(
        "night_desk.refused",
        {"request": session.memory["request"]},
        choices=options("refused", "new", "menu"),
        links=(Link("link.contact", url),) if url else (),
    )


def _take_refused(session: Session, code: str, situation: Situation) -> Turn:
    start = to_start(session)
    return begin(start.session, situation) if code == "new" else start


def to_cascade(session: Session, situation: Situation, refusal: str, *notes: Say, places: Any = None) -> Turn:
    """The other places, one by one. `places` as the search gave them, else those of the network."""
    cascade = fitting(places or listed(situation.fallback), refusal)
    tried = session.memory.get("tried", [])
    return go(session, "night_desk.nothing_free", *notes, refusal=refusal, cascade=cascade, tried=tried)


def _show_nothing_free(session: Session, situation: Situation) -> Screen:
    memory = session.memory
    places = [Say("night_desk.place", {"name": p["name"], "phone": p["phone"]}) for p in memory["cascade"]]
    coordinator = situation.coordinator_phone or situation.desk_phone
    if memory["refusal"] in NO_BED:
        places.append(Say("night_desk.coordinator", {"phone": coordinator}))
    key = "nothing_free" if memory["refusal"] in NO_BED else "other_places"
    return Screen(
        f"night_desk.{key}",
        lines=tuple(places),
        choices=(
            *(
                Choice(f"place:{n}", "choice.name", {"name": p["name"]})
                for n, p in enumerate(memory["cascade"])
            ),
            *options("nothing_free", *(("again",) if memory["refusal"] in NO_BED else ()), "nothing"),
        ),
    )


def _take_nothing_free(session: Session, code: str, situation: Situation) -> Turn:
    match code:
        case "again":
            return find(session, situation)
        case "nothing":
            return go(session, "night_desk.contact")
    return go(session, "night_desk.tried", trying=int(code.removeprefix("place:")))


def _show_tried(session: Session, situation: Situation) -> Screen:
    place = session.memory["cascade"][session.memory["trying"]]
    facts = {"name": place["name"], "phone": place["phone"]}
    advice = (Say(f"night_desk.{ADVICE[place['kind']]}"),) if place["kind"] in ADVICE else ()
    return Screen("night_desk.tried", facts, lines=advice, choices=options("tried", "there", *WHY))


def _take_tried(session: Session, code: str, situation: Situation) -> Turn:
    memory = session.memory
    place = memory["cascade"][memory["trying"]]
    if code == "there":
        return go(session, "night_desk.contact", alternative=place["kind"], trying=None)
    cascade = [each for each in memory["cascade"] if each != place]
    tried = [*memory.get("tried", []), f"{place['kind']}:{code}"]
    return go(session, "night_desk.nothing_free", cascade=cascade, tried=tried, trying=None)


def _to_cascade(session: Session, situation: Situation) -> Turn:
    return go(session, "night_desk.nothing_free", trying=None)


def _to_menu(session: Session, situation: Situation) -> Turn:
    return to_start(session)


PLACES: dict[str, Place] = {
    "night_desk.pause": Place(_show_pause, _take_pause, back=back, stop=stop),
    "night_desk.contact": Place(_show_contact, _take_contact, back=back, over=over, stop=stop),
    "night_desk.refused": Place(_show_refused, _take_refused, back=_to_menu),
    "night_desk.nothing_free": Place(_show_nothing_free, _take_nothing_free, back=back, over=over, stop=stop),
    "night_desk.tried": Place(_show_tried, _take_tried, back=_to_cascade, stop=stop),
}

AFTER: dict[str, After] = {"night_desk.refused": refused, "night_desk.contact_link": contact_link}
