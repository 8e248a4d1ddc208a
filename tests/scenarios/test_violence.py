"""Who hides is never sent to the own or an avoided municipality, and a promised unit is never kept too long."""

import tomllib
from typing import Any

import pytest

from tests.scenarios.people import Browser, Colleague, rows
from tests.support.program import PILOT, Program

UNITS = {unit["id"]: unit for unit in tomllib.loads(PILOT.read_text("utf-8"))["units"]}
INGELMUNSTER, IZEGEM, WIELSBEKE = "36007", "36008", "37017"
FREE_IN_INGELMUNSTER, FREE_IN_IZEGEM, FREE_IN_WIELSBEKE = (
    "ingelmunster-03",
    ("izegem-05", "izegem-11"),
    "wielsbeke-02",
)
HIDING = {"origin": INGELMUNSTER, "whereabouts": INGELMUNSTER, "avoid": [IZEGEM], "adults": 1, "children": 1}


def refused(desk: Colleague, path: str, body: dict[str, Any]) -> str:
    """The code of the refusal."""
    status, answer = desk.ask("POST", path, body)
    assert status == 409, answer
    return str(answer["code"])


@pytest.mark.parametrize("kind", ["violence", "barring_order"])
def test_no_unit_there_is_proposed_held_booked_or_shown(running: Program, kind: str) -> None:
    desks = [Colleague(running, who) for who in ("calltaker", "coordinator")]
    request = desks[0].request(kind=kind, **HIDING)
    for desk in desks:
        assert desk.proposed(request) == [FREE_IN_WIELSBEKE]
        assert desk.proposed(request, nights=1) == [FREE_IN_WIELSBEKE]
        for unit_id in (FREE_IN_INGELMUNSTER, *FREE_IN_IZEGEM):
            asked = {"request_id": request["id"], "unit_id": unit_id}
            assert refused(desk, "/holds", asked) == "unit_avoided"
            assert refused(desk, "/bookings", asked) == "unit_avoided"
    query = f"kind={kind}&origin={INGELMUNSTER}&avoid={IZEGEM}&whereabouts={INGELMUNSTER}"
    found = desks[0].call("GET", f"/availability?{query}")["proposals"]
    assert [each["unit_id"] for each in found] == [FREE_IN_WIELSBEKE]

    booking = desks[0].book(request, FREE_IN_WIELSBEKE)
    status, moved = desks[0].ask("POST", f"/bookings/{booking['id']}/move", {"problem": "key_fails"})
    assert (status, moved["code"]) == (409, "no_unit")
    later = desks[1].ask("POST", f"/bookings/{booking['id']}/extend", {"unit_id": FREE_IN_INGELMUNSTER})
    assert later[1]["code"] == "unit_avoided"
    assert rows(running, "SELECT unit_id FROM bookings WHERE state = 'booked'") == [(FREE_IN_WIELSBEKE,)]
    shown_to_whom_it_must_be(running, booking)
    desks[0].call("POST", f"/bookings/{booking['id']}/cancel", {})
    desks[0].call("POST", f"/requests/{request['id']}/withdraw", {})


def shown_to_whom_it_must_be(program: Program, booking: dict[str, Any]) -> None:
    """Nobody opens an address by default but those who bring them there and hold the key."""
    address = UNITS[FREE_IN_WIELSBEKE]["address"]
    seen = {}
    for who in (
        "calltaker",
        "calltaker_2",
        "referrer",
        "referrer_hospital",
        "coordinator",
        "unit_manager",
        "unit_manager_wielsbeke",
        "council",
    ):
        status, answer = Colleague(program, who).ask(
            "POST", f"/bookings/{booking['id']}/links", {"purpose": "access"}
        )
        page = ""
        if status == 201:
            browser = Browser()
            browser.get(answer["url"])
            page = browser.press(answer["url"])[1]
        seen[who] = address in page
    assert {who for who, shown in seen.items() if shown} == {"calltaker", "unit_manager_wielsbeke"}


def test_with_everything_avoided_there_is_no_proposal_but_the_coordinator(running: Program) -> None:
    desk = Colleague(running, "calltaker")
    request = desk.request(kind="violence", **{**HIDING, "avoid": [IZEGEM, WIELSBEKE]})
    found = desk.call("GET", f"/availability?request_id={request['id']}")
    assert found["proposals"] == []
    desk.say("", "Open vragen")
    assert not any("woning 2" in choice["label"] for choice in desk.screen["choices"])


def test_in_the_chat_the_own_municipality_is_ticked_from_the_start(running: Program) -> None:
    desk = Colleague(running, "calltaker_2")
    desk.say("", "Nieuwe vraag", "Politie", "Nee", "Ouder + 1 kind", "Ingelmunster", "Geweld of bedreiging")
    assert desk.screen["key"] == "night_desk.avoid"
    assert "1 gemeente aangeduid" in desk.screen["text"]
    desk.say("Izegem")
    assert "2 gemeenten aangeduid" in desk.screen["text"]
    desk.say(
        "Klaar", "Nee", "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact", "Niets bijzonders"
    )
    if desk.screen["key"] == "night_desk.same_household":
        desk.say("Nee, andere mensen")
    assert desk.screen["key"] == "night_desk.proposals"
    assert [choice["label"] for choice in desk.own_choices()] == [
        "Wielsbeke, woning 2",
        "Niets hiervan past",
    ]


def test_a_promised_unit_is_given_until_that_morning_and_never_longer(program: Program) -> None:
    program.start()
    desk, coordinator = Colleague(program, "calltaker"), Colleague(program, "coordinator")
    request = desk.request(adults=2)
    late = {"night": "2026-12-01", "nights": 2}
    assert FREE_IN_WIELSBEKE in coordinator.proposed(request, night="2026-12-01", nights=1)
    assert FREE_IN_WIELSBEKE not in coordinator.proposed(request, **late)
    asked = {"request_id": request["id"], "unit_id": FREE_IN_WIELSBEKE}
    override = {"override": {"reason": "Er is nergens anders plaats.", "met_by": "de coördinator"}}
    assert refused(coordinator, "/holds", {**asked, **late}) == "unit_promised"
    assert refused(coordinator, "/bookings", {**asked, **late}) == "unit_promised"
    assert refused(coordinator, "/bookings", {**asked, "nights": 6, **override}) == "unit_promised"
    booking = coordinator.call("POST", "/bookings", {**asked, "nights": 5})
    assert booking["checkout"] == "2026-12-02"
    path = f"/bookings/{booking['id']}/extend"
    assert refused(coordinator, path, {"nights": 1, **override}) == "unit_promised"
    assert rows(program, "SELECT max(night) FROM unit_nights") == [("2026-12-01",)]
    assert program.command("verify").returncode == 0
