"""Reads an update of Telegram: what somebody did in a private chat with the bot, or nothing that concerns us."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crisispool.domain.language import FIRST, LANGUAGES
from crisispool.domain.secret import Secret
from crisispool.services.messenger.incoming import Incoming

KINDS: Final = ("message", "callback_query")
"""The only kinds that we ask Telegram for."""

LONGEST_DATA: Final = 64

_COMMAND = re.compile(r"/([A-Za-z_]{1,32})(?:@\w{1,64})?(?:\s+(\S{1,64}))?\s*")


class Unreadable(ValueError):
    """This is no update. The message says nothing of what it was."""


class _Part(BaseModel):
    # What else Telegram tells is not looked at, least of all names.
    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)


Number = Annotated[int, Field(ge=0, le=2**53)]


class _User(_Part):
    id: Number
    is_bot: bool = False
    language_code: str = ""


class _Chat(_Part):
    id: int
    type: str


class _Message(_Part):
    message_id: Number
    chat: _Chat
    sender: _User | None = Field(None, alias="from")
    text: str | None = None


class _TappedOn(_Part):
    message_id: Number
    chat: _Chat


class _Tap(_Part):
    id: str
    sender: _User = Field(alias="from")
    message: _TappedOn | None = None
    data: str = ""


class _Update(_Part):
    update_id: Number
    message: _Message | None = None
    callback_query: _Tap | None = None


def read_update(plain: Mapping[str, object]) -> Incoming | None:
    """What somebody did; None when it is no tap or message of a person in their own chat. Raises Unreadable."""
    try:
        update = _Update.model_validate(plain)
    except ValidationError:
        raise Unreadable from None
    if update.callback_query is not None:
        return _tapped(update.update_id, update.callback_query)
    return _written(update.update_id, update.message) if update.message is not None else None


def number_of(plain: Mapping[str, object]) -> int | None:
    """The number of an update, also of one that cannot be read any further."""
    number = plain.get("update_id")
    return number if type(number) is int and number >= 0 else None


def _tapped(number: int, tap: _Tap) -> Incoming | None:
    if tap.message is None or not _own_chat(tap.message.chat, tap.sender):
        return None
    data = tap.data if len(tap.data) <= LONGEST_DATA else ""
    return Incoming(
        number,
        tap.sender.id,
        tap.message.chat.id,
        tap.message.message_id,
        _language(tap.sender),
        data=Secret(data),
        tap_id=tap.id,
    )


def _written(number: int, message: _Message) -> Incoming | None:
    sender = message.sender
    if sender is None or not _own_chat(message.chat, sender):
        return None
    text = message.text or ""
    command = _COMMAND.fullmatch(text)
    return Incoming(
        number,
        sender.id,
        message.chat.id,
        message.message_id,
        _language(sender),
        command=command[1].lower() if command else "",
        argument=Secret(command[2]) if command and command[2] else None,
        typed=None if command else Secret(text),
    )


def _own_chat(chat: _Chat, sender: _User) -> bool:
    """Never a group or a channel: others read along there."""
    return chat.type == "private" and chat.id == sender.id and not sender.is_bot


def _language(sender: _User) -> str:
    language = sender.language_code[:2].lower()
    return language if language in LANGUAGES else FIRST
