"""Processes that serve the stream of events over one record, and people who listen to it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, TCPConnector, web

from crisispool.adapters.redis_bell import RedisBell
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.app import App, assemble
from crisispool.settings import Settings
from crisispool.web.hub import HUB, Hub, Pace
from crisispool.web.server import make_server, runner_of
from tests.support.live_pool import SET_UP
from tests.support.night import Night

PATIENCE_SECONDS = 10


@dataclass
class Event:
    """One event as it came."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    id: str = ""

    @property
    def ids(self) -> list[str]:
        """The units it names."""
        found: list[str] = self.data["ids"]
        return found


@dataclass
class Ear:
    """Somebody who listens; `last` is the number to go on from."""

    answer: ClientResponse
    last: str = ""
    beats: int = 0

    async def next(self) -> Event:
        """The next event. TimeoutError: none came."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            event = Event("")
            while True:
                line = (await self.answer.content.readline()).decode()
                assert line, "the stream ended"
                name, _, value = line.rstrip("\n").partition(": ")
                if name == "event":
                    event.kind = value
                elif name == "data":
                    event.data = json.loads(value)
                elif name == "id":
                    self.last = event.id = value
                elif name == ":":
                    self.beats += 1
                elif not name and event.kind:
                    return event

    async def ended(self) -> bool:
        """Whether the stream comes to its end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.answer.content.readline():
                pass
        return True


@dataclass
class Process:
    """One process of the set-up that serves the web."""

    app: App
    url: str
    runner: web.AppRunner
    server: web.Application
    tokens: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    session: ClientSession | None = None
    answers: list[ClientResponse] = field(default_factory=list)

    @property
    def hub(self) -> Hub:
        """What reads for all who listen here."""
        return self.server[HUB]

    async def token(self, who: str) -> str:
        """A token of this colleague."""
        if who not in self.tokens:
            self.tokens[who] = (await self.app.accounts.token_for(who)).token
        return self.tokens[who]

    async def ask(self, who: str, last: str = "", since: str = "") -> ClientResponse:
        """The answer to somebody who wants to listen, who looks at what was read at the number `since`."""
        assert self.session is not None
        headers = {"Authorization": f"Bearer {await self.token(who)}"} | (
            {"Last-Event-ID": last} if last else {}
        )
        self.answers.append(
            await self.session.get(f"{self.url}/api/v1/events{since and '?since=' + since}", headers=headers)
        )
        return self.answers[-1]

    async def watch(self, who: str, has: str = "") -> Ear:
        """Somebody with the board of tonight open, of which their browser has this version."""
        assert self.session is not None
        if who not in self.secrets:
            self.secrets[who] = await self.app.web_sessions.open(who)
        headers = {"Cookie": f"crisispool_session={self.secrets[who]}"}
        self.answers.append(await self.session.get(f"{self.url}/tonight/stream?has={has}", headers=headers))
        assert self.answers[-1].status == 200, self.answers[-1].status
        return Ear(self.answers[-1])

    async def listen(self, who: str, last: str = "", since: str = "") -> Ear:
        """Somebody who listens from now on, or from what they heard last or looked at."""
        answer = await self.ask(who, last, since)
        assert answer.status == 200, await answer.text()
        ear = Ear(answer, last)
        assert (await ear.next()).kind == "ready"
        return ear


@asynccontextmanager
async def serving(
    night: Night, *, pace: Pace | None = None, where: Path | None = None, **settings: Any
) -> AsyncIterator[Process]:
    """A process with the store of this night; `where` is the Redis with its bell, None: it has none."""
    async with AsyncExitStack() as stack:
        app = night.app
        if where is not None:
            client = connect(where)
            bell = RedisBell(client, SET_UP)
            night.store.ring = bell.ring
            stack.push_async_callback(client.aclose)
            stack.push_async_callback(bell.close)
            app = assemble(
                replace(Settings.from_env({}), **settings),
                night.store,
                RedisPool(client, SET_UP),
                night.clock,
                night.keys,
                bell=bell,
            )
        elif settings:
            app = replace(app, settings=replace(app.settings, **settings))
        server = make_server(app)
        server[HUB].pace = pace or Pace()
        runner = runner_of(server)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        session = await stack.enter_async_context(
            ClientSession(connector=TCPConnector(limit=0), read_bufsize=2**20)
        )
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        process = Process(app, url, runner, server, session=session)
        yield process
        for answer in process.answers:
            answer.close()


async def deaf(url: str, token: str) -> socket.socket:
    """A client that asks for the stream and reads its beginning, and then nothing any more."""
    host, _, port = url.removeprefix("http://").partition(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    line.sendall(
        f"GET /api/v1/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    )
    line.setblocking(False)
    assert await asyncio.get_running_loop().sock_recv(line, 12) == b"HTTP/1.1 200"
    return line
