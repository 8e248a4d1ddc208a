"""The talk of the night desk: the fire case, every refusal, going back, and trouble on the way to a bed."""

from dataclasses import replace
from typing import Any

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations.questions import QUESTIONS
from crisispool.conversations.vocabulary import Referrer, Refused, StayFact
from crisispool.domain.admission import Criterion, FailAction
from tests.conversations.walking import ANSWERS, FIRE, FOUND, NIGHT, NOTHING_FREE, REQUEST, Walker


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
    assert [link.label for link in walker.screen.links] == ["link.access", "link.identity"]
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
    judged = {"result": "refuse", "refusal": "other", "sentence": "Nee.", "failed": ["x"]}
    walker = Walker(ScreenRequest=judged).choose(*FIRE)
    assert walker.at == "night_desk.contact"


def test_three_nights_before_go_to_the_coordinator_before_more_is_asked() -> None:
    walker = until("yesterday").choose("3")
    assert walker.at == "night_desk.stay_limit"
    assert walker.screen.facts["sentence"] == "Dit kan niet."
    assert walker.wanted(i.OpenRequest)[0].claimed_nights == 3
    walker.choose("coordinator")
    assert walker.at == "desk.menu" and walker.wanted(i.Refuse) == []


def test_nights_before_that_still_fit_change_nothing() -> None:
    assert until("yesterday").choose("2").at == "night_desk.consent"


def test_a_stay_only_the_coordinator_may_give_is_not_the_desks() -> None:
    stays = (*NIGHT.stay_after[:2], StayFact(True, "coordinator", "Alleen de coördinator."))
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
    refused = Refused("stay_limit", {"sentence": "Dit kan niet."})
    walker = Walker(Book=refused).choose(*FIRE, "unit:0", "book")
    assert walker.at == "night_desk.stay_limit"
    assert walker.screen.facts["sentence"] == "Dit kan niet."
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
