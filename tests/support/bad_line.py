"""A line between a client and a Redis server that a test makes slow, or breaks at a chosen moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

BYTES = 1 << 20


class BadLine:
    """Carries questions and answers over the unix socket at `path`.

    `delay`: seconds before each answer. `cut_before`, `cut_after`: so many scripts are lost with their connection
    before the server has heard of them, or after it has done what they say. `heard`: how often anything was sent,
    also a greeting.
    """

    def __init__(self, server: Path, path: Path) -> None:
        self.path = path
        self.delay = 0.0
        self.cut_before = 0
        self.cut_after = 0
        self.heard = 0
        self._server = server
        self._ways: set[asyncio.Task[None]] = set()

    async def connected(self, near_in: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        """One connection, until either side closes it or it is cut."""
        far_in, far_out = await asyncio.open_unix_connection(self._server)
        ways = [
            asyncio.create_task(self._there(near_in, far_out)),
            asyncio.create_task(self._back(far_in, near_out)),
        ]
        self._ways.update(ways)
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for side in (far_out, near_out):
            side.close()
            with suppress(OSError):
                await side.wait_closed()
        self._ways.difference_update(ways)

    async def close(self) -> None:
        """Cut all connections that are left."""
        while self._ways:
            for way in self._ways:
                way.cancel()
            await asyncio.sleep(0)

    async def _there(self, near: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while asked := await near.read(BYTES):
                script = b"EVALSHA" in asked
                self.heard += 1
                if script and self.cut_before:
                    self.cut_before -= 1
                    return
                far.write(asked)

    async def _back(self, far: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while answer := await far.read(BYTES):
                # The greeting of a connection and an unknown script are no answers to a script.
                if self.cut_after and not answer.startswith((b"%", b"-NOSCRIPT", b"+")):
                    self.cut_after -= 1
                    return
                await asyncio.sleep(self.delay)
                near.write(answer)


@asynccontextmanager
async def bad_line(server: Path, path: Path) -> AsyncIterator[BadLine]:
    """Such a line to the server at this socket; good until the test says otherwise."""
    line = BadLine(server, path)
    listening = await asyncio.start_unix_server(line.connected, path)
    try:
        yield line
    finally:
        listening.close()
        await line.close()
        path.unlink()
