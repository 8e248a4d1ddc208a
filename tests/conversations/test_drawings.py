"""The drawings of the talks are made from the talks, and every screen of every talk can be reached."""

import pytest

from crisispool.conversations.talks import TALKS
from crisispool.texts.render import has
from tests.conversations.drawing import DRAWINGS, drawn
from tests.conversations.exploring import Found
from tests.conversations.worlds import explored

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
