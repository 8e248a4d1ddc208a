"""The two ways to the talks: in this process, or over the interface of a running service."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import uuid4

import aiohttp

from crisispool.domain.errors import Outage, Refusal
from crisispool.domain.language import FIRST, read_by
from crisispool.domain.organisation import Actor
from crisispool.ports import Clock
from crisispool.services.answers import ScreenAnswer
from crisispool.services.chat import Chat
from crisispool.services.messages import Messages
from crisispool.texts.render import render
from crisispool.texts.screens import refusal_sentence

TIMEOUT = aiohttp.ClientTimeout(total=30)
TRIES = 3
"""A line that got lost on the way is sent again under the same key: it counts once."""


class Unreachable(Exception):
    """The talk cannot go on now; the message is a sentence. `final`: trying again does not help."""

    def __init__(self, sentence: str, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.final = final


@dataclass(frozen=True, slots=True)
class Answer:
    """One screen or message: choices are ``{id, label}``, links ``{label, url}``."""

    key: str
    text: str
    choices: tuple[dict[str, str], ...] = ()
    links: tuple[dict[str, str], ...] = ()

    @classmethod
    def of(cls, given: dict[str, Any]) -> "Answer":
        """An answer as it came over a line."""
        return cls(given["key"], given["text"], tuple(given["choices"]), tuple(given["links"]))


class Transport(Protocol):
    """How a terminal reaches the talks; `language` is the one of who talks, as of the last answer. Raises
    Unreachable."""

    language: str

    async def say(self, text: str) -> list[Answer]:
        """One line; empty: only look."""
        ...

    async def choose(self, choice_id: str) -> list[Answer]:
        """One choice by its id."""
        ...

    async def poll(self) -> list[Answer]:
        """Messages that came since; the talk stays where it is."""
        ...


class LocalChat:
    """The talks in this process, as this colleague."""

    def __init__(self, chat: Chat, messages: Messages, clock: Clock, actor: Actor) -> None:
        self._chat = chat
        self._messages = messages
        self._clock = clock
        self._actor = actor
        self.language = actor.language

    async def say(self, text: str) -> list[Answer]:
        """One line."""
        return await self._ask(lambda: self._chat.say(self._actor, text))

    async def choose(self, choice_id: str) -> list[Answer]:
        """One choice."""
        return await self._ask(lambda: self._chat.choose(self._actor, choice_id))

    async def poll(self) -> list[Answer]:
        """Unseen messages."""
        return await self._ask(lambda: self._messages.unseen(self._actor))

    async def _ask(self, asking: Callable[[], Awaitable[list[ScreenAnswer]]]) -> list[Answer]:
        try:
            await self._clock.refresh()
            answers = [Answer(**asdict(answer)) for answer in await asking()]
            self.language = await self._chat.language_of(self._actor)
        except Outage as outage:
            where = render("terminal.unreachable", {"where": outage.part}, self.language)
            raise Unreachable(where) from outage
        except Refusal as refusal:
            said = refusal_sentence(refusal.code, refusal.facts, self.language)
            raise Unreachable(said, final=True) from refusal
        return answers


class HttpChat:
    """The talks of a running service, by its address and a token. Use it as a context."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._session: aiohttp.ClientSession | None = None
        self.language = FIRST

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def say(self, text: str) -> list[Answer]:
        """One line."""
        return await self._ask("POST", "chat", {"say": text})

    async def choose(self, choice_id: str) -> list[Answer]:
        """One choice."""
        return await self._ask("POST", "chat", {"choose": choice_id})

    async def poll(self) -> list[Answer]:
        """Unseen messages."""
        return await self._ask("POST", "messages", {})

    async def _ask(self, method: str, path: str, body: dict[str, str] | None) -> list[Answer]:
        headers = {} if body is None else {"Idempotency-Key": uuid4().hex}
        for attempt in range(1, TRIES + 1):
            try:
                return await self._once(method, path, body, headers)
            except (aiohttp.ClientError, TimeoutError) as error:
                if attempt == TRIES:
                    where = render("terminal.unreachable", {"where": self._url}, self.language)
                    raise Unreachable(where) from error
        raise AssertionError("unreachable")

    async def _once(
        self, method: str, path: str, body: dict[str, str] | None, headers: dict[str, str]
    ) -> list[Answer]:
        if self._session is None:
            raise RuntimeError("use HttpChat as a context")
        asked = self._session.request(method, f"{self._url}/api/v1/{path}", json=body, headers=headers)
        async with asked as response:
            if response.status >= 400:
                raise await _problem(response, self._url, self.language)
            self.language = read_by([response.headers.get("Content-Language", FIRST)])
            return [Answer.of(given) for given in await response.json()]


async def _problem(response: aiohttp.ClientResponse, url: str, language: str) -> Unreachable:
    """What the service says is wrong, in its own sentence."""
    try:
        said = await response.json(content_type=None)
        sentence = str(said["detail"])
    except (ValueError, KeyError, TypeError):
        sentence = render("terminal.unreachable", {"where": url}, language)
    return Unreachable(sentence, final=response.status < 500)
