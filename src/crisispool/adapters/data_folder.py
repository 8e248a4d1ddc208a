"""The folder of one set-up: private, and marked when it holds a training."""

from pathlib import Path
from typing import Final

from crisispool.domain.errors import Outage

MARK: Final = "training"
"""The empty file that says: these are training data, they may be thrown away."""

ACCESS: Final = 0o700


def is_used(folder: Path) -> bool:
    """Whether there is anything in it."""
    return folder.is_dir() and any(folder.iterdir())


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
