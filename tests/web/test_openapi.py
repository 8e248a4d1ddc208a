"""The description of the interface is complete and true."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from crisispool.web.call import Operation
from crisispool.web.openapi import description
from crisispool.web.routes import OPERATIONS, PREFIX
from crisispool.web.server import make_server
from tests.web.edge import Desk, Edge, desk_app


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return description()


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from parts(part)
    elif isinstance(value, list):
        for part in value:
            yield from parts(part)


def rows(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, row in methods.items():
            yield method.upper(), path, row


def test_every_route_is_described_and_every_description_is_a_route(document: dict[str, Any]) -> None:
    server = make_server(cast("Any", desk_app(Desk())))
    routes = {
        (route.method, route.resource.canonical)
        for route in server.router.routes()
        if route.resource and route.resource.canonical.startswith(PREFIX)
    }
    own = {("GET", f"{PREFIX}/openapi.json"), ("HEAD", f"{PREFIX}/openapi.json")}
    assert routes - own == {(method, path) for method, path, _ in rows(document)}


async def test_it_is_served_to_everybody(edge: Edge, document: dict[str, Any]) -> None:
    response = await edge.send("GET", "/openapi.json", role=None)
    assert await response.json() == json.loads(json.dumps(document))


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = {part["$ref"] for part in parts(document) if isinstance(part.get("$ref"), str)}
    assert names
    for reference in names:
        assert reference.rsplit("/", 1)[1] in document["components"]["schemas"], reference


def test_operation_names_are_unique(document: dict[str, Any]) -> None:
    names = [row["operationId"] for _, _, row in rows(document)]
    assert len(set(names)) == len(names)


def test_every_name_in_a_path_is_a_parameter(document: dict[str, Any]) -> None:
    for _, path, row in rows(document):
        named = {each["name"] for each in row["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))


def test_every_change_names_its_key(document: dict[str, Any]) -> None:
    for method, path, row in rows(document):
        keys = [each for each in row["parameters"] if each["name"] == "Idempotency-Key"]
        assert len(keys) == (method != "GET")
        if method == "POST" and not path.endswith("sign-in"):
            assert keys[0]["required"]


def test_every_answer_has_a_shape(document: dict[str, Any]) -> None:
    for _, path, row in rows(document):
        for status, answer in row["responses"].items():
            [(kind, content)] = answer["content"].items()
            good = "text/event-stream" if path.endswith("/events") else "application/json"
            assert kind == (good if status.startswith("2") else "application/problem+json"), path
            assert content["schema"]


def test_no_field_of_a_body_or_query_is_left_open(document: dict[str, Any]) -> None:
    for _, path, row in rows(document):
        for parameter in row["parameters"]:
            assert parameter["schema"].get("type"), (path, parameter["name"])
        if "requestBody" in row:
            schema = row["requestBody"]["content"]["application/json"]["schema"]
            while "$ref" in schema:
                schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
            assert schema["additionalProperties"] is False, path


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.has_body], ids=lambda row: row.name
)
def test_every_example_is_one_that_is_accepted(operation: Operation) -> None:
    schema = operation.takes.model_json_schema()
    for example in schema.get("examples", []):
        operation.takes.model_validate_json(json.dumps(example))
