"""The chats of the Bot API emulator: what stands in each, and people who read, tap and type there."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.bot_api_world import Messenger

Keyboard = list[list[dict[str, Any]]]


@dataclass
class Bubble:
    """One message of a chat. `read`: the test has seen it as it is now. `loud`: it came with sound."""

    id: int
    text: str
    keyboard: Keyboard = field(default_factory=list)
    mine: bool = True
    loud: bool = True
    protected: bool = False
    edits: int = 0
    read: bool = False

    @property
    def buttons(self) -> list[str]:
        """The words on its buttons, from left to right and down."""
        return [button["text"] for row in self.keyboard for button in row]

    def button(self, label: str) -> dict[str, Any] | None:
        """The button with these words."""
        return next((each for row in self.keyboard for each in row if each["text"] == label), None)


class Chat:
    """One chat: a person's own with the bot, or a group."""

    def __init__(self, api: "Messenger", number: int, kind: str, name: str) -> None:
        self.api = api
        self.number = number
        self.kind = kind
        self.name = name
        self.bubbles: list[Bubble] = []
        self.known = False
        self.blocked = False
        self.left = False

    def as_chat(self) -> dict[str, Any]:
        """As updates and messages name it."""
        named = {"first_name": self.name} if self.kind == "private" else {"title": self.name}
        return {"id": self.number, "type": self.kind, **named}

    def find(self, message_id: int) -> Bubble | None:
        """The message with this number."""
        return next((each for each in self.bubbles if each.id == message_id), None)

    def as_message(self, bubble: Bubble, sender: dict[str, Any]) -> dict[str, Any]:
        """As the Bot API gives it."""
        message: dict[str, Any] = {
            "message_id": bubble.id,
            "from": self.api.as_user() if bubble.mine else sender,
            "chat": self.as_chat(),
            "date": self.api.moment(),
            "text": bubble.text,
        }
        if bubble.text.startswith("/"):
            length = len(bubble.text.split()[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if bubble.keyboard:
            message["reply_markup"] = {"inline_keyboard": bubble.keyboard}
        if bubble.edits:
            message["edit_date"] = self.api.moment()
        if bubble.protected:
            message["has_protected_content"] = True
        return message


class Person:
    """Somebody with the messenger on their phone. Everything a test does, it does as one of these."""

    def __init__(self, api: "Messenger", number: int, name: str, language: str) -> None:
        self.api = api
        self.number = number
        self.name = name
        self.language = language
        self.chat = api.make_chat(number, "private", name)

    def as_user(self) -> dict[str, Any]:
        """As updates name them."""
        return {"id": self.number, "is_bot": False, "first_name": self.name, "language_code": self.language}

    # What they do.

    def starts(self, payload: str = "") -> int:
        """They open the link of an invitation, or only press the button below a new chat."""
        return self.types(f"/start {payload}".strip())

    def types(self, text: str, chat: Chat | None = None) -> int:
        """They send this, in their own chat or in a group; the number of the update."""
        where = chat or self.chat
        with self.api.lock:
            where.known = where.known or where is self.chat
            bubble = Bubble(self.api.next_message(), text, mine=False, read=True)
            where.bubbles.append(bubble)
            return self.api.happened("message", where.as_message(bubble, self.as_user()))

    def sends(self, **content: Any) -> int:
        """They send something else, such as a voice message or a location."""
        with self.api.lock:
            bubble = Bubble(self.api.next_message(), "", mine=False, read=True)
            self.chat.bubbles.append(bubble)
            message = self.chat.as_message(bubble, self.as_user())
            del message["text"]
            return self.api.happened("message", {**message, **content})

    def tap(self, label: str) -> int:
        """They tap the newest button with these words; the number of the update. Waits until it is there."""
        self.api.until(
            lambda: self._with(label) is not None, lambda: f"{self.name}: no {label!r} in {self.sees()}"
        )
        with self.api.lock:
            bubble = self._with(label)
            assert bubble is not None
            button = bubble.button(label)
            assert button is not None and "callback_data" in button, f"{label!r} opens a page: {button}"
            return self.taps_data(button["callback_data"], bubble)

    def taps_data(self, data: str, bubble: Bubble | None = None, *, in_chat: Chat | None = None) -> int:
        """A tap with this data, true or forged, on a message of theirs."""
        chat = in_chat or self.chat
        with self.api.lock:
            on = bubble or next(each for each in reversed(chat.bubbles) if each.mine)
            query = {
                "id": self.api.next_query(),
                "from": self.as_user(),
                "message": chat.as_message(on, self.as_user()),
                "chat_instance": str(chat.number),
                "data": data,
            }
            return self.api.happened("callback_query", query)

    def opens(self, label: str) -> str:
        """The address behind a button. Waits until it is there."""
        self.api.until(
            lambda: self._with(label) is not None, lambda: f"{self.name}: no {label!r} in {self.sees()}"
        )
        bubble = self._with(label)
        button = bubble.button(label) if bubble else None
        assert button is not None and "callback_data" not in button, f"{label!r} opens nothing: {button}"
        return str(button["url"] if "url" in button else button["web_app"]["url"])

    def blocks(self) -> int:
        """They want nothing of the bot any more."""
        return self._membership("kicked")

    def unblocks(self) -> int:
        """They take it back."""
        return self._membership("member")

    # What they see.

    def sees(self) -> list[Bubble]:
        """What the bot's messages are now, oldest first."""
        with self.api.lock:
            return [each for each in self.chat.bubbles if each.mine]

    def gets(self, *parts: str) -> list[Bubble]:
        """Wait until something new holds each of these words; that is read then. New is also what was edited."""
        found: list[Bubble] = []

        def all_there() -> bool:
            found[:] = _matched([each for each in self.sees() if not each.read], parts)
            return len(found) == len(parts)

        self.api.until(all_there, lambda: f"{self.name}: no {parts} in {self.unread()}")
        for bubble in found:
            bubble.read = True
        return found

    def unread(self) -> list[Bubble]:
        """What the bot wrote or changed since the test looked."""
        return [each for each in self.sees() if not each.read]

    def reads(self) -> list[Bubble]:
        """Whatever is there now is read."""
        fresh = self.unread()
        for bubble in fresh:
            bubble.read = True
        return fresh

    def _with(self, label: str) -> Bubble | None:
        return next((each for each in reversed(self.sees()) if each.button(label)), None)

    def _membership(self, status: str) -> int:
        with self.api.lock:
            self.chat.blocked = status == "kicked"
            self.chat.known = True
            return self.api.membership(self.chat, self.as_user(), status)


class Group(Chat):
    """A group that somebody put the bot in."""

    def __init__(self, api: "Messenger", number: int, name: str) -> None:
        super().__init__(api, number, "group", name)
        self.known = True


class Watched:
    """A lock over everything, and waiting for something to become so."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)

    def until(
        self,
        is_so: Callable[[], bool],
        why: Callable[[], str],
        patience: float,
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """Wait until it is so; `idle` is called when nothing happens. AssertionError when that takes longer."""
        end = time.monotonic() + patience
        while True:
            with self.changed:
                if is_so():
                    return
                left = end - time.monotonic()
                assert left > 0, why()
                happened = self.changed.wait(min(left, 0.5))
            if not happened:
                idle()


def _matched(fresh: Sequence[Bubble], parts: Sequence[str]) -> list[Bubble]:
    """For each of the words one message of its own that holds them, as far as there is."""
    found: list[Bubble] = []
    for part in parts:
        one = next((each for each in fresh if part in each.text and each not in found), None)
        if one is not None:
            found.append(one)
    return found
