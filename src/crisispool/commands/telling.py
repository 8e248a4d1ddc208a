"""How a command talks to whoever typed it: answers on standard output, all else on standard error."""

import sys
from typing import NoReturn

from crisispool.domain.errors import Outage, Refusal
from crisispool.texts.render import has, render

OK, REFUSED, BAD_INPUT = 0, 1, 2
"""Exit codes: done, not possible now, not understood."""


class BadArgument(Exception):
    """What was typed cannot be meant; the message is a Dutch sentence."""


def bad(key: str, **facts: object) -> NoReturn:
    """Say what is wrong with what was typed, and stop with exit code 2."""
    raise BadArgument(render(f"command.{key}", facts))


def tell(key: str, **facts: object) -> None:
    """The answer, on standard output."""
    print(render(f"command.{key}", facts), flush=True)


def remark(key: str, **facts: object) -> None:
    """Something worth knowing, on standard error."""
    complain(render(f"command.{key}", facts))


def complain(sentence: str) -> None:
    """A sentence on standard error."""
    print(sentence, file=sys.stderr, flush=True)


def sentence_of(error: Refusal | Outage) -> str:
    """What went wrong, in Dutch, without anything personal."""
    if isinstance(error, Outage):
        part = f"command.part.{error.part.replace(' ', '_')}"
        facts = {"part": render(part, {}) if has(part) else error.part, "hint": error.hint or "geen antwoord"}
        return render("command.outage", facts)
    for key in (f"command.refusal.{error.code}", f"refusal.{error.code}", "command.refused"):
        try:
            return render(key, {**error.facts, "code": error.code})
        except (KeyError, ValueError):
            continue
    return error.code
