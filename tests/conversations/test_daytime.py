"""A question by day in the talk: two taps, the next one at once, a wrong one taken back."""

from dataclasses import replace

import pytest

from crisispool.conversations.intents_by_day import NoteQuestion, TakeBackQuestion
from crisispool.conversations.vocabulary import Refused
from tests.conversations.walking import NIGHT, Walker


@pytest.mark.parametrize("role", ["calltaker", "coordinator", "support_worker"])
def test_two_taps_note_a_question_and_the_next_one_may_come(role: str) -> None:
    walker = Walker(replace(NIGHT, roles=(role,))).choose("day")
    walker.choose("bed_soon", "to_ocmw")
    assert walker.at == "daytime.asked" and walker.screen.notes[0].key == "daytime.noted"
    walker.choose("asker", "police", "bed_tonight", "to_desk")
    assert walker.wanted(NoteQuestion) == [
        NoteQuestion("bed_soon", "to_ocmw", "person"),
        NoteQuestion("bed_tonight", "to_desk", "police"),
    ]


def test_who_asked_is_somebody_themselves_again_for_the_next_one() -> None:
    walker = Walker(NIGHT).choose("day", "asker", "police", "other", "other", "other", "answered")
    assert [each.asker for each in walker.wanted(NoteQuestion)] == ["police", "person"]


def test_the_last_one_is_taken_back_or_told_why_not() -> None:
    walker = Walker(NIGHT).choose("day")
    assert "undo" not in walker.own_choices()
    walker.choose("other", "other", "undo")
    assert walker.wanted(TakeBackQuestion) == [TakeBackQuestion("q1")]
    assert walker.screen.notes[0].key == "daytime.taken_back" and "undo" not in walker.own_choices()
    walker = Walker(NIGHT, TakeBackQuestion=Refused("question_counts", {})).choose(
        "day", "other", "other", "undo"
    )
    assert walker.screen.notes[0].key == "refusal.question_counts"
