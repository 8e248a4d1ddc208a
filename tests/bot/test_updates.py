"""What Telegram tells is read as far as it concerns us; whatever else it is, nothing of it gets out."""

from datetime import timedelta
from typing import Any

import pytest

from bot.strangers import MOST, ONCE_IN, Strangers
from bot.updates import LONGEST_DATA, Unreadable, number_of, read_update
from tests.support.night import local

USER = {"id": 7, "is_bot": False, "first_name": "Canary", "language_code": "fr-BE"}
CHAT = {"id": 7, "type": "private", "first_name": "Canary"}
NOW = local("2026-11-28 02:04")


def message(**content: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 5, "date": 1, "from": USER, "chat": CHAT, **content}}


def tap(**content: Any) -> dict[str, Any]:
    on = {"message_id": 4, "date": 0, "chat": CHAT}
    return {
        "update_id": 1,
        "callback_query": {"id": "q", "from": USER, "message": on, "data": "x", **content},
    }


def test_a_message_of_a_person_in_their_own_chat_is_read() -> None:
    came = read_update(message(text="twee"))
    assert came is not None and came.typed is not None
    assert (came.number, came.account, came.chat, came.message_id, came.language) == (1, 7, 7, 5, "fr")
    assert (came.typed.reveal(), came.command, came.data) == ("twee", "", None)
    assert "twee" not in repr(came)


@pytest.mark.parametrize(
    ("text", "command", "argument"),
    [
        ("/start", "start", None),
        ("/start abc123", "start", "abc123"),
        ("/START@crisis_bot abc", "start", "abc"),
        ("/menu ", "menu", None),
    ],
)
def test_a_command_is_read_with_what_stands_after_it(text: str, command: str, argument: str | None) -> None:
    came = read_update(message(text=text))
    assert came is not None and (came.command, came.typed) == (command, None)
    assert (came.argument.reveal() if came.argument else None) == argument


@pytest.mark.parametrize("text", ["/start een naam met woorden", "/", "/é", "// 2", "/start " + "a" * 65])
def test_what_only_looks_like_a_command_is_something_typed(text: str) -> None:
    came = read_update(message(text=text))
    assert came is not None and (came.command, came.argument) == ("", None)


def test_something_without_words_is_something_typed_that_is_empty() -> None:
    came = read_update(message(voice={"file_id": "x"}, caption="Canary"))
    assert came is not None and came.typed is not None and came.typed.reveal() == ""


def test_a_tap_is_read_also_on_a_message_that_telegram_does_not_show_any_more() -> None:
    came = read_update(tap())
    assert came is not None and came.data is not None
    assert (came.data.reveal(), came.tap_id, came.message_id) == ("x", "q", 4)
    long = read_update(tap(data="x" * (LONGEST_DATA + 1)))
    assert long is not None and long.data is not None and long.data.reveal() == ""


GROUP = {"id": -5, "type": "group", "title": "Canary"}


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1},
        {"update_id": 1, "edited_message": message(text="x")["message"]},
        {"update_id": 1, "my_chat_member": {}},
        {"update_id": 1, "inline_query": {"id": "1", "from": USER, "query": "Canary"}},
        {"update_id": 1, "channel_post": {"message_id": 1, "chat": {"id": -1, "type": "channel"}}},
        message(chat=GROUP, text="x"),
        message(chat={**CHAT, "id": 8}, text="x"),
        message(**{"from": {**USER, "is_bot": True}}, text="x"),
        {"update_id": 1, "message": {"message_id": 5, "chat": CHAT}},
        tap(message={"message_id": 4, "chat": GROUP}),
        tap(message=None),
    ],
)
def test_what_is_no_persons_own_chat_does_not_concern_us(update: dict[str, Any]) -> None:
    assert read_update(update) is None


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": "1"},
        {"update_id": -1},
        {"update_id": 2**60},
        {"update_id": 1, "message": "Canary"},
        message(text=7),
        message(**{"from": {"id": "Canary"}}),
        tap(data={"Canary": 1}),
        tap(**{"from": None}),
    ],
)
def test_what_is_no_update_is_refused_without_a_word_of_it(update: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as refused:
        read_update(update)
    assert "Canary" not in repr(refused.value) + str(refused.value) and refused.value.__cause__ is None


def test_the_number_of_an_update_is_known_even_when_nothing_else_is() -> None:
    assert [number_of(each) for each in ({"update_id": 3, "message": 1}, {"update_id": True}, {})] == [
        3,
        None,
        None,
    ]


def test_a_stranger_is_answered_once_a_minute() -> None:
    strangers = Strangers()
    assert [strangers.may_be_answered(1, NOW) for _ in range(3)] == [True, False, False]
    assert strangers.may_be_answered(2, NOW)
    assert not strangers.may_be_answered(1, NOW + ONCE_IN - timedelta(seconds=1))
    assert strangers.may_be_answered(1, NOW + ONCE_IN)


def test_a_flood_of_strangers_is_answered_with_silence_and_remembers_few() -> None:
    strangers = Strangers()
    answered = sum(strangers.may_be_answered(number, NOW) for number in range(10 * MOST))
    assert answered == MOST == len(strangers._answered)
    assert strangers.may_be_answered(1, NOW + ONCE_IN)
