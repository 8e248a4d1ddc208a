"""A strict Bot API on loopback, in a thread of its own: to be used beside the program, or inside a test.

    with BotApi() as api:
        police = api.person("police")
        police.starts("invitation")
        police.gets("Welkom")
        police.tap("Ja")

Every payload is checked; at the end nothing is wrong, unread or unanswered. Faults come by plan or by chance.
"""

import asyncio
import hashlib
import hmac
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.support.bot_api_chats import Group, Person
from tests.support.bot_api_faults import Chances, Fault
from tests.support.bot_api_forms import METHODS, GetUpdates, read_form
from tests.support.bot_api_world import Call, Messenger, No

TOKEN = "4242:emulated-token-of-nobody"
PATIENCE_SECONDS = 20


class BotApi(Messenger):
    """The server. Use it as a context; `url` is for CRISISPOOL_TELEGRAM_API_URL, `token` for the token."""

    def __init__(self, *, chances: Chances | None = None, patience: float = PATIENCE_SECONDS) -> None:
        super().__init__(chances or Chances(), patience)
        self.token = TOKEN
        self.url = ""
        self.calls: list[Call] = []
        self.faults = 0
        self.down = False
        self.leads: dict[str, str] = {}
        self._plan: dict[str, deque[Fault | None]] = defaultdict(deque)

    # For tests.

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(PATIENCE_SECONDS), "the Bot API did not start"
        return self

    def __exit__(self, kind: object, *why: object) -> None:
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_SECONDS)
        if kind is None:
            self.check()

    def check(self) -> None:
        """AssertionError when a payload was wrong, something is unread, or a tap got no answer."""
        with self.lock:
            assert not self.mistakes, self.mistakes
            unread = {
                chat.name: [each.text for each in chat.bubbles if each.mine and not each.read]
                for chat in self._chats.values()
            }
            assert not any(unread.values()), f"nobody expected {unread}"
            assert not self.unanswered(), f"no answer to {self.unanswered()}"

    def person(self, name: str, language: str = "nl") -> Person:
        """Somebody new."""
        return Person(self, self._next("person"), name, language)

    def group(self, name: str, by: Person) -> Group:
        """A group into which somebody puts the bot."""
        with self.lock:
            made = Group(self, -self._next("person"), name)
            self._chats[made.number] = made
            self.membership(made, by.as_user(), "member")
            return made

    def plan(self, method: str, *faults: Fault | None) -> None:
        """What goes wrong with the next calls of a method, in order; None: nothing."""
        with self.lock:
            self._plan[method].extend(faults)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Nothing is answered but 502, from here to the end of the block; taps and texts wait."""
        self.down = True
        try:
            yield
        finally:
            self.down = False
            self.wake()

    def leads_to(self, public: str, actual: str) -> None:
        """A public https address is really served at this one, on loopback."""
        self.leads[public] = actual

    def waiting(self) -> int:
        """Updates that the bot has not confirmed."""
        with self.lock:
            return len(self._queue)

    @property
    def polls(self) -> int:
        """How often somebody asked for updates."""
        return self._numbers["poll"]

    def says_that_nothing_is_new(self) -> None:
        """Whoever asks for updates and waits is answered now."""
        self._next("nothing")
        self.wake()

    def unanswered(self) -> list[str]:
        """Taps that the bot did not answer."""
        return [query for query, answered in self._taps.items() if not answered]

    def forget_taps(self) -> None:
        """Taps so far are too old to be answered."""
        with self.lock:
            self._taps.clear()

    def sent(self) -> str:
        """Everything that came in, for looking for what must not be there."""
        with self.lock:
            return "\n".join(json.dumps(call.sent, ensure_ascii=False) for call in self.calls)

    def init_data(self, person: Person, *, age: int = 0, at: int | None = None, **fields: str) -> str:
        """Signed `initData` of a Mini App that this person opened, so many seconds ago or at a moment."""
        user = json.dumps(person.as_user(), separators=(",", ":"))
        moment = self.moment() - age if at is None else at
        content = {"auth_date": str(moment), "query_id": f"q{self._next('query')}", "user": user, **fields}
        lines = "\n".join(f"{name}={content[name]}" for name in sorted(content))
        secret = hmac.digest(b"WebAppData", self.token.encode(), hashlib.sha256)
        return urlencode({**content, "hash": hmac.digest(secret, lines.encode(), hashlib.sha256).hex()})

    def deliver(self, update: dict[str, Any], *, secret: str | None) -> int:
        """Post an update to the webhook with this secret, right or wrong; the status of the answer."""
        assert self.webhook is not None
        posting = self._post(self.webhook.url, update, secret)
        return asyncio.run_coroutine_threadsafe(posting, self.loop).result(self.patience)

    # The server.

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve(started))
        self.loop.close()

    async def _serve(self, started: threading.Event) -> None:
        self._stop = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(timeout=ClientTimeout(total=PATIENCE_SECONDS)) as self._session:
            pushing = asyncio.create_task(self._push())
            started.set()
            await self._stop.wait()
            self.news.set()
            pushing.cancel()
            with suppress(asyncio.CancelledError):
                await pushing
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method, sent = request.match_info["method"], await _sent(request)
        fault = None
        try:
            if request.match_info["token"] != self.token:
                raise No(401, "Unauthorized")
            fault = self._fault(method)
            if fault is not None and not fault.after:
                raise No(fault.status or 502, "it goes wrong", **_after(fault))
            result = await self._do(method, sent, request)
            self._note(method, sent, 200)
            answer = web.json_response({"ok": True, "result": result})
        except No as no:
            self._note(method, sent, no.status)
            body: dict[str, Any] = {"ok": False, "error_code": no.status, "description": no.description}
            if no.parameters:
                body["parameters"] = no.parameters
            answer = web.json_response(body, status=no.status)
        if fault is not None and not fault.status:
            await asyncio.sleep(fault.hangs)
            if request.transport is not None:
                request.transport.abort()
        return answer

    def _note(self, method: str, sent: dict[str, Any], status: int) -> None:
        with self.lock:
            if method != "getUpdates":
                self.calls.append(Call(method, sent, status))
        self.wake()

    def _fault(self, method: str) -> Fault | None:
        with self.lock:
            if self.down:
                raise No(502, "Bad Gateway")
            planned = self._plan[method]
            fault = planned.popleft() if planned else self.chances.fault()
            self.faults += fault is not None
            return fault

    async def _do(self, method: str, sent: dict[str, Any], request: web.Request) -> object:
        if method not in METHODS:
            raise self.mistaken(method, "no such method here")
        try:
            form = METHODS[method].model_validate(sent) if _typed(request) else read_form(method, sent)
        except ValueError as wrong:
            raise self.mistaken(method, str(wrong)) from None
        if isinstance(form, GetUpdates):
            return await self._updates(form)
        with self.lock:
            return self.done(form)

    # Updates.

    async def _updates(self, form: GetUpdates) -> object:
        if self.webhook is not None:
            raise No(409, "Conflict: can't use getUpdates method while webhook is active")
        mine, nothing = self._next("poll"), self._numbers["nothing"]
        self.wake()
        self.allow(form.allowed_updates)
        if form.offset is not None:
            self._confirm(form.offset)
        end = time.monotonic() + form.timeout
        while not self._queue and not self._stop.is_set() and time.monotonic() < end:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), end - time.monotonic())
            except TimeoutError:
                break
            if self._numbers["poll"] != mine:
                raise No(409, "Conflict: terminated by other getUpdates request")
            if self.down:
                raise No(502, "Bad Gateway")
            if self._numbers["nothing"] != nothing:
                break
        with self.lock:
            batch = self._queue[: form.limit]
            # What comes a second time comes once more, however it was confirmed.
            self._queue = [each for each in self._queue if not (each[1] and each in batch)]
        return [update for update, _ in batch]

    def _confirm(self, offset: int) -> None:
        with self.lock:
            if offset < 0:
                self._queue = self._queue[offset:]
                return
            self._queue = [each for each in self._queue if each[1] or each[0]["update_id"] >= offset]

    async def _push(self) -> None:
        """Bring updates to the webhook, one after the other, again and again until they are taken."""
        pause = 0.05
        while True:
            with self.lock:
                first = self._queue[0] if self._queue and self.webhook is not None and not self.down else None
                hook = self.webhook
            if first is None or hook is None:
                self.news.clear()
                await self.news.wait()
                continue
            if await self._post(hook.url, first[0], hook.secret_token) // 100 == 2:
                pause = 0.05
                with self.lock:
                    self._queue = [each for each in self._queue if each is not first]
                self.wake()
            else:
                await asyncio.sleep(pause)
                pause = min(2 * pause, 1)

    async def _post(self, url: str, update: dict[str, Any], secret: str | None) -> int:
        for public, actual in self.leads.items():
            url = actual + url.removeprefix(public) if url.startswith(public) else url
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            async with self._session.post(url, json=update, headers=headers) as answer:
                if re.match(rb'\s*\{.*"method"', await answer.read(), re.DOTALL):
                    self.mistakes.append("webhook: a method in the answer, of which nobody hears how it went")
                return answer.status
        except (ClientError, OSError, TimeoutError):
            return 0


def _after(fault: Fault) -> dict[str, object]:
    return {"retry_after": fault.retry_after} if fault.retry_after else {}


def _typed(request: web.Request) -> bool:
    return request.content_type == "application/json"


async def _sent(request: web.Request) -> dict[str, Any]:
    if _typed(request):
        body: dict[str, Any] = await request.json()
        return body
    return {**request.query, **{name: str(value) for name, value in (await request.post()).items()}}
