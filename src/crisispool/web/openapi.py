"""The description of the interface (OpenAPI 3.1), made from the same rows that route and check the calls."""

import json
from functools import cache
from typing import Any, Final

from aiohttp import web
from pydantic import TypeAdapter

from crisispool import __version__
from crisispool.web import events
from crisispool.web.call import Operation, Who
from crisispool.web.fields import ID_PATTERN
from crisispool.web.routes import OPERATIONS, PREFIX

Json = dict[str, Any]

REF: Final = "#/components/schemas/{model}"
KEY_PATTERN: Final = r"^[\x21-\x7e]{1,255}$"
PROBLEM: Final[Json] = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is stable; `detail` is one sentence for people.",
    "required": ["type", "title", "status", "detail", "code", "facts"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "facts": {"type": "object", "description": "Codes, numbers and dates behind the sentence."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "problem"],
                "properties": {"field": {"type": "string"}, "problem": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "type": "urn:crisispool:problem:bad_input",
            "title": "Niet leesbaar",
            "status": 422,
            "detail": "Er klopt iets niet in wat je stuurde.",
            "code": "bad_input",
            "facts": {"field": "nights", "problem": "out_of_range"},
        }
    ],
}
MEANINGS: Final = {
    400: "The Idempotency-Key is missing or cannot be read",
    401: "Nobody is signed in",
    403: "Not your role for this call",
    404: "Not there, or not yours",
    409: "The rules say no, or somebody else was first",
    413: "Too large",
    415: "Not JSON",
    422: "Cannot be meant, or the key was used for something else",
    429: "Too many at once",
    500: "Something unexpected; the id finds it in the log",
    503: "A part is down; try again",
}


def add_routes(server: web.Application) -> None:
    """Where the description is."""
    server.router.add_get(f"{PREFIX}/openapi.json", shown)


async def shown(_: web.Request) -> web.Response:
    """The description."""
    return web.Response(text=_text(), content_type="application/json")


@cache
def _text() -> str:
    return json.dumps(description(), ensure_ascii=False)


def description() -> Json:
    """The whole OpenAPI document."""
    schemas = _Schemas()
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _row(operation, schemas)
    paths[PREFIX + events.PATH] = {"get": _stream(events.DESCRIPTION)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "crisispool",
            "version": __version__,
            "description": "A bed tonight: one pool of crisis dwellings. Moments are UTC, nights are dates.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "crisispool_session",
                    "description": "Of a browser on our own pages; over https its name begins with __Host-. "
                    "A change also needs the header X-CSRF-Token, as it stands in those pages.",
                },
            },
        },
    }


class _Schemas:
    """The schemas of bodies and answers, each once."""

    def __init__(self) -> None:
        inputs = {row.takes for row in OPERATIONS if row.has_body}
        answers = {repr(row.answer): row.answer for row in OPERATIONS}
        asked: list[tuple[Any, Any, TypeAdapter[Any]]] = [
            *(
                (model, "validation", TypeAdapter(model))
                for model in sorted(inputs, key=lambda m: m.__name__)
            ),
            *((name, "serialization", TypeAdapter(answer)) for name, answer in sorted(answers.items())),
        ]
        self._found, rest = TypeAdapter.json_schemas(asked, ref_template=REF)
        self._components: Json = rest["$defs"]

    def body(self, operation: Operation) -> Json:
        return dict(self._found[operation.takes, "validation"])

    def answer(self, operation: Operation) -> Json:
        return dict(self._found[repr(operation.answer), "serialization"])

    def components(self) -> Json:
        return {**self._components, "Problem": PROBLEM}


def _row(operation: Operation, schemas: _Schemas) -> Json:
    row: Json = {
        "operationId": operation.name,
        "tags": [operation.path.split("/")[1]],
        "summary": operation.summary,
        "description": _who(operation),
        "parameters": _parameters(operation),
        "responses": {
            str(operation.status): {
                "description": (operation.handler.__doc__ or operation.summary).strip(),
                "content": {"application/json": {"schema": schemas.answer(operation)}},
            },
            **{str(status): _problem(status) for status in _problems(operation)},
        },
    }
    if operation.has_body:
        row["requestBody"] = {
            "required": bool(operation.takes.model_json_schema().get("required")),
            "content": {"application/json": {"schema": schemas.body(operation)}},
        }
    if operation.allowed is Who.EVERYONE:
        row["security"] = []
    return row


def _stream(said: Json) -> Json:
    """The one call whose answer does not end."""
    row = {name: value for name, value in said.items() if name not in {"answer", "problems"}}
    answers = {str(status): _problem(status) for status in said["problems"]}
    return row | {
        "responses": {"200": {"description": said["summary"], "content": said["answer"]}, **answers}
    }


def _who(operation: Operation) -> str:
    if isinstance(operation.allowed, Who):
        who = "everyone" if operation.allowed is Who.EVERYONE else "every role"
    else:
        who = ", ".join(sorted(operation.allowed))
    return f"For {who}.{' Training only.' if operation.training_only else ''}"


def _parameters(operation: Operation) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": ID_PATTERN}}
        for name in operation.path_names
    ]
    if operation.changes:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": operation.needs_key,
                "description": "Names this change: sent again it gives the same answer and no second effect.",
                "schema": {"type": "string", "pattern": KEY_PATTERN, "minLength": 1, "maxLength": 255},
            }
        )
    if not operation.has_body:
        found.extend(_query_parameters(operation))
    return found


def _query_parameters(operation: Operation) -> list[Json]:
    schema = operation.takes.model_json_schema(ref_template=REF)
    definitions = schema.get("$defs", {})
    found = []
    for name, field in schema.get("properties", {}).items():
        plain = _plain(field, definitions)
        parameter: Json = {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", []),
            "schema": plain,
        }
        if plain.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        found.append(parameter)
    return found


def _plain(field: Json, definitions: Json) -> Json:
    """The schema of a query value: a value left out is not null, and codes stand where they are used."""
    if "anyOf" in field:
        [field] = [part for part in field["anyOf"] if part.get("type") != "null"]
    if "$ref" in field:
        field = definitions[field["$ref"].rsplit("/", 1)[1]]
    if "items" in field:
        field = {**field, "items": _plain(field["items"], definitions)}
    return {name: value for name, value in field.items() if name not in {"title", "default"} or value}


def _problems(operation: Operation) -> list[int]:
    """What else the call may answer."""
    statuses = {422, 500, 503}
    if operation.changes:
        # Bodies name things too, and those may not be there.
        statuses |= {400, 404, 409}
    if operation.has_body:
        statuses |= {413, 415}
    if operation.allowed is not Who.EVERYONE:
        statuses |= {401}
        if operation.changes or not isinstance(operation.allowed, Who):
            statuses |= {403}
    if operation.path_names or operation.training_only:
        statuses |= {404}
    if operation.path == "/availability":
        statuses |= {404, 409}
    return sorted(statuses)


def _problem(status: int) -> Json:
    return {
        "description": MEANINGS[status],
        "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}},
    }
