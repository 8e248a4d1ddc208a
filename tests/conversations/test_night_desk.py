"""The talk of the night desk: the fire case, every refusal, going back, and trouble on the way to a bed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations.elsewhere import fitting, listed
from crisispool.conversations.questions import QUESTIONS
from crisispool.conversations.vocabulary import Fallback, Referrer, Refused, Say, StayFact
from crisispool.domain.admission import Criterion, FailAction
from tests.conversations.walking import ANSWERS, FIRE, FOUND, NIGHT, NOTHING_FREE, REQUEST, WHY_NOT, Walker


def until(question: str, **answers: Any) -> Walker:
    """A talk with the answers of the fire case, standing at this question."""
    walker = Walker(**answers)
    for code in FIRE:
        if walker.at == f"night_desk.{question}":
            return walker
        walker.choose(code)
    assert walker.at == f"night_desk.{question}"
    return walker


def test_the_fire_case_is_booked_in_fourteen_answers() -> None:
    walker = Walker().choose(*FIRE, "unit:0", "book")
    assert walker.at == "booking.booked"
    assert len(FIRE) + 2 == 14
    assert [link.label for link in walker.screen.links] == ["link.access_of", "link.identity_of"]
    (asked,) = walker.wanted(i.OpenRequest)
    assert asked == i.OpenRequest(
        kind="fire_water_closed",
        adults=1,
        children=2,
        referrer="o-police-2",
        origin="36007",
        whereabouts="36007",
        contact_consent=True,
    )


def test_a_police_zone_that_did_not_call_lately_takes_one_answer_more() -> None:
    walker = Walker().choose("new", "police")
    assert walker.at == "night_desk.service"
    walker.choose("o-police", *FIRE[2:], "unit:0", "book")
    assert walker.at == "booking.booked"
    assert walker.wanted(i.OpenRequest)[0].referrer == "o-police"


def test_the_only_service_of_a_kind_is_not_asked_for() -> None:
    walker = Walker().choose("new", "hospital")
    assert walker.at == "night_desk.danger"
    walker.choose(*FIRE[2:])
    assert walker.wanted(i.OpenRequest)[0].referrer == "o-hospital"


def test_nothing_is_stored_before_the_last_question_and_stop_forgets_it_all() -> None:
    walker = until("needs")
    assert walker.intents == []
    walker.choose("stop")
    assert walker.at == "desk.menu"
    assert walker.session.answers == {}
    assert [note.key for note in walker.screen.notes] == ["night_desk.dropped"]


def test_danger_comes_first_and_112_before_everything() -> None:
    walker = Walker().choose("new", "caw", "yes")
    assert walker.at == "night_desk.danger_now"
    walker.choose("safe")
    assert walker.at == "night_desk.household"


def test_violence_asks_which_municipalities_to_avoid_with_the_own_one_ticked() -> None:
    walker = until("kind").choose("violence")
    assert walker.at == "night_desk.avoid"
    assert walker.screen.facts["count"] == 1
    walker.choose("36008", "done", "no", "none", "same", "0", "bed_contact", "none")
    assert walker.wanted(i.OpenRequest)[0].avoid == ("36007", "36008")


def test_the_own_municipality_can_be_taken_away_from_those_to_avoid() -> None:
    walker = until("kind").choose("barring_order", "36007", "done", *FIRE[6:])
    assert walker.wanted(i.OpenRequest)[0].avoid == ()


def test_what_to_look_out_for_adds_up_until_done() -> None:
    walker = until("needs").choose("cot", "pet", "pet", "no_transport", "done")
    assert walker.at == "night_desk.cots"
    walker.choose("2")
    (asked,) = walker.wanted(i.OpenRequest)
    assert asked.needs == ("cot", "no_transport") and asked.cots == 2


def test_any_household_can_be_counted() -> None:
    walker = until("household").choose("other").say("7")
    assert walker.at == "night_desk.with_children"
    walker.choose("yes").say("12").choose(*FIRE[4:])
    (asked,) = walker.wanted(i.OpenRequest)
    assert (asked.adults, asked.children) == (7, 12)


REFUSALS = [
    ("caller", ("other", "no", "woman"), "not_professional"),
    ("danger", ("yes", "care", "woman"), "medical"),
    ("elsewhere", ("own_network",), "own_network"),
    ("elsewhere", ("hotel",), "hotel"),
    ("unsafe", ("danger",), "psychiatric"),
    ("unsafe", ("aggressive",), "aggression"),
    ("unsafe", ("not_alone",), "medical"),
    ("unsafe", ("minor_alone",), "minor_alone"),
    ("unsafe", ("intoxicated", "refuse"), "intoxicated"),
    ("yesterday", ("3", "refuse"), "stay_limit"),
    ("consent", ("no_bed",), "declined"),
]


@pytest.mark.parametrize(("question", "codes", "refusal"), REFUSALS)
@pytest.mark.parametrize("consent", ["yes", "no"])
def test_every_refusal_ends_with_the_contact_question(
    question: str, codes: tuple[str, ...], refusal: str, consent: str
) -> None:
    walker = until(question).choose(*codes)
    assert walker.at == "night_desk.contact"
    assert f"because.{refusal}" in [note.key for note in walker.screen.notes]
    walker.choose(consent)
    assert walker.at == "night_desk.refused"
    (asked,) = walker.wanted(i.Refuse)
    assert (asked.code, asked.contact_consent) == (refusal, consent == "yes")
    assert bool(walker.screen.links) is (consent == "yes")
    assert walker.wanted(i.FindProposals) == []
    assert walker.wanted(i.ScreenRequest), "the check-up is kept with its version"


def test_office_hours_give_the_number_of_a_service_that_is_open_and_may_be_passed() -> None:
    walker = Walker(replace(NIGHT, office_hours=True, office_call="051 00 00 09")).choose("new")
    assert walker.at == "night_desk.office"
    assert walker.screen.facts["call"] == "051 00 00 09"
    walker.choose("tonight")
    assert walker.at == "night_desk.caller"
    walker.choose("back", "no", "woman", "no")
    assert walker.wanted(i.Refuse)[0].code == "office_hours"


def test_a_wrong_tap_on_a_refusal_can_be_taken_back_and_the_request_stays_the_same() -> None:
    walker = until("elsewhere").choose("hotel")
    assert walker.at == "night_desk.contact"
    walker.choose("back", *FIRE[6:])
    assert walker.at == "night_desk.proposals"
    assert [each.request_id for each in walker.wanted(i.OpenRequest)] == [None, "r1"]


def test_heavily_intoxicated_is_a_pause_and_the_request_waits() -> None:
    walker = until("unsafe").choose("intoxicated")
    assert walker.at == "night_desk.pause"
    walker.choose("keep")
    assert walker.at == "desk.menu"
    assert walker.wanted(i.Refuse) == []
    walker.choose("requests", "request:0")
    assert walker.at == "night_desk.danger"
    walker.choose("no", "no", "none", "0", "bed_only")
    assert walker.at == "night_desk.proposals"
    assert walker.wanted(i.CompleteRequest) == [i.CompleteRequest("r1", 0, False)]


def test_who_cannot_manage_alone_can_get_a_bed_with_staff() -> None:
    walker = until("unsafe").choose("not_alone", "staffed")
    assert walker.at == "night_desk.origin"
    walker.choose("same", "0", "bed_contact", "none")
    assert walker.at == "night_desk.proposals"
    assert walker.wanted(i.OpenRequest)[-1].needs == ("staffed",)


def test_the_checklist_of_the_network_decides_what_an_answer_does() -> None:
    criterion = Criterion(
        "k1", "n1", 1, 1, "night", "unsafe", ("not_alone",), FailAction.CHOOSE_OTHER_UNIT, "medical"
    )
    walker = Walker(replace(NIGHT, checklist=(criterion,))).choose(*FIRE[:7], "not_alone", *FIRE[8:])
    assert walker.at == "night_desk.proposals"
    assert walker.wanted(i.OpenRequest)[0].needs == ("staffed",)


def test_the_judgement_of_the_service_wins_when_the_talk_saw_nothing() -> None:
    judged = {
        "result": "refuse",
        "refusal": "other",
        "sentence": [Say("screening.refuse").plain()],
        "failed": ["x"],
    }
    walker = Walker(ScreenRequest=judged).choose(*FIRE)
    assert walker.at == "night_desk.contact"


def test_three_nights_before_go_to_the_coordinator_before_more_is_asked() -> None:
    walker = until("yesterday").choose("3")
    assert walker.at == "night_desk.stay_limit"
    assert walker.screen.facts["sentence"] == WHY_NOT
    assert walker.wanted(i.OpenRequest)[0].claimed_nights == 3
    walker.choose("coordinator")
    assert walker.at == "desk.menu" and walker.wanted(i.Refuse) == []
    assert walker.wanted(i.AskCoordinator) == [i.AskCoordinator("r1")]
    assert walker.screen.notes[0].facts["coordinator"] == NIGHT.coordinator_phone


COORDINATOR = replace(NIGHT, roles=("coordinator",))


def test_a_coordinator_decides_with_a_coded_reason() -> None:
    walker = Walker(COORDINATOR).choose(*FIRE[:9], "3", "decide")
    assert walker.own_choices() == ["stay:0", "stay:1", "stay:2", "elsewhere", "refuse"]
    walker.choose("stay:1")
    assert "meet_myself" not in walker.own_choices()
    walker.choose("safety", "unit:0", "book")
    assert walker.wanted(i.FindProposals)[-1] == i.FindProposals("r1", 4)
    assert walker.wanted(i.HoldUnit) == [i.HoldUnit("r1", "u1", 4)]
    assert walker.wanted(i.Book) == [i.Book("hold1", override_reason="safety")]


def test_a_stay_that_ends_on_a_closed_day_is_met_by_the_coordinator() -> None:
    walker = Walker(COORDINATOR).choose(*FIRE[:9], "3", "decide", "stay:2", "meet_myself", "unit:0", "book")
    assert walker.wanted(i.Book) == [i.Book("hold1", override_reason="meet_myself")]


def test_a_stay_that_lands_in_time_needs_no_reason() -> None:
    walker = Walker(COORDINATOR).choose(*FIRE[:9], "3", "decide", "stay:0", "unit:0", "book")
    assert walker.wanted(i.Book) == [i.Book("hold1")]


@pytest.mark.parametrize("code", ["stay_limit", "reason_missing"])
def test_a_booking_refused_to_a_coordinator_becomes_a_decision(code: str) -> None:
    refused = Refused(code, {"sentence": WHY_NOT})
    walker = Walker(COORDINATOR, Book=refused).choose(*FIRE, "unit:0", "book")
    assert walker.at == "night_desk.stay_limit" and "decide" in walker.own_choices()
    walker.answers = ANSWERS
    walker.choose("decide", "stay:1", "medical", "unit:0", "book")
    assert walker.at == "booking.booked"
    assert walker.wanted(i.Book)[-1].override_reason == "medical"


def test_who_takes_over_a_stay_to_decide_on_comes_to_the_decision() -> None:
    taken = {"id": "r1", "reference": "R-4KTM", "screened": "ok", "stay_sentence": WHY_NOT}
    walker = Walker(COORDINATOR, TakeRequest=taken).choose("requests", "request:0")
    assert walker.at == "night_desk.stay_limit"
    assert walker.screen.facts["sentence"] == WHY_NOT


def test_a_step_back_forgets_what_was_decided() -> None:
    walker = Walker(COORDINATOR).choose(*FIRE[:9], "3", "decide", "stay:1", "safety", "back", "0", *FIRE[10:])
    assert walker.at == "night_desk.proposals"
    assert walker.choose("unit:0", "book").wanted(i.Book) == [i.Book("hold1")]


def test_nights_before_that_still_fit_change_nothing() -> None:
    assert until("yesterday").choose("2").at == "night_desk.consent"


def test_a_stay_only_the_coordinator_may_give_is_not_the_desks() -> None:
    stays = (*NIGHT.stay_after[:2], StayFact(True, "coordinator", (Say("stay.by_coordinator"),)))
    walker = Walker(replace(NIGHT, stay_after=stays)).choose(*FIRE[:9], "2")
    assert walker.at == "night_desk.stay_limit"


def test_the_same_people_twice_are_one_request() -> None:
    walker = Walker(OpenRequest={**REQUEST, "same_household": ["R-2222"]}).choose(*FIRE)
    assert walker.at == "night_desk.same_household"
    other = Walker(OpenRequest={**REQUEST, "same_household": ["R-2222"]}).choose(*FIRE, "no")
    assert other.at == "night_desk.proposals"
    walker.choose("yes")
    assert walker.wanted(i.WithdrawRequest) and walker.at == "desk.menu"


def test_when_nothing_is_free_each_step_tried_is_kept_and_contact_is_asked() -> None:
    walker = Walker(FindProposals=NOTHING_FREE).choose(*FIRE)
    assert walker.at == "night_desk.nothing_free"
    walker.choose("place:0", "full", "place:0", "no_answer", "nothing", "yes")
    (refuse,) = walker.wanted(i.Refuse)
    assert (refuse.code, refuse.tried) == ("no_unit", ("hotel:full", "night_shelter:no_answer"))


def test_another_place_that_takes_them_is_the_alternative() -> None:
    walker = Walker(FindProposals=NOTHING_FREE).choose(*FIRE, "place:1", "there", "no")
    assert walker.wanted(i.Refuse)[0].alternative == "night_shelter"


def test_wishes_that_left_nothing_make_it_no_suitable_unit() -> None:
    walker = Walker(FindProposals=NOTHING_FREE).choose(*FIRE[:-1], "pet", "done", "nothing", "no")
    assert walker.wanted(i.Refuse)[0].code == "no_suitable_unit"


@pytest.mark.parametrize("code", ["no_longer_free", "unit_held", "something_new"])
def test_who_comes_second_gets_one_sentence_and_the_next_best(code: str) -> None:
    walker = Walker(HoldUnit=Refused(code)).choose(*FIRE, "unit:0")
    assert walker.at == "night_desk.proposals"
    assert [note.key for note in walker.screen.notes] == [f"refusal.{code}"]
    assert len(walker.wanted(i.FindProposals)) == 2


def test_a_hold_that_lapsed_leads_back_to_what_is_free() -> None:
    walker = Walker(Book=Refused("hold_lapsed")).choose(*FIRE, "unit:0", "book")
    assert walker.at == "night_desk.proposals"
    assert [note.key for note in walker.screen.notes] == ["refusal.hold_lapsed"]


def test_a_stay_refused_while_booking_lets_the_bed_go_and_asks_about_contact() -> None:
    refused = Refused("stay_limit", {"sentence": WHY_NOT})
    walker = Walker(Book=refused).choose(*FIRE, "unit:0", "book")
    assert walker.at == "night_desk.stay_limit"
    assert walker.screen.facts["sentence"] == WHY_NOT
    assert walker.wanted(i.ReleaseHold) == [i.ReleaseHold("hold1")]
    assert walker.choose("refuse").at == "night_desk.contact"


@pytest.mark.parametrize(
    ("way", "then"), [("other", "proposals"), ("back", "proposals"), ("stop", "stopped")]
)
def test_leaving_a_held_bed_lets_it_go(way: str, then: str) -> None:
    walker = Walker().choose(*FIRE, "unit:0", way)
    assert walker.wanted(i.ReleaseHold) == [i.ReleaseHold("hold1")]
    assert walker.at == f"night_desk.{then}"


def test_starting_over_keeps_the_request_and_lets_the_bed_go() -> None:
    walker = Walker().choose(*FIRE, "unit:0", "over")
    assert walker.at == "night_desk.caller"
    assert walker.wanted(i.ReleaseHold)
    walker.choose(*FIRE[1:])
    assert walker.wanted(i.OpenRequest)[-1].request_id == "r1"


def test_a_large_household_gets_two_units_that_are_both_booked() -> None:
    together = [{**FOUND["proposals"][0], "with_unit_id": "u9"}]  # type: ignore[index]
    holds = iter(["hold1", "hold2"])
    books = iter([("b1", "IZ-7F3K"), ("b2", "IZ-2MMA")])

    def book(_: i.Intent) -> dict[str, Any]:
        booking_id, reference = next(books)
        return {**ANSWERS["Book"], "id": booking_id, "reference": reference}

    walker = Walker(
        FindProposals={**FOUND, "proposals": together},
        HoldUnit=lambda intent: {**ANSWERS["HoldUnit"], "id": next(holds)},
        Book=book,
    ).choose(*FIRE, "unit:0", "book")
    assert walker.at == "booking.booked"
    assert walker.wanted(i.HoldUnit) == [i.HoldUnit("r1", "u1"), i.HoldUnit("r1", "u9")]
    assert walker.wanted(i.Book) == [i.Book("hold1"), i.Book("hold2", further=True)]
    assert [link.subject_id for link in walker.wanted(i.MakeLink)] == ["b1", "b1", "b2"]
    assert walker.screen.lines[0].facts == {"references": ["IZ-2MMA"]}
    assert [link.facts["reference"] for link in walker.screen.links] == ["IZ-7F3K", "IZ-7F3K", "IZ-2MMA"]


def test_both_units_of_a_pair_are_named_before_they_are_booked() -> None:
    other = {"unit": "Woning 9", "town": "Wielsbeke", "places": 6}
    pair = {**FOUND["proposals"][0], "with_unit_id": "u9", "together_with": other}  # type: ignore[index]
    walker = Walker(FindProposals={**FOUND, "proposals": [pair]}).choose(*FIRE)
    assert walker.screen.lines[0].facts["units"] == ["Woning 1", "Woning 9"]
    assert walker.screen.choices[0].facts == {"units": ["Woning 1, Izegem", "Woning 9, Wielsbeke"]}
    walker.choose("unit:0")
    assert [line.facts for line in walker.screen.lines] == [
        {"unit": "Woning 1, Izegem", "places": 4},
        {"unit": "Woning 9, Wielsbeke", "places": 6},
    ]


def test_a_label_that_names_its_municipality_says_it_once() -> None:
    named = {**FOUND["proposals"][0], "label": "Izegem, woning 3"}  # type: ignore[index]
    walker = Walker(FindProposals={**FOUND, "proposals": [named]}).choose(*FIRE)
    assert walker.screen.choices[0].facts == {"units": ["Izegem, woning 3"]}


def test_a_stay_that_ends_this_very_morning_is_said_to() -> None:
    monday = replace(NIGHT, today=date(2026, 11, 30))
    walker = Walker(monday).choose(*FIRE)
    assert [note.key for note in walker.screen.notes] == ["night_desk.this_morning"]
    assert [note.key for note in walker.choose("unit:0").screen.notes] == ["night_desk.this_morning"]
    assert until("needs").choose("none").screen.notes == ()


@pytest.mark.parametrize(
    ("text", "adults", "children"),
    [
        ("1+2", 1, 2),
        ("1 2", 1, 2),
        ("3 volwassenen, 5 kinderen", 3, 5),
        ("3 en 5", 3, 5),
        ("twee volwassenen en geen kinderen", 2, 0),
        ("koppel met drie kinderen", 2, 3),
        ("1 kind, 1 ouder", 1, 1),
    ],
)
@pytest.mark.parametrize("at", ["household", "adults"])
def test_a_household_can_be_typed_in_one_line(at: str, text: str, adults: int, children: int) -> None:
    walker = until("household")
    if at == "adults":
        walker.choose("other")
    assert walker.say(text).at == "night_desk.whereabouts"
    walker.choose(*FIRE[4:])
    (asked,) = walker.wanted(i.OpenRequest)
    assert (asked.adults, asked.children) == (adults, children)


def test_numbers_may_be_words_and_no_children_is_a_number() -> None:
    walker = until("household").choose("couple_children").say("nul")
    assert walker.at == "night_desk.whereabouts"
    walker = until("household").say("drie volwassenen")
    assert walker.at == "night_desk.with_children"
    assert walker.choose("yes").say("0").at == "night_desk.whereabouts"


def test_back_after_a_typed_household_asks_its_questions_again() -> None:
    walker = until("household").say("3+2").choose("back")
    assert walker.at == "night_desk.children"
    assert walker.choose("back", "back", "back").at == "night_desk.household"


def test_safety_is_said_before_whether_they_are_the_same_people() -> None:
    alike = {**REQUEST, "same_household": ["R-2222"]}
    walker = until("unsafe", OpenRequest=alike).choose("minor_alone")
    assert walker.at == "night_desk.same_household"
    assert [note.key for note in walker.screen.notes] == ["because.minor_alone"]
    assert Walker(OpenRequest=alike).choose(*FIRE).screen.notes == ()


EVERYWHERE = ("night_shelter", "youth_crisis_line", "hotel", "hospital", "reserve")
PLACES = tuple(Fallback(kind, kind, "051 00 00 07") for kind in EVERYWHERE)


def test_the_other_places_fit_the_people_and_come_in_the_order_of_the_policy() -> None:
    places = [{"kind": kind, "name": kind, "phone": "051 00 00 07"} for kind in EVERYWHERE]
    walker = Walker(replace(NIGHT, fallback=PLACES), FindProposals={**NOTHING_FREE, "fallback": places})
    walker.choose(*FIRE)
    named = [choice.facts["name"] for choice in walker.screen.choices if choice.code.startswith("place:")]
    assert named == ["reserve", "hotel", "night_shelter"]
    assert [place["kind"] for place in fitting(listed(PLACES), "minor_alone")][-1] == "youth_crisis_line"
    assert "hospital" in [place["kind"] for place in fitting(listed(PLACES), "medical")]


def test_more_proposals_come_three_at_a_time_and_begin_again_at_the_end() -> None:
    walker = Walker().choose(*FIRE)
    assert walker.own_choices() == ["unit:0", "unit:1", "unit:2", "more", "none"]
    assert walker.choose("more").own_choices() == ["unit:3", "unit:4", "more", "none"]
    assert walker.choose("more").own_choices() == ["unit:0", "unit:1", "unit:2", "more", "none"]


def test_back_leads_through_every_question_to_the_menu() -> None:
    walker = until("needs")
    for _ in FIRE[1:]:
        walker.choose("back")
    assert walker.at == "desk.menu"
    assert walker.session.answers == {}


def test_progress_counts_answers_and_questions() -> None:
    walker = until("needs")
    assert (walker.screen.done, walker.screen.total) == (10, 11)


def test_every_question_can_be_reached() -> None:
    reached: set[str] = set()
    office = replace(NIGHT, office_hours=True)
    walks = [
        (NIGHT, ("new", "police", "o-police", "yes", "safe", "other")),
        (NIGHT, ("new", "other", "yes")),
        (NIGHT, (*FIRE[:3], "other", "2", "yes", "2", "36008", "violence")),
        (NIGHT, (*FIRE[:-1], "cot", "done")),
        (office, ("new",)),
        (NIGHT, FIRE),
    ]
    for situation, codes in walks:
        walker = Walker(situation)
        for code in codes:
            walker.choose(code)
            reached.add(walker.at)
    assert {f"night_desk.{question.key}" for question in QUESTIONS} <= reached


def test_nearest_municipalities_come_first() -> None:
    calling = replace(NIGHT, referrers=(Referrer("o-hospital", "hospital", "Ziekenhuis", "36008"),))
    walker = Walker(calling).choose("new", "hospital", "no", "woman")
    assert walker.own_choices() == ["36008", "36007", "37017", "outside"]
    walker.choose("37017", "homeless", "no", "none")
    assert walker.own_choices() == ["same", "36007", "36008", "outside", "none"]
