"""One reader of what changed for all who watch in this process, however many; each is woken and looks for itself.

Nothing is put in a queue: a watcher is at a number of the audit chain and asks for what came since, so one that is
slow is told less often and of more, holds up nobody, and costs the same however far it falls behind.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

import structlog
from aiohttp import web

from crisispool.domain.errors import Outage, Refusal
from crisispool.domain.news import Listener, News, NewsKind, heard
from crisispool.services.changes import Batch

if TYPE_CHECKING:
    from crisispool.app import App

PER_COLLEAGUE: Final = 20
"""Streams of one person: more windows than anybody has open."""

COALESCED: Final = timedelta(milliseconds=50)
"""Changes that come this close together are told together."""

KEPT: Final = 100
"""Batches that are kept for those who fall behind; further back everything is looked at anew."""

JUMP: Final = timedelta(seconds=5)
"""A clock that goes ahead by more than the time that passed was moved, and with it everything that has a time."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pace:
    """`look`: how often the end of the chain is read while nobody rings; it is one row. `beat`: how often a quiet
    line says that it is there. `recheck`: how often it is asked whether its person still may listen. `patience`: how
    long one write may take before nobody is taken to read it."""

    look: timedelta = timedelta(seconds=1)
    beat: timedelta = timedelta(seconds=15)
    recheck: timedelta = timedelta(seconds=45)
    patience: timedelta = timedelta(seconds=10)


class Shared(Protocol):
    """What looks the same for many who watch."""

    async def renew(self, seq: int) -> None:
        """Make it with all changes up to this number of the chain."""


@dataclass(eq=False)
class Place:
    """Somebody who watches: at which number of the chain they are, and what they were not told of before it.

    `everything`: whatever it is, they look at all of it anew. `recheck`: what they may hear may be something else now.
    `shared`: what is made once for all who have the same one here, before any of them is woken, and `take`, which is
    then offered it and says whether that is all there is to tell.
    """

    colleague_id: str
    seq: int = 0
    missed: tuple[News, ...] = ()
    everything: bool = False
    recheck: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    shared: "Shared | None" = None
    take: Callable[[], Awaitable[bool]] | None = None


class Hub:
    """Who watches in this process. `run` reads for all of them, while there is anybody."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self.pace = Pace()
        self._places: set[Place] = set()
        self._somebody, self._rung = asyncio.Event(), asyncio.Event()
        self._head: int | None = None
        self._kept: deque[Batch] = deque(maxlen=KEPT)
        self._written: dict[tuple[Listener, int], bytes] = {}
        self._clock: tuple[datetime, float] | None = None
        self._moved = False
        self._waking: set[asyncio.Task[None]] = set()
        self.closing = False

    @contextmanager
    def place(self, colleague_id: str) -> Iterator[Place]:
        """A place while the block runs. Refusals: ``too_many_streams``. Raises Outage when the process is full."""
        if len(self._places) >= self._app.settings.event_streams:
            raise Outage("events", "every place of this process is taken")
        if sum(place.colleague_id == colleague_id for place in self._places) >= PER_COLLEAGUE:
            raise Refusal("too_many_streams", {"most": PER_COLLEAGUE})
        place = Place(colleague_id)
        self._places.add(place)
        self._somebody.set()
        try:
            yield place
        finally:
            self._places.discard(place)
            if not self._places:
                self._somebody.clear()
                self._go_on_from(None)

    async def begin(self, place: Place, last_seen: int | None) -> None:
        """Where somebody goes on: after what they saw last, else from now on."""
        if self._head is None:
            self._start(await self._app.changes.head())
        place.seq = self._head or 0
        if last_seen is None or last_seen == place.seq:
            return
        if self._reaches(last_seen):
            place.seq = last_seen
            return
        batch = await self._app.changes.since(last_seen)
        if batch is None:
            place.everything = True
        else:
            place.missed = batch.news

    def caught_up(self, place: Place) -> int:
        """Somebody looks at everything there is now: the end of the chain, where they are then."""
        place.seq, place.missed, place.everything = self._head or 0, (), False
        return place.seq

    def told(self, place: Place, who: Listener) -> bytes:
        """What came since somebody was last told, as events; nothing when none of it is for them. They are then
        at the end of the chain."""
        since, place.seq = place.seq, self._head or 0
        missed, place.missed = place.missed, ()
        if place.everything or not self._reaches(since):
            place.everything = False
            return written({NewsKind.EVERYTHING: ()}, place.seq)
        if missed:
            return written(heard(who, (*missed, *self._since(since))), place.seq)
        if (who, since) not in self._written:
            self._written[who, since] = written(heard(who, self._since(since)), place.seq)
        return self._written[who, since]

    async def run(self) -> None:
        """Read what changed while anybody watches, until cancelled."""
        await self._somebody.wait()
        bell = self._app.bell
        listening = asyncio.create_task(bell.listen(self._rung.set)) if bell else None
        away = False
        try:
            while True:
                await self._somebody.wait()
                try:
                    await self._look()
                    away = False
                except Exception as error:  # noqa: BLE001  # who watches waits until it works again
                    if not away:
                        log.warning("events_wait", kind=type(error).__name__)
                    away = True
                await asyncio.sleep(COALESCED.total_seconds())
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.pace.look.total_seconds()):
                        await self._rung.wait()
        finally:
            if listening is not None:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening

    def close(self) -> None:
        """All who watch are to go."""
        self.closing = True
        for place in self._places:
            place.woken.set()

    async def _look(self) -> None:
        self._rung.clear()
        # Kept until it was told, also when the record is away meanwhile.
        self._moved = await self._clock_moved() or self._moved
        everything, before = self._moved, self._head
        batch = await self._app.changes.since(before) if before is not None else None
        if batch is None:
            head = await self._app.changes.head()
            if before is None:
                self._start(head)
            else:
                self._go_on_from(head)
                everything = True
        # Everybody may have left meanwhile, and somebody else begun further on.
        elif before == self._head != batch.seq:
            self._written.clear()
            self._head = batch.seq
            self._kept.append(batch)
            if batch.who_hears:
                for place in self._places:
                    place.recheck = True
            self._wake()
        if everything:
            for place in self._places:
                place.everything = place.recheck = True
            self._wake()
        self._moved = False

    async def _clock_moved(self) -> bool:
        """Whether a training clock went ahead: then what is free tonight is another question."""
        await self._app.clock.refresh()
        before, self._clock = self._clock, (self._app.clock.now(), time.monotonic())
        if before is None:
            return False
        ahead, passed = self._clock[0] - before[0], self._clock[1] - before[1]
        return ahead.total_seconds() - passed > JUMP.total_seconds()

    def _start(self, head: int) -> None:
        # Somebody else may have come meanwhile and be told from there on.
        if self._head is None:
            self._head = head

    def _go_on_from(self, head: int | None) -> None:
        self._head = head
        self._kept.clear()
        self._written.clear()

    def _reaches(self, since: int) -> bool:
        """Whether all that came after this number is still kept."""
        return since == self._head or (bool(self._kept) and self._kept[0].since <= since <= (self._head or 0))

    def _since(self, since: int) -> list[News]:
        return [news for batch in self._kept if batch.seq > since for news in batch.news]

    def _wake(self) -> None:
        together: defaultdict[Shared, list[Place]] = defaultdict(list)
        for place in self._places:
            if place.shared is None:
                place.woken.set()
            else:
                together[place.shared].append(place)
        for shared, places in together.items():
            task = asyncio.create_task(self._wake_with(shared, places))
            self._waking.add(task)
            task.add_done_callback(self._waking.discard)

    async def _wake_with(self, shared: Shared, places: Sequence[Place]) -> None:
        left = deque(places)
        try:
            # What fails here fails for each of them too, and is answered there.
            with suppress(Exception):
                await shared.renew(self._head or 0)
                # One after the other without a task for each: a thousand hear of it in half the time.
                while left:
                    place = left[0]
                    if place.take is None or not await place.take():
                        place.woken.set()
                    left.popleft()
        finally:
            for place in left:
                place.woken.set()


def written(kinds: Mapping[NewsKind, Sequence[str]], seq: int) -> bytes:
    """Events, one for each kind. The number comes with the last one: who loses the line before it hears all again."""
    events = [f"event: {kind}\ndata: {json.dumps({'ids': ids})}\n" for kind, ids in kinds.items()]
    return ("\n".join(events) + f"id: {seq}\n\n").encode() if events else b""


HUB: Final = web.AppKey("hub", Hub)
"""The hub of a server."""
