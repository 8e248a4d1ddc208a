"""In which language an answer is written: the reader's own when it is known who reads, else what was asked for."""

from collections.abc import Iterator
from typing import Final

from aiohttp import web

from crisispool.domain.language import read_by

READER: Final = web.RequestKey("language", str)
"""The language of who reads the answer, once that is known."""

MOST_TAGS: Final = 20


def language_of(request: web.Request) -> str:
    """The language to answer in; Dutch when nothing else is known."""
    return request.get(READER) or asked_for(request)


def asked_for(request: web.Request) -> str:
    """The language that the browser asks for, whoever reads: it says nothing about who a link was made for."""
    return read_by(_accepted(request.headers.get("Accept-Language", "")))


def _accepted(header: str) -> Iterator[str]:
    """The tags of an Accept-Language header, the most wanted first."""
    weighed = []
    for part in header.split(",")[:MOST_TAGS]:
        tag, _, weight = part.partition(";")
        try:
            wanted = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if wanted > 0:
            weighed.append((tag, wanted))
    return (tag for tag, _ in sorted(weighed, key=lambda each: -each[1]))
