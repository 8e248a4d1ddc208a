"""A Redis-compatible server that a test starts, kills and starts again, from the program of the wheel."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from crisispool.adapters import embedded

PATIENCE_SECONDS = 10


class RedisServer:
    """On a unix socket in a folder of its own; `saves`: what it holds survives a kill (log of each second).

    `start` it, and `close` it at the end.
    """

    def __init__(self, *, saves: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="valkey-"))
        self.path = self.folder / "socket"
        self._saves = saves
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"unix://{self.path}"

    def start(self) -> None:
        """Start it, with what it still has, and wait until it answers."""
        settings = {
            "port": "0",
            "unixsocket": str(self.path),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes" if self._saves else "no",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(
            [embedded._binary(), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.ask("PING").startswith(b"+PONG"):
            assert time.monotonic() < end, "the server does not start"
            time.sleep(0.005)

    def kill(self) -> None:
        """As when the power fails."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """It takes connections and answers nothing, until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it stood."""
        self._signal(signal.SIGCONT)

    def ask(self, command: str) -> bytes:
        """The first bytes of the answer to a command without spaces in its words; empty when there is none."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(PATIENCE_SECONDS)
                line.connect(str(self.path))
                line.sendall(f"{command}\r\n".encode())
                return line.recv(4096)
        except OSError:
            return b""

    def close(self) -> None:
        """It is gone, and all it held."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._signal(how)
            self._process.wait(PATIENCE_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
