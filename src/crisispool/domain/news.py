"""What changed, and who may hear that it did: kinds, and ids of units; nothing about anybody."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crisispool.domain.organisation import Actor, Role


class NewsKind(StrEnum):
    """What somebody may want to look at anew. `everything`: nobody can say any more what it was."""

    UNITS = "units"
    REQUESTS = "requests"
    CASES = "cases"
    DUTY = "duty"
    EVERYTHING = "everything"


KINDS_OF_ACTION: Final[dict[str, tuple[NewsKind, ...]]] = {
    "unit": (NewsKind.UNITS,),
    "booking": (NewsKind.UNITS, NewsKind.REQUESTS, NewsKind.CASES),
    "request": (NewsKind.REQUESTS,),
    "stay": (NewsKind.REQUESTS,),
    "cold_weather": (NewsKind.REQUESTS,),
    "handover": (NewsKind.CASES,),
    "case": (NewsKind.CASES,),
    "care": (NewsKind.CASES,),
    "weekend_line": (NewsKind.CASES,),
    "round": (NewsKind.CASES,),
    "consultation": (NewsKind.CASES,),
    "person": (NewsKind.CASES,),
    "shift": (NewsKind.DUTY,),
    "closing_day": (NewsKind.EVERYTHING,),
    "region": (NewsKind.EVERYTHING,),
}
"""What an entry of the audit chain is news of, by what its action begins with."""

NO_NEWS: Final = frozenset(
    {
        "page",
        "note",
        "token",
        "colleague",
        "role",
        "invitation",
        "link",
        "session",
        "passkey",
        "calendar_feed",
    }
)
"""Actions that change nothing that a list shows: looks, notes on pages, accounts."""

SEES_UNITS: Final = (Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER)
"""Roles that see all units; an owner sees the own ones."""

ROLES: Final = {
    NewsKind.REQUESTS: (Role.CALLTAKER, Role.COORDINATOR),
    NewsKind.CASES: (Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER),
    NewsKind.DUTY: tuple(Role),
    NewsKind.EVERYTHING: tuple(Role),
}
"""Who hears of a kind, whatever it is about; who asked for a bed hears of the own request besides."""


@dataclass(frozen=True, slots=True)
class News:
    """One thing that changed, and whose it is: `owner_id` of the unit, `asked_by` of the request."""

    kind: NewsKind
    network_ids: frozenset[str]
    unit_id: str = ""
    owner_id: str | None = None
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who hears news, as far as that decides what: two with the same rights are equal.

    `owner_id`: hears of the units of this owner; `asked_by`: of the requests of this colleague.
    """

    network_id: str
    all_units: bool
    owner_id: str | None
    asked_by: str | None
    kinds: frozenset[NewsKind]


def listener(actor: Actor) -> Listener:
    """What this asker, with the roles that count now, may hear of: no more than the lists of the interface show."""
    everywhere = actor.is_(*SEES_UNITS)
    return Listener(
        network_id=actor.network_id,
        all_units=everywhere,
        owner_id=actor.organisation_id if actor.is_(Role.UNIT_MANAGER) and not everywhere else None,
        asked_by=actor.colleague_id if actor.is_(Role.REFERRER) else None,
        kinds=frozenset(kind for kind, roles in ROLES.items() if actor.is_(*roles)),
    )


def heard(who: Listener, news: Iterable[News]) -> dict[NewsKind, tuple[str, ...]]:
    """The kinds of these news that somebody hears of, each with the ids of its units, sorted; none for other kinds."""
    kinds: dict[NewsKind, set[str]] = {}
    for each in news:
        if who.network_id in each.network_ids and _hears(who, each):
            kinds.setdefault(each.kind, set()).update({each.unit_id} - {""})
    return {kind: tuple(sorted(kinds[kind])) for kind in NewsKind if kind in kinds}


def _hears(who: Listener, news: News) -> bool:
    if news.kind is NewsKind.UNITS:
        return who.all_units or (who.owner_id is not None and who.owner_id == news.owner_id)
    own = news.kind is NewsKind.REQUESTS and news.asked_by is not None and news.asked_by == who.asked_by
    return own or news.kind in who.kinds
