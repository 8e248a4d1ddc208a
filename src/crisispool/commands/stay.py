"""Explains the stay rule for one person. Needs no data folder and no server."""

import argparse
import json
import re
from datetime import date
from typing import Final

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.commands.telling import OK, REFUSED, bad
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.stay import StayPolicy, judge_stay
from crisispool.texts.stay import stay_answer

MOST_NIGHTS: Final = 7
FIRST_YEAR, LAST_YEAR = 2000, 2099

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def run(args: argparse.Namespace) -> int:
    """Answer on standard output; 0 allowed, 1 refused."""
    night = _day("--night", args.night)
    nights = None if args.nights is None else _nights(args.nights)
    used, closed = _days("--used", args.used), _days("--closed", args.closed)
    policy = _policy(args.policy)
    try:
        verdict = judge_stay(night, nights, used, NetworkCalendar(LegalHolidays(), frozenset(closed)), policy)
    except (ValueError, OverflowError):
        bad("stay.no_working_day")
    answer = stay_answer(verdict)
    print(json.dumps(answer, ensure_ascii=False) if args.json else answer["sentence"])
    return OK if verdict.allowed else REFUSED


def _day(option: str, text: str) -> date:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        bad("stay.not_a_day", option=option, given=_shown(text))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        bad("stay.year", option=option, first=FIRST_YEAR, last=LAST_YEAR)
    return day


def _days(option: str, texts: list[str]) -> list[date]:
    parts = (part.strip() for text in texts for part in text.split(","))
    return [_day(option, part) for part in parts if part]


def _nights(text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= MOST_NIGHTS:
        bad("stay.nights", most=MOST_NIGHTS, given=_shown(text))
    return int(text)


def _policy(text: str) -> StayPolicy:
    known = [policy.value for policy in StayPolicy]
    if text not in known:
        bad("stay.policy", known=", ".join(known), given=_shown(text))
    return StayPolicy(text)


def _shown(text: str) -> str:
    return repr(text[:40])
