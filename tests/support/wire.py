"""A wire between a browser and the program, which can be cut: what is under way is lost, and nobody answers."""

import asyncio
from contextlib import suppress


class Wire:
    """Carries bytes to `port` of this machine while it is whole; `url` is where it begins."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._own = 0
        self._server: asyncio.Server | None = None
        self._under_way: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where it begins."""
        return f"http://127.0.0.1:{self._own}"

    async def mend(self) -> None:
        """Whole, again at the same port."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._own)
        self._own = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Gone, with all that was under way."""
        if self._server is not None:
            self._server.close()
        for writer in self._under_way:
            writer.transport.abort()
        self._under_way.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        both = {writer, far_writer}
        self._under_way |= both
        await asyncio.gather(_flow(reader, far_writer), _flow(far_reader, writer))
        self._under_way -= both


async def _flow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
