"""What the Bot API takes, method by method: fields, types, lengths, buttons, entities. Stricter than Telegram."""

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

LONGEST_TEXT = 4096
LONGEST_DATA = 64
IN_A_ROW = 8
ON_A_KEYBOARD = 100
TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "code",
    "pre",
    "a",
    "blockquote",
    "tg-spoiler",
}
KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "inline_query",
    "poll",
    "poll_answer",
    "chat_join_request",
)

TEXTS = {"text", "parse_mode", "url", "secret_token", "language_code", "callback_query_id"}
"""Fields that are no JSON in a form."""

Text = Annotated[str, StringConstraints(min_length=1)]


class Mistake(ValueError):
    """What is wrong with a payload."""


class Form(BaseModel):
    """Nothing unknown, nothing of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class WebApp(Form):
    url: str


class Button(Form):
    """Exactly one thing that it does."""

    text: Text
    callback_data: str | None = None
    url: str | None = None
    web_app: WebApp | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> "Button":
        if sum(each is not None for each in (self.callback_data, self.url, self.web_app)) != 1:
            raise Mistake("a button does exactly one thing")
        if self.text != self.text.strip():
            raise Mistake("the words of a button begin or end with nothing")
        if self.callback_data is not None and not 1 <= len(self.callback_data.encode()) <= LONGEST_DATA:
            raise Mistake("BUTTON_DATA_INVALID: 1 to 64 bytes")
        if self.url is not None:
            _check_url(self.url)
        if self.web_app is not None and not re.fullmatch(r"https://[^\s/]+(/\S*)?", self.web_app.url):
            raise Mistake("a web app has an https address")
        return self


class InlineKeyboard(Form):
    inline_keyboard: list[list[Button]]

    @model_validator(mode="after")
    def _fits(self) -> "InlineKeyboard":
        rows = self.inline_keyboard
        if any(not 1 <= len(row) <= IN_A_ROW for row in rows):
            raise Mistake(f"a row has 1 to {IN_A_ROW} buttons")
        if sum(map(len, rows)) > ON_A_KEYBOARD:
            raise Mistake(f"a keyboard has at most {ON_A_KEYBOARD} buttons")
        return self


class NoKeyboard(Form):
    remove_keyboard: Literal[True]


class Entity(Form):
    type: Literal[
        "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "code", "pre", "text_link"
    ]
    offset: Annotated[int, Field(ge=0)]
    length: Annotated[int, Field(ge=1)]
    url: str | None = None


class LinkPreview(Form):
    is_disabled: bool | None = None


class Words(Form):
    """What is written, and how."""

    text: str
    parse_mode: Literal["HTML"] | None = None
    entities: list[Entity] | None = None
    link_preview_options: LinkPreview | None = None

    @model_validator(mode="after")
    def _readable(self) -> "Words":
        if self.parse_mode and self.entities:
            raise Mistake("either a parse mode or entities")
        words = _without_tags(self.text) if self.parse_mode else self.text
        if not words.strip():
            raise Mistake("message text is empty")
        # Telegram counts in UTF-16, and after the entities are taken out.
        length = len(words.encode("utf-16-le")) // 2
        if length > LONGEST_TEXT:
            raise Mistake("message is too long")
        if any(each.offset + each.length > length for each in self.entities or ()):
            raise Mistake("an entity outside the text")
        return self

    @property
    def words(self) -> str:
        """What people read."""
        return (_without_tags(self.text) if self.parse_mode else self.text).strip()


class GetMe(Form):
    pass


class GetUpdates(Form):
    offset: int | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 100
    timeout: Annotated[int, Field(ge=0, le=50)] = 0
    allowed_updates: list[Literal[KINDS]] | None = None  # type: ignore[valid-type]


class SetWebhook(Form):
    url: str
    secret_token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,256}$")] | None = None
    allowed_updates: list[Literal[KINDS]] | None = None  # type: ignore[valid-type]
    max_connections: Annotated[int, Field(ge=1, le=100)] = 40
    drop_pending_updates: bool = False


class DeleteWebhook(Form):
    drop_pending_updates: bool = False


class GetWebhookInfo(Form):
    pass


class Scope(Form):
    type: Literal["default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat"]
    chat_id: int | None = None

    @model_validator(mode="after")
    def _of_a_chat(self) -> "Scope":
        if (self.type == "chat") is not (self.chat_id is not None):
            raise Mistake("only a scope of one chat names a chat")
        return self


class Command(Form):
    command: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")]
    description: Annotated[str, StringConstraints(min_length=1, max_length=256)]


class OfCommands(Form):
    scope: Scope | None = None
    language_code: Annotated[str, StringConstraints(pattern=r"^([a-z]{2})?$")] | None = None


class SetMyCommands(OfCommands):
    commands: Annotated[list[Command], Field(max_length=100)]


class DeleteMyCommands(OfCommands):
    pass


class SendMessage(Words):
    chat_id: int
    disable_notification: bool | None = None
    protect_content: bool | None = None
    reply_markup: InlineKeyboard | NoKeyboard | None = None


class EditMessageText(Words):
    chat_id: int
    message_id: int
    reply_markup: InlineKeyboard | None = None


class EditMessageReplyMarkup(Form):
    chat_id: int
    message_id: int
    reply_markup: InlineKeyboard | None = None


class DeleteMessage(Form):
    chat_id: int
    message_id: int


class AnswerCallbackQuery(Form):
    callback_query_id: Text
    text: Annotated[str, StringConstraints(max_length=200)] | None = None
    show_alert: bool | None = None
    cache_time: Annotated[int, Field(ge=0)] | None = None


class LeaveChat(Form):
    chat_id: int


METHODS: Mapping[str, type[Form]] = {
    form.__name__[0].lower() + form.__name__[1:]: form
    for form in (
        GetMe,
        GetUpdates,
        SetWebhook,
        DeleteWebhook,
        GetWebhookInfo,
        SetMyCommands,
        DeleteMyCommands,
        SendMessage,
        EditMessageText,
        EditMessageReplyMarkup,
        DeleteMessage,
        AnswerCallbackQuery,
        LeaveChat,
    )
}


def read_form(method: str, sent: Mapping[str, str]) -> Form:
    """The payload of a form: texts as they are, all else as JSON. ValueError says what is wrong."""
    values = {name: text if name in TEXTS else json.loads(text) for name, text in sent.items()}
    return METHODS[method].model_validate(values)


def _check_url(url: str) -> None:
    at = urlsplit(url)
    host = at.hostname or ""
    if at.scheme not in {"http", "https", "tg"} or not host:
        raise Mistake("a button's address is http, https or tg")
    if at.scheme != "tg" and ("." not in host or host.startswith("127.")):
        raise Mistake("Wrong HTTP URL: nobody outside reaches it")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise Mistake(f"can't parse entities: unsupported start tag {tag!r}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise Mistake(f"can't parse entities: unexpected end tag {tag!r}")

    def handle_data(self, data: str) -> None:
        self.words += data


def _without_tags(text: str) -> str:
    tags = _Tags()
    tags.feed(text)
    tags.close()
    if tags.open:
        raise Mistake(f"can't parse entities: no end of {tags.open[-1]!r}")
    return tags.words
