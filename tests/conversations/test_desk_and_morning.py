"""After the booking, the morning, and the talks of partners."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations.vocabulary import Refused, Say
from tests.conversations.walking import BOOKING, FIRE, HANDOVER, NIGHT, REQUEST, Walker

WORKER = replace(NIGHT, roles=("support_worker",))


def booked(**answers: Any) -> Walker:
    return Walker(**answers).choose(*FIRE, "unit:0", "book")


@pytest.mark.parametrize(
    ("taps", "intent", "key"),
    [
        (("arrived",), i.CheckIn("b1"), "booking.arrived"),
        (("on_the_way", "on_the_way"), None, "booking.on_the_way"),
        (("no_show", "yes"), i.NoShow("b1"), "booking.no_show"),
        (("cancel", "yes"), i.Cancel("b1"), "night_desk.stopped"),
        (("door", "key_fails"), i.Move("b1", "key_fails"), "booking.moved"),
        (("door", "not_in_order"), i.Move("b1", "not_in_order"), "booking.moved"),
        (("door", "someone_inside"), i.Move("b1", "someone_inside"), "booking.moved"),
        (("arrived", "left", "yes"), i.CheckOut("b1"), "booking.left"),
        (("arrived", "extend", "yes"), i.Extend("b1"), "booking.extended"),
    ],
)
def test_what_can_be_done_with_a_booking(taps: tuple[str, ...], intent: i.Intent | None, key: str) -> None:
    walker = booked().choose(*taps)
    assert intent is None or intent in walker.intents
    assert walker.at == key


def test_a_double_tap_on_book_by_number_says_nothing_about_arrival() -> None:
    walker = Walker().choose(*FIRE, "unit:0").say("1").say("1")
    assert walker.at == "booking.on_the_way"
    assert walker.wanted(i.CheckIn) == walker.wanted(i.StillOnTheWay) == []


def test_one_tap_too_many_gives_no_night_and_frees_no_bed() -> None:
    for tap in ("extend", "left"):
        walker = booked().choose("arrived", tap)
        assert walker.at == f"booking.ask_{tap}" and walker.choose("no").at == "booking.inside"
        assert walker.wanted(i.Extend) == walker.wanted(i.CheckOut) == []


def test_no_address_is_promised_to_who_may_not_open_it() -> None:
    assert booked(MakeLink=Refused("access_hiding")).at == "booking.booked_unseen"
    assert booked().at == "booking.booked"


def test_still_on_the_way_is_told_once_the_question_may_have_come() -> None:
    walker = booked()
    walker.change(now=NIGHT.now + timedelta(minutes=16)).choose("on_the_way")
    assert walker.wanted(i.StillOnTheWay) == [i.StillOnTheWay("b1")]


def test_who_is_inside_is_not_asked_whether_they_are() -> None:
    walker = Walker(ListBookings=[{**BOOKING, "state": "checked_in"}]).choose("bookings", "booking:0")
    assert walker.at == "booking.inside"


def test_a_household_in_two_units_arrives_in_both() -> None:
    other = {**BOOKING, "id": "b2", "reference": "IZ-2MMA"}
    later = {**BOOKING, "id": "b3", "reference": "IZ-3AAA", "nights": ["2026-11-30"]}
    both = {each["id"]: each for each in (BOOKING, other)}
    inside: dict[str, Any] = {"CheckIn": lambda intent: {**both[intent.booking_id], "state": "checked_in"}}
    walker = Walker(ListBookings=[BOOKING, other, later], **inside).choose("bookings", "booking:0", "arrived")
    assert walker.wanted(i.CheckIn) == [i.CheckIn("b1"), i.CheckIn("b2")]
    assert walker.at == "booking.arrived" and walker.screen.facts["reference"] == BOOKING["reference"]
    assert walker.screen.lines[0].key == "booking.further_arrived"


def test_open_requests_say_whose_they_are_and_the_oldest_free_one_comes_first() -> None:
    def asked(reference: str, minute: int, whose: str) -> dict[str, Any]:
        at = f"2026-11-28T00:{minute}:00+00:00"
        return {
            **REQUEST,
            "id": reference,
            "reference": reference,
            "asked_at": at,
            "whose": whose,
            "taken_label": "x",
        }

    listed = [
        asked("R-1", 50, "nobody"),
        asked("R-2", 10, "other"),
        asked("R-3", 30, "mine"),
        asked("R-4", 40, "nobody"),
    ]
    walker = Walker(ListRequests=listed).choose("requests")
    assert [c.facts["reference"] for c in walker.screen.choices if "reference" in c.facts] == [
        "R-4",
        "R-1",
        "R-3",
    ]
    assert [line.facts["reference"] for line in walker.screen.lines] == ["R-2"]
    assert walker.choose("request:2").wanted(i.TakeRequest) == [i.TakeRequest("R-3")]
    taking_over = Walker(replace(NIGHT, roles=("coordinator",)), ListRequests=listed).choose("requests")
    assert len(taking_over.own_choices()) == 4 and taking_over.screen.lines == ()


def test_the_own_bookings_come_first_and_those_of_others_say_whose() -> None:
    others = {**BOOKING, "id": "b2", "case_id": "k2", "mine": False, "by": "permanentie 2"}
    walker = Walker(ListBookings=[others, BOOKING]).choose("bookings")
    assert walker.own_choices() == ["booking:1", "everyone"]
    walker.choose("everyone")
    assert walker.screen.choices[0].facts["by"] == "permanentie 2"
    assert walker.choose("booking:0", "arrived").wanted(i.CheckIn) == [i.CheckIn("b2")]


@pytest.mark.parametrize(
    ("role", "taps", "then"),
    [
        ("calltaker", (*FIRE, "stop"), "night_desk.proposals"),
        ("calltaker", (*FIRE, "unit:0", "book"), "desk.menu"),
        ("coordinator", ("handovers",), "coordinator.menu"),
    ],
)
def test_back_leads_somewhere_on_screens_at_the_end_too(role: str, taps: tuple[str, ...], then: str) -> None:
    walker = Walker(replace(NIGHT, roles=(role,)), ListHandovers=[])
    if role == "coordinator":
        assert walker.at == "coordinator.menu"
    assert walker.choose(*taps).say("terug").at == then


def test_a_move_gives_the_address_of_the_new_unit() -> None:
    walker = booked().choose("door", "key_fails")
    assert i.MakeLink("access", "b2") in walker.intents
    assert len(walker.screen.links) == 2


def test_nowhere_to_move_to_leads_to_the_coordinator_and_the_other_places() -> None:
    walker = booked(Move=Refused("no_unit", {"reference": "IZ-7F3K"})).choose("door", "key_fails")
    assert walker.at == "booking.nowhere"
    assert walker.screen.facts["coordinator"] == NIGHT.coordinator_phone
    assert len(walker.screen.lines) == 2


def test_a_cancelled_bed_leaves_the_request_to_the_desk() -> None:
    walker = booked().choose("cancel", "yes")
    assert walker.choose("go_on").at == "night_desk.proposals"
    walker = booked().choose("cancel", "yes", "withdrawn")
    assert walker.at == "night_desk.contact"


def test_cancelling_asks_once_more_and_no_means_no() -> None:
    walker = booked().choose("cancel", "no")
    assert walker.at == "booking.view" and walker.wanted(i.Cancel) == []


def test_a_booking_stands_also_when_its_links_cannot_be_made() -> None:
    walker = booked(MakeLink=Refused("not_there"))
    assert walker.at == "booking.booked" and walker.screen.links == ()


def test_bookings_are_found_again_in_the_menu() -> None:
    walker = Walker().choose("bookings", "booking:0")
    assert walker.at == "booking.view"
    assert "extend" in walker.own_choices()
    assert len(walker.choose("links").screen.links) == 2


def test_what_is_free_now_is_one_tap_away() -> None:
    walker = Walker().choose("free")
    assert walker.at == "desk.free" and len(walker.screen.lines) == 5
    assert walker.choose("back").at == "desk.menu"


def test_nobody_is_ever_told_who_sleeps_here() -> None:
    walker = Walker().choose("asks")
    assert [note.key for note in walker.screen.notes] == ["desk.never_say"]


def test_a_request_that_is_taken_by_another_stays_theirs_and_the_list_is_looked_at_anew() -> None:
    walker = Walker(TakeRequest=Refused("already_taken")).choose("requests", "request:0")
    assert walker.at == "desk.requests" and len(walker.wanted(i.ListRequests)) == 2
    assert [note.key for note in walker.screen.notes] == ["refusal.already_taken"]
    assert len(walker.wanted(i.ListRequests)) == 2, "the list is the one of now"


def test_who_takes_a_request_sees_until_a_bed_is_sought_whom_to_call_back() -> None:
    asked_by = {"request": "R-4KTM", "organisation": "Politiezone", "call_back": "051 00 00 41"}
    new = {"id": "r1", "reference": "R-4KTM", "brief": True, "asked_by": asked_by}
    walker = Walker(TakeRequest=new).choose("requests", "request:0")
    for tap in ("no", "no", "none"):
        assert walker.screen.lines[-1] == Say("night_desk.asked_by", asked_by)
        walker.choose(tap)
    screened = {**new, "screened": "ok"}
    walker = Walker(TakeRequest=screened).choose("requests", "request:0")
    assert walker.screen.notes[0] == Say("night_desk.asked_by", asked_by)


def test_a_request_whose_check_up_is_done_goes_to_proposals_at_once() -> None:
    taken = {"id": "r1", "reference": "R-4KTM", "screened": "ok"}
    assert Walker(TakeRequest=taken).choose("requests", "request:0").at == "night_desk.proposals"


def test_the_morning_from_acceptance_to_outcome() -> None:
    walker = Walker(WORKER)
    assert walker.at == "morning.list"
    walker.choose(
        "case:0", "accept_me", "contacted", "outcome", "more", "more", "home_after_mediation", "yes"
    )
    assert walker.intents[1:] == [
        i.Acknowledge("h1", "c1"),
        i.Contacted("h1"),
        i.RecordOutcome("h1", "home_after_mediation", "yes"),
    ]
    assert walker.at == "morning.case"


def test_a_service_accepts_with_the_name_to_follow_or_names_a_colleague() -> None:
    assert i.Acknowledge("h1", None) in Walker(WORKER).choose("case:0", "accept").intents
    assert i.Acknowledge("h1", "c2") in Walker(WORKER).choose("case:0", "colleague", "c2").intents


def test_who_is_second_to_accept_sees_why_and_the_list_anew() -> None:
    walker = Walker(WORKER, Acknowledge=Refused("already_accepted")).choose("case:0", "accept_me")
    assert walker.at == "morning.list"
    assert [note.key for note in walker.screen.notes] == ["refusal.already_accepted"]


def test_the_page_of_a_case_is_a_link() -> None:
    walker = Walker(WORKER).choose("case:0", "page")
    assert [link.label for link in walker.screen.links] == ["link.case"]
    assert i.MakeLink("case", "h1") in walker.intents


def test_a_case_says_what_the_worker_must_know() -> None:
    handover = {**HANDOVER, "arrival_unknown": True, "previous_case_id": "k0", "admitted": False}
    walker = Walker(WORKER, ListHandovers=[handover]).choose("case:0")
    said = [line.key for line in walker.screen.lines]
    assert said[1:] == ["morning.not_admitted", "morning.arrival_unknown", "morning.known"]


def test_looking_at_a_list_fetches_it_anew() -> None:
    walker = Walker(WORKER, ListHandovers=[])
    assert walker.at == "morning.nothing"
    walker.answers = {**walker.answers, "ListHandovers": [HANDOVER]}
    assert walker.say("").at == "morning.list"


def test_the_coordinator_sees_what_waits() -> None:
    walker = Walker(replace(NIGHT, roles=("coordinator",)))
    assert walker.choose("handovers").at == "morning.list"
    assert walker.choose("stop", "requests").at == "desk.requests"


def test_a_calltaker_off_duty_sees_who_to_call() -> None:
    walker = Walker(replace(NIGHT, on_duty=False))
    assert walker.at == "desk.off_duty"


def test_a_booking_keeps_nothing_of_the_answers() -> None:
    walker = booked()
    assert walker.session.answers == {}
    assert "36007" not in walker.session.to_json()
    assert str(BOOKING["id"]) in walker.session.to_json()
