"""The command is shown as whoever started it would type it again."""

import os
from pathlib import Path

import pytest

from crisispool.commands.typed import program, typed


def test_inside_a_checkout_it_is_shown_from_there(tmp_path: Path) -> None:
    assert program(".venv/bin/crisispool", tmp_path) == f"{Path.cwd()}/.venv/bin/crisispool"
    assert program(str(tmp_path / ".venv/bin/crisispool"), tmp_path) == ".venv/bin/crisispool"


def test_a_folder_with_a_space_is_quoted(tmp_path: Path) -> None:
    assert program(str(tmp_path / "my bin" / "crisispool"), tmp_path) == "'my bin/crisispool'"


def test_as_a_module_it_is_shown_as_a_module(tmp_path: Path) -> None:
    assert program("/somewhere/crisispool/__main__.py", tmp_path).endswith(" -m crisispool")


def test_on_the_path_its_name_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "crisispool"
    there.write_text("#!/bin/sh\n")
    there.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert program(str(there), Path("/")) == "crisispool"


def test_another_data_folder_comes_along_but_never_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRISISPOOL_DATA_DIR", "my data")
    assert typed().startswith("CRISISPOOL_DATA_DIR='my data' ")
    monkeypatch.setenv("CRISISPOOL_DATABASE_URL", "postgresql://me:s3cret@host/pool")
    assert "s3cret" not in typed()
