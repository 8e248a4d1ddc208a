"""What can go wrong, as problem details (RFC 9457): a stable code, one sentence, safe facts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ValidationError

from crisispool.conversations.vocabulary import Say
from crisispool.domain.errors import BadInput, Outage, Refusal
from crisispool.texts.render import has, render, told

STATUS_OF: Final = {
    "bad_input": 422,
    "operation_reused": 422,
    "sheet": 422,
    "not_your_role": 403,
    "cross_site": 403,
    "form_outdated": 403,
    "passkey_refused": 422,
    "oidc_away": 503,
    "oidc_refused": 422,
    "oidc_cancelled": 422,
    "oidc_begin_again": 422,
    "oidc_unknown": 422,
    "oidc_someone_else": 422,
    "oidc_not_confirmed": 422,
    "script_needed": 422,
    "invitation_gone": 404,
    "too_many_tries": 429,
    "not_there": 404,
    "unauthenticated": 401,
    "idempotency_key_missing": 400,
    "idempotency_key_bad": 400,
    "unsupported_media_type": 415,
    "too_many_streams": 429,
}
"""Every other refusal is 409: the rules say no, or somebody else was first."""
REFUSED: Final = 409
HEADERS_OF: Final = {
    "unauthenticated": {"WWW-Authenticate": "Bearer"},
    "too_many_tries": {"Retry-After": "60"},
}
RETRY_AFTER_SECONDS: Final = 2

_HTTP_CODES = {404: "not_there", 405: "method_not_allowed", 413: "too_large"}
_PYDANTIC = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "string_pattern_mismatch": "wrong_format",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}


class Invalid(BadInput):
    """A body or query with several mistakes; the first one is in the facts, all of them in `errors`."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(errors[0]["field"], errors[0]["problem"])
        self.errors = errors


def invalid(error: ValidationError, model: type[BaseModel]) -> Invalid:
    """The mistakes that pydantic found: where and what, never a submitted value or unknown name."""
    known = _field_names(model)
    found = {(_where(each["loc"], known), _what(each)): None for each in error.errors(include_url=False)}
    return Invalid([{"field": field, "problem": problem} for field, problem in found][:20])


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong, before it becomes JSON or a page."""

    code: str
    status: int
    facts: dict[str, object]
    headers: dict[str, str]
    errors: tuple[dict[str, str], ...] = ()

    def title(self, language: str) -> str:
        """What kind of trouble it is."""
        key = f"problem.title.{self.status}"
        return render(key, {}, language) if has(key, language) else self.code

    def detail(self, language: str) -> str:
        """One sentence."""
        return sentence(self.code, self.facts, language)


def of_refusal(refusal: Refusal) -> Problem:
    """The rules say no, or what was sent cannot be meant."""
    errors = tuple(refusal.errors) if isinstance(refusal, Invalid) else ()
    headers = HEADERS_OF.get(refusal.code, {})
    return Problem(refusal.code, STATUS_OF.get(refusal.code, REFUSED), dict(refusal.facts), headers, errors)


def of_outage(outage: Outage) -> Problem:
    """A part failed: try again in a moment."""
    return Problem("outage", 503, {"part": outage.part}, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def of_http(error: web.HTTPException) -> Problem:
    """What aiohttp found wrong before anybody looked: no such page, no such method, too much."""
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    code = _HTTP_CODES.get(error.status, "bad_request" if error.status < 500 else "unexpected")
    facts: dict[str, object] = {"what": "page"} if code == "not_there" else {}
    return Problem(code, error.status, facts, headers)


def of_unexpected(error_id: str) -> Problem:
    """Nobody knows yet; the id finds it in the log."""
    return Problem("unexpected", 500, {"id": error_id}, {})


def as_json(problem: Problem, language: str) -> web.Response:
    """The answer of the interface; what facts say is written out, like the sentence."""
    members: dict[str, object] = {
        "type": f"urn:crisispool:problem:{problem.code}",
        "title": problem.title(language),
        "status": problem.status,
        "detail": problem.detail(language),
        "code": problem.code,
        "facts": {name: _in_words(fact, language) for name, fact in problem.facts.items()},
    }
    if problem.errors:
        members["errors"] = problem.errors
    return web.Response(
        text=json.dumps(members, ensure_ascii=False, default=_plain),
        status=problem.status,
        content_type="application/problem+json",
        headers=problem.headers,
    )


def sentence(code: str, facts: Mapping[str, object], language: str) -> str:
    """The sentence of a code; a missing text or fact never turns a clear no into a crash."""
    for key in (f"problem.{code}", f"refusal.{code}", "problem.refused"):
        try:
            return render(key, facts, language)
        except (KeyError, ValueError):
            continue
    return code


def _in_words(fact: object, language: str) -> object:
    said = isinstance(fact, tuple) and fact and all(isinstance(part, Say) for part in fact)
    return told(fact, language) if said else fact


def _plain(value: object) -> object:
    if isinstance(value, (set, frozenset, tuple)):
        return sorted(value, key=str)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _where(loc: Iterable[int | str], known: frozenset[str]) -> str:
    parts = [str(part) for part in loc if isinstance(part, int) or part in known]
    return ".".join(parts) or "body"


def _what(error: Any) -> str:
    if error["type"] == "crisispool":
        return str(error["ctx"]["code"])
    kind = str(error["type"])
    return _PYDANTIC.get(kind, "wrong_type" if kind.endswith(("_type", "_parsing")) else "not_valid")


def _field_names(model: type[BaseModel]) -> frozenset[str]:
    """The names that the schema of `model` knows, at any depth."""
    names: set[str] = set()
    pending: list[Any] = [model.model_json_schema()]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            names.update(part.get("properties", {}))
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
    return frozenset(names)
