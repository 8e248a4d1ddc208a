"""Tonight: the pool as it is this second, for the desk, outreach and owners."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from markupsafe import Markup

from crisispool.services.intake import DESK
from crisispool.web import html
from crisispool.web.board.live import BOARDS, STREAM, TEMPLATE, seen
from crisispool.web.board.page import Visit
from crisispool.web.board.tonight_words import Row, words

FLAGS: Final = ("free", "step_free", "pets", "cots")
"""What can be ticked in the filter; each is a code in `Row.has`."""
LONGEST: Final = 60
MOST_PLACES: Final = 6


@dataclass(frozen=True)
class Wanted:
    """What of the board somebody wants to see. `static/tonight.js` does the same as one types."""

    text: str = ""
    places: int = 0
    flags: frozenset[str] = frozenset()

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """From an address; what cannot be meant counts for nothing."""
        places = query.get("places", "")
        return cls(
            query.get("q", "").strip()[:LONGEST],
            min(int(places), MOST_PLACES) if places.isascii() and places.isdigit() and len(places) < 3 else 0,
            frozenset(flag for flag in FLAGS if query.get(flag)),
        )

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Wanted()

    def fits(self, row: Row) -> bool:
        """Whether a unit is wanted."""
        named = self.text.casefold() in f"{row.label} {row.town}".casefold()
        return named and row.places >= self.places and self.flags <= row.has


async def shown(visit: Visit) -> web.StreamResponse:
    """The board; with a filter in the address, as it is used without script, only what fits it."""
    app, wanted = visit.app, Wanted.of(visit.request.query)
    audience = await app.board.audience(visit.actor)
    if wanted.everything:
        seq = await app.changes.head()
        kept = await visit.request.app[BOARDS].of(visit.actor, audience).shown(visit.actor, seq)
        top, pool, version = kept.board.top, kept.board.pool, kept.version
    else:
        board = words(await app.board.tonight(visit.actor), visit.language)
        rows = [row for section in board.sections or () for row in section.rows]
        out = frozenset(row.id for row in rows if not wanted.fits(row))
        values: dict[str, object] = {"w": board, "language": visit.language, "hidden": out}
        top, pool, version = html.part(TEMPLATE, "top", values), html.part(TEMPLATE, "pool", values), ""
    return visit.show(
        "board/tonight.html",
        # Made by our own templates a moment ago, every value escaped.
        top=Markup(top),  # noqa: S704
        pool=Markup(pool),  # noqa: S704
        wanted=wanted,
        flags=FLAGS,
        most_places=MOST_PLACES,
        at=int(app.clock.now().timestamp()),
        seen=seen(app, visit.language),
        desk=visit.actor.is_(*DESK),
        stream=f"{STREAM}?has={version}",
    )
