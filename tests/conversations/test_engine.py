"""What holds at every screen: double taps, stale buttons, free text, help, restarts, and any tap whatever."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisispool.conversations.engine import EVERYWHERE
from crisispool.conversations.talks import TALKS, step
from crisispool.conversations.vocabulary import Chose, Done, Refused, Said, Session
from crisispool.domain.organisation import Role
from tests.conversations.walking import ANSWERS, FIRE, NIGHT, NOTHING_FREE, REQUEST, Walker

MARK = "Jan Peeters, Kerkstraat 9, 0470 00 00 00"


def test_a_double_tap_gives_the_same_screen_and_changes_nothing() -> None:
    walker = Walker().choose("new")
    tapped = walker.screen.choices[0].id
    once = walker.hear(Chose(tapped)).session
    twice = walker.hear(Chose(tapped))
    assert twice.session == once
    assert twice.screen == once.shown and not twice.screen.notes


def test_a_double_tap_on_book_books_once() -> None:
    walker = Walker().choose(*FIRE, "unit:0")
    book = walker.screen.choices[0].id
    walker.hear(Chose(book)).hear(Chose(book))
    assert [type(intent).__name__ for intent in walker.intents].count("Book") == 1
    assert walker.at == "booking.booked"


def test_a_stale_button_gets_a_kind_sentence_and_the_question_of_now() -> None:
    walker = Walker().choose("new")
    old = walker.screen.choices[0].id
    walker.choose(*FIRE[1:4])
    before = walker.session
    walker.hear(Chose(old))
    assert walker.session == before
    assert walker.at == "night_desk.whereabouts"
    assert [note.key for note in walker.screen.notes] == ["talk.stale"]


@pytest.mark.parametrize("forged", ["", "x", "9999.1", "1.", "'; DROP TABLE", "\u202e", "1" * 5000])
def test_a_forged_button_changes_nothing(forged: str) -> None:
    walker = Walker().choose(*FIRE[:3])
    before = walker.session
    walker.hear(Chose(forged))
    assert walker.session == before


def test_free_text_is_never_stored_and_never_said_back() -> None:
    walker = Walker()
    for code in (*FIRE, "unit:0", "book"):
        before = walker.session
        walker.say(MARK)
        assert walker.session == before
        assert MARK not in walker.session.to_json() and MARK not in repr(walker.screens)
        assert walker.screen.notes[0].key == "talk.not_understood"
        walker.choose(code)


def test_button_ids_say_nothing_about_the_answer() -> None:
    walker = Walker()
    for code in FIRE:
        for choice in walker.screen.choices:
            assert choice.id.split(".")[1] in {*map(str, range(1, 40)), *EVERYWHERE}
        walker.choose(code)


def test_an_answer_is_its_number_and_navigation_is_a_word() -> None:
    walker = Walker().say("1").say("1")
    assert walker.at == "night_desk.danger"
    assert walker.say("terug").at == "night_desk.caller"
    assert walker.say("STOP").at == "desk.menu"


@pytest.mark.parametrize("list_of", ["requests", "bookings", "free"])
def test_the_word_menu_leads_there_also_where_nothing_is_asked(list_of: str) -> None:
    walker = Walker().choose(list_of)
    assert "stop" not in walker.own_choices() and walker.at == f"desk.{list_of}"
    assert walker.say("menu").at == "desk.menu"
    before = walker.session.turn
    assert (walker.say("stop").at, walker.session.turn) == ("desk.menu", before)


@pytest.mark.parametrize("number", ["0", "21", "99999999999999999999", "007" * 9])
def test_a_number_of_people_has_bounds(number: str) -> None:
    walker = Walker().choose(*FIRE[:3], "other").say(number)
    assert walker.at == "night_desk.adults"
    assert [note.key for note in walker.screen.notes] == ["talk.number_range"]


@pytest.mark.parametrize("text", ["-1", "1,5,2", "veel", "²", "٣", "0+2", "1+21", "21 kinderen"])
def test_what_is_no_number_is_not_taken_for_one(text: str) -> None:
    walker = Walker().choose(*FIRE[:3], "other").say(text)
    assert walker.at == "night_desk.adults"
    assert [note.key for note in walker.screen.notes] == ["talk.number_expected"]


def test_help_is_everywhere_and_leaves_everything_where_it_is() -> None:
    walker = Walker()
    for code in (*FIRE, "unit:0", "book"):
        before = walker.session
        walker.say("help")
        assert walker.session == before
        assert walker.screen.notes[0].key == f"help.{walker.at}"
        walker.choose(code)


def test_back_over_help_and_stop_are_at_every_question() -> None:
    walker = Walker().choose("new")
    for code in FIRE[1:]:
        assert [choice.code for choice in walker.screen.choices][-4:] == ["back", "over", "help", "stop"]
        walker.choose(code)


def test_looking_changes_nothing() -> None:
    walker = Walker().choose(*FIRE[:5])
    before = walker.session
    assert walker.say("  ").session == before
    assert walker.screen == before.shown


def test_an_outcome_nobody_waits_for_changes_nothing() -> None:
    walker = Walker().choose(*FIRE[:5])
    before = walker.session
    assert walker.hear(Done(REQUEST)).session == before


def test_a_session_of_an_older_program_starts_afresh_where_its_screen_is_gone() -> None:
    walker = Walker().choose(*FIRE[:5])
    text = walker.session.to_json().replace('"at":"night_desk.kind"', '"at":"gone.away"')
    again = step(Session.from_json(text), Said(""), NIGHT)
    assert again.screens[0].key == "desk.menu"


def test_fields_that_no_longer_exist_are_left_out() -> None:
    text = Walker().session.to_json().replace("{", '{"gone":1,', 1)
    assert Session.from_json(text) == Walker().session


@pytest.mark.parametrize(
    ("role", "key"),
    [
        ("calltaker", "desk.menu"),
        ("coordinator", "coordinator.menu"),
        ("support_worker", "morning.list"),
        ("unit_manager", "units.menu"),
        ("referrer", "referrer.menu"),
        ("council", "council.menu"),
        ("admin", "admin.menu"),
    ],
)
def test_every_role_has_a_first_screen(role: str, key: str) -> None:
    walker = Walker()
    walker = Walker(walker.change(roles=(role,)).situation)
    assert walker.at == key


def test_who_has_two_roles_says_which_one_and_keeps_it() -> None:
    walker = Walker(Walker().change(roles=("support_worker", "calltaker")).situation)
    assert walker.at == "start.role"
    assert walker.choose("support_worker").at == "morning.list"
    assert walker.choose("stop").at == "morning.list"


REFUSE = st.sampled_from(
    ["no_longer_free", "hold_lapsed", "stay_limit", "request_closed", "not_on_duty", "new_one"]
)
NO_SERVICE = [name for name in ANSWERS if not name.startswith("List")]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_tapped_a_talk_goes_on_and_its_session_survives_a_restart(data: st.DataObject) -> None:
    role = data.draw(st.sampled_from(list(Role)))
    chances: dict[str, Any] = {}
    walker = Walker(Walker().change(roles=(role.value,), office_hours=data.draw(st.booleans())).situation)
    for _ in range(data.draw(st.integers(1, 40))):
        name = data.draw(st.sampled_from(NO_SERVICE))
        chances = {name: Refused(data.draw(REFUSE)) if data.draw(st.booleans()) else ANSWERS[name]}
        if data.draw(st.integers(0, 9)) == 0:
            chances["FindProposals"] = NOTHING_FREE
        walker.answers = {**walker.answers, **chances}
        if data.draw(st.integers(0, 9)) == 0:
            walker.say(data.draw(st.sampled_from(["", "3", "terug", "opnieuw", "help", "stop", MARK, "0"])))
        else:
            walker.hear(Chose(data.draw(st.sampled_from([c.id for c in walker.screen.choices]))))
        assert walker.screens and walker.session.at in TALKS.places
        assert MARK not in walker.session.to_json()
        assert walker.screen.choices, f"{walker.at} leads nowhere"
