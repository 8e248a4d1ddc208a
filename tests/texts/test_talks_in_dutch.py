"""Every screen, label and message has a Dutch sentence that can be said, short enough for two in the morning."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Any

import pytest

from crisispool.conversations.questions import QUESTIONS
from crisispool.conversations.refusing import PLACES_FOR
from crisispool.conversations.talks import TALKS
from crisispool.conversations.vocabulary import Choice, Chose, Refused, Said, Say, Screen
from crisispool.domain.availability import NotGiven
from crisispool.domain.handover import HandoverState, Outcome, Solved
from crisispool.domain.organisation import Role
from crisispool.domain.request import RefusalCode, RequestKind
from crisispool.services.referring import Stand
from crisispool.texts.render import fact_names, has, keys, render
from crisispool.texts.screens import heard, labels, sentence, shown
from tests.conversations.test_my_units import BOOKED_UNIT, HELD_UNIT
from tests.conversations.test_outreach import COORDINATORS, NOT_HERE, NOT_YOURS
from tests.conversations.walking import (
    ALONE,
    BED,
    BOOKING,
    FIRE,
    LINE,
    NIGHT,
    NOTHING_FREE,
    OWN,
    OWN_OFFERED,
    REQUEST,
    ROSTER,
    Walker,
)

FILES = (
    *(
        "talk",
        "start",
        "desk",
        "coordinator",
        "night_desk",
        "because",
        "booking",
        "morning",
        "referrer",
        "units",
        "my_units",
        "outreach",
        "friday",
        "care",
        "coordinating",
        "news",
    ),
    *("council", "admin", "link", "choice", "message", "refusal", "screening", "help"),
)

DAY = "2026-11-30"
MOMENT = "2026-11-28T01:14:00+00:00"
EXAMPLES: dict[str, Any] = {
    "at": "10:00", "until": MOMENT, "due": MOMENT, "earliest": DAY, "confirmed_at": MOMENT, "checkout": DAY,
    "night": "2026-11-27", "before": "2026-11-26", "morning": "2026-11-28", "day": DAY,
    "nights": ["2026-11-27", "2026-11-28"],
    "references": ["R-4KTM"], "reference": "IZ-7F3K", "request": "R-4KTM", "unit": "Woning 12", "town": "Ingelmunster",
    "name": "Nachtopvang Roeselare", "phone": "051 00 00 01", "desk": "051 00 00 01", "coordinator": "051 00 00 02",
    "call": "051 00 00 03", "sentence": "Dit kan niet.", "people": "1 volwassene en 2 kinderen",
    "organisation": "OCMW Ingelmunster", "asked_at": MOMENT, "units": ["Woning 12, Ingelmunster", "Woning 3, Izegem"],
    "opens": "08:30", "done_at": MOMENT, "since": MOMENT, "back": DAY, "next": MOMENT, "days": [DAY], "lines": 2,
    "taken_label": "permanentie 2", "by": "permanentie 2", "call_back": "051 00 00 05", "beds": ["IZ-7F3K", "IZ-2MMA"],
    "duty": "permanentie", "others": ["permanentie 2"], "labels": ["permanentie 1", "permanentie 2"],
    "who": "permanentie 2", "to": "permanentie 2", "from": "permanentie 1",
}  # fmt: skip
NIGHTS_AS_NUMBER = {
    "message.handover",
    "message.handover_stays",
    "choice.stay_solve_by",
    "choice.stay_override",
    "choice.stay_named_person",
    "outreach.extend",
    "friday.line",
}


def example(key: str) -> dict[str, Any]:
    facts = {name: EXAMPLES.get(name, 2) for name in fact_names(key)}
    return {**facts, "nights": 3} if key in NIGHTS_AS_NUMBER else facts


def spoken(prefix: str) -> list[str]:
    return [key for key in keys() if key.split(".")[0] == prefix]


@pytest.mark.parametrize("key", [key for file in FILES for key in spoken(file)])
def test_every_sentence_can_be_said_and_is_short(key: str) -> None:
    said = render(key, example(key))
    assert said.strip()
    assert len(said) <= 400 and said.count("\n") < 4
    assert "{" not in said and "  " not in said


def test_help_explains_screens_that_exist() -> None:
    known = {*TALKS.places, "booking.booked", "desk.all_bookings", *(f"referrer.{stand}" for stand in Stand)}
    assert {key.removeprefix("help.") for key in spoken("help")} <= known


@pytest.mark.parametrize("key", [f"night_desk.{question.key}" for question in QUESTIONS])
def test_every_question_has_a_sentence(key: str) -> None:
    assert has(key)


def test_every_code_that_people_read_has_its_words() -> None:
    wanted = {
        *(f"because.{code}" for code in RefusalCode),
        *(f"choice.kind.{kind}" for kind in RequestKind),
        *(f"choice.outcome.{outcome}" for outcome in Outcome),
        *(f"choice.solved.{solved}" for solved in Solved),
        *(f"choice.handover_{state}" for state in HandoverState),
        *(f"choice.role.{role}" for role in Role),
        *(f"refusal.unit_{why}" for why in NotGiven),
    }
    assert sorted(key for key in wanted if not has(key)) == []


def test_the_numbers_after_a_refusal_belong_to_a_refusal_that_exists() -> None:
    assert set(PLACES_FOR) <= set(RefusalCode)


WHAT_IT_SAYS_MOST_OFTEN = {
    "night_desk.pause": "Een woning zonder toezicht is nu niet veilig. Twijfel je over de gezondheid, bel 112. We "
    "houden de vraag open tot 6 uur: bel gerust terug zodra het beter gaat.",
    "night_desk.nothing_free": "Er is vannacht geen bed vrij dat past. We noteren dit als tekort. Dit kan je nu doen: "
    "1. reserve, 2. hotel, 3. nachtopvang. De nummers staan hieronder.",
    "message.arrival_question": "IZ-7F3K: zijn ze binnen? Laat het even weten. Zonder antwoord blijft het bed van hen.",
    "desk.never_say": "Wij zeggen nooit of iemand bij ons verblijft, aan niemand. Is er gevaar, bel 112. Voor een "
    "officiële vraag verwittigen we de coördinator.",
}


@pytest.mark.parametrize("key", WHAT_IT_SAYS_MOST_OFTEN)
def test_what_is_said_most_often_is_said_in_the_words_of_the_policy(key: str) -> None:
    assert render(key, example(key)) == WHAT_IT_SAYS_MOST_OFTEN[key]


def test_a_booking_is_said_with_the_words_of_the_policy() -> None:
    assert render("booking.booked", example("booking.booked")).startswith(
        "Geboekt, IZ-7F3K: tot maandag 30 november, 10 uur. Adres en sleutel open je hieronder; geef ze alleen aan wie "
        "hen brengt, niet via de radio. Betalen is vannacht geen voorwaarde."
    )


def test_the_owner_is_asked_in_one_sentence() -> None:
    facts = {"free": 3, "turnover": 1, "busy": 7, "out": 0}
    assert render("units.menu", facts).startswith(
        "Klopt dit nog voor vannacht? 3 vrij, 1 wordt klaargemaakt, 7 bezet"
    )


def test_every_screen_of_the_fire_case_is_said_in_full() -> None:
    walker = Walker()
    for code in (*FIRE, "unit:0", "book", "arrived", "menu"):
        walker.choose(code)
        words = shown(walker.screen)
        assert words.text and all(choice["label"] and choice["id"] for choice in words.choices)
        spelled = [choice["label"].casefold() for choice in words.choices]
        assert len(set(spelled)) == len(spelled)


def test_progress_is_said_and_no_answer_is() -> None:
    walker = Walker().choose(*FIRE[:6])
    text = shown(walker.screen).text
    assert "5 van 11 beantwoord" in text
    assert "Ingelmunster" not in text and "brand" not in text.casefold()


def test_words_of_a_choice_count_as_the_choice_in_any_case() -> None:
    screen = Walker().choose("new").screen
    assert heard(screen, "  POLITIE ") == Chose(screen.choices[1].id)
    assert heard(screen, "Jan") == Said("Jan")
    assert heard(None, "politie") == Said("politie")


def test_the_beginning_of_one_label_is_enough_and_of_two_is_not() -> None:
    screen = Walker().choose("new").screen
    assert heard(screen, "pol") == Said("pol"), "a police zone and the police both begin so"
    assert heard(screen, "ziek") == Chose(screen.choices[4].id)
    assert heard(screen, "zi") == Said("zi")
    danger = Walker().choose(*FIRE[:2], "yes").screen
    assert heard(danger, "112") == Said("112"), "a number is never the beginning of a label"


def test_the_words_of_the_choice_made_last_give_the_same_screen() -> None:
    walker = Walker().choose(*FIRE, "unit:0", "book")
    before = walker.session
    walker.hear(heard(before.shown, "boek", before.taken))
    assert walker.session == before and walker.screen == before.shown


def test_what_is_ticked_is_said_in_words_and_unticked_by_its_plain_name() -> None:
    walker = Walker().choose(*FIRE[:5], "violence")
    words = shown(walker.screen)
    assert [choice["label"] for choice in words.choices][:4] == [
        "✓ Ingelmunster (vermijden)", "Izegem", "Wielsbeke", "Klaar",
    ]  # fmt: skip
    assert "De eigen gemeente staat al aan." in words.text
    walker.hear(heard(walker.screen, "ingelmunster"))
    words = shown(walker.screen)
    assert words.choices[0]["label"] == "Ingelmunster"
    assert "staat al aan" not in words.text and "staat niet aan" in words.text


def test_help_says_what_the_question_is_for() -> None:
    helped = shown(Walker().choose("new").say("help").screen).text
    assert helped.startswith("Zo weten we wie we terugbellen")
    assert "terug, opnieuw, help, stop" in helped


def test_what_stop_and_help_say_of_keeping_is_both_true() -> None:
    walker = Walker().choose(*FIRE[:5])
    assert "tot je stopt" in shown(copy(walker).say("help").screen).text
    assert "Alles wordt" not in render("talk.help", example("talk.help"))
    assert shown(walker.say("stop").screen).text.startswith("Gestopt. De antwoorden zijn gewist")
    assert walker.session.answers == {}


def test_a_referrer_is_not_promised_what_the_chat_cannot_do() -> None:
    for key in ("command.welcome.referrer", "board.front.does.referrer"):
        assert "vraagt een bed en volgt de vraag" in render(key, {}).lower()
    assert "051 00 00 01" in render("referrer.no_requests", example("referrer.no_requests"))


def test_who_gave_least_is_compared_per_agreed_place_so_that_equal_nights_do_not_contradict() -> None:
    facts = {"municipality": "Izegem", "given_nights": 2}
    for key in ("proposal.solidarity", "proposal.below_solidarity"):
        assert "per afgesproken plaats" in render(key, facts) and "het minst" not in render(key, facts)


def test_two_choices_with_the_same_words_are_told_apart() -> None:
    twice = tuple(Choice(str(n), "choice.name", {"name": "Woning"}, str(n)) for n in range(2))
    screen = Screen("desk.never_say", choices=twice)
    assert labels(screen) == ["Woning", "Woning (2)"]
    assert heard(screen, "woning (2)") == Chose("1")


@pytest.mark.parametrize("refusal", [Refused("never_heard_of"), Refused("stay_limit", {})])
def test_a_refusal_without_words_still_says_something_kind(refusal: Refused) -> None:
    assert sentence(Say(f"refusal.{refusal.code}", refusal.facts)) == render("refusal.other", {})


FIVE_TAPS = ("new", "no", "parent_2", "36007", "fire_water_closed", "send")
BEDS = [BED, {**BED, "id": "b2", "reference": "IZ-2MMA"}]
TWO_BEDS: dict[str, Any] = {"ListOwnRequests": [{**OWN, "stand": "booked", "beds": BEDS}]}
NIGHT_WALK = (*FIRE, "unit:0", "book")
OFFERED_NIGHT = {"night": "2026-12-04", "shifts": [OWN_OFFERED], "gaps": []}

WALKS: tuple[tuple[Role, tuple[str, ...], dict[str, Any]], ...] = (
    (Role.CALLTAKER, (*NIGHT_WALK, "door", "key_fails"), {}),
    (Role.CALLTAKER, (*NIGHT_WALK, "door", "key_fails"), {"Move": Refused("no_unit")}),
    (Role.CALLTAKER, (*NIGHT_WALK, "arrived", "left", "yes"), {}),
    (Role.CALLTAKER, (*NIGHT_WALK, "cancel"), {}),
    (Role.CALLTAKER, (*NIGHT_WALK, "no_show"), {}),
    (Role.CALLTAKER, (*FIRE, "place:0", "full"), {"FindProposals": NOTHING_FREE}),
    (Role.CALLTAKER, FIRE, {"OpenRequest": {**REQUEST, "same_household": ["R-2222"]}}),
    (Role.CALLTAKER, ("new", "police", "o-police", "yes", "care", "other", "2", "yes", "2"), {}),
    (Role.CALLTAKER, ("new", "other"), {}),
    (Role.CALLTAKER, (*FIRE[:5], "violence", "36008", "done", "no", "intoxicated", "refuse", "no"), {}),
    (Role.CALLTAKER, (*FIRE[:9], "3", "elsewhere"), {}),
    (Role.CALLTAKER, (*FIRE[:-1], "cot", "done"), {}),
    (Role.CALLTAKER, ("shift", "give"), {}),
    (Role.CALLTAKER, ("shift", "end"), {"EndShift": Refused("last_on_duty", ALONE)}),
    (Role.CALLTAKER, ("roster", "mine:0"), {}),
    (Role.CALLTAKER, ("roster", "take:1"), {}),
    (Role.CALLTAKER, ("roster", "mine:0"), {"LookRoster": {**ROSTER, "nights": [OFFERED_NIGHT]}}),
    (Role.COORDINATOR, ("roster", "nights", "put:1"), {}),
    (Role.COORDINATOR, ("roster", "nights", "put:1", "off"), {"TakeOff": Refused("makes_gap")}),
    (Role.COORDINATOR, ("roster", "gaps", "gap:0"), {}),
    (Role.COORDINATOR, ("roster", "gaps", "gap:1"), {}),
    (Role.CALLTAKER, ("free",), {}),
    (Role.CALLTAKER, ("bookings",), {}),
    (Role.CALLTAKER, ("requests",), {}),
    (Role.CALLTAKER, ("bookings",), {"ListBookings": []}),
    (Role.CALLTAKER, ("requests",), {"ListRequests": []}),
    (Role.CALLTAKER, ("free",), {"ListFree": {**NOTHING_FREE}}),
    (Role.COORDINATOR, ("handovers",), {}),
    (Role.COORDINATOR, (*FIRE[:9], "3", "decide", "stay:2"), {}),
    (Role.COORDINATOR, (*FIRE[:9], "3", "decide"), {"StayOptions": []}),
    (Role.CALLTAKER, ("requests",), {"ListRequests": [{**REQUEST, "whose": "other", "taken_label": "x"}]}),
    (Role.CALLTAKER, ("bookings", "everyone"), {"ListBookings": [{**BOOKING, "mine": False}]}),
    (Role.SUPPORT_WORKER, ("case:0", "accept_me", "outcome", "hotel"), {}),
    (Role.SUPPORT_WORKER, ("case:0", "accept", "contacted", "page"), {}),
    (Role.SUPPORT_WORKER, (), {"ListHandovers": []}),
    (Role.SUPPORT_WORKER, ("case:0", "left:0"), {}),
    (Role.SUPPORT_WORKER, ("case:0", "extend:0"), {}),
    (Role.SUPPORT_WORKER, ("case:0", "extend:0"), {"LookExtension": NOT_HERE}),
    (Role.SUPPORT_WORKER, ("case:0", "extend:0"), {"LookExtension": NOT_YOURS}),
    (Role.COORDINATOR, ("handovers", "case:0", "extend:0", "stay:2"), {"LookExtension": COORDINATORS}),
    (Role.SUPPORT_WORKER, ("friday", "line:0"), {}),
    (Role.SUPPORT_WORKER, ("friday", "line:0"), {"ListWeekend": [{**LINE, "answer": "elsewhere"}]}),
    (Role.SUPPORT_WORKER, ("day", "other", "other"), {}),
    (Role.COORDINATOR, ("stuck",), {}),
    (Role.COORDINATOR, ("stuck",), {"ListStuck": []}),
    (Role.COORDINATOR, ("cold", "on"), {}),
    (Role.COORDINATOR, ("cold",), {"LookColdWeather": {"on": True}}),
    (Role.CALLTAKER, ("care", "call:0"), {}),
    (Role.CALLTAKER, ("care",), {"ListCare": []}),
    (Role.UNIT_MANAGER, ("changed", "unit:0"), {}),
    (Role.UNIT_MANAGER, ("changed", "unit:0", "stays_as"), {"ListUnits": [BOOKED_UNIT]}),
    (Role.UNIT_MANAGER, ("unit:0",), {"ListUnits": [HELD_UNIT]}),
    (Role.UNIT_MANAGER, (), {"ListUnits": []}),
    (Role.REFERRER, (*FIVE_TAPS[:2], "other", "2", "yes", "2", *FIVE_TAPS[3:]), {}),
    (Role.REFERRER, ("new", "yes"), {}),
    (Role.REFERRER, ("request:0", "withdraw"), {}),
    *((Role.REFERRER, ("request:0",), {"ListOwnRequests": [{**OWN, "stand": stand}]}) for stand in Stand),
    (Role.REFERRER, ("request:0",), TWO_BEDS),
    (Role.REFERRER, ("request:0", "door", "bed:1", "key_fails"), {**TWO_BEDS, "Move": Refused("no_unit")}),
    (
        Role.REFERRER,
        ("request:0", "door", "bed:0", "key_fails"),
        {**TWO_BEDS, "Move": Refused("x"), "CallDesk": Refused("x")},
    ),
    (Role.REFERRER, (), {"ListOwnRequests": []}),
    (Role.COUNCIL, (), {}),
    (Role.ADMIN, (), {}),
)
SHOWN_AS = {
    "referrer.by_day",
    "referrer.request",
    "shift.menu",
    "desk.same_household",
    "booking.ask_door",
    "booking.ended",
    "night_desk.office",
    "start.role",
    "start.nobody",
    "paper.list",
}
"""Places whose screens have another key, or that need another moment or colleague, or a message."""


def around(role: Role, codes: tuple[str, ...], answers: dict[str, Any]) -> Iterator[Screen]:
    """Every screen of a walk, and every screen one tap away from it."""
    walker = Walker(replace(NIGHT, roles=(role.value,)), **answers)
    for code in (*codes, None):
        yield walker.screen
        for choice in walker.screen.choices:
            yield copy(walker).hear(Chose(choice.id)).screen
        if code is not None:
            walker.choose(code)


def test_every_screen_is_said_in_full() -> None:
    met = set()
    for walk in WALKS:
        for screen in around(*walk):
            words = shown(screen)
            spelled = [choice["label"].casefold() for choice in words.choices]
            assert len(set(spelled)) == len(spelled)
            assert len(words.text) < 900
            met.add(screen.key)
    assert set(TALKS.places) - met == SHOWN_AS


def test_office_hours_and_several_roles_are_said_too() -> None:
    office = replace(NIGHT, office_hours=True, office_call="051 00 00 09")
    assert "051 00 00 09" in shown(Walker(office).choose("new").screen).text
    several = replace(NIGHT, roles=("calltaker", "coordinator"))
    assert shown(Walker(several).screen).choices[0]["label"] == "Permanentie"
    assert NIGHT.desk_phone in shown(Walker(replace(NIGHT, roles=())).screen).text
