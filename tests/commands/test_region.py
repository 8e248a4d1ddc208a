"""`region check`: what it prints where, and how it ends."""

from argparse import Namespace
from pathlib import Path

import pytest

from crisispool.commands.region import run
from crisispool.commands.telling import BAD_INPUT, OK, BadArgument

FILES = Path(__file__).parents[1] / "services" / "region_files"


def check(file: str | Path) -> int:
    return run(Namespace(action="check", file=str(file)))


def test_each_mistake_is_a_line_and_the_end_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check(FILES / "twelve_mistakes.toml")
    assert ended.value.code == BAD_INPUT
    lines = capsys.readouterr().err.splitlines()
    assert sum("twelve_mistakes.toml:" in line for line in lines) == 12
    assert lines[0].startswith(f"{FILES / 'twelve_mistakes.toml'}:4: network.reference_prefix: ")


def test_what_is_not_ready_for_tonight_is_said_and_the_file_is_still_good(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check(FILES / "small.toml") == OK
    said = capsys.readouterr()
    assert "small.toml:65: units[een].key: " in said.err
    assert "small.toml:1: roster.backup: " in said.err
    assert said.out.startswith("In orde: Klein netwerk, 1 gemeente")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match=r"nergens\.toml is niet te lezen"):
        check(tmp_path / "nergens.toml")
