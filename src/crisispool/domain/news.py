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
    "policy": (NewsKind.EVERYTHING,),
}
"""What an entry of the audit chain is news of, by what its action begins with."""

NO_NEWS: Final = frozenset(
    {
        "page",
        "daytime",
        "note",
        "token",
        "colleague",
        "role",
        "invitation",
        "link",
        "session",
        "passkey",
        "oidc",
        "calendar_feed",
        "audit",
        "organisation",
    }
)
"""Actions that change nothing that a list shows: looks, notes on pages, accounts."""

CHANGE_A_STATUS: Final = frozenset(
    {
        *(
            f"unit.{what}"
            for what in ("made", "changed", "status", "held", "released", "lapsed", "owner_yes", "owner_no")
        ),
        *(
            f"booking.{what}"
            for what in (
                "made",
                "on_paper",
                "extended",
                "moved",
                "cancel",
                "no_show",
                "check_out",
                "stays_as",
            )
        ),
    }
)
"""Actions after which a unit may be something else in one of its nights; the others tell of who is inside."""

CHANGE_WHO_HEARS: Final = frozenset(
    {"session.ended", "token.revoked", "role.given", "role.taken", "colleague.language", "colleague.ended"}
)
"""Actions after which somebody who listens may hear something else, or nothing; news change that too."""

DESK: Final = (Role.CALLTAKER, Role.COORDINATOR)
SEES_UNITS: Final = (*DESK, Role.SUPPORT_WORKER)
"""Roles that see all units; an owner sees the own ones."""

ROLES: Final = {
    NewsKind.REQUESTS: DESK,
    NewsKind.CASES: (*DESK, Role.SUPPORT_WORKER),
    NewsKind.DUTY: tuple(Role),
    NewsKind.EVERYTHING: tuple(Role),
}
"""Who hears of a kind, whatever it is about; who asked for a bed hears of the own request besides."""


@dataclass(frozen=True, slots=True)
class News:
    """One thing that changed, and whose it is: `owner_id` of the unit, `asked_by` of the request.

    `status`: a list of units may show something else now.
    """

    kind: NewsKind
    network_ids: frozenset[str]
    unit_id: str = ""
    owner_id: str | None = None
    asked_by: str | None = None
    status: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who hears news, as far as that decides what: two with the same rights are equal.

    `which_units`: hears of every unit, and of which one. `all_units`: hears that some unit is something else now, and
    not which: they know the cases, and would learn in which unit somebody is. `owner_id`: hears of the units of this
    owner; `asked_by`: of the requests of this colleague.
    """

    network_id: str
    which_units: bool
    all_units: bool
    owner_id: str | None
    asked_by: str | None
    kinds: frozenset[NewsKind]


def listener(actor: Actor) -> Listener:
    """What this asker, with the roles that count now, may hear of: no more than the lists of the interface show."""
    which = actor.is_(*DESK)
    return Listener(
        network_id=actor.network_id,
        which_units=which,
        all_units=actor.is_(*SEES_UNITS),
        owner_id=actor.organisation_id if actor.is_(Role.UNIT_MANAGER) and not which else None,
        asked_by=actor.colleague_id if actor.is_(Role.REFERRER) else None,
        kinds=frozenset(kind for kind, roles in ROLES.items() if actor.is_(*roles)),
    )


def heard(who: Listener, news: Iterable[News]) -> dict[NewsKind, tuple[str, ...]]:
    """The kinds of these news that somebody hears of, each with the ids of its units, sorted; none for other kinds,
    and none when they may not hear of one of them which it is."""
    kinds: dict[NewsKind, set[str]] = {}
    for each in news:
        if who.network_id in each.network_ids and _hears(who, each):
            named = who.which_units or _owns(who, each)
            kinds.setdefault(each.kind, set()).add(each.unit_id if named else "")
    return {kind: _ids(kinds[kind]) for kind in NewsKind if kind in kinds}


def _ids(units: set[str]) -> tuple[str, ...]:
    return () if "" in units else tuple(sorted(units))


def _owns(who: Listener, news: News) -> bool:
    return who.owner_id is not None and who.owner_id == news.owner_id


def _hears(who: Listener, news: News) -> bool:
    if news.kind is NewsKind.UNITS:
        return who.which_units or _owns(who, news) or (who.all_units and news.status)
    own = news.kind is NewsKind.REQUESTS and news.asked_by is not None and news.asked_by == who.asked_by
    return own or news.kind in who.kinds
