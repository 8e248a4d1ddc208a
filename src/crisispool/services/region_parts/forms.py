"""The forms in which a region file says ids, numbers to call, days and times."""

import re
from datetime import date, datetime, time
from itertools import pairwise

ID = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
NIS = re.compile(r"[12347]\d{4}")
PREFIX = re.compile(r"(?!R$)[A-Z]{1,4}")
PHONE = re.compile(r"\+?\d[\d ./-]*")
MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def as_day(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def as_clock(value: object) -> time | None:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and (match := CLOCK.fullmatch(value)):
        return time(int(match[1]), int(match[2]))
    return None


def as_moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(
        r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d)?", value
    ):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def are_hours(spans: list[str]) -> bool:
    """Whether these are spans of one day, in order, without overlap."""
    edges: list[time | None] = []
    for span in spans:
        start, _, end = span.partition("-")
        edges += [as_clock(start), as_clock(end)]
    times = [edge for edge in edges if edge is not None]
    return len(times) == len(edges) and all(a < b for a, b in pairwise(times))
