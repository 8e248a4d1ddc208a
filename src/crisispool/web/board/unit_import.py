"""A list of units taken in: what it would do first, then all of it or nothing."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from aiohttp import web

from crisispool.domain.errors import BadInput, Refusal
from crisispool.services.unit_imports import MOST_ROWS, ImportRow, Judged, RowKind
from crisispool.texts.render import has, render
from crisispool.web import html, problems
from crisispool.web.board.import_rows import (
    COLUMNS,
    Names,
    Unread,
    column_name,
    header,
    packed,
    plain,
    rows_of,
    unpacked,
)
from crisispool.web.board.page import Visit
from crisispool.web.board.sheets import LARGEST_FILE, as_csv, sheet_of

LARGEST_BODY: Final = LARGEST_FILE + 256 * 1024


@dataclass(frozen=True)
class Line:
    """A row of the preview in words: what it would do, or each column that is wrong and why."""

    number: int
    label: str
    kind: str
    said: tuple[str, ...]


async def empty(visit: Visit) -> web.StreamResponse:
    """Which file it takes, and a list to begin with."""
    columns = [column_name(name, visit.language) for name in COLUMNS]
    return visit.show("board/unit_import.html", columns=columns, rows=MOST_ROWS)


async def listed(visit: Visit) -> web.StreamResponse:
    """The units that are there, as a file that can be changed and brought back."""
    language, rows = visit.language, [header(visit.language)]
    for found, unit in await visit.app.keeping.pool.offers(visit.actor):
        named = {"owner_id": found.owner, "nis": found.town}
        named["kind"] = render(f"board.units.kind.{unit.kind}", {}, language)
        rows.append([named.get(name) or _as_text(getattr(unit, name), language) for name in COLUMNS])
    name = render("board.units.import.file", {}, language)
    return web.Response(
        body=as_csv(rows),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def judged(visit: Visit) -> web.StreamResponse:
    """What the file would do, row by row; nothing is kept."""
    try:
        sheet = await asyncio.to_thread(sheet_of, visit.files.get("file", b""), MOST_ROWS)
        read, unread = rows_of(sheet, await _names(visit))
    except BadInput as no:
        raise Refusal("sheet", {"why": _mistake(no, visit.language)}) from None
    return await _preview(visit, read, unread)


async def stored(visit: Visit) -> web.StreamResponse:
    """Everything of the preview at once. What came back is judged like any input, and against what was seen."""
    rows = unpacked(visit.form.get("rows", ""), MOST_ROWS)
    try:
        seen = [(str(unit_id), int(version)) for unit_id, version in json.loads(visit.form.get("seen", ""))]
    except (ValueError, TypeError):
        raise BadInput("file", "not_a_sheet") from None
    await visit.app.keeping.imports.store(visit.actor, visit.operation_id, rows, seen)
    return visit.go("/units", done="units_imported")


async def not_stored(visit: Visit) -> web.StreamResponse:
    """The preview as it would be now, and why it could not be."""
    try:
        rows = unpacked(visit.form.get("rows", ""), MOST_ROWS)
    except BadInput:
        return await empty(visit)
    return await _preview(visit, rows, [])


async def _preview(visit: Visit, read: Sequence[ImportRow], unread: Sequence[Unread]) -> web.StreamResponse:
    verdicts = await visit.app.keeping.imports.judge(visit.actor, read)
    language = visit.language
    lines = [_line(each, language) for each in verdicts] + [_unread(each, language) for each in unread]
    wrong = sum(line.kind == RowKind.WRONG for line in lines)
    doing = sum(each.kind in (RowKind.NEW, RowKind.CHANGED) for each in verdicts)
    return visit.show(
        "board/unit_import_preview.html",
        lines=sorted(lines, key=lambda line: (line.kind != RowKind.WRONG, line.number)),
        counts=[(kind, n) for kind in RowKind if (n := sum(line.kind == kind for line in lines))],
        wrong_rows=wrong,
        doing=doing,
        rows=packed(read) if not wrong else "",
        seen=json.dumps([(each.unit_id, each.seen) for each in verdicts]),
    )


async def _names(visit: Visit) -> Names:
    [region] = await visit.app.regions.list(visit.actor)
    towns = {plain(each.name): each.nis for each in region.municipalities}
    towns |= {each.nis: each.nis for each in region.municipalities}
    owners = await visit.app.keeping.pool.owners(visit.actor)
    named = {plain(name): owner_id for owner_id, name in owners}
    return Names(towns, named | {plain(owner_id): owner_id for owner_id, _ in owners})


def _line(row: Judged, language: str) -> Line:
    if row.mistakes:
        return Line(row.number, row.label, row.kind, _mistakes(row.mistakes, language))
    said = tuple(
        render(
            "board.units.import.change",
            {
                "column": column_name(name, language),
                "before": _as_text(before, language) or "–",
                "after": _as_text(after, language) or "–",
            },
            language,
        )
        for name, before, after in row.changes
    )
    return Line(row.number, row.label, row.kind, said)


def _unread(row: Unread, language: str) -> Line:
    return Line(row.number, row.label, RowKind.WRONG, _mistakes(row.mistakes, language))


def _mistakes(mistakes: Sequence[Refusal], language: str) -> tuple[str, ...]:
    return tuple(_mistake(each, language) for each in mistakes)


def _mistake(no: Refusal, language: str) -> str:
    """The column and what is wrong there."""
    field = str(no.facts.get("field", ""))
    if not isinstance(no, BadInput):
        return problems.sentence(no.code, no.facts, language)
    key = f"board.units.import.mistake.{no.facts['problem']}"
    words = (
        render(key, no.facts, language)
        if has(key, language)
        else html.mistake(str(no.facts["problem"]), language)
    )
    if field not in COLUMNS:
        return words
    facts = {"column": column_name(field, language), "words": words}
    return render("board.units.import.of_column", facts, language)


def _as_text(value: object, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return render(f"board.units.import.{'yes' if value else 'no'}", {}, language)
    return value.isoformat() if isinstance(value, date) else str(value)
