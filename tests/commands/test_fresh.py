"""What throws a training away touches nothing else."""

from pathlib import Path

import pytest

from crisispool.commands import fresh


def test_a_training_whose_record_is_on_a_server_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "training").touch()
    monkeypatch.setenv("CRISISPOOL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CRISISPOOL_DATABASE_URL", "postgresql://me@host/pool")
    assert fresh.run() == 1
    assert "CRISISPOOL_DATABASE_URL" in capsys.readouterr().err
    assert (tmp_path / "training").exists()
