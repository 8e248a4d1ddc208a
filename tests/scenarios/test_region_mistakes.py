"""A region file with twelve planted mistakes, checked by the command."""

import re

from tests.support.program import PILOT, ROOT
from tests.support.warm import Warm

FILE = ROOT / "tests" / "services" / "region_files" / "twelve_mistakes.toml"


def test_twelve_planted_mistakes_give_twelve_lines(warm: Warm) -> None:
    done = warm.run("region", "check", str(FILE), env={})
    assert done.returncode in (1, 2)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(f"{FILE}:")]
    assert len(said) == 12
    lines = [int(re.fullmatch(rf"{re.escape(str(FILE))}:(\d+): ([^:]+): .+", line)[1]) for line in said]  # type: ignore[index]
    assert lines == sorted(lines)
    assert len(set(lines)) >= 11


def test_the_pilot_region_has_none(warm: Warm) -> None:
    done = warm.run("region", "check", str(PILOT), env={})
    assert (done.returncode, done.stderr) == (0, ""), done
