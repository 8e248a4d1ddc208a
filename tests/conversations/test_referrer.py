"""The talk of who asks for a bed: five taps, the phone on every screen, and how the request stands."""

from dataclasses import replace
from typing import Any

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations.referrer import PLACES
from crisispool.conversations.vocabulary import Chose, Home, Refused, Tapped
from crisispool.services.referring import Stand
from crisispool.texts.screens import shown
from tests.conversations.walking import BED, BOOKING, NIGHT, OWN, Walker

POLICE = replace(NIGHT, roles=("referrer",))
FIVE_TAPS = ("no", "parent_2", "36007", "fire_water_closed", "send")
BEDS = [BED, {**BED, "id": "b2", "reference": "IZ-2MMA"}]


def stands(stand: str, *beds: dict[str, Any], **answers: Any) -> Walker:
    """A referrer who looks at one request that stands so."""
    own = {**OWN, "stand": stand, "beds": list(beds)}
    return Walker(POLICE, ListOwnRequests=[own], **answers).choose("request:0")


def test_five_taps_ask_for_a_bed_and_lead_to_how_it_stands() -> None:
    walker = Walker(POLICE).choose("new")
    for taps, code in enumerate(FIVE_TAPS):
        assert (walker.screen.done, walker.screen.total) == (taps, 5)
        walker.choose(code)
    asked = i.OpenRequest(
        kind="fire_water_closed", adults=1, children=2, referrer="o-police", whereabouts="36007"
    )
    assert walker.wanted(i.OpenRequest) == [asked]
    assert walker.at == "referrer.told_desk"
    assert walker.session.answers == {} and "36007" not in walker.session.to_json()


def test_the_phone_of_the_desk_is_on_every_screen() -> None:
    walker = Walker(POLICE)
    for code in ("new", *FIVE_TAPS, "withdraw"):
        assert NIGHT.desk_phone in shown(walker.screen).text, walker.at
        walker.choose(code)
    assert NIGHT.desk_phone in shown(walker.screen).text
    for stand in Stand:
        assert NIGHT.desk_phone in shown(stands(stand, BED).screen).text, stand


def test_the_own_municipality_comes_first() -> None:
    walker = Walker(POLICE).choose("new", "no", "woman")
    assert walker.own_choices()[:2] == ["36008", "36007"]


@pytest.mark.parametrize("kind", ["violence", "barring_order"])
def test_where_people_hide_the_own_municipality_is_avoided(kind: str) -> None:
    walker = Walker(POLICE).choose("new", "no", "woman", "36007", kind, "send")
    assert walker.wanted(i.OpenRequest)[0].avoid == ("36007",)


def test_who_hides_outside_the_region_avoids_nothing_here() -> None:
    walker = Walker(POLICE).choose("new", "no", "woman", "outside", "violence", "send")
    assert walker.wanted(i.OpenRequest)[0].avoid == ()


def test_danger_means_112_first_and_care_sends_nothing() -> None:
    walker = Walker(POLICE).choose("new", "yes")
    assert shown(walker.screen).text.startswith("Bel eerst 112. We wachten.")
    assert walker.choose("care").at == "referrer.menu"
    assert walker.wanted(i.OpenRequest) == []
    assert Walker(POLICE).choose("new", "yes", "safe").at == "referrer.household"


def test_a_household_can_be_typed_in_one_line() -> None:
    walker = Walker(POLICE).choose("new", "no").say("2+3")
    assert walker.at == "referrer.whereabouts"
    asked = walker.choose("36007", "fire_water_closed", "send").wanted(i.OpenRequest)[0]
    assert (asked.adults, asked.children) == (2, 3)


def test_back_leads_through_all_questions_to_the_menu_and_sends_nothing() -> None:
    walker = Walker(POLICE).choose("new", *FIVE_TAPS[:-1])
    seen = []
    while walker.at != "referrer.menu":
        seen.append(walker.at)
        walker.choose("back")
    assert seen == [f"referrer.{key}" for key in ("send", "kind", "whereabouts", "household", "danger")]
    assert walker.wanted(i.OpenRequest) == []


def test_a_double_tap_on_send_sends_once() -> None:
    walker = Walker(POLICE).choose("new", *FIVE_TAPS[:-1])
    send = walker.screen.choices[0].id
    walker.hear(Chose(send)).hear(Chose(send))
    assert len(walker.wanted(i.OpenRequest)) == 1 and walker.at == "referrer.told_desk"


def test_who_has_no_number_on_record_is_told_to_call() -> None:
    walker = Walker(replace(POLICE, home=Home("o-police"))).choose("new", *FIVE_TAPS[:-1])
    assert walker.at == "referrer.send_unreachable" and walker.screen.facts["desk"] == NIGHT.desk_phone
    assert stands("taken").at == "referrer.taken"
    own = {**OWN, "stand": "taken", "call_back": ""}
    assert Walker(POLICE, ListOwnRequests=[own]).choose("request:0").at == "referrer.taken_unreachable"


def test_in_office_hours_the_number_that_is_open_now_is_given() -> None:
    by_day = replace(POLICE, home=Home("o-police", "", asks_now=False), office_call="051 00 00 09")
    walker = Walker(by_day).choose("new")
    assert walker.at == "referrer.by_day" and "051 00 00 09" in shown(walker.screen).text
    assert walker.choose("menu").at == "referrer.menu"


def test_a_refused_request_says_why_and_nothing_is_kept() -> None:
    walker = Walker(POLICE, OpenRequest=Refused("bad_input")).choose("new", *FIVE_TAPS)
    assert walker.at == "referrer.menu"
    assert [note.key for note in walker.screen.notes] == ["refusal.bad_input"]


@pytest.mark.parametrize("stand", list(Stand))
def test_every_stand_has_a_screen_with_a_way_on(stand: Stand) -> None:
    walker = stands(stand, {**BED, "inside": stand is Stand.INSIDE})
    assert walker.at == f"referrer.{stand}" and walker.own_choices()
    assert walker.choose("menu").at == "referrer.menu"


def test_whoever_waits_sees_who_is_next_and_when() -> None:
    text = shown(stands("told_backup").screen).text
    assert "De achterwacht is verwittigd; daarna, om 2.09 uur, de coördinator van wacht." in text


@pytest.mark.parametrize("stand", ["nobody", "refused"])
def test_without_a_bed_the_other_places_are_shown_with_their_numbers(stand: str) -> None:
    assert [line.facts["phone"] for line in stands(stand).screen.lines] == ["051 00 00 03", "051 00 00 04"]


def test_a_request_is_withdrawn_after_one_question() -> None:
    walker = stands("taken").choose("withdraw")
    assert walker.at == "referrer.withdraw" and walker.wanted(i.WithdrawRequest) == []
    assert walker.choose("keep").at == "referrer.taken"
    assert walker.choose("withdraw", "withdrawn").wanted(i.WithdrawRequest) == [i.WithdrawRequest("r1")]


def test_a_bed_that_is_not_needed_is_given_back_and_the_request_ends() -> None:
    walker = stands("booked", *BEDS).choose("withdraw", "withdrawn")
    assert walker.intents[-4:] == [
        i.Cancel("b1"), i.Cancel("b2"), i.WithdrawRequest("r1"), i.ListOwnRequests(),
    ]  # fmt: skip


def test_a_bed_that_cannot_be_given_back_keeps_the_request() -> None:
    walker = stands("booked", BED, Cancel=Refused("already_inside")).choose("withdraw", "withdrawn")
    assert walker.wanted(i.WithdrawRequest) == []
    assert [note.key for note in walker.screen.notes] == ["refusal.already_inside"]


def test_address_and_key_are_a_page_and_only_while_they_can_be_read() -> None:
    walker = stands("booked", BED).choose("links")
    assert walker.wanted(i.MakeLink) == [i.MakeLink("access", "b1")]
    assert [link.url for link in walker.screen.links] == ["http://localhost/p/token"]
    assert walker.choose("on_the_way").screen.links == ()
    late = stands("booked", {**BED, "until": None})
    assert "links" not in late.own_choices()
    assert late.screen.lines[0].key == "referrer.unreadable"


def test_an_address_that_is_refused_says_whom_to_call() -> None:
    walker = stands("booked", BED, MakeLink=Refused("access_too_late")).choose("links")
    assert [note.key for note in walker.screen.notes] == ["referrer.no_link"]


@pytest.mark.parametrize(
    ("taps", "kind"),
    [(("arrived",), i.CheckIn), (("on_the_way",), i.StillOnTheWay), (("no_show", "no_show_sure"), i.NoShow)],
)
def test_what_is_said_of_the_household_is_said_of_each_bed(taps: tuple[str, ...], kind: type[Any]) -> None:
    walker = stands("booked", *BEDS).choose(*taps)
    assert walker.wanted(kind) == [kind("b1"), kind("b2")]
    assert walker.screen.notes[0].key.startswith("referrer.said_")


def test_a_second_tap_where_a_way_to_the_bed_was_loses_nothing() -> None:
    assert stands("booked", BED).own_choices()[0] == "on_the_way"


@pytest.mark.parametrize("problem", ["key_fails", "not_in_order", "someone_inside"])
def test_trouble_at_the_door_gives_the_next_bed_with_its_address(problem: str) -> None:
    walker = stands("booked", BED).choose("door", problem)
    assert walker.wanted(i.Move) == [i.Move("b1", problem)]
    assert walker.wanted(i.MakeLink) == [i.MakeLink("access", "b2")]
    assert [note.key for note in walker.screen.notes] == ["referrer.said_moved"]
    assert len(walker.screen.links) == 1


def test_of_two_doors_the_right_one_is_moved() -> None:
    walker = stands("booked", *BEDS).choose("door", "bed:1", "key_fails")
    assert walker.wanted(i.Move) == [i.Move("b2", "key_fails")]


@pytest.mark.parametrize("code", ["no_unit", "already_inside", "stay_not_yours"])
def test_when_the_rules_give_no_other_bed_the_desk_hears_it_at_once(code: str) -> None:
    walker = stands("booked", BED, Move=Refused(code)).choose("door", "key_fails")
    assert walker.wanted(i.CallDesk) == [i.CallDesk("b1", "key_fails")]
    text = shown(walker.screen).text
    assert NIGHT.desk_phone in text and NIGHT.coordinator_phone in text
    assert len(walker.screen.lines) == 2


def test_solved_at_the_door_changes_nothing() -> None:
    walker = stands("booked", BED).choose("door", "solved")
    assert walker.wanted(i.Move) == [] and walker.at == "referrer.booked"


def test_once_inside_nothing_more_is_told() -> None:
    walker = stands("inside", {**BED, "inside": True, "checkout": None, "until": None})
    assert walker.own_choices() == ["new", "menu"]
    assert "IZ-7F3K" not in shown(walker.screen).text


@pytest.mark.parametrize(
    ("key", "about"),
    [("message.request_taken", "r1"), ("message.accepted", "b1"), ("message.arrival_question", "b1")],
)
def test_a_message_opens_the_request_that_it_is_about(key: str, about: str) -> None:
    own = {**OWN, "stand": "booked", "beds": [BED]}
    walker = Walker(POLICE, ListOwnRequests=[own]).hear(Tapped("open", key, about))
    assert walker.at == "referrer.booked"


def test_a_message_about_what_is_gone_says_so() -> None:
    walker = Walker(POLICE, ListOwnRequests=[]).hear(Tapped("open", "message.refused", "r9"))
    assert walker.at == "referrer.no_requests"
    assert [note.key for note in walker.screen.notes] == ["news.gone"]


def test_questions_that_wait_for_a_message_go_on_where_they_were() -> None:
    walker = Walker(POLICE).choose("new", *FIVE_TAPS[:3]).hear(Tapped("open", "message.request_taken", "r1"))
    assert walker.at == "referrer.told_desk"
    assert walker.choose("menu").at == "referrer.kind"
    assert walker.choose("fire_water_closed", "send").at == "referrer.told_desk"


def test_every_place_of_the_talk_can_be_reached() -> None:
    met = set()
    two: dict[str, Any] = {"ListOwnRequests": [{**OWN, "stand": "booked", "beds": BEDS}]}
    walks: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
        (("new", "yes", "safe", "other", "2", "yes", "2", "36007", "conflict", "send", "withdraw"), {}),
        (("request:0", "door", "bed:0", "key_fails"), {**two, "Move": Refused("no_unit")}),
        (
            ("request:0", "door", "bed:0", "key_fails"),
            {**two, "Move": Refused("x"), "CallDesk": Refused("x")},
        ),
        (("request:0", "no_show"), two),
    )
    for taps, answers in walks:
        walker = Walker(POLICE, **answers)
        for code in taps:
            met.add(walker.session.at)
            walker.choose(code)
        met.add(walker.session.at)
    by_day = Walker(replace(POLICE, home=Home("o-police", "", asks_now=False))).choose("new")
    assert {*met, by_day.session.at} == set(PLACES)


def test_a_booking_of_the_desk_is_not_the_way_of_who_asked() -> None:
    walker = Walker(POLICE, ListBookings=[BOOKING]).hear(Tapped("open", "message.arrival_question", "b1"))
    assert walker.wanted(i.ListBookings) == []
