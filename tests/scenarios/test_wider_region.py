"""The fire case in the wider region: fifteen municipalities change nothing for who calls."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.people import FIRE, FIRE_REQUEST, SCREENED, Colleague
from tests.support.program import ROOT, Program
from tests.support.warm import Warm


@pytest.fixture
def program(tmp_path: Path, warm: Warm) -> Iterator[Program]:
    made = Program(tmp_path / "data", region=ROOT / "deploy" / "regions" / "wider.toml", warm=warm)
    yield made
    made.close()


def test_the_family_of_the_fire_sleeps_in_ingelmunster_and_the_next_finds_its_way_too(
    program: Program,
) -> None:
    program.start()
    desk = Colleague(program, "calltaker")
    # There are three police zones here, so the desk is asked which one calls.
    desk.say("", *FIRE[:2], "Politiezone De Streek", *FIRE[2:])
    [booked] = desk.call("GET", "/bookings")
    assert booked["nights"] == ["2026-11-27", "2026-11-28", "2026-11-29"]
    assert (booked["unit_id"], booked["checkout"]) == ("ingelmunster-03", "2026-11-30")
    assert booked["reference"].startswith("RIT-")

    wingene = desk.request(
        **{**FIRE_REQUEST, "children": 0, "ages": [], "origin": "37021", "whereabouts": "37021"}
    )
    desk.call("POST", f"/requests/{wingene['id']}/screening", SCREENED)
    # What is not cleaned comes after what is, also when it is in the same town; what nobody confirmed comes last.
    proposed = desk.proposed(wingene)
    assert len(proposed) > 5
    assert proposed.index("roeselare-02") < proposed.index("wingene-01") and proposed[-1] == "staden-02"
    desk.book(wingene, "wingene-01")

    program.move_clock("2026-11-30T08:00+01:00")
    handovers = Colleague(program, "coordinator").call("GET", "/handovers")
    told = {
        each["reference"]: {to["organisation_id"] for to in each["recipients"] if to["delivered_at"]}
        for each in handovers
    }
    assert told.pop(booked["reference"]) == {"ocmw-ingelmunster", "caw-de-regio"}
    # The OCMW of Wingene is closed today: it hears on its first open day.
    assert list(told.values()) == [{"caw-de-regio"}]
