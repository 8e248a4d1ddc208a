"""Starts `crisispool` quickly: one process has imported everything, was a service once, and forks for each start.

What is forked is a process of its own, with its own number, environment and files; it can be killed like any other.
Run as a module it is that process; `Warm` is how a test asks it.
"""

import asyncio
import gc
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Any, Self
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = ("serve", "chat", "clock", "doctor", "rebuild", "region", "stay", "token", "verify")


class Started:
    """A process that was forked; the part of `subprocess.Popen` that tests need."""

    def __init__(self, pid: int, ended: Path) -> None:
        self.pid = pid
        self._ended = ended

    def poll(self) -> int | None:
        """How it ended, None while it runs; minus the number of the signal that killed it."""
        return int(self._ended.read_text("utf-8")) if self._ended.exists() else None

    def wait(self, timeout: float) -> int:
        """Wait until it ended. AssertionError when it takes longer."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            assert time.monotonic() < end, f"process {self.pid} did not end"
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


class Warm:
    """The process that forks. Use it as a context."""

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory()
        self._one_at_a_time = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()
        self._folder.cleanup()

    def start(self, *words: str, env: dict[str, str], heard: Path, out: Path, errors: Path) -> Started:
        """Run `crisispool` with these words, its three streams from and to these files."""
        ended = Path(self._folder.name) / uuid4().hex
        files = [str(path) for path in (heard, out, errors)]
        asked = {"words": words, "env": env, "files": files, "ended": str(ended)}
        ask, answer = self._process.stdin, self._process.stdout
        assert ask is not None and answer is not None
        with self._one_at_a_time:
            ask.write(json.dumps(asked) + "\n")
            ask.flush()
            return Started(int(answer.readline()), ended)

    def run(
        self, *words: str, env: dict[str, str], heard: str = "", timeout: float = 30
    ) -> "subprocess.CompletedProcess[str]":
        """Run it to its end, as `subprocess.run` would."""
        paths = [Path(self._folder.name) / f"{uuid4().hex}.{name}" for name in ("in", "out", "err")]
        paths[0].write_text(heard, "utf-8")
        started = self.start(*words, env=env, heard=paths[0], out=paths[1], errors=paths[2])
        code = started.wait(timeout)
        out, errors = (path.read_text("utf-8") for path in paths[1:])
        return subprocess.CompletedProcess(["crisispool", *words], code, out, errors)


def _serve() -> None:
    """Fork for each line that comes in, and write down how each child ended, until no line comes any more."""
    children: dict[int, str] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    while True:
        ready, _, _ = select.select([sys.stdin, woken], [], [])
        if woken in ready:
            os.read(woken, 1000)
        _bury(children)
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            asked = json.loads(line)
            pid = os.fork()
            if pid == 0:
                _become(asked)
            children[pid] = asked["ended"]
            print(pid, flush=True)


def _bury(children: dict[int, str]) -> None:
    for pid, ended in list(children.items()):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            # Written aside first: whoever reads it must find a whole number.
            aside = Path(f"{ended}.aside")
            aside.write_text(str(os.waitstatus_to_exitcode(status)), "utf-8")
            aside.rename(ended)
            del children[pid]


def _become(asked: dict[str, Any]) -> None:
    """In the child: be the command, and never come back."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        flags = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_APPEND, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        streams: list[IO[str]] = [sys.stdin, sys.stdout, sys.stderr]
        for number, (path, flag) in enumerate(zip(asked["files"], flags, strict=True)):
            os.dup2(os.open(path, flag, 0o600), number)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, stream.mode, encoding="utf-8", closefd=False)
            for number, stream in enumerate(streams)
        )
        os.environ.clear()  # noqa: TID251  # the child has the environment that the test gave it
        os.environ.update(asked["env"])  # noqa: TID251
        sys.argv = ["crisispool", *asked["words"]]
        from crisispool.cli import main

        code = main(asked["words"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


async def _rehearse(folder: Path) -> None:
    """Be ready to serve once: much is imported, compiled and worked out only then, and stays for all children."""
    from bot.telegram_api import TelegramApi
    from crisispool.commands.region import load_into, read_region
    from crisispool.commands.welcome import say
    from crisispool.jobs.runner import running
    from crisispool.opening import open_app
    from crisispool.settings import PREFIX, Settings
    from crisispool.web.server import make_server

    settings = Settings.from_env({f"{PREFIX}DATA_DIR": str(folder / "data")})
    region = read_region(str(ROOT / "deploy" / "regions" / "pilot.toml"))
    assert region.training is not None
    async with open_app(settings, training=True, begin=region.training.start) as app:
        await load_into(app, region)
        await app.view.rebuild(app.clock.now())
        make_server(app)
        TelegramApi("1:nobody", "http://localhost")
        async with running(app, jobs=True):
            with redirect_stdout(StringIO()):
                say(app, {"web", "jobs", "bot"})


def _get_ready() -> None:
    for name in ("cli", *(f"commands.{name}" for name in MODULES)):
        import_module(f"crisispool.{name}")
    import_module("sqlalchemy.dialects.postgresql.asyncpg")
    with TemporaryDirectory() as folder:
        asyncio.run(_rehearse(Path(folder)))
    # What is there now is in every child: none of them needs to look through it.
    gc.collect()
    gc.freeze()
    # As in the tests themselves: much is made and little kept.
    gc.set_threshold(20_000, 50, 100)


if __name__ == "__main__":
    _get_ready()
    _serve()
