"""Rows of text read as units: columns by their names in any language, cells as people fill them in."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from crisispool.domain.errors import BadInput, Refusal
from crisispool.domain.language import LANGUAGES
from crisispool.domain.unit import UnitKind
from crisispool.services.unit_imports import ImportRow
from crisispool.texts.render import render
from crisispool.web import problems
from crisispool.web.board.sheets import Sheet
from crisispool.web.schemas.units import ImportRowBody

COLUMNS: Final = (
    "id",
    "label",
    "owner_id",
    "nis",
    "kind",
    "places",
    "cots",
    "rooms",
    "family",
    "step_free",
    "pets",
    "staffed",
    "mandate",
    "joined_on",
    "leaves_on",
    "free_until",
)
NUMBERS: Final = ("places", "cots", "rooms")
FLAGS: Final = ("family", "step_free", "pets", "staffed", "mandate")
DAYS: Final = ("joined_on", "leaves_on", "free_until")
YES: Final = frozenset({"ja", "j", "oui", "o", "yes", "y", "x", "1", "true", "waar", "vrai"})
NO: Final = frozenset({"nee", "neen", "n", "non", "no", "0", "false", "onwaar", "faux"})

_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)


@dataclass(frozen=True)
class Names:
    """What cells name, by the words for it: municipalities and owners of the network."""

    towns: Mapping[str, str]
    owners: Mapping[str, str]


@dataclass(frozen=True)
class Unread:
    """A row that cannot be read, and why."""

    number: int
    label: str
    mistakes: tuple[Refusal, ...]


def header(language: str) -> list[str]:
    """The names of the columns in this language, in their order."""
    return [column_name(name, language) for name in COLUMNS]


def column_name(field: str, language: str) -> str:
    """What people call the column of a field."""
    return render(f"board.units.column.{field}", {}, language)


def plain(words: str) -> str:
    """Words without case, accents and doubled spaces, to know them again."""
    marks = unicodedata.normalize("NFKD", words.casefold())
    return " ".join("".join(mark for mark in marks if not unicodedata.combining(mark)).split())


def rows_of(sheet: Sheet, names: Names) -> tuple[list[ImportRow], list[Unread]]:
    """The rows below the names of the columns. Raises BadInput of ``file`` when a column has no known name."""
    [(first, titles), *rest] = sheet
    fields = _fields(first, titles)
    if not rest:
        raise BadInput("file", "no_rows")
    read: list[ImportRow] = []
    unread: list[Unread] = []
    for number, cells in rest:
        given = {field: cell for field, cell in zip(fields, cells, strict=False) if field and cell}
        mistakes = [BadInput("row", "too_many_cells")] if any(cells[len(fields) :]) else []
        row = _row(number, given, names, mistakes)
        if isinstance(row, Unread):
            unread.append(row)
        else:
            read.append(row)
    return read, unread


def packed(rows: Sequence[ImportRow]) -> str:
    """Rows as text that a form can bring back."""
    bodies = [
        {"number": row.number, "id": row.unit_id, **_given(ImportRowBody.of(row.unit_id, row.ask))}
        for row in rows
    ]
    return json.dumps(bodies, ensure_ascii=False, separators=(",", ":"))


def unpacked(text: str, most_rows: int) -> list[ImportRow]:
    """The rows that `packed` made, judged like any input. Raises BadInput."""
    try:
        rows = json.loads(text)
        if not isinstance(rows, list) or not 0 < len(rows) <= most_rows:
            raise BadInput("file", "not_a_sheet")
        return [_body(int(row.pop("number")), row) for row in rows]
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        raise BadInput("file", "not_a_sheet") from None


def _given(body: ImportRowBody) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_none=True)


def _fields(number: int, titles: Sequence[str]) -> list[str]:
    known = {plain(column_name(name, language)): name for name in reversed(COLUMNS) for language in LANGUAGES}
    fields = [known.get(plain(title), "") for title in titles]
    for title, name in zip(titles, fields, strict=True):
        if title and not name:
            raise BadInput("file", "unknown_column", column=title[:40], number=number)
        if name and fields.count(name) > 1:
            raise BadInput("file", "column_twice", column=title[:40], number=number)
    return fields


def _row(number: int, cells: Mapping[str, str], names: Names, mistakes: list[BadInput]) -> ImportRow | Unread:
    given: dict[str, Any] = {}
    for name, cell in cells.items():
        try:
            given[name] = _value(name, cell, names)
        except BadInput as no:
            mistakes.append(no)
    label = cells.get("label", "")
    try:
        row = _body(number, given)
    except problems.Invalid as wrong:
        met = {each.facts["field"] for each in mistakes}
        mistakes += [
            BadInput(each["field"], each["problem"]) for each in wrong.errors if each["field"] not in met
        ]
        return Unread(number, label, tuple(mistakes))
    return Unread(number, label, tuple(mistakes)) if mistakes else row


def _value(name: str, cell: str, names: Names) -> object:
    """What a cell says of this field. Raises BadInput."""
    words = plain(cell)
    if name in FLAGS:
        if words not in YES | NO:
            raise BadInput(name, "not_yes_or_no")
        return words in YES
    if name in NUMBERS:
        if not re.fullmatch(r"[0-9]{1,4}", words):
            raise BadInput(name, "not_a_number")
        return int(words)
    if name in DAYS:
        spoken = _DAY_FIRST.fullmatch(cell)
        return f"{spoken[3]}-{spoken[2]:0>2}-{spoken[1]:0>2}" if spoken else cell
    choices = {"nis": names.towns, "owner_id": names.owners, "kind": _kinds()}.get(name)
    if choices is None:
        return cell
    if words not in choices:
        raise BadInput(name, "unknown_municipality" if name == "nis" else "not_a_choice")
    return choices[words]


def _kinds() -> dict[str, str]:
    named = {
        plain(render(f"board.units.kind.{kind}", {}, each)): str(kind)
        for kind in UnitKind
        for each in LANGUAGES
    }
    return {**named, **{str(kind): str(kind) for kind in UnitKind}}


def _body(number: int, given: Mapping[str, Any]) -> ImportRow:
    try:
        body = ImportRowBody.model_validate_json(json.dumps(given))
    except ValidationError as error:
        raise problems.invalid(error, ImportRowBody) from None
    return ImportRow(number, body.id, body.ask())
