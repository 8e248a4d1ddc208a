"""Every call that changes something, sent several times: one after the other, at once, after a restart: one effect."""

import json
import re
import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from crisispool.web.routes import OPERATIONS, PREFIX
from tests.scenarios.operations import (
    ALL,
    DESK,
    EACH_TIME_ANEW,
    TABLE,
    TURNED_AWAY,
    Prepared,
    booked,
    somebody,
)
from tests.scenarios.people import Browser, Colleague, everything, rows, tables
from tests.support.databases import postgres_empty
from tests.support.program import Program, by_url
from tests.support.warm import Warm


def test_every_operation_that_changes_something_is_sent_again_here() -> None:
    changing = {f"{each.method} {each.path}" for each in OPERATIONS if each.changes}
    assert changing == set(TABLE) | EACH_TIME_ANEW


@dataclass
class Sent:
    """A call that was made, and its answer."""

    by: Colleague
    method: str
    path: str
    body: object
    key: str
    answer: tuple[int, Any]

    def again(self, by: Colleague | None = None) -> tuple[int, Any]:
        """The same once more."""
        return (by or self.by).ask(self.method, self.path, self.body, key=self.key)


class Services:
    """Two web processes on one record, who works there, and what they do: every operation, or each so many."""

    def __init__(self, first: Program, second: Program, *, each: int) -> None:
        self.first, self.second = first, second
        self.table = {
            name: row
            for number, (name, row) in enumerate(TABLE.items())
            # What the morning brings needs the morning.
            if number % each == 0 or name == "POST /training/clock"
        }
        names = (DESK, ALL, f"{DESK}_2", f"{ALL}_2")
        self.people = {name: Colleague(first, name) for name in names}
        self.sent: list[Sent] = []
        self._count = " UNION ALL ".join(
            (
                *(f"SELECT '{table}', count(*) FROM {table}" for table in (*tables(first), "messages_seen")),  # noqa: S608
                "SELECT action, count(*) FROM audit_entries GROUP BY 1",
                "SELECT key, count(*) FROM outbox GROUP BY 1",
            )
        )

    def elsewhere(self, me: Colleague) -> Colleague:
        """The same colleague at the other process."""
        return Colleague(self.second, token=me.token)

    def send(
        self, name: str, by: str, key: str, prepare: Callable[[Colleague], Prepared], times: int
    ) -> Counter[str]:
        """Send it so many times at once, through both; what was added to the record."""
        me = self.people[by]
        path, body = prepare(me)
        before = self.counted()
        call = Sent(me, name.partition(" ")[0], path, body, key, (0, None))
        answers = at_once(times, lambda n: call.again(self.elsewhere(me) if n % 2 else me))
        call.answer = answers[0]
        assert call.answer[0] < 300, (name, call.answer)
        assert all(answer == call.answer for answer in answers), (name, answers)
        self.sent.append(call)
        return self.counted() - before

    def counted(self) -> Counter[str]:
        """How many rows of each kind, how often each thing was done, and each message told."""
        return Counter(dict(rows(self.first, self._count)))

    def tidy(self) -> None:
        """Nobody is in a bed, and no unit is held."""
        desk = self.people[ALL]
        for booking in desk.call("GET", "/bookings"):
            desk.call("POST", f"/bookings/{booking['id']}/cancel", {})
        for (hold,) in rows(self.first, "SELECT id FROM holds WHERE ended_at IS NULL"):
            desk.call("DELETE", f"/holds/{hold}")


def at_once(times: int, do: Callable[[int], tuple[int, Any]]) -> list[tuple[int, Any]]:
    ready, done = threading.Barrier(times), {}

    def one(number: int) -> None:
        ready.wait()
        done[number] = do(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [done[number] for number in range(times)]


PLACES = [
    pytest.param(("sqlite", 1), id="sqlite"),
    pytest.param(("postgresql", 8), id="some on postgresql", marks=pytest.mark.postgres),
    pytest.param(
        ("postgresql", 1),
        id="postgresql",
        marks=(pytest.mark.postgres, pytest.mark.soak, pytest.mark.timeout(900)),
    ),
]
"""Where the record is, and of how many operations one is sent there."""


@pytest.fixture(scope="module", params=PLACES)
def services(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, warm: Warm
) -> Iterator[Services]:
    """Many units are free; ten were turned away and may be called on Monday."""
    settings = {"PUBLIC_URL": "http://localhost:1"}
    database, each = request.param
    if database == "postgresql":
        settings |= by_url(postgres_empty(request.getfixturevalue("postgres")))
    first = Program(tmp_path_factory.mktemp("program") / "data", warm=warm, settings=settings)
    first.start("--only", "web")
    second = first.another()
    second.start("--only", "web", load=False)
    made = Services(first, second, each=each)
    desk = made.people[DESK]
    for unit in [each for each in desk.call("GET", "/units") if each["status"] == "occupied"][:20]:
        desk.call("PUT", f"/units/{unit['id']}/status", {"status": "free", "version": unit["version"]})
    for _ in range(10):
        desk.call("POST", f"/requests/{desk.request()['id']}/refusal", TURNED_AWAY)
    yield made
    second.kill()
    first.close()


BESIDES = {
    # The second calltaker stands behind the desk in those hours: two coordinators hear that nobody does now.
    "POST /duty/offers/{id}/accept": Counter({"outbox": 2, "message.no_backup": 2}),
}
"""What the second colleague's doing leaves more than the first one's."""


def test_whatever_is_sent_again_is_done_once_and_answered_the_same(services: Services) -> None:
    last: dict[str, Sent] = {}
    for number, (name, (by, prepare)) in enumerate(services.table.items()):
        key = f"key-{number}"
        once = services.send(name, by, key, prepare, 1)
        assert once, name
        # The same key of another colleague is another operation.
        assert services.send(name, f"{by}_2", key, prepare, 4) - BESIDES.get(name, Counter()) == once, name
        done = services.counted()
        for sent in services.sent[-2:]:
            assert sent.again() == sent.answer, name
        if by in last:
            other = last[by]
            reused = services.people[by].ask(other.method, other.path, other.body, key=key)
            assert (reused[0], reused[1]["code"]) == (422, "operation_reused"), name
        last[by] = services.sent[-2]
        assert services.counted() == done, name
        services.tidy()
    assert len(services.sent) == 2 * len(services.table)

    for service in (services.first, services.second):
        service.kill()
        service.start("--only", "web", load=False)
    in_all = everything(services.first)
    for sent in services.sent:
        assert sent.again(services.elsewhere(sent.by)) == sent.answer, sent.path
    assert everything(services.first) == in_all


def without_a_key(me: Colleague, method: str, path: str, body: object) -> int:
    """The status of a call that has no name of its own."""
    headers = {"Authorization": f"Bearer {me.token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"{me.program.url}{PREFIX}{path}", data, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=30) as response:  # noqa: S310
            status: int = response.status
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    return status


SECOND_COMES_TOO_LATE = {
    # It says which version its owner looked at; it is gone.
    "PUT /units/{id}/status": 409,
    "DELETE /closing-days/{id}": 404,
    "DELETE /daytime-questions/{id}": 404,
    "DELETE /duty/shifts/{id}": 404,
}
WITHOUT_A_KEY = tuple(name for name in TABLE if not name.startswith("POST "))


@pytest.mark.parametrize("name", WITHOUT_A_KEY)
def test_what_needs_no_key_leaves_the_same_when_it_is_sent_twice_without_one(
    services: Services, name: str
) -> None:
    by, prepare = TABLE[name]
    me, method = services.people[by], name.partition(" ")[0]
    path, body = prepare(me)
    assert without_a_key(me, method, path, body) == 200
    once = services.counted()
    assert without_a_key(me, method, path, body) == SECOND_COMES_TOO_LATE.get(name, 200)
    added = services.counted() - once
    assert set(added) <= {"operations", "audit_entries", "unit.changed", "unit.released", "person.identified"}
    services.tidy()


def test_what_needs_a_key_does_nothing_without_one(services: Services) -> None:
    before = everything(services.first)
    for name, (by, _) in TABLE.items():
        method, _, path = name.partition(" ")
        if method == "POST":
            path = path.replace("{id}", "some-id")
            assert without_a_key(services.people[by], method, path, {}) == 400, name
    assert everything(services.first) == before


def test_each_sign_in_is_a_token_of_its_own_and_nothing_else(services: Services) -> None:
    before = services.counted()
    tokens = [
        services.first.call("POST", "/training/sign-in", {"as": DESK}, key="one")["token"] for _ in range(3)
    ]
    assert len(set(tokens)) == 3
    assert services.counted() - before == Counter({"audit_entries": 3, "token.made": 3})
    for token in tokens:
        assert services.first.call("GET", "/me", token=token)["colleague_id"] == DESK


class Visitor(Browser):
    """Somebody with a page open, and the form that it shows."""

    def __init__(self, url: str, form: Mapping[str, str]) -> None:
        super().__init__()
        self.url, self.form = url, form
        self.get(url)
        page = self.press(url)[1]
        self.operation = re.findall(r'name="operation" value="([^"]+)"', page)[0]

    def send(self, **other: str) -> tuple[int, str]:
        """The form, with something else in it."""
        return self.press(self.url, operation=self.operation, **{**self.form, **other})


def test_a_form_of_a_page_that_is_sent_again_is_taken_once(services: Services) -> None:
    desk = services.people[DESK]
    booking = booked(desk)
    who = {"person": booking["persons"][0], **somebody()}
    for path, asked, form, other, done in (
        (f"/bookings/{booking['id']}/links", {"purpose": "identity"}, who, {"surname": "Janssens"},
         "person.identified"),
        (f"/requests/{booking['request_id']}/links", {}, {"text": "bij haar zus"}, {"text": "elders"},
         "note.contact"),
    ):  # fmt: skip
        link = desk.call("POST", path, asked)["url"]
        visitor = Visitor(f"{services.first.url}/p/{link.rpartition('/')[2]}", form)
        before = services.counted()
        answers = at_once(4, lambda _, visitor=visitor: visitor.send())  # type: ignore[misc]
        assert {status for status, _ in answers} == {200}
        taken = services.counted() - before
        assert (taken["operations"], taken[done], taken["page.viewed"]) == (1, 1, 4)

        before = services.counted()
        services.first.kill()
        services.first.start("--only", "web", load=False)
        assert visitor.send()[0] == 200
        assert visitor.send(**other)[0] == 422
        assert services.counted() - before == Counter({"audit_entries": 2, "page.viewed": 2})
    services.tidy()
