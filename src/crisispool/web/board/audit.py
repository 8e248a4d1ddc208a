"""The audit: who did or looked at what, found by who, what and when; as a list to take along; whether it is whole."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from crisispool.domain.audit import Link
from crisispool.domain.audited import GROUPS
from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.errors import BadInput
from crisispool.services.audit_trail import OTHERS, AuditAsk, ChainAnswer
from crisispool.web.board.audit_words import COLUMNS, line_of
from crisispool.web.board.page import Visit
from crisispool.web.board.sheets import as_csv
from crisispool.web.fields import LAST_YEAR
from crisispool.web.html import board_text

HERE: Final = "/audit"
AT_ONCE: Final = 200
"""Rows that are written before others have their turn."""
SEQ: Final = 2**31 - 1
MOMENT: Final = "%Y-%m-%d %H:%M:%S"


async def shown(visit: Visit) -> web.StreamResponse:
    """The newest entries, or those that are looked for."""
    session = visit.entered.session_id if visit.entered else ""
    await visit.app.office.audit.visit(visit.actor, session)
    return await _show(visit, None)


async def downloaded(visit: Visit) -> web.StreamResponse:
    """The rows that are looked for as CSV."""
    ask, _ = _ask(visit)
    session = visit.entered.session_id if visit.entered else ""
    language = visit.language
    name = board_text("audit.file", language)
    body = bytearray()
    rows = [[board_text(f"audit.column.{column}", language) for column in COLUMNS]]
    async for row in visit.app.office.audit.download(visit.actor, ask, session):
        line = line_of(row, language)
        rows.append(
            [str(line.seq), row.at.astimezone(BRUSSELS).strftime(MOMENT), line.who, line.what, line.about]
        )
        if len(rows) >= AT_ONCE:
            body += as_csv(rows, first=not body)
            rows = []
            await asyncio.sleep(0)
    body += as_csv(rows, first=not body)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=bytes(body), content_type="text/csv", charset="utf-8", headers=headers)


async def checked(visit: Visit) -> web.StreamResponse:
    """One stretch of the chain was looked at; the page asks for the next one by itself."""
    seq, digest = _seq(visit.form.get("seq", "")), visit.form.get("digest", "")
    since = Link(seq, digest) if seq and digest.isascii() and len(digest) <= 64 else Link()
    return await _show(visit, await visit.app.office.audit.check(visit.actor, since))


async def _show(visit: Visit, chain: ChainAnswer | None) -> web.StreamResponse:
    if chain is not None and visit.by_htmx:
        return visit.show("board/audit.html", block="chain", chain=chain)
    ask, wrong = _ask(visit)
    found = await visit.app.office.audit.page(visit.actor, ask)
    colleagues = [(each.id, each.label) for each in await visit.app.colleagues.everybody(visit.actor)]
    colleagues += [(each.id, each.label) for each in await visit.app.office.people.former(visit.actor)]
    asked = _query(ask)
    return visit.show(
        "board/audit.html",
        lines=[line_of(row, visit.language) for row in found.rows],
        unknown=found.unknown,
        ask=ask,
        not_a_day=wrong,
        colleagues=colleagues,
        others=tuple(OTHERS),
        groups=tuple(GROUPS),
        older=f"{HERE}?{_query(replace(ask, before=found.older))}" if found.older else "",
        newest=f"{HERE}?{_query(replace(ask, before=None))}" if ask.before else "",
        csv=f"{HERE}.csv?{asked}" if asked else f"{HERE}.csv",
        looked_for=bool(_query(replace(ask, before=None))),
        chain=chain,
    )


def _ask(visit: Visit) -> tuple[AuditAsk, str]:
    """What is looked for, and which day in it is none."""
    query = visit.request.query
    wrong = ""
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        try:
            days[name] = _day(query.get(name, "").strip())
        except BadInput:
            days[name], wrong = None, name
    return (
        AuditAsk(
            query.get("who", "")[:64],
            query.get("group", "")[:64],
            query.get("about", "")[:100],
            days["since"],
            days["until"],
            _seq(query.get("before", "")),
        ),
        wrong,
    )


def _seq(text: str) -> int | None:
    """The number of an entry, None when it is none: of thousands of digits none is made."""
    known = text.isascii() and text.isdigit() and len(text) <= len(str(SEQ)) and int(text) <= SEQ
    return int(text) if known else None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput("since", "not_a_date") from None
    if not 2000 <= day.year < LAST_YEAR:
        raise BadInput("since", "not_a_date")
    return day


def _query(ask: AuditAsk) -> str:
    asked: dict[str, Any] = {
        "who": ask.who,
        "group": ask.group,
        "about": ask.about,
        "since": ask.since,
        "until": ask.until,
        "before": ask.before,
    }
    return urlencode({name: value for name, value in asked.items() if value})
