"""Calls at odd hours and around holidays and clock changes: the right nights, and handed over on the right morning."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.people import Colleague, make_free_again
from tests.support.program import PILOT, Program
from tests.support.warm import Warm

UNITS = ("ingelmunster-03", "izegem-05")
BRIDGE_DAY = '\n[[closing_days]]\nday = 2027-05-07\nname = "brugdag na Hemelvaart"\n'
"""The whole network closes on the Friday after Ascension."""

Calls = tuple[str, dict[str, list[str]], str, str]
"""When they called, and their nights; out; handed over (UTC)."""

SATURDAY, SUNDAY = "2026-11-28", "2026-11-29"
CALLS: tuple[Calls, ...] = (
    ("Saturday at seven and Monday at seven",
     {"2026-11-28T07:00+01:00": [SATURDAY, SUNDAY], "2026-11-30T07:00+01:00": [SUNDAY]},
     "2026-11-30", "2026-11-30T07:00"),
    ("Christmas Eve",
     {"2026-12-24T22:00+01:00": ["2026-12-24", "2026-12-25", "2026-12-26", "2026-12-27"]},
     "2026-12-28", "2026-12-28T07:00"),
    ("the night without a half past two, before Easter Monday",
     {"2027-03-28T01:50+01:00": ["2027-03-27", "2027-03-28", "2027-03-29"],
      "2027-03-28T03:10+02:00": ["2027-03-27", "2027-03-28", "2027-03-29"]},
     "2027-03-30", "2027-03-30T06:00"),
    ("Ascension with a closed bridge day",
     {"2027-05-05T22:00+02:00": ["2027-05-05", "2027-05-06", "2027-05-07", "2027-05-08", "2027-05-09"]},
     "2027-05-10", "2027-05-10T06:00"),
    ("half past two twice, before All Saints",
     {"2027-10-31T02:30+02:00": ["2027-10-30", "2027-10-31", "2027-11-01"],
      "2027-10-31T02:30+01:00": ["2027-10-30", "2027-10-31", "2027-11-01"]},
     "2027-11-02", "2027-11-02T07:00"),
)  # fmt: skip


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """The pilot region with its bridge day."""
    path = tmp_path / "region.toml"
    path.write_text(PILOT.read_text("utf-8") + BRIDGE_DAY, "utf-8")
    return path


@pytest.mark.parametrize("calls", CALLS, ids=[call[0] for call in CALLS])
def test_every_call_gets_its_nights_and_its_morning(
    calls: Calls, region: Path, tmp_path: Path, warm: Warm
) -> None:
    program = Program(tmp_path / "data", region=region, warm=warm)
    try:
        first = min(map(datetime.fromisoformat, calls[1]))
        program.start("--clock", (first - timedelta(minutes=5)).isoformat())
        called_and_handed_over(program, calls)
        assert program.command("verify").returncode == 0
    finally:
        program.close()


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_one_service_that_lives_through_the_year_gives_every_call_its_nights_and_its_morning(
    region: Path, tmp_path: Path, warm: Warm
) -> None:
    program = Program(tmp_path / "data", region=region, warm=warm)
    try:
        program.start()
        for calls in CALLS:
            called_and_handed_over(program, calls)
        assert program.command("verify").returncode == 0
    finally:
        program.close()


def called_and_handed_over(program: Program, of_a_night: Calls) -> None:
    """The calls of one night, until each is handed over on its morning and not a minute before."""
    desk, coordinator = Colleague(program, "calltaker"), Colleague(program, "coordinator")
    name, calls, checkout, due = of_a_night
    done, bookings = ids(coordinator), []
    for unit, (moment, nights) in zip(UNITS, calls.items(), strict=False):
        bookings.append(called_at(program, desk, moment, unit))
        assert (bookings[-1]["nights"], bookings[-1]["checkout"]) == (nights, checkout), name
    morning = datetime.fromisoformat(f"{due}+00:00")
    program.move_clock((morning - timedelta(minutes=1)).isoformat())
    assert ids(coordinator) == done, name
    program.move_clock(morning.isoformat())
    made = [each for each in coordinator.call("GET", "/handovers?all=true") if each["id"] not in done]
    assert len(made) == len(calls), name
    assert {each["case_id"] for each in made} == {booking["case_id"] for booking in bookings}
    assert {each["delivered_at"][:16] for each in made} == {due}, name
    for booking in bookings:
        make_free_again(coordinator, booking)


def called_at(program: Program, desk: Colleague, moment: str, unit: str) -> dict[str, Any]:
    """A bed asked and given at this moment."""
    program.move_clock(moment)
    return desk.book(desk.request(), unit)


def ids(coordinator: Colleague) -> set[str]:
    return {each["id"] for each in coordinator.call("GET", "/handovers?all=true")}


def test_a_closure_that_no_stay_can_bridge_is_warned_of_at_once(tmp_path: Path, warm: Warm) -> None:
    region = tmp_path / "region.toml"
    closed = "".join(f'\n[[closing_days]]\nday = 2026-12-{day}\nname = "gesloten"\n' for day in (28, 29))
    region.write_text(PILOT.read_text("utf-8") + closed, "utf-8")
    done = warm.run("region", "check", str(region), env={})
    assert done.returncode == 0
    line = len(PILOT.read_text("utf-8").splitlines()) + 2
    [warning] = [said for said in done.stderr.splitlines() if "closing_days[2026-12-28]" in said]
    assert warning.startswith(f"{region}:{line}: closing_days[2026-12-28].day: ")
    assert "vanaf donderdag 24 december 6 nachten" in warning
