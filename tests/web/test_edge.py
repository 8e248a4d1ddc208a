"""What stops at the edge: bad input gets a clear error, repeats nothing and reaches no service."""

import json
from typing import Any

import pytest
from aiohttp import ClientResponse

from crisispool.domain.errors import NotThere, Outage, Refusal
from crisispool.web.server import LARGEST_BODY
from tests.web.edge import FIRE, REQUEST, SCREENS, Edge

CANARY = "Vandekerckhove"


async def problem(response: ClientResponse, status: int, code: str) -> dict[str, Any]:
    """The problem details of an answer, which must be complete."""
    assert response.status == status, await response.text()
    assert response.content_type == "application/problem+json"
    said: dict[str, Any] = await response.json()
    assert said["code"] == code
    assert said["status"] == status
    assert said["type"] == f"urn:crisispool:problem:{code}"
    assert said["title"] and said["detail"]
    return said


async def test_a_good_body_reaches_the_service_as_an_ask(edge: Edge) -> None:
    edge.desk.answer = REQUEST
    response = await edge.send("POST", "/requests", json=FIRE)
    assert response.status == 201
    assert (await response.json())["persons"] == ["p-1", "p-2", "p-3"]
    actor, operation_id, ask = edge.desk.only
    assert actor.colleague_id == "calltaker"
    assert operation_id.startswith("api:")
    assert (ask.kind, ask.ages, len(ask.persons)) == ("fire_water_closed", (6, 9), 1)


@pytest.mark.parametrize(
    ("change", "field", "wrong"),
    [
        ({"kind": CANARY}, "kind", "not_a_choice"),
        ({"kind": None}, "kind", "not_a_choice"),
        ({"adults": -1}, "adults", "out_of_range"),
        ({"adults": 21}, "adults", "out_of_range"),
        ({"adults": "1"}, "adults", "wrong_type"),
        ({"adults": True}, "adults", "wrong_type"),
        ({"adults": 1.0}, "adults", "wrong_type"),
        ({"adults": 0, "children": 0, "ages": [], "persons": []}, "body", "nobody"),
        ({"ages": [6]}, "body", "ages_do_not_match_children"),
        ({"ages": [6, 18]}, "ages.1", "out_of_range"),
        ({"origin": "Izegem"}, "origin", "wrong_format"),
        ({"whereabouts": "360080"}, "whereabouts", "wrong_format"),
        ({"avoid": ["36008", "x"]}, "avoid.1", "wrong_format"),
        ({"needs": ["sauna"]}, "needs.0", "not_a_choice"),
        ({"referrer": "a b"}, "referrer", "wrong_format"),
        ({"referrer": "'; DROP TABLE requests; --"}, "referrer", "wrong_format"),
        ({CANARY: 1}, "body", "unknown_field"),
        ({"night": "2026-02-30"}, "night", "not_a_date"),
        ({"night": "2026-11-28T00:00:00"}, "night", "not_a_date"),
        ({"night": 20261128}, "night", "not_a_date"),
        ({"night": "0001-01-01"}, "night", "out_of_range"),
        ({"expected_at": "2026-10-25T02:30:00"}, "expected_at", "needs_offset"),
        ({"expected_at": "2027-03-28T02:30"}, "expected_at", "needs_offset"),
        ({"expected_at": "vannacht"}, "expected_at", "not_a_moment"),
        ({"persons": [{"adult": True}, {"adult": True}]}, "body", "more_persons_than_counted"),
        ({"persons": [{"adult": True, "name": CANARY}]}, "persons.0", "unknown_field"),
        (
            {"persons": [{"adult": True, "claimed_nights": ["gisteren"]}]},
            "persons.0.claimed_nights.0",
            "not_a_date",
        ),
        ({"persons": [{"identity": {"given_name": CANARY}}]}, "persons.0.identity.surname", "missing"),
    ],
)
async def test_a_request_that_cannot_be_meant_names_the_field(
    edge: Edge, change: dict[str, Any], field: str, wrong: str
) -> None:
    response = await edge.send("POST", "/requests", json={**FIRE, **change})
    said = await problem(response, 422, "bad_input")
    assert said["facts"] == {"field": field, "problem": wrong}
    assert CANARY not in await response.text()
    assert edge.desk.calls == []


@pytest.mark.parametrize(
    ("identity", "field", "wrong"),
    [
        ({"given_name": "A\x00b"}, "given_name", "control_character"),
        ({"given_name": "A\nb"}, "given_name", "control_character"),
        ({"given_name": "’"}, "given_name", "no_letters"),
        ({"given_name": "\u202e"}, "given_name", "no_letters"),
        ({"given_name": "x" * 101}, "given_name", "too_long"),
        ({"birth_date": "2026-12-01"}, "birth_date", "in_the_future"),
        ({"birth_date": "1899-12-31"}, "birth_date", "out_of_range"),
        ({"birth_date": None}, "body", "birth_missing"),
        ({"birth_year": 1991}, "body", "contradicts"),
        ({"phone": "bel mij"}, "phone", "wrong_format"),
    ],
)
async def test_an_identity_that_cannot_be_meant_names_the_field(
    edge: Edge, identity: dict[str, Any], field: str, wrong: str
) -> None:
    body = {"given_name": CANARY, "surname": "Peeters", "birth_date": "1990-05-17", **identity}
    response = await edge.send("PUT", "/bookings/b-1/persons/p-1", json=body)
    said = await problem(response, 422, "bad_input")
    assert said["facts"] == {"field": field, "problem": wrong}
    assert CANARY not in await response.text()
    assert edge.desk.calls == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("D'Hondt", "D'Hondt"),
        ("D’Hondt", "D’Hondt"),
        ("D\u02bchondt", "D\u02bchondt"),
        ("Rene\u0301e", "Renée"),
        ("\u200f\u0633\u0627\u0631\u0629\u200f", "\u0633\u0627\u0631\u0629"),
        ("  Anne   Marie ", "Anne Marie"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("{{seven}}", "{{seven}}"),
    ],
)
async def test_a_name_may_be_written_in_every_way_and_is_kept_in_one(
    edge: Edge, written: str, kept: str
) -> None:
    body = {"given_name": written, "surname": "Peeters", "birth_year": 1990}
    await edge.send("PUT", "/bookings/b-1/persons/p-1", json=body)
    assert edge.desk.only[-1].given_name == kept


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"hold_id": "h", "unit_id": "u", "request_id": "r"},
        {"request_id": "r"},
        {"unit_id": "u"},
        {"hold_id": "h", "nights": 2},
        {"hold_id": "h" * 65},
        {"request_id": "r", "unit_id": "u", "nights": 0},
        {"request_id": "r", "unit_id": "u", "nights": -1},
        {"request_id": "r", "unit_id": "u", "nights": 8},
        {"hold_id": "h", "override": {"reason": " "}},
        {"hold_id": "h", "override": {}},
        {"hold_id": "h", "persons": ["p", "p"]},
    ],
)
async def test_a_booking_says_one_thing_or_is_refused(edge: Edge, body: dict[str, Any]) -> None:
    await problem(await edge.send("POST", "/bookings", json=body), 422, "bad_input")
    assert edge.desk.calls == []


async def test_null_takes_a_date_of_a_unit_away_and_nothing_else(edge: Edge) -> None:
    await edge.send(
        "PATCH", "/units/u-1", role="unit_manager", json={"free_until": None, "places": 3, "cots": None}
    )
    ask = edge.desk.only[-1]
    assert (ask.clear, ask.places, ask.cots) == (("free_until",), 3, None)


@pytest.mark.parametrize("body", [{"places": 0}, {"rooms": 0}, {"rooms": 21}, {"cots": -1}])
async def test_a_unit_without_a_room_or_a_place_is_refused(edge: Edge, body: dict[str, Any]) -> None:
    answer = await edge.send("PATCH", "/units/u-1", role="unit_manager", json=body)
    await problem(answer, 422, "bad_input")
    assert edge.desk.calls == []


async def test_a_change_without_a_key_is_refused(edge: Edge) -> None:
    await problem(await edge.send("POST", "/requests", key=None, json=FIRE), 400, "idempotency_key_missing")
    assert edge.desk.calls == []


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256])
async def test_a_key_that_cannot_be_read_is_refused(edge: Edge, key: str) -> None:
    response = await edge.send("POST", "/requests", headers={"Idempotency-Key": key}, json=FIRE)
    await problem(response, 400, "idempotency_key_bad")
    assert edge.desk.calls == []


async def test_one_key_of_one_colleague_is_one_operation_on_any_path(edge: Edge) -> None:
    for path, role in [
        ("/bookings/b-1/check-in", "calltaker"),
        ("/bookings/b-2/cancel", "calltaker"),
        ("/bookings/b-1/check-in", "calltaker@2"),
    ]:
        await edge.send("POST", path, role=role, key="same")
    first, elsewhere, of_another = (args[1] for _, args in edge.desk.calls)
    assert first == elsewhere != of_another
    assert "same" not in first


async def test_put_patch_and_delete_make_their_own_key(edge: Edge) -> None:
    await edge.send("DELETE", "/holds/h-1", key=None)
    await edge.send("DELETE", "/holds/h-1", key=None)
    one, two = (args[1] for _, args in edge.desk.calls)
    assert one != two


async def test_a_body_that_is_no_json_is_refused(edge: Edge) -> None:
    headers = {"Content-Type": "text/plain"}
    response = await edge.send("POST", "/requests", data=json.dumps(FIRE), headers=headers)
    await problem(response, 415, "unsupported_media_type")
    headers = {"Content-Type": "application/json"}
    response = await edge.send("POST", "/requests", data=b'{"kind": "fire', headers=headers)
    said = await problem(response, 422, "bad_input")
    assert said["facts"] == {"field": "body", "problem": "not_json"}


async def test_a_body_that_is_too_large_is_refused(edge: Edge) -> None:
    response = await edge.send("POST", "/requests", json={**FIRE, "language": "x" * LARGEST_BODY})
    await problem(response, 413, "too_large")


async def test_a_call_without_a_body_takes_none_or_an_empty_one(edge: Edge) -> None:
    await edge.send("POST", "/bookings/b-1/check-in", key="1")
    await edge.send("POST", "/bookings/b-1/check-in", key="2", json={})
    assert len(edge.desk.calls) == 2
    refused = await edge.send("POST", "/bookings/b-1/check-in", key="3", json={"until": "x"})
    await problem(refused, 422, "bad_input")
    assert len(edge.desk.calls) == 2


@pytest.mark.parametrize(
    ("path", "field", "wrong"),
    [
        ("/availability?nights=0", "nights", "out_of_range"),
        ("/availability?nights=8", "nights", "out_of_range"),
        ("/availability?nights=1.0", "nights", "not_a_whole_number"),
        ("/availability?nights=%D9%A3", "nights", "not_a_whole_number"),
        ("/availability?nights=1&nights=2", "query", "parameter_twice"),
        (f"/availability?{CANARY}=1", "body", "unknown_field"),
        ("/availability?night=28-11-2026", "night", "not_a_date"),
        ("/availability?needs=cot,sauna", "needs.1", "not_a_choice"),
        ("/availability?whereabouts=Izegem", "whereabouts", "wrong_format"),
        ("/bookings?all=yes", "all", "not_a_choice"),
        ("/bookings?x=1", "body", "unknown_field"),
        ("/duty?at=2026-10-25T02:30", "at", "needs_offset"),
        ("/stay", "night", "missing"),
        ("/stay?night=2026-11-27&nights=x", "nights", "not_a_whole_number"),
        ("/stay?night=2026-11-27&used=2026-11-31", "used.0", "not_a_date"),
        ("/stay?night=2026-11-27&policy=kind", "policy", "not_a_choice"),
    ],
)
async def test_a_query_that_cannot_be_meant_names_the_parameter(
    edge: Edge, path: str, field: str, wrong: str
) -> None:
    response = await edge.send("GET", path)
    said = await problem(response, 422, "bad_input")
    assert said["facts"] == {"field": field, "problem": wrong}
    assert CANARY not in await response.text()
    assert edge.desk.calls == []


async def test_lists_in_a_query_have_commas(edge: Edge) -> None:
    await edge.send("GET", "/availability?needs=cot,pet&avoid=36008&persons=3")
    ask = edge.desk.only[-1]
    assert (ask.needs, ask.avoid, ask.persons, ask.night) == (("cot", "pet"), ("36008",), 3, None)


@pytest.mark.parametrize("bad", ["a" * 65, "a%20b", "%00", "a'b", "%2e%2e%2fetc", "é"])
async def test_an_id_that_cannot_be_one_is_not_there(edge: Edge, bad: str) -> None:
    await problem(await edge.send("GET", f"/requests/{bad}"), 404, "not_there")
    assert edge.desk.calls == []


@pytest.mark.parametrize(
    "sent", [None, "Basic abc", "Bearer ", "Bearer wrong", "Bearer é", "Bearer " + "x" * 900]
)
async def test_nobody_gets_in_without_a_token(edge: Edge, sent: str | None) -> None:
    headers = {"Authorization": sent} if sent else {}
    response = await edge.send("GET", "/me", role=None, headers=headers)
    await problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"},
)


async def test_a_cookie_changes_something_only_from_our_own_page(edge: Edge) -> None:
    cookie = {"Cookie": "crisispool_session=calltaker"}
    token = {**cookie, "X-CSRF-Token": "csrf-calltaker"}
    assert (await edge.send("GET", "/me", role=None, headers=cookie)).status == 200
    of_another = {**cookie, "X-CSRF-Token": "csrf-coordinator"}
    refused = [(cookie, "form_outdated"), (of_another, "form_outdated")]
    refused += [({**token, **each}, "cross_site") for each in FOREIGN]
    for headers, code in refused:
        response = await edge.send("POST", "/bookings/b-1/check-in", role=None, headers=headers)
        await problem(response, 403, code)
    assert edge.desk.calls == []
    for number, own in enumerate(
        ({}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost:8080"})
    ):
        await edge.send("POST", "/bookings/b-1/check-in", role=None, headers={**token, **own})
        assert len(edge.desk.calls) == number + 1


async def test_the_cookie_of_a_session_that_is_over_opens_nothing(edge: Edge) -> None:
    cookie = {"Cookie": "crisispool_session=nobody"}
    await problem(await edge.send("GET", "/me", role=None, headers=cookie), 401, "unauthenticated")


async def test_another_method_says_which_ones_there_are(edge: Edge) -> None:
    response = await edge.send("PUT", "/bookings")
    await problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET,POST"


async def test_an_address_that_does_not_exist_is_a_problem_too(edge: Edge) -> None:
    await problem(await edge.send("GET", "/nothing"), 404, "not_there")


async def test_a_refusal_keeps_its_code_and_facts(edge: Edge) -> None:
    edge.desk.answer = Refusal("stay_limit", {"nights": 4})
    said = await problem(await edge.send("POST", "/bookings/b-1/extend", json={}), 409, "stay_limit")
    assert said["facts"] == {"nights": 4}


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        (Refusal("no_longer_free"), 409, "no_longer_free"),
        (Refusal("operation_reused"), 422, "operation_reused"),
        (NotThere("booking"), 404, "not_there"),
    ],
)
async def test_each_refusal_has_its_status(edge: Edge, trouble: Refusal, status: int, code: str) -> None:
    edge.desk.answer = trouble
    await problem(await edge.send("GET", "/bookings/b-1"), status, code)


async def test_an_outage_says_when_to_try_again(edge: Edge) -> None:
    edge.desk.answer = Outage("record", f"host {CANARY}")
    response = await edge.send("GET", "/requests")
    await problem(response, 503, "outage")
    assert int(response.headers["Retry-After"]) > 0
    assert CANARY not in await response.text()


async def test_an_unexpected_error_shows_and_logs_an_id_and_no_content(
    edge: Edge, capsys: pytest.CaptureFixture[str]
) -> None:
    edge.desk.answer = RuntimeError(f"bad value {CANARY}")
    response = await edge.send("GET", "/requests")
    said = await problem(response, 500, "unexpected")
    printed = "".join(capsys.readouterr())
    assert said["facts"]["id"] in printed
    assert CANARY not in printed + await response.text()


async def test_every_answer_has_safe_headers_and_training_says_so(edge: Edge, training: Edge) -> None:
    for path in ("/me", "/nothing"):
        real = await edge.send("GET", path)
        assert real.headers["X-Content-Type-Options"] == "nosniff"
        assert real.headers["Cache-Control"] == "no-store"
        assert "X-Crisispool-Mode" not in real.headers
        assert (await training.send("GET", path)).headers["X-Crisispool-Mode"] == "training"


async def test_training_calls_are_not_there_in_production(edge: Edge, training: Edge) -> None:
    body = {"as": "calltaker"}
    await problem(await edge.send("POST", "/training/sign-in", role=None, json=body), 404, "not_there")
    await problem(await edge.send("GET", "/training/clock"), 404, "not_there")
    response = await training.send("POST", "/training/sign-in", role=None, key=None, json=body)
    assert await response.json() == {"token": "calltaker"}


async def test_the_training_clock_takes_the_time_of_a_belgian_clock(training: Edge) -> None:
    await training.send("POST", "/training/clock", json={"now": "2026-11-30T08:00"})
    assert training.desk.only[-1].isoformat() == "2026-11-30T07:00:00+00:00"
    await problem(await training.send("POST", "/training/clock", json={"now": "straks"}), 422, "bad_input")


async def test_a_chat_line_is_said_or_chosen_and_never_both(edge: Edge) -> None:
    edge.desk.answer = SCREENS
    response = await edge.send("POST", "/chat", json={"say": ""})
    assert [screen["key"] for screen in await response.json()] == ["menu"]
    for body in ({}, {"say": "x", "choose": "1"}, {"say": None}, {"say": "x" * 2001}):
        refused = await edge.send("POST", "/chat", json=body)
        await problem(refused, 422, "bad_input")
    assert [name for name, _ in edge.desk.calls] == ["say"]


async def test_the_stay_rule_answers_as_the_command_does(edge: Edge) -> None:
    first = await (await edge.send("GET", "/stay?night=2026-11-27", role="council")).json()
    assert (first["allowed"], first["nights"], first["by"]) == (True, 3, "calltaker")
    assert (first["checkout"], first["longest_checkout"]) == ("2026-11-30", "2026-12-02")
    used = "2026-11-24,2026-11-25,2026-11-26"
    later = await (await edge.send("GET", f"/stay?night=2026-11-27&used={used}")).json()
    assert (later["allowed"], later["code"], later["by"]) == (False, "stay_limit", None)
    assert (later["longest_checkout"], later["hard_checkout"]) == (None, "2026-11-29")


async def test_metrics_count_templates_and_never_an_address(edge: Edge) -> None:
    await edge.send("GET", f"/requests/{CANARY}")
    counted = await (await edge.client.get("/metrics")).text()
    assert 'route="/api/v1/requests/{id}"' in counted
    assert CANARY not in counted
