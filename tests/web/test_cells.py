"""Every call as every role: about the own, somebody else's, what is not there and what another network has.

The real services over a real record. "Not there" and "not yours" are one answer to the letter, and change nothing.
Policy: who may see what, section 8.
"""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.handover import Handover
from crisispool.domain.request import Request, RequestState
from crisispool.domain.unit import Unit
from crisispool.services.answers import BookingAnswer
from crisispool.web.call import Operation
from crisispool.web.routes import OPERATIONS
from tests.support.databases import keys_for_tests
from tests.web.calls import BY_NAME, OTHERS, ROLES, Line, filled, lines_of, name_of, roles_of
from tests.web.edge import Client, started
from tests.web.world import FAR, WHO, Things, World, hide, ids_of, opened

# One server and one record for all of them: each begins by putting the record back.
pytestmark = pytest.mark.asyncio(loop_scope="module")

ABOUT_IDS = [operation for operation in OPERATIONS if any(list(line.kinds()) for line in lines_of(operation))]
TELL_OF_BOOKINGS = [each for each in OPERATIONS if each.answer in (BookingAnswer, list[BookingAnswer])]


@dataclass
class Said:
    """An answer, to the letter."""

    status: int
    kind: str
    text: str

    @property
    def code(self) -> str:
        """The stable code of a problem."""
        code: str = json.loads(self.text).get("code", "") if self.status >= 400 else "ok"
        return code


@dataclass
class Cells:
    """A running server over the world; `changed` is whether anything was written since it was last asked."""

    world: World
    client: Client
    watching: sqlite3.Connection
    _seen: int = 0
    _number: int = 0

    def changed(self) -> bool:
        """Whether the record is another than when this was last asked."""
        before, self._seen = self._seen, self.watching.execute("PRAGMA data_version").fetchone()[0]
        return before != self._seen

    def put_back(self) -> None:
        """Monday morning again."""
        self.world.put_back()
        self.changed()

    async def ask(self, who: str, operation: Operation, line: Line, ids: dict[str, str]) -> Said:
        """Make the call with these ids by place."""
        self._number += 1
        path, body, query = filled(operation, line, ids, self.world.things.version)
        headers = {
            "Authorization": f"Bearer {self.world.tokens[who]}",
            "Idempotency-Key": f"key-{self._number}",
        }
        async with self.client.request(
            operation.method, f"/api/v1{path}{query}", headers=headers, json=body
        ) as response:
            return Said(response.status, response.content_type, await response.text())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cells(
    monday: tuple[Path, Things, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Cells]:
    template, things, tokens = monday
    world = opened(template, tmp_path_factory.mktemp("cells") / "cells.db", things, tokens, keys_for_tests())
    client = await started(world.app)  # type: ignore[arg-type]  # the whole app instead of a stand-in
    with closing(sqlite3.connect(world.path)) as watching:
        yield Cells(world, client, watching)
    await client.close()
    await world.store.close()


@pytest.mark.parametrize("operation", ABOUT_IDS, ids=name_of)
async def test_what_is_not_yours_is_as_if_it_were_not_there(cells: Cells, operation: Operation) -> None:
    things = cells.world.things
    cells.put_back()
    for line in lines_of(operation):
        for letter in line.roles:
            for place, kind in line.kinds():
                hidden = ["far"]
                if letter not in OTHERS[kind] and (kind != "person" or place == "path.1"):
                    hidden.append("other")
                if place.startswith("body") and letter in line.deaf:
                    continue
                absent = await cells.ask(
                    WHO[letter], operation, line, ids_of(line, letter, things, "absent", place)
                )
                unknown = "bad_input" if place.partition(".")[2] in line.unknown else "not_there"
                assert absent.code == line.hears(letter, "-", unknown), (letter, place)
                for whose in hidden:
                    ids = ids_of(line, letter, things, whose, place)
                    assert await cells.ask(WHO[letter], operation, line, ids) == absent, (
                        letter,
                        place,
                        whose,
                    )
                assert not cells.changed(), (letter, place)


@pytest.mark.parametrize("operation", ABOUT_IDS, ids=name_of)
async def test_people_of_another_network_find_nothing_here(cells: Cells, operation: Operation) -> None:
    things = cells.world.things
    cells.put_back()
    for line in lines_of(operation):
        for letter, (who, _, _) in FAR.items():
            if letter not in line.roles or letter in line.deaf:
                continue
            absent = await cells.ask(who, operation, line, ids_of(line, letter, things, "absent"))
            assert await cells.ask(who, operation, line, ids_of(line, letter, things)) == absent, letter
            assert absent.status in (403, 404, 422) and not cells.changed(), letter


@pytest.mark.parametrize("operation", ABOUT_IDS, ids=name_of)
async def test_everybody_may_do_it_with_the_own_and_who_may_with_others(
    cells: Cells, operation: Operation
) -> None:
    things = cells.world.things
    for line in lines_of(operation):
        for letter in line.roles:
            others = all(letter in OTHERS[kind] or kind == "person" for _, kind in line.kinds())
            for whose, mark in (("own", ""), ("other", "*"))[: 2 if others else 1]:
                cells.put_back()
                said = await cells.ask(WHO[letter], operation, line, ids_of(line, letter, things, whose))
                expected = line.hears(letter, mark, "ok")
                assert said.code == expected, (letter, whose, said.text)
                assert said.status == operation.status or expected != "ok"


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_a_role_that_may_not_call_changes_nothing_whatever_it_is_about(
    cells: Cells, operation: Operation
) -> None:
    things = cells.world.things
    cells.put_back()
    line = lines_of(operation)[0]
    for letter in set(ROLES) - set(roles_of(operation)):
        said = await cells.ask(WHO[letter], operation, line, ids_of(line, "k", things))
        assert (said.status, said.code) == (403, "not_your_role"), letter
    assert not cells.changed()


@pytest.mark.parametrize(
    "operation",
    [
        each
        for each in OPERATIONS
        if isinstance(each.allowed, frozenset) and not each.path.startswith(("/duty/", "/daytime-questions"))
    ],
    ids=name_of,
)
async def test_who_takes_calls_does_and_sees_nothing_off_shift(cells: Cells, operation: Operation) -> None:
    things = cells.world.things
    cells.put_back()
    for line in lines_of(operation):
        if "c" not in line.roles:
            continue
        for whose in ("own", "other", "absent", "far"):
            said = await cells.ask(WHO["o"], operation, line, ids_of(line, "c", things, whose))
            assert (said.status, said.code) == (409, "not_on_duty"), whose
        assert not cells.changed()


@pytest.mark.parametrize("operation", TELL_OF_BOOKINGS, ids=name_of)
async def test_no_answer_tells_who_need_not_know_where_people_hide(
    cells: Cells, operation: Operation
) -> None:
    things = cells.world.things
    for line in lines_of(operation):
        for letter in line.roles:
            cells.put_back()
            await hide(cells.world)
            said = await cells.ask(WHO[letter], operation, line, ids_of(line, letter, things))
            if said.status >= 400:
                continue
            told = json.loads(said.text)
            for each in told if isinstance(told, list) else [told]:
                async with cells.world.store.reading() as tx:
                    booking = await tx.get(Booking, each["id"])
                    taken = await tx.find(Handover, case_id=each["case_id"], worker_id=WHO[letter])
                assert booking is not None
                brings = letter == "r" and booking.state is BookingState.BOOKED
                knows = brings or letter == "m" or booking.by == WHO[letter] or bool(taken)
                assert each["unit_id"] == (booking.unit_id if knows else None), letter


async def test_lists_show_what_one_may_open_and_nothing_else(cells: Cells) -> None:
    cells.put_back()
    kinds: tuple[tuple[str, type[Any], str], ...] = (
        ("GET /requests", Request, ""), ("GET /bookings", Booking, "?all=true"), ("GET /units", Unit, ""),
    )  # fmt: skip
    async with cells.world.store.reading() as tx:
        rows = {name: await tx.find(kind) for name, kind, _ in kinds}
    for name, _, query in kinds:
        one, listing = BY_NAME[f"{name}/{{id}}"], BY_NAME[name]
        for letter in roles_of(listing):
            listed = await cells.ask(WHO[letter], listing, Line("", query=query.removeprefix("?")), {})
            opens = set()
            for row in rows[name]:
                said = await cells.ask(WHO[letter], one, Line("", ("",)), {"path.0": row.id})
                assert said.status in (200, 404)
                if said.status == 200 and not (
                    letter in "ck" and name == "GET /requests" and row.state != RequestState.OPEN
                ):
                    opens.add(row.id)
            assert {each["id"] for each in json.loads(listed.text)} == opens, (name, letter)
            assert 0 < len(opens) < len(rows[name])


async def test_the_list_of_handovers_is_that_of_the_own_service(cells: Cells) -> None:
    cells.put_back()
    async with cells.world.store.reading() as tx:
        every = {handover.id for handover in await tx.find(Handover)}
    here, far = cells.world.things, cells.world.things.far["handover"]
    listed = {}
    for letter in "sk":
        said = await cells.ask(WHO[letter], BY_NAME["GET /handovers"], Line(""), {})
        listed[letter] = {each["id"] for each in json.loads(said.text)}
    assert listed["k"] == every - {far}
    assert listed["s"] == {here.own["*"]["handover"], here.own["*"]["accepted"]}
