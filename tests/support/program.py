"""The whole program as a process of its own: `crisispool serve` on a free port, killed and started again at will."""

import base64
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from crisispool.adapters.embedded import EmbeddedRedis
from crisispool.settings import PREFIX, environment
from tests.support.warm import Started, Warm

ROOT = Path(__file__).resolve().parent.parent.parent
PILOT = ROOT / "deploy" / "regions" / "pilot.toml"
PATIENCE_SECONDS = 60


def by_url(database: str, redis: str = "") -> dict[str, str]:
    """Settings of a set-up on servers: the same for all its processes, each of which may have its own folder.

    Without `redis` the live view is the one of the data folder.
    """
    ring = {name: base64.b64encode(name.encode().ljust(32)[:32]).decode() for name in ("digest", "k1")}
    keys = ",".join(f"{name}:{key}" for name, key in ring.items())
    servers = {"DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEYS": keys}
    return {name: value for name, value in servers.items() if value}


class Program:
    """A training on a data folder of its own. `start` it, and `close` it at the end.

    `warm` starts its processes quickly; without it each is a new interpreter. `settings` are variables without
    their prefix, such as those of `by_url`.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        region: Path = PILOT,
        warm: Warm | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.data_dir = data_dir
        self.region = region
        self._settings = settings or {}
        self._warm = warm
        self.log = data_dir.parent / f"program-{uuid4().hex[:6]}.log"
        self.url = ""
        self.said = ""
        self._process: subprocess.Popen[str] | Started | None = None

    def another(self, data_dir: Path | None = None) -> "Program":
        """One more process of this set-up, not started yet: in the same folder, or with one of its own."""
        return Program(
            data_dir or self.data_dir, region=self.region, warm=self._warm, settings=self._settings
        )

    @property
    def database_url(self) -> str | None:
        """Where its record is, None for the SQLite file in its folder."""
        return self._settings.get("DATABASE_URL")

    def environment(self) -> dict[str, str]:
        """What its processes see: none of the settings of whoever runs the tests, but its own."""
        return clean(self.data_dir) | {f"{PREFIX}{name}": value for name, value in self._settings.items()}

    def start(self, *options: str, load: bool = True) -> None:
        """Start `serve --training` and wait until it is ready to answer; again at the address where it was.

        `load` false: without the region file, which is in the record already. With ``--only`` and something else
        than the web it is ready when it says so.
        """
        port = int(self.url.rpartition(":")[2]) if self.url else free_port()
        self.url = f"http://127.0.0.1:{port}"
        region = ("--region", str(self.region)) if load else ()
        self._process = self._launch(["serve", "--training", *region, "--port", str(port), *options])
        self._wait_until_ready(web=all("web" in only for only in options[1:2]))

    def _launch(self, words: list[str]) -> "subprocess.Popen[str] | Started":
        with self.log.open("w", encoding="utf-8") as log:
            if self._warm is not None:
                nothing = Path("/dev/null")
                return self._warm.start(
                    *words, env=self.environment(), heard=nothing, out=self.log, errors=self.log
                )
            return subprocess.Popen(
                [sys.executable, "-m", "crisispool", *words],
                env=self.environment(),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                text=True,
            )

    def kill(self) -> None:
        """As when the power fails: no goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> float:
        """As when it is told to stop; the seconds that took."""
        began = time.monotonic()
        self._end(signal.SIGTERM)
        return time.monotonic() - began

    def close(self) -> None:
        """At the end of a test: nothing of it goes on, also not the server that a kill left behind."""
        self.kill()
        share = EmbeddedRedis(self.data_dir)
        if share.folder.is_dir():
            share.join()
            share.leave()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, None while it runs."""
        return self._process.poll() if self._process else None

    def token(self, who: str) -> str:
        """The token of a demo person."""
        token: str = self.call("POST", "/training/sign-in", {"who": who})["token"]
        return token

    def move_clock(self, to: str) -> str:
        """Move the training clock to this moment (ISO); where it then stands."""
        now: str = self.call("POST", "/training/clock", {"now": to}, who="admin")["now"]
        return now

    def call(
        self, method: str, path: str, body: object = None, *, who: str = "", token: str = "", key: str = ""
    ) -> Any:
        """One call of the interface as a demo person, or with a token. AssertionError when it is refused."""
        status, answer = self.ask(method, path, body, who=who, token=token, key=key)
        assert status < 300, (method, path, status, answer)
        return answer

    def ask(
        self, method: str, path: str, body: object = None, *, who: str = "", token: str = "", key: str = ""
    ) -> tuple[int, Any]:
        """One call, whatever the answer: status and JSON."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        if who or token:
            headers["Authorization"] = f"Bearer {token or self.token(who)}"
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def command(self, *words: str, heard: str = "") -> "subprocess.CompletedProcess[str]":
        """Another command on the same data folder, such as ``chat``; `heard` is its standard input."""
        if self._warm is not None:
            return self._warm.run(*words, env=self.environment(), heard=heard)
        return command(*words, env=self.environment(), heard=heard)

    def _wait_until_ready(self, *, web: bool) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            self.said = self.log.read_text("utf-8")
            if not self.running:
                break
            if "Ctrl-C" in self.said and (not web or self._answers()):
                return
            time.sleep(0.02)
        self.kill()
        raise AssertionError(f"it did not start: {self.said}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=1):  # noqa: S310
                return True
        except OSError:
            return False

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self.running:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_SECONDS)


def clean(data_dir: Path) -> dict[str, str]:
    """The environment of this process without its settings of the project, save the data folder."""
    kept = {name: value for name, value in environment().items() if not name.startswith(PREFIX)}
    return {**kept, f"{PREFIX}DATA_DIR": str(data_dir)}


def command(*words: str, env: dict[str, str], heard: str = "") -> "subprocess.CompletedProcess[str]":
    """Run `crisispool` with these words to its end."""
    return subprocess.run(
        [sys.executable, "-m", "crisispool", *words],
        env=env,
        cwd=ROOT,
        input=heard,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port
