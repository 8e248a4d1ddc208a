"""Callers in client processes of their own who all want the same bed at the same moment, over the interface."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Self
from uuid import uuid4

import aiohttp

PROCESSES = 4
PATIENCE_SECONDS = 60

_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Answer:
    """What a caller came to: the last status and code (none when it went well), and seconds since the start.

    `by_hold`: the caller held the bed first. `body` is the last answer. Status 0: no answer, the code says why.
    """

    status: int
    code: str
    seconds: float
    by_hold: bool
    body: Any


@dataclass(frozen=True)
class Desk:
    """Where callers call, who they are, and how many sit in each process. They take turns over `urls`, `tokens`."""

    urls: Sequence[str]
    tokens: Sequence[str]
    each: int
    request: Mapping[str, object]


class Crowd:
    """So many callers, a quarter in each process, each with a request of its own. Use it as a context."""

    def __init__(
        self, urls: Sequence[str], tokens: Sequence[str], callers: int, request: Mapping[str, object]
    ) -> None:
        self.count = callers
        self._desk = Desk(urls, tokens, callers // PROCESSES, request)

    def __enter__(self) -> Self:
        meeting, self._answered = _SPAWN.Barrier(PROCESSES), _SPAWN.Semaphore(0)
        self._lines: list[Connection] = []
        self._processes = []
        for _ in range(PROCESSES):
            here, there = _SPAWN.Pipe()
            process = _SPAWN.Process(
                target=_live, args=(self._desk, there, meeting, self._answered), daemon=True
            )
            process.start()
            there.close()
            self._lines.append(here)
            self._processes.append(process)
        made = [line.recv() for line in self._lines]
        assert all(made), made
        return self

    def __exit__(self, *why: object) -> None:
        for line, process in zip(self._lines, self._processes, strict=True):
            process.kill()
            process.join()
            line.close()

    def all_want(
        self, unit_id: str, *, after: int = 0, happens: Callable[[], object] = lambda: None
    ) -> list[Answer]:
        """All try to book this unit, half of them with a hold first; after so many answers something happens."""
        for line in self._lines:
            line.send(unit_id)
        for number in range(self.count):
            if number == after:
                happens()
            assert self._answered.acquire(timeout=PATIENCE_SECONDS), f"{number} of {self.count} were answered"
        return [answer for line in self._lines for answer in line.recv()]


def _live(desk: Desk, line: Connection, meeting: Any, answered: Any) -> None:
    with suppress(EOFError, KeyboardInterrupt):
        asyncio.run(_work(desk, line, meeting, answered))


async def _work(desk: Desk, line: Connection, meeting: Any, answered: Any) -> None:
    waiting = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=waiting) as session:
        callers = [
            _Caller(
                session, desk.urls[n % len(desk.urls)], desk.tokens[n % len(desk.tokens)], n // 2 % 2 == 0
            )
            for n in range(desk.each)
        ]
        line.send(all(await asyncio.gather(*(caller.ask_for_a_bed(desk.request) for caller in callers))))
        while unit_id := await asyncio.to_thread(line.recv):
            await asyncio.to_thread(meeting.wait, PATIENCE_SECONDS)
            line.send(await asyncio.gather(*(caller.want(unit_id, answered) for caller in callers)))


class _Caller:
    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, by_hold: bool) -> None:
        self._session, self._url, self._by_hold = session, url, by_hold
        self._headers = {"Authorization": f"Bearer {token}"}
        self._request_id = ""

    async def ask_for_a_bed(self, request: Mapping[str, object]) -> bool:
        status, body = await self._post("/requests", request)
        self._request_id = str(body.get("id", ""))
        return status == 201

    async def want(self, unit_id: str, answered: Any) -> Answer:
        wanted = {"request_id": self._request_id, "unit_id": unit_id}
        began = time.monotonic()
        if self._by_hold:
            status, body = await self._post("/holds", wanted)
            if status == 201:
                status, body = await self._post("/bookings", {"hold_id": body["id"]})
        else:
            status, body = await self._post("/bookings", wanted)
        answer = Answer(status, str(body.get("code", "")), time.monotonic() - began, self._by_hold, body)
        answered.release()
        return answer

    async def _post(self, path: str, body: Mapping[str, object]) -> tuple[int, Any]:
        headers = {**self._headers, "Idempotency-Key": uuid4().hex}
        try:
            async with self._session.post(f"{self._url}/api/v1{path}", json=body, headers=headers) as answer:
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return 0, {"code": repr(error)}
