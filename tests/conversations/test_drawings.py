"""The drawings are made from the talks, every screen can be reached, and is said in full in every language.

All that needs every talk explored is here, because that takes a while.
"""

import pytest

from crisispool.conversations.talks import TALKS
from crisispool.domain.language import FIRST, LANGUAGES
from crisispool.texts.render import _template, fact_names, has
from crisispool.texts.screens import labels, shown
from tests.conversations.drawing import DRAWINGS, drawn
from tests.conversations.exploring import Found
from tests.conversations.worlds import explored
from tests.texts.test_languages import DUTCH, LONGEST_LABEL, SAID_IN_ALL, own_words

pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def found() -> Found:
    return explored()


def test_every_place_of_every_talk_can_be_reached(found: Found) -> None:
    assert found.places == set(TALKS.places)


def test_every_screen_that_can_be_reached_has_its_text(found: Found) -> None:
    assert [key for key in sorted(found.screens) if not has(key)] == []


def test_the_drawings_are_what_the_talks_are(found: Found) -> None:
    assert DRAWINGS.read_text(encoding="utf-8") == drawn(found), "the talks changed; run: make drawings"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_of_every_talk_is_said_in_full(found: Found, language: str) -> None:
    every_screen = list(found.looks.values())
    assert len({screen.key for screen in every_screen}) > 60
    for screen in every_screen:
        words = shown(screen, language)
        assert words.text.strip() and len(words.text) < 1000, screen.key
        spelled = [label.casefold() for label in labels(screen, language)]
        assert len(set(spelled)) == len(spelled), (screen.key, spelled)
        if language != FIRST and screen.key not in SAID_IN_ALL:
            assert not DUTCH.search(own_words(words.text)), words.text
            assert not any(DUTCH.search(own_words(label)) for label in spelled), spelled


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_tapped_fits_on_a_button_in_every_talk(found: Found, language: str) -> None:
    used = {choice.label for screen in found.looks.values() for choice in screen.choices}
    fixed = {key: _template(key, language) for key in used if not fact_names(key)}
    assert len(fixed) > 150
    assert {key: text for key, text in fixed.items() if len(text) > LONGEST_LABEL} == {}
