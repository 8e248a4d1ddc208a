"""Marked names, addresses, codes and reasons go in everywhere; nothing that leaves or lies open holds one."""

import base64
from pathlib import Path

import pytest

from tests.scenarios.canaries import (
    CANARIES,
    Listener,
    a_full_night,
    forms_of,
    found_in,
    marked_region,
    nothing_lies_open,
)
from tests.support.program import Program
from tests.support.warm import Warm


@pytest.mark.parametrize("canary", CANARIES)
def test_a_canary_is_found_however_it_hides(canary: str) -> None:
    for form in forms_of(canary):
        assert canary in found_in(b"before " + form + b" after")
    assert canary in found_in(base64.b64encode(f"row 12: {canary} and more".encode()))
    assert found_in("Kanariepiet, sleutel 4711") == set()


def test_nothing_personal_leaves_or_lies_open(tmp_path: Path, warm: Warm) -> None:
    program = Program(
        tmp_path / "data", region=marked_region(tmp_path), warm=warm, settings={"LOG_LEVEL": "DEBUG"}
    )
    try:
        program.start()
        chats = a_full_night(program)
        answers = "\n".join(Listener.heard)
        nothing_lies_open(program, chats=chats, answers=answers)
    finally:
        program.close()
