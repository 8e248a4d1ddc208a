"""Screens as bubbles: readable, within what the messenger takes, with buttons for one account alone."""

import random
from datetime import UTC, datetime

import pytest

from bot.buttons import choice_in
from bot.rendering import LONGEST_TEXT, bubble_of
from crisispool.adapters.crypto import Keys
from crisispool.conversations.vocabulary import Choice, Link, Say, Screen
from crisispool.domain.messenger import LinkState, MessengerLink
from crisispool.domain.secret import Secret
from crisispool.ports import Bubble
from crisispool.services.messenger.gateway import Passed

NOW = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)


def link(language: str = "nl", link_id: str = "link-1") -> MessengerLink:
    return MessengerLink(link_id, "net", "account", Secret("1"), LinkState.ACTIVE, language, NOW)


def bubble(keys: Keys, *screens: Screen, language: str = "nl") -> Bubble:
    return bubble_of(keys, link(language), Passed(screens))


def named(*names: str) -> tuple[Choice, ...]:
    """Choices with these words on them."""
    return tuple(Choice(f"c{n}", "choice.name", {"name": name}, f"3.{n}") for n, name in enumerate(names))


def labels(made: Bubble) -> list[list[str]]:
    return [[button.label for button in row] for row in made.rows]


def test_short_labels_stand_side_by_side_and_long_ones_alone(keys: Keys) -> None:
    names = ("Izegem", "Wielsbeke", "Ingelmunster", "Oostrozebeke en omgeving", "Ledegem")
    made = bubble(keys, Screen("night_desk.danger", choices=named(*names)))
    assert labels(made) == [
        ["Izegem", "Wielsbeke"],
        ["Ingelmunster"],
        ["Oostrozebeke en omgeving"],
        ["Ledegem"],
    ]


def test_a_button_is_signed_for_the_account_that_sees_it(keys: Keys) -> None:
    made = bubble(keys, Screen("night_desk.danger", choices=named("Izegem")))
    [[button]] = made.rows
    assert choice_in(keys, link(), button.data) == "3.0"
    assert choice_in(keys, link(link_id="link-2"), button.data) is None


def test_of_several_screens_only_the_last_has_buttons(keys: Keys) -> None:
    first = Screen("night_desk.danger", choices=named("Izegem"))
    last = Screen("night_desk.danger_now", choices=named("Wielsbeke"), done=5, total=12)
    made = bubble(keys, first, last)
    assert labels(made) == [["Wielsbeke"]]
    assert made.text.startswith("Is er nu gevaar") and "\n\nBel eerst 112" in made.text
    assert "5 van 12" in made.text


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "Is er nu gevaar"), ("fr", "danger"), ("en", "danger")]
)
def test_it_speaks_the_language_of_the_link(keys: Keys, language: str, words: str) -> None:
    assert words in bubble(keys, Screen("night_desk.danger"), language=language).text


def test_a_page_is_a_button_above_the_choices(keys: Keys) -> None:
    page = Link("link.case", "https://pool.example.org/p/abc")
    made = bubble(keys, Screen("night_desk.danger", choices=named("Izegem"), links=(page,)))
    assert [row[0].url for row in made.rows] == ["https://pool.example.org/p/abc", ""]


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "10.0.0.4"])
def test_a_page_that_the_messenger_would_not_open_is_named_in_the_text(keys: Keys, host: str) -> None:
    page = Link("link.case", f"http://{host}/p/abc")
    made = bubble(keys, Screen("night_desk.danger", links=(page,)))
    assert made.rows == () and f"http://{host}/p/abc" in made.text


def test_a_text_that_is_too_long_ends_at_a_line_and_says_so(keys: Keys) -> None:
    lines = tuple(Say("choice.name", {"name": f"{n} 👪 " + "x" * 90}) for n in range(100))
    made = bubble(keys, Screen("night_desk.danger", lines=lines))
    assert len(made.text.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    *_, line, more = made.text.split("\n")
    assert line.endswith("x" * 90) and more.startswith("Er is nog meer")


def test_whatever_the_labels_are_every_choice_has_one_button(keys: Keys) -> None:
    dice = random.Random(1)  # noqa: S311  # the same seed, the same labels
    for _ in range(200):
        names = [f"{n}" + "a" * dice.randint(0, 30) for n in range(dice.randint(0, 40))]
        made = bubble(keys, Screen("night_desk.danger", choices=named(*names)))
        flat = [label for row in labels(made) for label in row]
        assert flat == names, "each one, in the order in which they are read"
        assert all(1 <= len(row) <= 2 for row in made.rows)
