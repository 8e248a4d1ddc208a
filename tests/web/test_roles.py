"""Who may call what: every row of the interface against every role. Policy: who may see what, section 8."""

import re
from typing import Final

import pytest

from crisispool.domain.organisation import Role
from crisispool.web.call import Operation, Who
from crisispool.web.routes import OPERATIONS
from tests.web.edge import Edge

LETTERS: Final = {
    "r": Role.REFERRER,
    "c": Role.CALLTAKER,
    "m": Role.UNIT_MANAGER,
    "s": Role.SUPPORT_WORKER,
    "k": Role.COORDINATOR,
    "n": Role.COUNCIL,
    "a": Role.ADMIN,
}

# One letter a role; council and admin see no case, no unit and no search.
TABLE: Final = {
    "GET /me": "rcmskna",
    "GET /regions": "rcmskna",
    "GET /duty": "rcmskna",
    "GET /stay": "rcmskna",
    "GET /messages": "rcmskna",
    "POST /chat": "rcmskna",
    "GET /requests": "rcmsk",
    "POST /requests": "rcmsk",
    "GET /requests/{id}": "rcmsk",
    "POST /requests/{id}/withdraw": "rcmsk",
    "POST /requests/{id}/take": "ck",
    "POST /requests/{id}/screening": "ck",
    "POST /requests/{id}/refusal": "ck",
    "POST /requests/{id}/coordinator": "ck",
    "POST /requests/{id}/links": "rcmsk",
    "GET /availability": "csk",
    "POST /holds": "ck",
    "DELETE /holds/{id}": "ck",
    "GET /bookings": "rcmsk",
    "POST /bookings": "ck",
    "GET /bookings/{id}": "rcmsk",
    "PUT /bookings/{id}/persons/{person}": "rcsk",
    "POST /bookings/{id}/check-in": "rcsk",
    "POST /bookings/{id}/extend": "csk",
    "POST /bookings/{id}/cancel": "rck",
    "POST /bookings/{id}/check-out": "cmsk",
    "POST /bookings/{id}/no-show": "rck",
    "POST /bookings/{id}/move": "rck",
    "POST /bookings/{id}/stays-as": "mk",
    "POST /bookings/{id}/readmission": "sk",
    "POST /bookings/{id}/links": "rcmsk",
    "GET /units": "cmsk",
    "POST /units": "mk",
    "GET /units/{id}": "cmsk",
    "PATCH /units/{id}": "mk",
    "PUT /units/{id}/status": "cmk",
    "GET /handovers": "sk",
    "POST /handovers/{id}/acknowledge": "sk",
    "POST /handovers/{id}/contact": "sk",
    "POST /handovers/{id}/outcome": "sk",
    "POST /handovers/{id}/reassign": "sk",
    "POST /handovers/{id}/links": "sk",
    "GET /closing-days": "rcmskna",
    "POST /closing-days": "msk",
    "DELETE /closing-days/{id}": "msk",
    "GET /merges": "k",
    "POST /merges": "k",
    "POST /merges/{id}/undo": "k",
    "GET /training/clock": "rcmskna",
    "POST /training/clock": "rcmskna",
}
WITHOUT_SIGNING_IN: Final = {"POST /training/sign-in"}


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def test_every_call_has_an_entry_in_the_role_table_and_the_other_way_round() -> None:
    assert {name(each) for each in OPERATIONS} == set(TABLE) | WITHOUT_SIGNING_IN


def test_only_signing_in_needs_nobody() -> None:
    assert {name(each) for each in OPERATIONS if each.allowed is Who.EVERYONE} == WITHOUT_SIGNING_IN


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
async def test_a_role_outside_the_table_is_turned_away_before_anything_is_read(
    training: Edge, operation: Operation
) -> None:
    path = re.sub(r"\{\w+\}", "x-1", operation.path)
    may = {LETTERS[letter] for letter in TABLE.get(name(operation), "rcmskna")}
    for role in Role:
        # A body and a query that nobody could mean: whoever may call is told so, nobody else learns anything.
        response = await training.send(operation.method, path + "?*=*", role=role, data=b"[")
        assert (response.status == 403) == (role not in may), (role, await response.text())
        if role not in may:
            assert (await response.json())["code"] == "not_your_role"
    assert training.desk.calls == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=name)
async def test_without_a_token_every_call_asks_for_one(training: Edge, operation: Operation) -> None:
    if name(operation) in WITHOUT_SIGNING_IN:
        return
    path = re.sub(r"\{\w+\}", "x-1", operation.path)
    assert (await training.send(operation.method, path, role=None)).status == 401
    assert training.desk.calls == []
