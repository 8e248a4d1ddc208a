"""The command as whoever started it would type it again."""

import shutil
import sys
from pathlib import Path
from shlex import quote

from crisispool.settings import PREFIX, environment


def typed() -> str:
    """Such as ``.venv/bin/crisispool``, with the settings that another window needs before it."""
    given = environment()
    names = [f"{PREFIX}{name}" for name in ("DATA_DIR", "DATABASE_URL", "REDIS_URL")]
    secret = any(given.get(name) for name in names[1:])
    folder = given.get(names[0], "").strip()
    before = f"{names[0]}={quote(folder)} " if folder and not secret else ""
    return before + program(sys.argv[0], Path.cwd())


def program(started_as: str, here: Path) -> str:
    """How to start the same program from the folder `here`."""
    path = Path(started_as)
    if path.name == "__main__.py":
        return f"{Path(sys.executable).name} -m crisispool"
    if path.name != "crisispool":
        return "crisispool"
    found = shutil.which("crisispool")
    if found and Path(found).resolve() == path.resolve():
        return "crisispool"
    absolute = path.absolute()
    return quote(str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute))
