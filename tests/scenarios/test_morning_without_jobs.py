"""Nothing did what falls due from Friday night to Monday 11:00: then everything happens at once, and once."""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.scenarios.people import Colleague, rows
from tests.support.program import Program
from tests.support.warm import Warm

MONDAY_1100 = "2026-11-30T11:00+01:00"
CASES = 4


@pytest.fixture
def jobs(program: Program, warm: Warm) -> Iterator[list[Program]]:
    """Two processes more on the same set-up, not started yet."""
    made = [Program(program.data_dir, warm=warm) for _ in range(2)]
    yield made
    for each in made:
        each.kill()


def a_weekend(program: Program) -> None:
    """Three households in a bed, one without who may be called, one that asked nothing more."""
    desk = Colleague(program, "calltaker")
    family = desk.request(adults=1, children=2, origin="36007", whereabouts="36007", kind="fire_water_closed")
    desk.call("POST", f"/bookings/{desk.book(family)['id']}/check-in", {})
    desk.book(desk.request(adults=2, origin="36008"))
    desk.book(desk.request(adults=1, origin="outside", kind="homeless"))
    for consent in (True, False):
        turned_away = desk.request(adults=1, origin="37017", kind="other", contact_consent=consent)
        said = {"code": "no_unit", "contact_consent": consent, "alternative": "night_shelter"}
        desk.call("POST", f"/requests/{turned_away['id']}/refusal", said)


def told(program: Program) -> Counter[tuple[str, str, str]]:
    """How often each recipient was told each thing about each case."""
    found = rows(program, "SELECT recipient_id, key, about_id FROM outbox WHERE about_kind = 'handover'")
    return Counter((who, key.removeprefix("message."), about) for who, key, about in found)


def wait_until_nothing_is_due(program: Program) -> None:
    """Until the other process has swept."""
    end = time.monotonic() + 20
    while rows(program, "SELECT next_step FROM handovers") != [("contact_overdue",)] * CASES:
        assert time.monotonic() < end, rows(program, "SELECT * FROM handovers")
        time.sleep(0.02)


BACKUPS = {
    "ocmw-ingelmunster": "ocmw-izegem",
    "ocmw-izegem": "ocmw-ingelmunster",
    "ocmw-wielsbeke": "ocmw-oostrozebeke",
}
"""Who steps in for whom in the pilot region; nobody does for the CAW."""


def assert_told_once(program: Program, services: dict[str, set[str]]) -> None:
    """Each service, its backup and the coordinators heard of each case, once, and nobody heard anything else."""
    expected: Counter[tuple[str, str, str]] = Counter()
    for handover, organisations in services.items():
        key = "handover" if rows(program, "SELECT admitted FROM cases WHERE id = (SELECT case_id FROM handovers "
                                 "WHERE id = ?)", handover) == [(1,)] else "handover_contact"  # fmt: skip
        for organisation in organisations:
            expected[(organisation, key, handover)] += 1
            if organisation in BACKUPS:
                expected[(BACKUPS[organisation], "handover_backup", handover)] += 1
        for coordinator in ("coordinator", "coordinator_2"):
            expected[(coordinator, "handover_coordinator", handover)] += 1
    assert told(program) == expected


def test_every_case_is_handed_over_once_and_service_backup_and_coordinator_hear_it_at_once(
    program: Program, jobs: list[Program]
) -> None:
    program.start("--only", "web", "--clock", "2026-11-27T22:00+01:00")
    a_weekend(program)
    program.move_clock(MONDAY_1100)
    coordinator = Colleague(program, "coordinator")
    assert coordinator.call("GET", "/handovers") == []
    assert told(program) == Counter()
    assert program.command("verify").returncode == 1

    starts = [
        threading.Thread(target=each.start, args=("--only", "jobs"), kwargs={"load": False}) for each in jobs
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    wait_until_nothing_is_due(program)
    handovers = coordinator.call("GET", "/handovers")
    assert len(handovers) == CASES == len({handover["case_id"] for handover in handovers})
    assert all(handover["delivered_at"] >= "2026-11-30T10:00:00" for handover in handovers)
    services = {
        handover["id"]: {each["organisation_id"] for each in handover["recipients"]} for handover in handovers
    }
    assert sorted(map(sorted, services.values())) == [
        ["caw-de-regio"],
        ["caw-de-regio", "ocmw-ingelmunster"],
        ["caw-de-regio", "ocmw-izegem"],
        ["caw-de-regio", "ocmw-wielsbeke"],
    ]
    assert_told_once(program, services)
    assert program.command("verify").returncode == 0

    before = told(program)
    for each in (*jobs, program):
        each.kill()
    program.start(load=False)
    program.move_clock("2026-11-30T11:30+01:00")
    assert told(program) == before
    assert len(coordinator.call("GET", "/handovers")) == CASES
