"""Reads a JSON object that can mean only one thing; anything else is refused without repeating it."""

import json
import math
import re
from typing import Any

from crisispool.domain.errors import BadInput

DEEPEST = 20
LONGEST_NUMBER = 15
"""Digits: every such whole number is exact in every JSON reader."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


def read_object(body: bytes) -> dict[str, Any]:
    """The object in `body`; an empty body is an empty object.

    Raises BadInput for field ``body``: not_utf8, not_json, too_deep, duplicate_key, not_a_number,
    number_too_large, broken_text or not_an_object.
    """
    if not body.strip():
        return {}
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("not_utf8") from None
    if _depth(text) > DEEPEST:
        raise _refused("too_deep")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_broken,
        )
    except ValueError:
        raise _refused("not_json") from None
    if not isinstance(value, dict):
        raise _refused("not_an_object")
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise _refused("broken_text") from None
    return value


def _refused(problem: str) -> BadInput:
    return BadInput("body", problem)


def _depth(text: str) -> int:
    depth = deepest = 0
    for mark in _STRING.sub("", text):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise _refused("duplicate_key")
    return read


def _no_constant(_: str) -> Any:
    raise _refused("not_a_number")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_NUMBER:
        raise _refused("number_too_large")
    return int(digits)


def _broken(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _refused("number_too_large")
    return number
