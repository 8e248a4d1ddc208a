"""Every action that is written has its place, its group and its words in every language."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from crisispool.domain.audited import ACTIONS, FAMILIES, GROUPS, actions_of
from crisispool.domain.language import LANGUAGES
from crisispool.texts.render import keys

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "crisispool" / "services"

NAMED = {"closing_day"}
"""Families whose actions are named elsewhere than where they are written."""


def written() -> Iterator[str]:
    """The second argument of each call that adds to the chain: an action, the beginning of one, or a name."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "audit"
            ):
                action = node.args[1]
                if isinstance(action, ast.Constant):
                    yield str(action.value)
                elif isinstance(action, ast.JoinedStr) and isinstance(action.values[0], ast.Constant):
                    yield str(action.values[0].value)
                else:
                    assert isinstance(action, ast.Name), file.name


def test_every_action_that_is_written_is_known() -> None:
    found = set(written())
    assert len(found) > 60
    whole = {action for action in found if not action.endswith((".", "_"))}
    assert whole <= ACTIONS
    assert {action.partition(".")[0] for action in found} == set(FAMILIES) - NAMED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_has_its_words_and_no_words_are_of_none(language: str) -> None:
    start = "board.audit.action."
    assert {key.removeprefix(start) for key in keys(language) if key.startswith(start)} == ACTIONS


def test_every_family_is_found_in_one_group() -> None:
    assert sorted(family for families in GROUPS.values() for family in families) == sorted(FAMILIES)
    assert sum(len(actions_of(group)) for group in GROUPS) == len(ACTIONS)
