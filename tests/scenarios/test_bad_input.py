"""Bad input gets a clear error that repeats nothing of it, and changes nothing."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from tests.scenarios.people import FIRE_REQUEST, ONE_ADULT, Browser, Colleague, everything
from tests.support.program import Program

CANARY = "kanarie-7391"
"""Stands in everything that is sent; whoever answers must not repeat it."""

INJECTIONS = (
    f"{CANARY}' OR '1'='1'; DROP TABLE units; --",
    f"{CANARY}') redis.call('FLUSHALL') --",
    f"{CANARY} {{{{ 7*7 }}}} {{% raw %}} ${{7*7}}",
    f'=HYPERLINK("{CANARY}")',
    f"{CANARY}\r\nX-Injected: yes",
    f'{CANARY}\n{{"event": "forged"}}',
    f"\u202e{CANARY}\u202c",
    f"<script>{CANARY}</script>",
)
DEEP = '{"a":' * 3000 + "1" + "}" * 3000


class Case:
    """Something that was booked, so that there is something to break."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.desk = Colleague(program, "calltaker")
        self.request = self.desk.call("POST", "/requests", FIRE_REQUEST)
        self.booking = self.desk.book(self.request)
        self.open = self.desk.request()
        self.desk.say("", "Nieuwe vraag")


@pytest.fixture(scope="module")
def case(running: Program) -> Case:
    return Case(running)


def send(
    program: Program, method: str, path: str, raw: bytes | None, token: str, **headers: str
) -> tuple[int, dict[str, Any], str]:
    """Exactly these bytes; status, problem and the whole answer."""
    given = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": uuid4().hex,
    }
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    given = {name: value for name, value in given.items() if value}
    request = urllib.request.Request(f"{program.url}/api/v1{path}", raw, given, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            text, status = response.read().decode(), response.status
    except urllib.error.HTTPError as error:
        with error:
            text, status = error.read().decode(), error.code
    return status, json.loads(text), text


@contextmanager
def unchanged(program: Program, *but: str) -> Iterator[None]:
    """At the end the record is as it was, but for these tables."""
    before = everything(program)
    yield
    after = everything(program)
    assert [table for table in before if before[table] != after[table] and table not in but] == []


def refuse(
    case: Case, method: str, path: str, body: object, status: int = 422, **headers: str
) -> dict[str, Any]:
    """It is refused with this status in a sentence, and nothing of it comes back."""
    raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    found, problem, text = send(case.program, method, path, raw, case.desk.token, **headers)
    assert found == status, (path, body, problem)
    assert problem["status"] == status and problem["code"] and problem["detail"] and problem["title"]
    assert CANARY not in text and "Traceback" not in text
    return problem


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe{}", b'{"kind": NaN}', b'{"adults": Infinity}',
        b'{"adults": 1, "adults": 2}', b'{"adults": 1e400}', b'{"adults": ' + b"9" * 5000 + b"}", DEEP.encode(),
        b'{"kind": "conflict", "adults": 1, "x": "' + b"a" * 3_000_000 + b'"}',
    ],
    ids=[
        "empty", "cut off", "list", "null", "text", "UTF-16", "NaN", "infinite", "key twice", "too big a number",
        "endless number", "3000 deep", "three megabytes",
    ],
)  # fmt: skip
def test_what_is_no_proper_json_is_refused(case: Case, raw: bytes) -> None:
    with unchanged(case.program):
        status, problem, text = send(case.program, "POST", "/requests", raw, case.desk.token)
    assert status in (400, 413, 422), problem
    assert problem["detail"] and len(text) < 2000


REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("unknown kind", {"kind": CANARY}),
    ("unknown field", {CANARY: 1}),
    ("no adult but half a one", {"adults": 0.5}),
    ("nobody", {"adults": 0, "children": 0}),
    ("minus one", {"adults": -1}),
    ("a number in words", {"adults": "1"}),
    ("true for one", {"adults": True}),
    ("a huge number", {"adults": 10**30}),
    ("ages that do not add up", {"children": 1, "ages": [3, 4]}),
    ("a grown-up child", {"children": 1, "ages": [18]}),
    ("a town that is not there", {"origin": "99999"}),
    ("a town in words", {"whereabouts": CANARY}),
    ("a day that does not exist", {"night": "2026-02-30"}),
    ("a day long ago", {"night": "1026-02-20"}),
    ("yesterday", {"night": "2026-11-20"}),
    ("a moment without a clock", {"expected_at": "2026-11-28"}),
    ("half past two that does not exist", {"expected_at": "2027-03-28T02:30"}),
    ("half past two that happens twice", {"expected_at": "2027-10-31T02:30"}),
    ("a need that nobody knows", {"needs": [CANARY]}),
    ("more persons than people", {"persons": [{"adult": True}, {"adult": True}]}),
    ("an identity without a birth", {"persons": [{"identity": {"given_name": CANARY, "surname": CANARY}}]}),
    ("born tomorrow",
     {"persons": [{"identity": {"given_name": CANARY, "surname": "X", "birth_date": "2026-11-30"}}]}),
    ("a name without letters",
     {"persons": [{"identity": {"given_name": "123", "surname": "'", "birth_date": "1990-01-01"}}]}),
    ("a referrer from nowhere", {"referrer": CANARY}),
    ("somebody else's field", {"reference": CANARY}),
)  # fmt: skip


@pytest.mark.parametrize("wrong", [wrong for _, wrong in REQUESTS], ids=[name for name, _ in REQUESTS])
def test_a_request_with_a_mistake_is_refused(case: Case, wrong: dict[str, Any]) -> None:
    with unchanged(case.program):
        assert refuse(case, "POST", "/requests", {**ONE_ADULT, **wrong})["code"] == "bad_input"


def test_nights_units_and_people_that_cannot_be_are_refused(case: Case) -> None:
    with unchanged(case.program):
        open_request = {"request_id": case.open["id"], "unit_id": "izegem-11"}
        for nights in (0, -1, 8, 1.5, "3", "drie"):
            refuse(case, "POST", "/holds", {**open_request, "nights": nights})
            refuse(case, "POST", "/bookings", {**open_request, "nights": nights})
            refuse(case, "POST", f"/bookings/{case.booking['id']}/extend", {"nights": nights})
        for nights in ("0", "-1", "8", "1.5", "drie", "", "%203", "٣", "1" * 5000):
            refuse(case, "GET", f"/stay?night=2026-11-27&nights={urllib.parse.quote(nights)}", None)
            refuse(case, "GET", f"/availability?nights={urllib.parse.quote(nights)}", None)
        refuse(case, "POST", "/bookings", {**open_request, "persons": [case.request["persons"][0]]})
        refuse(case, "POST", "/bookings", {"hold_id": "x", **open_request})
        refuse(case, "POST", "/bookings", {"request_id": case.open["id"]})
        for day in ("2026-02-30", "27-11-2026", "2026-11-27T00:00", CANARY, "2026-W48-5", "٢٠٢٦-11-27"):
            refuse(case, "GET", f"/stay?night={urllib.parse.quote(day)}", None)
            refuse(case, "POST", "/holds", {**open_request, "night": day})
        refuse(case, "GET", "/stay?night=2026-11-27&night=2026-11-28", None)
        refuse(case, "POST", "/training/clock", {"now": "2020-01-01T00:00:00Z"}, 409)


def test_what_is_not_there_or_not_yours_looks_the_same(case: Case) -> None:
    owner = Colleague(case.program, "unit_manager_izegem")
    other = Colleague(case.program, "referrer_hospital")
    coordinator = Colleague(case.program, "coordinator")
    before = everything(case.program)
    for who, path in (
        (owner, f"/bookings/{case.booking['id']}"),
        (other, f"/bookings/{case.booking['id']}"),
        (other, f"/requests/{case.request['id']}"),
    ):
        status, real = who.ask("GET", path)
        nothing, made_up = who.ask("GET", path[:-4] + "zzzz")
        assert (status, nothing) == (404, 404)
        assert (real["code"], real["detail"]) == (made_up["code"], made_up["detail"])
    for path in ("check-in", "cancel", "no-show"):
        assert other.ask("POST", f"/bookings/{case.booking['id']}/{path}", {})[0] == 404
    assert owner.ask("POST", f"/bookings/{case.booking['id']}/check-out", {})[0] == 404
    unit = coordinator.call("GET", "/units/ingelmunster-03")
    for path in ("/units/ingelmunster-03", "/units/ingelmunster-99"):
        status, _ = owner.ask("PATCH", path, {"places": 1})
        assert status in (403, 404)
    said = {"status": "free", "version": unit["version"]}
    assert owner.ask("PUT", "/units/ingelmunster-03/status", said)[0] in (403, 404)
    for path in ("/handovers", "/figures", "/bookings/../../etc/passwd", f"/bookings/{CANARY}"):
        status, problem = case.desk.ask("GET", path)
        assert status in (403, 404) and CANARY not in json.dumps(problem)
    assert everything(case.program) == before


def test_a_call_without_its_papers_is_refused(case: Case) -> None:
    with unchanged(case.program):
        refuse(case, "POST", "/requests", ONE_ADULT, 400, Idempotency_Key="")
        refuse(case, "POST", "/requests", ONE_ADULT, 400, Idempotency_Key=f"{CANARY} é")
        refuse(case, "POST", "/requests", ONE_ADULT, 400, Idempotency_Key="x" * 300)
        refuse(case, "POST", "/requests", ONE_ADULT, 401, Authorization="")
        refuse(case, "POST", "/requests", ONE_ADULT, 401, Authorization=f"Bearer {CANARY}")
        refuse(
            case, "POST", "/requests", b"kind=conflict", 415, Content_Type="application/x-www-form-urlencoded"
        )
    key = uuid4().hex
    first = case.desk.call("POST", f"/requests/{case.open['id']}/take", {}, key=key)
    assert case.desk.call("POST", f"/requests/{case.open['id']}/take", {}, key=key) == first
    with unchanged(case.program):
        refuse(case, "POST", f"/requests/{case.request['id']}/withdraw", {}, 422, Idempotency_Key=key)


def test_whatever_is_typed_or_tapped_in_the_talk_is_not_repeated_and_leads_nowhere(case: Case) -> None:
    desk, other = case.desk, Colleague(case.program, "calltaker_2")
    at = desk.say("")
    # Where the talk is, and which lines were heard: what was answered, never what was typed.
    with unchanged(case.program, "chat_sessions", "operations"):
        typed = (
            *INJECTIONS,
            "-1",
            "0",
            "99",
            "8 nachten",
            "²",
            "1e3",
            f"{CANARY} " * 150,
            "\u200b",
            "terug naar af",
        )
        for line in typed:
            answers = desk.call("POST", "/chat", {"say": line})
            assert answers[-1]["key"] == at["key"], line
            assert CANARY not in json.dumps(answers)
        for choice in ("0.police", "999.police", "police", f"{CANARY}", "../../x", "1' OR 1=1"):
            answers = desk.call("POST", "/chat", {"choose": choice})
            assert answers[-1]["key"] == at["key"], choice
            assert CANARY not in json.dumps(answers)
        other.say("")
        stolen = other.call("POST", "/chat", {"choose": at["choices"][0]["id"]})
        assert stolen[-1]["key"] == "desk.menu"
        for body in (
            {"say": CANARY * 400},
            {"choose": CANARY * 400},
            {"say": CANARY, "choose": CANARY},
            {"say": 1},
            {},
        ):
            refuse(case, "POST", "/chat", body)
    stale = desk.screen["choices"][0]["id"]
    desk.say("Politie")
    now = desk.say("")
    assert desk.call("POST", "/chat", {"choose": stale})[-1]["key"] == now["key"]


def test_forms_and_links_that_are_wrong_change_nothing(case: Case) -> None:
    link = case.desk.call("POST", f"/bookings/{case.booking['id']}/links", {"purpose": "identity"})["url"]
    browser = Browser()
    assert "<form" in browser.press(link)[1]
    person = case.booking["persons"][0]
    forms: tuple[dict[str, str], ...] = (
        {"given_name": CANARY, "surname": "", "birth_date": "1990-01-01"},
        {"given_name": CANARY, "surname": "X", "birth_date": "2026-02-30"},
        {"given_name": CANARY, "surname": "X", "birth_year": "eeuwen"},
        {"given_name": "N" * 101, "surname": "X", "birth_year": "1990"},
        {"given_name": "\x00", "surname": "X", "birth_year": "1990"},
    )
    unchanged = ("person_identities", "persons", "request_notes", "operations", "outbox")
    before = everything(case.program)
    for form in forms:
        status, page = browser.press(link, operation=uuid4().hex, person=person, **form)
        assert status == 422 and 'role="alert"' in page
    for somebody in (case.open["persons"][0], CANARY, ""):
        form = {"given_name": "N", "surname": "X", "birth_year": "1990"}
        status, page = browser.press(link, operation=uuid4().hex, person=somebody, **form)
        assert status in (404, 422) and CANARY not in page
    for wrong in (f"{link}x", link[:-1] + "g", link.rpartition("/")[0] + "/" + "A" * 40, f"{link}/../x"):
        assert Browser().get(wrong)[0] == 404
        assert Browser().press(wrong)[0] == 404
    after = everything(case.program)
    assert {table: after[table] for table in unchanged} == {table: before[table] for table in unchanged}


def test_one_name_written_in_two_ways_is_one_person(case: Case) -> None:
    coordinator = Colleague(case.program, "coordinator")

    def known(given_name: str, surname: str) -> bool:
        request = case.desk.request(adults=1, origin="37017")
        path = f"/bookings/{case.desk.book(request)['id']}"
        body = {"given_name": given_name, "surname": surname, "birth_date": "1985-02-03"}
        answer = coordinator.call("PUT", f"{path}/persons/{request['persons'][0]}", body)
        case.desk.call("POST", f"{path}/cancel", {})
        case.desk.call("POST", f"/requests/{request['id']}/withdraw", {})
        return bool(answer["known"])

    assert not known("Zoë", "D'Haene-O’Brien")
    assert known("Zoe\u0308", "D\u2019haene O\u02bcBrien")
    assert known("\u202eZOË\u202c", "D`HAENE\u2011O'BRIEN")
