"""How long someone may stay, by command and by service: the same answers, and bookings that follow them."""

import json
import os
from typing import Any

import pytest

from tests.scenarios.people import Colleague, rows
from tests.support.program import Program
from tests.support.warm import Warm

TABLE: tuple[tuple[str, str, int | None, str | None, str | None, str | None], ...] = (
    # arrival, used; first block, out; longest with whole blocks, hard limit: until which morning
    ("2026-11-23", "", 1, "2026-11-24", "2026-11-26", "2026-11-26"),
    ("2026-11-24", "", 1, "2026-11-25", "2026-11-27", "2026-11-29"),
    ("2026-11-25", "", 1, "2026-11-26", "2026-11-30", "2026-11-30"),
    ("2026-11-27", "", 3, "2026-11-30", "2026-12-02", "2026-12-02"),
    ("2026-11-29", "", 1, "2026-11-30", "2026-12-02", "2026-12-02"),
    ("2026-11-28", "", 2, "2026-11-30", "2026-12-03", "2026-12-03"),
    ("2026-11-10", "", 2, "2026-11-12", "2026-11-13", "2026-11-15"),
    ("2026-12-24", "", 4, "2026-12-28", "2026-12-29", "2026-12-29"),
    ("2026-11-26", "2026-11-23,2026-11-24,2026-11-25", None, None, None, None),
    ("2026-11-27", "2026-11-23,2026-11-24,2026-11-25", 3, "2026-11-30", "2026-12-02", "2026-12-02"),
)
FRIDAY = {
    "allowed": True, "code": "ok", "nights": 3, "block": 3, "checkout": "2026-11-30",
    "longest_checkout": "2026-12-02", "hard_checkout": "2026-12-02", "by": "calltaker",
}  # fmt: skip
FRIDAY_AFTER_THREE = {
    "allowed": False, "code": "stay_limit", "nights": 3, "block": 3, "checkout": "2026-11-30",
    "longest_checkout": None, "hard_checkout": "2026-11-29", "by": None,
}  # fmt: skip
NOOR = {"given_name": "Noor", "surname": "Canary-Maes", "birth_date": "1990-05-17"}
WHY_NO_FOURTH = "Een vierde nacht is er alleen om over een weekend of feestdag te raken."


def by_command(warm: Warm, **asked: str) -> dict[str, Any]:
    """The answer of `crisispool stay --json`; its exit code says the same."""
    words = [word for name, value in asked.items() if value for word in (f"--{name}", value)]
    done = warm.run("stay", *words, "--json", env={"PATH": os.defpath})
    answer: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0 if answer["allowed"] else 1, "")
    return answer


def by_service(program: Program, **asked: str) -> dict[str, Any]:
    """The answer of `GET /stay`."""
    query = "&".join(f"{name}={value}" for name, value in asked.items() if value)
    answer: dict[str, Any] = Colleague(program, "council").call("GET", f"/stay?{query}")
    return answer


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} after {row[1] or 'nothing'}")
def test_the_table_of_the_policy_comes_out_of_command_and_service_alike(
    running: Program, warm: Warm, row: tuple[Any, ...]
) -> None:
    night, used, block, checkout, longest, hard = row
    answer = by_command(warm, night=night, used=used)
    assert by_service(running, night=night, used=used) == answer
    if block is None:
        assert (answer["allowed"], answer["code"], answer["by"]) == (False, "stay_limit", None)
        assert (answer["longest_checkout"], answer["hard_checkout"]) == (None, None)
    else:
        assert (answer["nights"], answer["block"], answer["checkout"]) == (block, block, checkout)
        assert (answer["longest_checkout"], answer["hard_checkout"]) == (longest, hard)
        assert (answer["allowed"], answer["by"]) == (True, "calltaker")


@pytest.mark.parametrize(
    ("used", "expected"),
    [("", FRIDAY), ("2026-11-24,2026-11-25,2026-11-26", FRIDAY_AFTER_THREE)],
    ids=["nothing used", "three used"],
)
def test_the_examples_of_the_contract_come_out_of_command_and_service_alike(
    running: Program, warm: Warm, used: str, expected: dict[str, Any]
) -> None:
    answer = by_command(warm, night="2026-11-27", used=used)
    assert by_service(running, night="2026-11-27", used=used) == answer
    assert {name: answer[name] for name in expected} == expected
    assert answer["sentence"]


def test_call_on_saturday_at_two_is_the_friday_night(running: Program) -> None:
    found = Colleague(running, "calltaker").call("GET", "/availability")
    assert (found["night"], found["nights"], found["checkout"]) == ("2026-11-27", 3, "2026-11-30")


def ask_for_noor(desk: Colleague, **fields: Any) -> dict[str, Any]:
    return desk.request(persons=[{"adult": True, "identity": NOOR}], **fields)


def test_three_nights_in_three_units_refuse_a_fourth_with_the_dates(program: Program) -> None:
    program.start("--clock", "2026-11-23T19:00+01:00")
    desk = Colleague(program, "calltaker")
    units = ("izegem-11", "ingelmunster-03", "izegem-05")
    for day, unit in zip((23, 24, 25), units, strict=True):
        program.move_clock(f"2026-11-{day}T20:00+01:00")
        booking = desk.book(ask_for_noor(desk), unit)
        assert booking["nights"] == [f"2026-11-{day}"]
        program.move_clock(f"2026-11-{day + 1}T09:30+01:00")
        Colleague(program, "coordinator").call("POST", f"/bookings/{booking['id']}/check-out", {})
    program.move_clock("2026-11-26T20:00+01:00")
    request = ask_for_noor(desk)
    status, refused = desk.ask("POST", "/bookings", {"request_id": request["id"], "unit_id": "izegem-10"})
    assert (status, refused["code"]) == (409, "stay_limit")
    assert refused["detail"].startswith(
        f"Dit kan niet: maandag 23, dinsdag 24 en woensdag 25 november waren al drie nachten op rij. {WHY_NO_FOURTH}"
    )
    assert refused["facts"]["used"] == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert len(rows(program, "SELECT DISTINCT unit_id FROM unit_nights")) == 3
    assert rows(program, "SELECT count(*) FROM person_nights") == [(3,)]
    assert program.command("verify").returncode == 0


def test_a_booking_that_joins_two_older_ones_into_too_long_a_run_is_refused(program: Program) -> None:
    program.start("--clock", "2026-11-23T20:00+01:00")
    desk = Colleague(program, "calltaker")
    coordinator = Colleague(program, "coordinator")
    coordinator.book(ask_for_noor(coordinator), "izegem-11", nights=2)
    coordinator.book(ask_for_noor(coordinator, night="2026-11-26"), "ingelmunster-03", nights=1)
    request = ask_for_noor(coordinator, night="2026-11-25")
    for giver in (desk, coordinator):
        status, refused = giver.ask(
            "POST", "/bookings", {"request_id": request["id"], "unit_id": "izegem-05", "night": "2026-11-25"}
        )
        assert (status, refused["code"]) == (409, "stay_limit")
        assert refused["detail"].startswith(
            "Dit kan niet: samen met maandag 23, dinsdag 24 en donderdag 26 november worden het vier nachten op rij. "
            f"{WHY_NO_FOURTH}"
        )
    nights = [night for (night,) in rows(program, "SELECT night FROM person_nights ORDER BY night")]
    assert nights == ["2026-11-23", "2026-11-24", "2026-11-26"]


def test_what_each_adult_of_a_household_may_still_have_is_shown(running: Program) -> None:
    desk = Colleague(running, "calltaker")
    used = ["2026-11-24", "2026-11-25", "2026-11-26"]
    persons = [{"adult": True, "claimed_nights": used}, {"adult": True, "claimed_nights": []}]
    request = desk.request(adults=2, persons=persons)
    status, refused = desk.ask("POST", "/bookings", {"request_id": request["id"], "unit_id": "izegem-05"})
    assert (status, refused["code"]) == (409, "stay_limit")
    first, second = refused["facts"]["split"]
    assert (first["person"], second["person"]) == tuple(request["persons"])
    assert (first["allowed"], first["hard_checkout"]) == (False, "2026-11-29")
    assert (second["allowed"], second["hard_checkout"]) == (True, "2026-12-02")
    assert (
        "Per volwassene: volwassene 1 tot zondag 29 november en volwassene 2 tot woensdag 2 december"
        in (refused["detail"])
    )
    alone = {"request_id": request["id"], "unit_id": "izegem-05", "persons": [second["person"]]}
    booking = desk.call("POST", "/bookings", alone)
    assert (len(booking["nights"]), booking["persons"]) == (3, [second["person"]])
