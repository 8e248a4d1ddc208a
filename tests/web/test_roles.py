"""Who may call what: every row of the interface against every role. Policy: who may see what, section 8."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from crisispool.domain.organisation import Role
from crisispool.web.call import Operation, Who
from crisispool.web.fields import ID_PATTERN
from crisispool.web.routes import OPERATIONS
from tests.web.calls import LINES, OTHERS, ROLES, WITHOUT_SIGNING_IN, lines_of, name_of, roles_of
from tests.web.edge import Edge

NEW = {"body.id", "body.as", "body.who"}
"""Fields that name something new, or who enters a training."""


def test_every_call_has_a_line_and_every_line_is_a_call() -> None:
    names = {name_of(operation) for operation in OPERATIONS}
    assert not names - set(LINES), (
        f"these calls have no line in tests/web/calls.py: {sorted(names - set(LINES))}"
    )
    assert not set(LINES) - names, f"these lines are of no call: {sorted(set(LINES) - names)}"


def test_every_line_names_the_roles_that_may_call() -> None:
    for operation in OPERATIONS:
        if name_of(operation) in WITHOUT_SIGNING_IN:
            assert operation.allowed is Who.EVERYONE
            continue
        allowed = operation.allowed if isinstance(operation.allowed, frozenset) else frozenset(ROLES.values())
        assert {ROLES[letter] for letter in roles_of(operation)} == allowed, name_of(operation)


def id_fields(model: type[BaseModel]) -> Iterator[str]:
    """The fields of a body or query that hold an id of something, or several."""
    for name, field in model.model_json_schema().get("properties", {}).items():
        shapes = [field, *field.get("anyOf", [])]
        if any(
            ID_PATTERN in (shape.get("pattern"), shape.get("items", {}).get("pattern")) for shape in shapes
        ):
            yield name


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_every_id_that_a_call_takes_stands_in_its_line(operation: Operation) -> None:
    places = {place for line in lines_of(operation) for place, _ in line.kinds()}
    asked = {f"path.{number}" for number in range(len(operation.path_names))}
    fields = set(id_fields(operation.takes))
    asked |= (
        {f"body.{name}" for name in fields} - NEW if operation.has_body else {"query"} if fields else set()
    )
    assert asked <= places, (
        f"{name_of(operation)}: its line in tests/web/calls.py tries no {sorted(asked - places)}"
    )
    assert all(kind in OTHERS for line in lines_of(operation) for _, kind in line.kinds())


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_a_role_outside_the_table_is_turned_away_before_anything_is_read(
    training: Edge, operation: Operation
) -> None:
    path = re.sub(r"\{\w+\}", "x-1", operation.path)
    may = {ROLES[letter] for letter in roles_of(operation)}
    for role in Role:
        # A body and a query that nobody could mean: whoever may call is told so, nobody else learns anything.
        response = await training.send(operation.method, path + "?*=*", role=role, data=b"[")
        assert (response.status == 403) == (role not in may), (role, await response.text())
        if role not in may:
            assert (await response.json())["code"] == "not_your_role"
    assert training.desk.calls == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
async def test_without_a_token_every_call_asks_for_one(training: Edge, operation: Operation) -> None:
    if name_of(operation) in WITHOUT_SIGNING_IN:
        return
    path = re.sub(r"\{\w+\}", "x-1", operation.path)
    assert (await training.send(operation.method, path, role=None)).status == 401
    assert training.desk.calls == []
