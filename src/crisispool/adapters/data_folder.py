"""The folder of one set-up: private, marked when it holds a training, and never thrown away under somebody."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from crisispool.domain.errors import Outage

MARK: Final = "training"
"""The empty file that says: these are training data, they may be thrown away."""

IN_USE: Final = "in-use"
"""A lock (`flock`) shared by everyone who uses the folder; a killed process loses it at once."""

ACCESS: Final = 0o700


def is_used(folder: Path) -> bool:
    """Whether there is anything in it."""
    return folder.is_dir() and any(path.name != IN_USE for path in folder.iterdir())


def is_marked(folder: Path) -> bool:
    """Whether it is marked as training data."""
    return (folder / MARK).exists()


def make_private(folder: Path) -> None:
    """Make the folder when it is not there, and let only its owner in. Errors: `Outage("data folder")`."""
    try:
        folder.mkdir(mode=ACCESS, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o777 != ACCESS:
            folder.chmod(ACCESS)
    except OSError as error:
        raise Outage("data folder", f"{folder}: {error.strerror}") from error


def mark(folder: Path) -> None:
    """Mark it as training data. Errors: `Outage("data folder")`."""
    try:
        (folder / MARK).touch(mode=0o600)
    except OSError as error:
        raise Outage("data folder", f"{folder / MARK}: {error.strerror}") from error


def unmark(folder: Path) -> None:
    """Take the mark off a new folder whose record turned out to be no training."""
    (folder / MARK).unlink(missing_ok=True)


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Keep others from throwing the folder away meanwhile. Errors: `Outage("data folder")`."""
    with _lock(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Outage("data folder", f"{folder} is just being thrown away") from None
        yield


def throw_away(folder: Path) -> bool:
    """Remove the folder of a training; False, and nothing was done, while anybody uses it."""
    with _lock(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # The mark goes last: what is left of a removal that was cut short is still a training.
        for path in folder.iterdir():
            if path.name not in {MARK, IN_USE}:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.rmtree(folder)
    return True


def _lock(folder: Path) -> IO[bytes]:
    try:
        return (folder / IN_USE).open("ab")
    except OSError as error:
        raise Outage("data folder", f"{folder / IN_USE}: {error.strerror}") from error
