"""The audit in words: who, what, of what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from crisispool.domain.calendar import BRUSSELS
from crisispool.services.audit_trail import AuditRow
from crisispool.texts.render import has
from crisispool.web.html import board_text

COLUMNS: Final = ("seq", "at", "who", "what", "about")


@dataclass(frozen=True)
class AuditLine:
    """One entry as it is read."""

    seq: int
    at: str
    who: str
    what: str
    about: str


def line_of(row: AuditRow, language: str) -> AuditLine:
    """One entry."""
    who = row.who or board_text(f"audit.by.{row.by}", language)
    year = row.at.astimezone(BRUSSELS).year
    at = board_text("audit.at", language, {"at": row.at, "year": year})
    return AuditLine(row.seq, at, who, _what(row, language), _about(row, language))


def _what(row: AuditRow, language: str) -> str:
    """What happened; an action that an earlier program wrote and nobody knows any more is its code."""
    key = f"audit.action.{row.action}"
    said = board_text(key, language) if has(f"board.{key}", language) else row.action
    more = [
        words for name, value in row.details.items() if (words := _more(name, value, row.details, language))
    ]
    return ", ".join([said, *more])


def _more(name: str, value: object, details: Mapping[str, Any], language: str) -> str:
    match name:
        case "role" if has(f"board.role.{value}", language):
            return board_text("audit.more.role", language, {"role": board_text(f"role.{value}", language)})
        case "page" if has(f"board.audit.page.{value}", language):
            return board_text(f"audit.page.{value}", language)
        case "setting" if has(f"board.settings.name.{value}", language):
            facts = {
                "what": board_text(f"settings.name.{value}", language),
                "version": details.get("version", ""),
            }
            return board_text("audit.more.setting", language, facts)
        case "day":
            return board_text("audit.more.day", language, {"day": value})
        case "to":
            return board_text("audit.more.to", language, {"who": value})
        case "nights":
            return board_text("audit.more.nights", language, {"n": value})
    return ""


def _about(row: AuditRow, language: str) -> str:
    if row.action.startswith("audit."):
        return ""
    key = f"audit.kind.{row.kind}"
    kind = board_text(key, language) if has(f"board.{key}", language) else ""
    return f"{kind} {row.name}".strip()
