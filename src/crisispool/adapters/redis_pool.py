"""The live view in Redis: what is free, and claims, in atomic scripts (`lua/`, keys: `redis_keys`)."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from redis.asyncio import BlockingConnectionPool, Redis, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as AnswerTooLate

from crisispool.adapters import redis_keys as keys
from crisispool.adapters.rest import Rest
from crisispool.domain.errors import Outage
from crisispool.ports import LiveUnit, Stamp

SCRIPTS: Final = ("find", "claim", "put", "expired", "stamps", "flip", "snapshot")
ASKED_BY_PEOPLE: Final = frozenset({"find", "claim", "put"})
"""Somebody waits for these: they are not even tried while the server rests after a failure."""

ANSWER_WITHIN_SECONDS: Final = 1
CONNECTIONS: Final = 32
UNITS_PER_MESSAGE: Final = 1000


def connect(where: str | Path | Callable[[], Path]) -> Redis:
    """A client for a URL (``redis://``, ``rediss://``, ``unix://``), the path of a unix socket, or for whatever
    says at each connection where that socket is (or raises Outage). It connects at first use.

    One retry, and only for a lost connection: a pooled one may be stale since the server restarted. That is
    safe, as a repeated claim finds its answer and the other scripts have the same effect twice. A slow server
    is not asked again: callers go on from the record.
    """
    options: dict[str, Any] = {
        "protocol": 3,
        "socket_timeout": ANSWER_WITHIN_SECONDS,
        "socket_connect_timeout": ANSWER_WITHIN_SECONDS,
        "retry": Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
        "max_connections": CONNECTIONS,
        "timeout": ANSWER_WITHIN_SECONDS,
    }
    if callable(where):
        return Redis.from_pool(BlockingConnectionPool(connection_class=_Found, where=where, **options))
    url = f"unix://{quote(str(where))}" if isinstance(where, Path) else where
    return Redis.from_pool(BlockingConnectionPool.from_url(url, **options))


class _Found(UnixDomainSocketConnection):
    """A connection that looks up where the socket is each time it is made."""

    def __init__(self, *, where: Callable[[], Path], **options: Any) -> None:
        super().__init__(**options)
        self._where = where

    async def _connect(self) -> None:
        self.path = str(self._where())
        await super()._connect()  # type: ignore[no-untyped-call]


class RedisPool:
    """The `LivePool` of `ports`. `Outage("live view", "empty")` from any method: `rebuild` is needed.

    All methods may be repeated. Owns the client: `close` closes it. `set_up` is the id of the set-up: what
    another one keeps on the same server is neither seen nor touched.
    """

    def __init__(self, client: Redis, set_up: str, rest: Rest | None = None) -> None:
        self._client = client
        self._keys = keys.Root(set_up)
        self._rest = rest or Rest()
        folder = resources.files("crisispool.adapters") / "lua"
        common = (folder / "common.lua").read_text("utf-8")
        self._scripts = {
            name: client.register_script(common + (folder / f"{name}.lua").read_text("utf-8"))
            for name in SCRIPTS
        }

    async def find(
        self,
        network_id: str,
        nights: Sequence[date],
        places: int,
        features: frozenset[str],
        avoid: frozenset[str],
    ) -> list[str]:
        """Ids of units free on all these nights, with room and all features, and not where to avoid (NIS)."""
        must = [keys.network(network_id), *map(keys.night, nights), *map(keys.feature, features)]
        if places > 0:
            must.append(keys.places(places))
        found = await self._run("find", len(must), *must, *map(keys.municipality, avoid))
        return [unit_id.decode() for unit_id in found]

    async def claim(
        self, operation_id: str, unit_ids: Sequence[str], nights: Sequence[date], seconds: int
    ) -> str | None:
        """Claim the first of these units that is free on all nights; None when none is.

        The same operation id gives the same answer for an hour, also when its claim has ended meanwhile. The
        deadline runs on the server's clock, not on a training clock.
        """
        names = [keys.night(night) for night in nights]
        kept = int(keys.ANSWER_LIFETIME.total_seconds())
        taken = await self._run(
            "claim", operation_id, seconds * 1000, kept, len(names), *names, *unit_ids,
            answer=self._keys.answer(operation_id),
        )  # fmt: skip
        return taken.decode() or None

    async def put(self, unit: LiveUnit, operation_id: str | None = None) -> None:
        """Write what the record says about a unit; ends the claim of this operation id.

        Nights under a live claim of another operation stay out. An older version changes nothing (`expired`
        names the unit if a claim ended), an equal one is written again.
        """
        stamp = keys.stamp(unit.stamp)
        await self._run("put", unit.unit_id, stamp, operation_id or "", *keys.of_unit(unit))

    async def expired(self) -> list[str]:
        """Units with a claim past its deadline; they are named until they are put."""
        return [unit_id.decode() for unit_id in await self._run("expired")]

    async def stamps(self) -> dict[str, Stamp]:
        """The stamp of each unit in the view. Asked also while the server rests: who finds it back says so."""
        pairs = _pairs(await self._run("stamps"))
        known = {text: keys.to_stamp(text.decode()) for text in set(pairs.values())}
        return {unit_id.decode(): known[text] for unit_id, text in pairs.items()}

    async def rebuild(self, units: Sequence[LiveUnit], *, anew: bool = False) -> None:
        """Replace the whole view: built aside, then one flip. Units not given are gone.

        Keeps live claims, and, unless `anew`, what was put meanwhile with a newer version than given here.
        """
        given = {unit.unit_id: unit for unit in units}
        epoch = secrets.token_hex(8)
        bitmaps = _bitmaps(list(given.values()))
        async with self._outages():
            await self._stage(epoch, list(given.values()), bitmaps)
        await self._run("flip", epoch, len(given), len(bitmaps), int(anew))

    async def snapshot(self) -> dict[str, LiveUnit]:
        """The whole view, read from the bitmaps that `find` uses; nights under a claim are not in it."""
        slots, stamps, names, bitmaps = await self._run("snapshot")
        stamp_of = _pairs(stamps)
        view = [(name.decode(), bits) for name, bits in zip(names, bitmaps, strict=True)]
        units: dict[str, LiveUnit] = {}
        for number, (unit_id, place) in enumerate(_pairs(slots).items()):
            if number % UNITS_PER_MESSAGE == 0:
                # Ten thousand units take a second and a half: others have their turn meanwhile.
                await asyncio.sleep(0)
            slot, known_as = int(place), unit_id.decode()
            among = [name for name, bits in view if _is_set(bits, slot)]
            units[known_as] = keys.to_unit(known_as, keys.to_stamp(stamp_of[unit_id].decode()), among)
        return units

    async def close(self) -> None:
        """Give all connections back."""
        await self._client.aclose()

    async def _run(self, name: str, *args: str | int, answer: str = "") -> Any:
        if name in ASKED_BY_PEOPLE and self._rest.is_on():
            raise Outage("live view", "failed a moment ago")
        mine = self._keys
        async with self._outages():
            reply = await self._scripts[name](
                [mine.epoch, mine.claims, answer or mine.epoch], [mine.text, *args]
            )
        if reply is None:
            raise Outage("live view", "empty")
        return reply

    async def _stage(self, epoch: str, units: list[LiveUnit], bitmaps: dict[str, bytearray]) -> None:
        lifetime = keys.STAGING_LIFETIME
        async with self._client.pipeline(transaction=False) as pipe:
            for name, bits in bitmaps.items():
                pipe.set(self._keys.in_view(epoch, name), bytes(bits), ex=lifetime)
            if bitmaps:
                pipe.sadd(self._keys.in_view(epoch, "names"), *bitmaps)
                pipe.expire(self._keys.in_view(epoch, "names"), lifetime)
            await pipe.execute()
            numbered = enumerate(units)
            while part := list(islice(numbered, UNITS_PER_MESSAGE)):
                by_id: dict[Any, Any] = {unit.unit_id: slot for slot, unit in part}
                stamps: dict[Any, Any] = {unit.unit_id: keys.stamp(unit.stamp) for _, unit in part}
                pipe.hset(self._keys.in_view(epoch, "slot"), mapping=by_id)
                pipe.hset(
                    self._keys.in_view(epoch, "id"),
                    mapping={slot: unit_id for unit_id, slot in by_id.items()},
                )
                pipe.hset(self._keys.in_view(epoch, "stamp"), mapping=stamps)
                for name in ("slot", "id", "stamp"):
                    pipe.expire(self._keys.in_view(epoch, name), lifetime)
                await pipe.execute()

    @asynccontextmanager
    async def _outages(self) -> AsyncIterator[None]:
        try:
            yield
        except (RedisError, OSError) as error:
            if isinstance(error, (ConnectionLost, AnswerTooLate, OSError)):
                self._rest.begin()
            # Who knows where the socket is says best why there is none.
            if isinstance(error.__cause__, Outage):
                raise error.__cause__ from error
            raise Outage("live view", type(error).__name__) from error
        self._rest.end()


def _bitmaps(units: list[LiveUnit]) -> dict[str, bytearray]:
    found: dict[str, bytearray] = {}
    for slot, unit in enumerate(units):
        for name in keys.of_unit(unit):
            bits = found.setdefault(name, bytearray((len(units) + 7) // 8))
            bits[slot // 8] |= 128 >> slot % 8
    return found


def _is_set(bits: bytes, slot: int) -> bool:
    return slot // 8 < len(bits) and bool(bits[slot // 8] & 128 >> slot % 8)


def _pairs(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
