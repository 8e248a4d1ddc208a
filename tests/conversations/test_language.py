"""The language is asked for at any screen by its word in any language, and what was being asked waits meanwhile."""

from dataclasses import replace

import pytest

from crisispool.conversations import intents as i
from crisispool.conversations.engine import EVERYWHERE, WORDS
from crisispool.conversations.talks import TALKS
from crisispool.conversations.vocabulary import Refused
from crisispool.domain.organisation import Role
from tests.conversations.walking import FIRE, NIGHT, Walker


@pytest.mark.parametrize("word", ["taal", "Langue", " LANGUAGE "])
def test_the_word_opens_the_choice_at_any_question_and_the_question_comes_back(word: str) -> None:
    walker = Walker().choose(*FIRE[:6])
    asked, answers = walker.screen, walker.session.answers
    walker.say(word)
    assert walker.at == "language.ask" and walker.own_choices() == ["nl", "fr", "en"]
    walker.choose("fr")
    assert walker.wanted(i.ReadLanguage) == [i.ReadLanguage("fr")]
    assert walker.screen.bare() == asked.bare() and walker.session.answers == answers
    assert [note.key for note in walker.screen.notes] == ["language.chosen", "talk.back_to"]
    assert walker.choose(*FIRE[6:], "unit:0", "book").at == "booking.booked"


def test_who_changes_nothing_is_back_where_they_were() -> None:
    walker = Walker().choose(*FIRE, "unit:0")
    held = walker.session.memory["holds"]
    walker.say("taal").choose("back")
    assert walker.at == "night_desk.book" and walker.session.memory["holds"] == held
    assert walker.wanted(i.ReadLanguage) == [] and walker.wanted(i.ReleaseHold) == []


def test_a_booking_that_was_open_stays_open() -> None:
    walker = Walker().choose(*FIRE, "unit:0", "book").say("langue").choose("en")
    assert walker.at == "booking.booked" and walker.screen.links


@pytest.mark.parametrize("letters", ["fr", "EN", "nl"])
def test_two_letters_choose_as_well(letters: str) -> None:
    walker = Walker().say("taal").say(letters)
    assert walker.wanted(i.ReadLanguage) == [i.ReadLanguage(letters.lower())] and walker.at == "desk.menu"


def test_the_word_twice_asks_once() -> None:
    walker = Walker().choose(*FIRE[:3]).say("taal").say("taal")
    assert walker.at == "language.ask"
    assert walker.choose("nl").at == "night_desk.household"


def test_a_refusal_changes_nothing_and_says_so() -> None:
    walker = Walker(ReadLanguage=Refused("not_there")).choose(*FIRE[:3]).say("taal").choose("fr")
    assert walker.at == "night_desk.household"
    assert walker.screen.notes[0].key == "refusal.not_there"


MENUS = (
    Role.CALLTAKER,
    Role.COORDINATOR,
    Role.UNIT_MANAGER,
    Role.REFERRER,
    Role.COUNCIL,
    Role.ADMIN,
)
"""Who begins at a menu; a support worker begins at a list, where the word does it."""


@pytest.mark.parametrize("role", MENUS)
def test_a_menu_shows_the_choice(role: Role) -> None:
    walker = Walker(replace(NIGHT, roles=(role.value,)))
    first = walker.at
    assert walker.choose("language", "en").at == first


def test_a_question_in_the_middle_of_the_night_is_not_cluttered_with_it() -> None:
    walker = Walker().choose("new")
    assert "language" not in [choice.code for choice in walker.screen.choices]


def test_a_word_means_the_same_in_every_talk() -> None:
    assert set(WORDS.values()) == set(EVERYWHERE)
    assert "language.ask" in TALKS.places
