"""Turns one row of the interface into an aiohttp handler: who, may they, what exactly, then the answer."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from crisispool.domain.errors import BadInput, NotThere, NotYourRole, Refusal
from crisispool.domain.organisation import Actor
from crisispool.services.told import reader
from crisispool.web import problems, session
from crisispool.web.call import APP, Call, Operation, Who
from crisispool.web.fields import ID_PATTERN
from crisispool.web.language import READER
from crisispool.web.middleware import Handler
from crisispool.web.strict_json import read_object

NOBODY = Actor("", "", None, None, frozenset())
LONGEST_TOKEN = 200

_ID = re.compile(ID_PATTERN)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def handler_of(operation: Operation) -> Handler:
    """The aiohttp handler of an operation."""
    answers = _shape(operation)

    async def handle(request: web.Request) -> web.StreamResponse:
        app = request.app[APP]
        if operation.training_only and not app.training:
            raise NotThere("page")
        actor = NOBODY if operation.allowed is Who.EVERYONE else await signed_in(request)
        if operation.allowed is not Who.EVERYONE:
            request[READER] = actor.language
        if isinstance(operation.allowed, frozenset) and actor.roles.isdisjoint(operation.allowed):
            raise NotYourRole
        path = _path(request.match_info)
        operation_id = _operation_id(request, actor, operation)
        call = Call(app, actor, operation_id, path, await _given(request, operation))
        answer = await operation.handler(call)
        response = web.Response(
            body=answers.dump_json(answer, context=reader(actor.language)),
            status=operation.status,
            content_type="application/json",
        )
        response.headers["Content-Language"] = actor.language
        return response

    return handle


@cache
def _shape(operation: Operation) -> TypeAdapter[Any]:
    return TypeAdapter(operation.answer)


async def signed_in(request: web.Request) -> Actor:
    """Who asks: by a bearer token, or by the session of a browser. Refusals: ``unauthenticated``, ``cross_site``."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return await _with_session(request)
    token = token.strip()
    actor = None
    if scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN and token.isascii():
        actor = await request.app[APP].accounts.actor_of_token(token)
    if actor is None:
        raise Refusal("unauthenticated")
    return actor


async def _with_session(request: web.Request) -> Actor:
    entered = await session.entered(request)
    if entered is None:
        raise Refusal("unauthenticated")
    if request.method != "GET":
        session.refuse_from_elsewhere(request)
        session.refuse_without_token(request.headers.get(session.CSRF_HEADER, ""), entered)
    return entered.actor


def _path(names: Mapping[str, str]) -> dict[str, str]:
    if not all(_ID.fullmatch(value) for value in names.values()):
        raise NotThere("page")
    return dict(names)


def _operation_id(request: web.Request, actor: Actor, operation: Operation) -> str:
    """The same for the same key of the same colleague on any path, so that reuse elsewhere is noticed.

    A digest, because a caller may have put anything into the key.
    """
    if not operation.changes:
        return ""
    keys = request.headers.getall("Idempotency-Key", [])
    if not keys:
        if operation.needs_key:
            raise Refusal("idempotency_key_missing")
        return f"api:{secrets.token_hex(20)}"
    if len(keys) != 1 or not _KEY.fullmatch(keys[0]):
        raise Refusal("idempotency_key_bad")
    return f"api:{hashlib.sha256(f'{actor.colleague_id}:{keys[0]}'.encode()).hexdigest()[:40]}"


async def _given(request: web.Request, operation: Operation) -> BaseModel:
    model = operation.takes
    today = {"today": request.app[APP].clock.now().date()}
    try:
        if not operation.has_body:
            return model.model_validate(_query(request), context=today)
        if request.query_string:
            raise BadInput("query", "unknown_field")
        body = await request.read()
        if body.strip() and request.content_type != "application/json":
            raise Refusal("unsupported_media_type")
        value = read_object(body)
        # Read again in JSON mode, where a text may be a date or a code and still nothing else is bent.
        return model.model_validate_json(body if value else b"{}", context=today)
    except ValidationError as error:
        raise problems.invalid(error, model) from None


def _query(request: web.Request) -> dict[str, str]:
    query = request.query
    if len(query) != len(set(query)):
        raise BadInput("query", "parameter_twice")
    if any("\x00" in part for pair in query.items() for part in pair):
        raise BadInput("query", "control_character")
    return dict(query)
