"""Pages as HTML: every value escaped, words in the language of who reads, headers that let nothing else in."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from crisispool.domain.errors import Refusal
from crisispool.services.page_contents import Said
from crisispool.texts.render import has, render
from crisispool.web.call import APP
from crisispool.web.language import asked_for, language_of
from crisispool.web.problems import Invalid, Problem, sentence
from crisispool.web.static_files import address

PROGRAMS: Final = ("/api", "/healthz", "/readyz", "/metrics", "/telegram", "/static/")
POLICY: Final = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_BETWEEN_FIGURES: Final = re.compile(r"(?<=\d) (?=\d)")


def text(key: str, language: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence of a page."""
    return render(f"page.{key}", facts or {}, language)


def board_text(key: str, language: str, facts: Mapping[str, object] | None = None) -> str:
    """The sentence of a page of the board."""
    return render(f"board.{key}", facts or {}, language)


def shown(value: object, language: str) -> str:
    """A value as people read it: days in words, codes by their text, anything else as it is."""
    if isinstance(value, Said):
        return text(value.key, language)
    if isinstance(value, date):
        return text("day", language, {"day": value})
    if isinstance(value, tuple):
        if value and isinstance(value[0], date):
            return text("days", language, {"days": list(value)})
        return text("list", language, {"items": [shown(part, language) for part in value]})
    return str(value)


def dialled(value: object) -> str:
    """The address that rings a phone number, empty when this is none."""
    number = str(value)
    digits = "".join(mark for mark in number if mark.isdigit())
    plain = all(mark.isdigit() or mark in "+ ()./-" for mark in number)
    return f"tel:{'+' if number.strip().startswith('+') else ''}{digits}" if plain and digits else ""


def whole(words: str) -> str:
    """Words in which no phone number is broken over two lines."""
    return _BETWEEN_FIGURES.sub("\N{NO-BREAK SPACE}", words)


_templates = Environment(
    loader=PackageLoader("crisispool.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@pass_context
def _text(context: Context, key: str, facts: Mapping[str, object] | None = None) -> str:
    return text(key, context["language"], facts)


@pass_context
def _shown(context: Context, value: object) -> str:
    return shown(value, context["language"])


@pass_context
def _board_text(context: Context, key: str, facts: Mapping[str, object] | None = None) -> str:
    return board_text(key, context["language"], facts)


_templates.globals.update(t=_text, b=_board_text, asset=address)
_templates.filters.update(shown=_shown, dialled=dialled, whole=whole)


def page(
    request: web.Request, template: str, status: int = 200, language: str = "", **values: object
) -> web.Response:
    """A page from a template, in the reader's language; it says that this is a training, when it is."""
    language = language or language_of(request)
    training = bool(request.app[APP].training)
    body = _templates.get_template(template).render(training=training, language=language, **values)
    return web.Response(
        text=body,
        status=status,
        content_type="text/html",
        headers={"Content-Security-Policy": POLICY},
    )


def rendered(template: str, status: int = 200, *, block: str = "", **values: object) -> web.Response:
    """A template as it is, or one block of it."""
    body = part(template, block, values) if block else _templates.get_template(template).render(**values)
    return web.Response(text=body, status=status, content_type="text/html")


def part(template: str, block: str, values: dict[str, object]) -> str:
    """One block of a template as text, to be kept and sent to many."""
    found = _templates.get_template(template)
    return "".join(found.blocks[block](found.new_context(values)))


def macros(template: str, values: dict[str, object]) -> TemplateModule:
    """The macros of a template, which know these values; a block that is sent alone has them too."""
    return _templates.get_template(template).make_module(values)


def is_of_a_link(request: web.Request) -> bool:
    """Whether the address is that of a one-time page, whose reader nobody asked to sign in."""
    return request.path.startswith(("/p/", "/app/"))


def is_for_programs(request: web.Request) -> bool:
    """Whether the address is one that no person opens in a browser."""
    return request.path.startswith(PROGRAMS)


def problem_page(request: web.Request, problem: Problem) -> web.Response:
    """What went wrong, on a page. A link that does not work says the same whatever the reason."""
    gone = problem.status in {404, 405}
    language = asked_for(request) if gone else language_of(request)
    said = text("gone", language) if gone else problem.detail(language)
    facts_id = problem.facts.get("id", "")
    answer = page(request, "problem.html", problem.status, language, said=said, facts_id=facts_id)
    answer.headers.update(problem.headers)
    return answer


def wrong(refusal: Refusal, language: str) -> dict[str, str]:
    """What is wrong, by field; what belongs to no field stands above the form under ``body``."""
    if isinstance(refusal, Invalid):
        return {each["field"]: mistake(each["problem"], language) for each in refusal.errors}
    field, problem = refusal.facts.get("field"), refusal.facts.get("problem")
    if isinstance(field, str) and isinstance(problem, str):
        return {field: mistake(problem, language)}
    return {"body": sentence(refusal.code, refusal.facts, language)}


def mistake(problem: str, language: str) -> str:
    """What is wrong with a field, for whoever filled it in."""
    key = f"page.mistake.{problem}"
    return render(key if has(key, language) else "page.mistake.not_valid", {}, language)
