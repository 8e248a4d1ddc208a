"""The program as it is started, killed, started again and stopped, with commands beside it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.program import Program, command
from tests.support.warm import Warm

# Whole processes, several a test: on a busy machine each takes seconds to start.
pytestmark = pytest.mark.timeout(240)

FIRE = {
    "kind": "fire_water_closed",
    "adults": 1,
    "children": 2,
    "ages": [6, 9],
    "origin": "36007",
    "whereabouts": "36007",
    "referrer": "police",
    "persons": [{"adult": True, "claimed_nights": []}],
}


@pytest.fixture
def program(tmp_path: Path, warm: Warm) -> Iterator[Program]:
    made = Program(tmp_path / "data", warm=warm)
    yield made
    made.close()


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[Program]:
    """Each of its processes is a new interpreter, as when people type the command."""
    made = Program(tmp_path / "data")
    yield made
    made.close()


def test_it_says_how_to_come_in_and_stops_within_two_seconds(cold: Program) -> None:
    program = cold
    program.start()
    assert "zaterdag 28 november, 2.04 uur" in program.said
    assert program.url in program.said
    assert "chat --as calltaker " in program.said and "chat --as coordinator " in program.said
    assert program.stop() < 2
    assert program.exit_code == 0
    assert "Traceback" not in program.said


def test_commands_work_beside_it_and_over_the_line_alike(program: Program) -> None:
    program.start()
    here = program.command("chat", "--as", "calltaker", "--json")
    there = program.command("chat", "--as", "calltaker", "--json", "--url", program.url)
    assert (here.returncode, here.stderr) == (0, "")
    assert (there.returncode, there.stdout, there.stderr) == (0, here.stdout, "")
    invited = program.command("invite", "--role", "council")
    assert len(invited.stdout.splitlines()) == 1 and "/start" in invited.stderr
    made = program.command("token", "create", "--role", "council")
    token = made.stdout.splitlines()[-1]
    me = program.call("GET", "/me", token=token)
    assert (me["network_id"], me["roles"]) == ("pilot", ["council"])
    for words in (["verify"], ["rebuild"], ["doctor"], ["region", "load", str(program.region)]):
        done = program.command(*words)
        assert (done.returncode, done.stderr) == (0, ""), (words, done.stdout)


def test_the_address_of_another_program_is_said_in_one_line(program: Program) -> None:
    program.start()
    port = program.url.rpartition(":")[2]
    done = program.command("serve", "--training", "--port", port)
    assert done.returncode == 1
    assert port in done.stderr.splitlines()[-1] and "Traceback" not in done.stderr


def test_killed_and_started_again_it_goes_on_where_it_was(program: Program) -> None:
    program.start()
    token = program.token("calltaker")
    asked = program.call("POST", "/requests", FIRE, token=token, key="fire")
    program.move_clock("2026-11-28T03:00+01:00")
    program.kill()
    program.start()
    assert program.call("POST", "/requests", FIRE, token=token, key="fire") == asked
    assert program.call("GET", "/training/clock", token=token)["now"] >= "2026-11-28T02:00:00"
    assert program.call("GET", "/training/clock", token=token)["now"] < "2026-11-28T02:05:00"
    assert program.command("verify").returncode == 0


def test_two_that_start_at_once_on_a_new_folder_share_one_set_up(tmp_path: Path, warm: Warm) -> None:
    programs = [Program(tmp_path / "data", warm=warm) for _ in range(2)]
    try:
        starts = [threading.Thread(target=program.start) for program in programs]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        first, second = programs
        assert first.running and second.running
        token = first.token("calltaker")
        asked = first.call("POST", "/requests", FIRE, token=token, key="fire")
        assert second.call("POST", "/requests", FIRE, token=token, key="fire") == asked
        first.kill()
        assert second.call("GET", f"/requests/{asked['id']}", token=token)["id"] == asked["id"]
    finally:
        for program in programs:
            program.close()


def test_what_is_logged_holds_no_token_and_no_page_address(program: Program) -> None:
    program.start()
    token = program.token("calltaker")
    asked = program.call("POST", "/requests", FIRE, token=token)
    link = program.call("POST", f"/requests/{asked['id']}/links", {}, token=token)
    program.stop()
    log = program.log.read_text("utf-8")
    assert '"event": "serving"' in log
    assert token not in log and link["url"].rpartition("/")[2] not in log


def test_a_region_file_with_mistakes_is_not_loaded_and_starts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('[network]\nid = "Pilot!"\n')
    program = Program(tmp_path / "data", region=file)
    done = command("serve", "--training", "--region", str(file), env=program.environment())
    assert done.returncode == 2
    assert all(line.startswith(f"{file}:") for line in done.stderr.splitlines()[:-1])
    assert not program.data_dir.exists()


def fresh(program: Program) -> "subprocess.CompletedProcess[str]":
    """As `make fresh` begins."""
    words = [sys.executable, "-m", "crisispool.commands.fresh"]
    return subprocess.run(words, env=program.environment(), capture_output=True, text=True, check=False)


def test_a_training_is_thrown_away_only_when_nobody_uses_it(program: Program) -> None:
    program.start()
    during = fresh(program)
    assert (during.returncode, during.stdout) == (1, "")
    assert "loopt nog" in during.stderr
    assert program.call("GET", "/me", who="calltaker")["roles"] == ["calltaker"]
    program.kill()
    assert fresh(program).returncode == 0
    assert not program.data_dir.exists()
    assert fresh(program).returncode == 0


def test_what_is_not_marked_as_a_training_is_never_thrown_away(program: Program) -> None:
    program.data_dir.mkdir()
    (program.data_dir / "crisispool.db").touch()
    assert fresh(program).returncode == 1
    assert (program.data_dir / "crisispool.db").exists()
