"""The own shifts as a calendar that other programs read by a secret address: duty and times, nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from crisispool.domain.calendar_feed import KEPT_BACK, CalendarFeed
from crisispool.domain.duty import DutyShift
from crisispool.domain.errors import NotThere
from crisispool.domain.organisation import Actor
from crisispool.ports import AtLeast, Transaction, Vault
from crisispool.services.accounts import actor_in
from crisispool.services.page_links import digest
from crisispool.services.parts import Parts, require
from crisispool.services.rosters import ON_ROSTERS
from crisispool.texts.render import render

PATH: Final = "/duty/feed"
LONGEST_LINE: Final = 60
"""Letters of a line; the standard has 75 octets, and a letter may be two of them."""


@dataclass(frozen=True, slots=True)
class _Made:
    feed_id: str


class CalendarFeeds:
    """One living address a colleague, made anew or ended whenever they want."""

    def __init__(self, parts: Parts, public_url: str) -> None:
        self._parts = parts
        self._public_url = public_url.rstrip("/")

    async def address(self, actor: Actor) -> str:
        """The address of the own calendar, empty when there is none."""
        async with self._parts.store.reading() as tx:
            found = await tx.find(CalendarFeed, colleague_id=actor.colleague_id, ended_at=None)
        return f"{self._public_url}{PATH}/{_token(self._parts.vault, found[0].id)}" if found else ""

    async def make(self, actor: Actor, operation_id: str) -> None:
        """A new address; the one before shows nothing any more."""
        require(actor, *ON_ROSTERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> _Made:
            await self._end(tx, actor, now)
            feed_id = parts.ids.new()
            secret = _token(parts.vault, feed_id)
            await tx.add(CalendarFeed(feed_id, actor.colleague_id, digest(secret), now))
            await tx.audit(actor.colleague_id, "calendar_feed.made", "calendar_feed", feed_id, now)
            return _Made(feed_id)

        await parts.operations.once(operation_id, "calendar_feed.make", "", now, _Made, work)

    async def end(self, actor: Actor) -> None:
        """The address shows nothing any more; twice is once."""
        async with self._parts.store.transaction() as tx:
            await self._end(tx, actor, self._parts.now())

    async def read(self, token: str) -> str:
        """The calendar behind an address, as RFC 5545 writes it. Raises NotThere, also when its colleague left."""
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            found = await tx.find(CalendarFeed, digest=digest(token), ended_at=None)
            actor = await actor_in(tx, found[0].colleague_id) if found else None
            if actor is None or not actor.is_(*ON_ROSTERS):
                raise NotThere("page")
            shifts = await tx.find(
                DutyShift,
                network_id=actor.network_id,
                colleague_id=actor.colleague_id,
                ends_at=AtLeast(now - KEPT_BACK),
                order=("starts_at", "id"),
            )
        return written(shifts, actor.language, now)

    async def _end(self, tx: Transaction, actor: Actor, now: datetime) -> None:
        for feed in await tx.find(CalendarFeed, colleague_id=actor.colleague_id, ended_at=None):
            await tx.save(replace(feed, ended_at=now))
            await tx.audit(actor.colleague_id, "calendar_feed.ended", "calendar_feed", feed.id, now)


def written(shifts: Sequence[DutyShift], language: str, now: datetime) -> str:
    """These shifts as a calendar."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//crisispool//duty//EN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{render('board.duty.feed', {}, language)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for shift in shifts:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{shift.id}@crisispool",
            f"DTSTAMP:{_moment(now)}",
            f"DTSTART:{_moment(shift.starts_at)}",
            f"DTEND:{_moment(shift.ends_at)}",
            f"SUMMARY:{render(f'board.duty.name.{shift.duty}', {}, language)}",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> str:
    return "\r\n ".join(line[n : n + LONGEST_LINE] for n in range(0, len(line), LONGEST_LINE))


def _token(vault: Vault, feed_id: str) -> str:
    """The secret of an address, made from its id: no row holds it."""
    return vault.digest("calendar_feed", feed_id)[:40]
