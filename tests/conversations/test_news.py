"""What can be tapped on a message: the talk that was going on waits, and is taken up again."""

from dataclasses import replace

from crisispool.conversations.intents import ListBookings, MakeLink, TakeRequest
from crisispool.conversations.news import WAYS, choices_of, way_of
from crisispool.conversations.vocabulary import Refused, Tapped
from crisispool.texts.render import has
from tests.conversations.walking import FIRE, HANDOVER, NIGHT, REQUEST, Walker

OPEN_BOOKING = Tapped("open", "message.arrival_question", "b1")


def test_every_way_does_one_thing_or_opens_one_and_can_be_said() -> None:
    for key, ways in WAYS.items():
        assert has(key)
        assert len({way.code for way in ways}) == len(ways)
        for way in ways:
            assert (way.does is None) is not (way.opens is None)
            assert has(f"choice.news.{way.code}")
            assert way.does is None or has(f"news.{way.code}")


def test_the_choices_of_a_message_say_which_message_and_which_way() -> None:
    assert [choice.id for choice in choices_of("message.arrival_question", "m1")] == [
        "m.m1.inside",
        "m.m1.on_the_way",
        "m.m1.open",
    ]
    assert choices_of("message.extended", "m1") == ()
    assert way_of("message.extended", "open") is None


def test_a_message_opens_the_talk_at_what_it_is_about() -> None:
    walker = Walker().hear(OPEN_BOOKING)
    assert type(walker.intents[-1]) is ListBookings
    assert walker.at == "booking.view"
    assert walker.session.memory["booking"]["id"] == "b1"


def test_what_is_over_meanwhile_is_said_and_leads_to_the_menu() -> None:
    walker = Walker(ListBookings=[]).hear(OPEN_BOOKING)
    assert walker.at == "desk.menu"
    assert [note.key for note in walker.screen.notes] == ["news.gone"]


def test_questions_that_were_being_answered_wait_and_go_on_where_they_were() -> None:
    walker = Walker().choose(*FIRE[:4])
    at, answers = walker.at, dict(walker.session.answers)
    walker.hear(OPEN_BOOKING)
    assert walker.at == "booking.view"
    walker.choose("menu")
    assert (walker.at, dict(walker.session.answers)) == (at, answers)
    assert [note.key for note in walker.screen.notes] == ["talk.back_to"]
    assert "parked" not in walker.session.memory
    walker.choose(*FIRE[4:], "unit:0", "book")
    assert walker.at == "booking.booked"


def test_a_request_that_is_opened_in_the_middle_of_another_leads_back_to_it() -> None:
    walker = Walker(TakeRequest={**REQUEST, "screened": "ok"}).choose(*FIRE[:4])
    at = walker.at
    walker.hear(Tapped("take", "message.request_desk", "r1"))
    assert type(walker.intents[-2]) is TakeRequest
    walker.choose("unit:0", "book", "menu")
    assert walker.at == at


def test_a_tap_that_no_message_has_gets_a_kind_sentence_and_changes_nothing() -> None:
    walker = Walker().choose(*FIRE[:4])
    before = walker.session
    walker.hear(Tapped("drop", "message.request_desk", "r1"))
    assert walker.session == before
    assert [note.key for note in walker.screen.notes] == ["talk.stale"]


def test_a_handover_is_opened_by_its_message() -> None:
    walker = Walker(replace(NIGHT, roles=("support_worker",)), ListHandovers=[HANDOVER])
    walker.hear(Tapped("open", "message.handover", "h1"))
    assert walker.at == "morning.case"


def test_the_message_of_the_night_list_leads_to_a_page_and_holds_nothing_of_it() -> None:
    url = "https://pool.example/p/abc"
    walker = Walker(MakeLink={"url": url}).hear(Tapped("paper", "message.night_list", "l1"))
    assert walker.intents[-1] == MakeLink("night_list", "l1")
    assert [(link.label, link.url) for link in walker.screen.links] == [("link.night_list", url)]
    assert walker.at == "paper.list" and walker.choose("menu").at == "desk.menu"
    gone = Walker(MakeLink=Refused("not_there")).hear(Tapped("paper", "message.night_list", "l1"))
    assert gone.at == "desk.menu" and [note.key for note in gone.screen.notes] == ["refusal.not_there"]
