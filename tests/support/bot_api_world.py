"""What the Bot API emulator knows and does: chats, updates that wait, and every method."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.bot_api_chats import Bubble, Chat, Watched
from tests.support.bot_api_faults import Chances
from tests.support.bot_api_forms import (
    AnswerCallbackQuery,
    DeleteMessage,
    DeleteMyCommands,
    DeleteWebhook,
    EditMessageReplyMarkup,
    EditMessageText,
    Form,
    GetMe,
    GetWebhookInfo,
    InlineKeyboard,
    LeaveChat,
    SendMessage,
    SetMyCommands,
    SetWebhook,
)

BOT_ID = 4242
BEGIN = 1_796_000_000
A_SECOND = 30
"""Messages a second that Telegram takes from one bot."""


@dataclass(frozen=True)
class Call:
    """One call that came in, and what it was answered."""

    method: str
    sent: dict[str, Any]
    status: int


class No(Exception):
    """The answer of the Bot API when it does not do it."""

    def __init__(self, status: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


class Messenger:
    """The messenger behind the server. `lock` guards all of it."""

    def __init__(self, chances: Chances, patience: float) -> None:
        self.chances = chances
        self.patience = patience
        self.idle: Callable[[], None] = lambda: None
        self.mistakes: list[str] = []
        self.must_protect = True
        self.commands: dict[tuple[str, int | None, str], list[dict[str, Any]]] = {}
        self.webhook: SetWebhook | None = None
        self.loop = asyncio.new_event_loop()
        self.news = asyncio.Event()
        self._watched = Watched()
        self.lock = self._watched.lock
        self._chats: dict[int, Chat] = {}
        self._queue: list[tuple[dict[str, Any], bool]] = []
        self._allowed: tuple[str, ...] = ()
        self._taps: dict[str, bool] = {}
        self._numbers = {
            "message": 100,
            "update": 7_000_000,
            "query": 0,
            "person": 500_000,
            "poll": 0,
            "nothing": 0,
        }
        self._sends: deque[float] = deque()
        self._began = time.monotonic()

    def until(self, is_so: Callable[[], bool], why: Callable[[], str] = lambda: "") -> None:
        """Wait until it is so. AssertionError when that takes longer than this one's patience."""
        self._watched.until(is_so, why, self.patience, self.idle)

    def make_chat(self, number: int, kind: str, name: str) -> Chat:
        """A new chat."""
        with self.lock:
            self._chats[number] = Chat(self, number, kind, name)
            return self._chats[number]

    def moment(self) -> int:
        """Seconds since 1970, as Telegram writes them."""
        return BEGIN + int(time.monotonic() - self._began)

    def as_user(self) -> dict[str, Any]:
        """The bot itself."""
        return {"id": BOT_ID, "is_bot": True, "first_name": "Crisisnetwerk", "username": "crisis_bot"}

    def begins_anew(self, number: int) -> None:
        """As after a quiet week: the next update has any number, also a lower one."""
        with self.lock:
            self._numbers["update"] = number

    def next_message(self) -> int:
        """A number for a message; they rise over all chats of a bot."""
        return self._next("message")

    def next_query(self) -> str:
        """A name for a tap that awaits an answer."""
        query = str(self._next("query"))
        self._taps[query] = False
        return query

    def membership(self, chat: Chat, by: dict[str, Any], status: str) -> int:
        """The bot was let in, put out or blocked."""
        was = "member" if status == "kicked" else "left"
        member = {
            "chat": chat.as_chat(),
            "from": by,
            "date": self.moment(),
            "old_chat_member": {"user": self.as_user(), **_standing(was)},
            "new_chat_member": {"user": self.as_user(), **_standing(status)},
        }
        return self.happened("my_chat_member", member)

    def happened(self, kind: str, content: dict[str, Any]) -> int:
        """An update for the bot; its number."""
        with self.lock:
            number = self._next("update")
            if self._allowed and kind not in self._allowed:
                return number
            update = {"update_id": number, kind: content}
            self._queue.append((update, False))
            if self.chances.happens(self.chances.duplicates):
                self._queue.append((update, True))
            if self.chances.happens(self.chances.disorder):
                self._queue.insert(max(0, len(self._queue) - 3), self._queue.pop())
        self.wake()
        return number

    def allow(self, kinds: list[str] | None) -> None:
        """From now on only these updates are kept for the bot."""
        if kinds is not None:
            self._allowed = tuple(kinds)

    def wake(self) -> None:
        """Whoever waits looks again."""
        with self._watched.changed:
            self._watched.changed.notify_all()
        self.loop.call_soon_threadsafe(self.news.set)

    def _next(self, what: str) -> int:
        with self.lock:
            self._numbers[what] += 1
            return self._numbers[what]

    # The methods.

    def done(self, form: Form) -> object:  # noqa: C901  # one line a method
        match form:
            case GetMe():
                return {**self.as_user(), "can_join_groups": False, "can_read_all_group_messages": False}
            case SendMessage():
                return self._send(form)
            case EditMessageText():
                return self._edit(form, form.words)
            case EditMessageReplyMarkup():
                return self._edit(form, None)
            case DeleteMessage():
                return self._delete(form)
            case AnswerCallbackQuery():
                return self._answer_tap(form)
            case SetMyCommands() | DeleteMyCommands():
                return self._menu(form)
            case SetWebhook() | DeleteWebhook():
                return self._hook(form)
            case GetWebhookInfo():
                url = self.webhook.url if self.webhook else ""
                return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self._queue)}
            case LeaveChat():
                self._chat(form.chat_id).left = True
                return True
        raise AssertionError(form)

    def _send(self, form: SendMessage) -> object:
        chat = self._chat(form.chat_id)
        keyboard = self._keyboard(chat, form.reply_markup)
        self._check_protected(form)
        self._check_pace()
        loud = not form.disable_notification
        bubble = Bubble(
            self.next_message(), form.words, keyboard, loud=loud, protected=bool(form.protect_content)
        )
        chat.bubbles.append(bubble)
        return chat.as_message(bubble, {})

    def _edit(self, form: EditMessageText | EditMessageReplyMarkup, words: str | None) -> object:
        chat = self._chat(form.chat_id)
        bubble = chat.find(form.message_id)
        if bubble is None:
            raise No(400, "Bad Request: message to edit not found")
        if not bubble.mine:
            raise self.mistaken("edit", "message can't be edited")
        keyboard = self._keyboard(chat, form.reply_markup)
        self._check_pace()
        if keyboard == bubble.keyboard and words in (None, bubble.text):
            raise No(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message",
            )
        if words not in (None, bubble.text):
            bubble.text, bubble.read = str(words), False
        bubble.keyboard, bubble.edits = keyboard, bubble.edits + 1
        return chat.as_message(bubble, {})

    def _delete(self, form: DeleteMessage) -> object:
        chat = self._chat(form.chat_id)
        bubble = chat.find(form.message_id)
        if bubble is None:
            raise No(400, "Bad Request: message to delete not found")
        if not bubble.mine and chat.kind != "private":
            raise No(400, "Bad Request: message can't be deleted")
        chat.bubbles.remove(bubble)
        return True

    def _answer_tap(self, form: AnswerCallbackQuery) -> object:
        if self._taps.get(form.callback_query_id, True):
            raise No(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self._taps[form.callback_query_id] = True
        return True

    def _menu(self, form: SetMyCommands | DeleteMyCommands) -> object:
        scope = form.scope
        if scope and scope.chat_id is not None:
            self._chat(scope.chat_id)
        where = (
            scope.type if scope else "default",
            scope.chat_id if scope else None,
            form.language_code or "",
        )
        if isinstance(form, DeleteMyCommands):
            self.commands.pop(where, None)
        else:
            self.commands[where] = [each.model_dump() for each in form.commands]
        return True

    def _hook(self, form: SetWebhook | DeleteWebhook) -> object:
        self.webhook = None
        if isinstance(form, SetWebhook) and form.url:
            if not form.url.startswith(("https://", "http://127.0.0.1:")):
                raise self.mistaken("setWebhook", "an HTTPS URL must be provided for webhook")
            self.webhook = form
            self.allow(form.allowed_updates)
        if form.drop_pending_updates:
            self._queue.clear()
        self.wake()
        return True

    def _chat(self, number: int) -> Chat:
        chat = self._chats.get(number)
        if chat is None or not chat.known:
            raise self.mistaken("chat", "chat not found: nobody there spoke to the bot")
        if chat.blocked:
            raise No(403, "Forbidden: bot was blocked by the user")
        if chat.left:
            raise No(403, "Forbidden: bot is not a member of the group chat")
        return chat

    def _keyboard(self, chat: Chat, markup: Any) -> list[list[dict[str, Any]]]:
        if not isinstance(markup, InlineKeyboard):
            return []
        if chat.kind != "private" and any(each.web_app for row in markup.inline_keyboard for each in row):
            raise self.mistaken("keyboard", "BUTTON_TYPE_INVALID: a web app only in a private chat")
        return [[each.model_dump(exclude_none=True) for each in row] for row in markup.inline_keyboard]

    def _check_protected(self, form: SendMessage) -> None:
        if self.must_protect and not form.protect_content:
            raise self.mistaken("sendMessage", "not protected from being passed on")

    def _check_pace(self) -> None:
        now = time.monotonic()
        while self._sends and self._sends[0] < now - 1:
            self._sends.popleft()
        if len(self._sends) >= 2 * A_SECOND:
            raise No(429, "Too Many Requests: retry after 1", retry_after=1)
        self._sends.append(now)

    def mistaken(self, where: str, what: str) -> No:
        """Note a payload that no bot may send; what it is answered."""
        with self.lock:
            self.mistakes.append(f"{where}: {what}")
        return No(400, f"Bad Request: {what}")


def _standing(status: str) -> dict[str, Any]:
    return {"status": status, "until_date": 0} if status == "kicked" else {"status": status}
