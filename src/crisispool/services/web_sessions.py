"""Browsers that colleagues signed in with: looked up anew at every request, ended at once."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from crisispool.domain.errors import NotThere
from crisispool.domain.organisation import Actor, Colleague, Organisation
from crisispool.domain.web_session import LONGEST, SEEN_EVERY, WebSession, ends_by_itself, is_fresh, lives
from crisispool.ports import AtMost, Clock, Transaction
from crisispool.services.accounts import actor_in, digest_of
from crisispool.services.parts import Parts

LOOKED_AT: Final = 100
"""How many rows that are over are cleared away at once."""


@dataclass(frozen=True, slots=True)
class Entered:
    """Who is signed in with a browser.

    `label` is what colleagues see of them, `organisation` where they work, empty for nowhere in particular. `csrf`
    stands in every form of this session and is worth nothing in another. `fresh`: they proved who they are just now.
    """

    session_id: str
    actor: Actor
    label: str
    organisation: str
    csrf: str
    fresh: bool


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """One of the own sessions; `this` is the one that asks."""

    id: str
    made_at: datetime
    seen_at: datetime
    until: datetime
    this: bool


class WebSessions:
    """The sessions of all colleagues. `clock` is the one that people in front of their browsers live by."""

    def __init__(self, parts: Parts, clock: Clock) -> None:
        self._parts = parts
        self._clock = clock

    def now(self) -> datetime:
        """The present moment of people at their browsers."""
        return self._clock.now()

    async def open(self, colleague_id: str, *, verified: bool = False) -> str:
        """Sign this colleague in; the secret for the cookie. `verified`: they just proved who they are.

        Raises NotThere.
        """
        async with self._parts.store.transaction() as tx:
            return await self.open_in(tx, colleague_id, self._clock.now() if verified else None)

    async def open_in(self, tx: Transaction, colleague_id: str, verified_at: datetime | None) -> str:
        """The same within a unit of work, which then stands or falls with what they proved who they are with.

        `verified_at`: when they did.
        """
        now, secret = self._clock.now(), self._parts.ids.token()
        if await actor_in(tx, colleague_id) is None:
            raise NotThere("colleague")
        await tx.remove(*await tx.find(WebSession, made_at=AtMost(now - LONGEST), limit=LOOKED_AT))
        session = WebSession(self._parts.ids.new(), digest_of(secret), colleague_id, now, now, verified_at)
        await tx.add(session)
        await tx.audit(colleague_id, "session.opened", "web_session", session.id, self._parts.now())
        return secret

    async def find(self, secret: str, *, by_itself: bool = False) -> Entered | None:
        """Who holds this secret; None when the session is over, or its colleague does not work here any more.

        `by_itself`: a page that stands open asks, which is no sign of anybody in front of it.
        """
        now = self._clock.now()
        async with self._parts.store.reading() as tx:
            found = await tx.find(WebSession, digest=digest_of(secret), ended_at=None)
            if not found or not lives(found[0], now):
                return None
            [session] = found
            actor = await actor_in(tx, session.colleague_id)
            colleague = await tx.get(Colleague, session.colleague_id)
            home = actor.organisation_id if actor else None
            organisation = await tx.get(Organisation, home) if home else None
        if actor is None or colleague is None:
            return None
        if not by_itself and now >= session.seen_at + SEEN_EVERY:
            await self._seen(session.id, now)
        csrf = self._parts.vault.digest("csrf", session.id)
        name = organisation.name if organisation else ""
        return Entered(session.id, actor, colleague.label, name, csrf, is_fresh(session, now))

    async def verify_in(self, tx: Transaction, entered: Entered, at: datetime) -> None:
        """They proved once more who they are, in this session."""
        for session in await tx.lock(WebSession, [entered.session_id]):
            if session.ended_at is None:
                await tx.save(replace(session, verified_at=at))

    async def list(self, entered: Entered) -> list[SessionAnswer]:
        """Their own sessions that live, the newest first."""
        now = self._clock.now()
        async with self._parts.store.reading() as tx:
            found = await tx.find(
                WebSession, colleague_id=entered.actor.colleague_id, ended_at=None, order=("-made_at",)
            )
        return [
            SessionAnswer(
                each.id, each.made_at, each.seen_at, ends_by_itself(each), each.id == entered.session_id
            )
            for each in found
            if lives(each, now)
        ]

    async def end(self, actor: Actor, session_id: str) -> None:
        """This session of their own opens nothing any more; twice is once. Raises NotThere."""
        async with self._parts.store.transaction() as tx:
            await self.end_in(tx, actor, session_id)

    async def end_in(self, tx: Transaction, actor: Actor, session_id: str) -> None:
        """The same within a unit of work."""
        found = await tx.lock(WebSession, [session_id])
        if not found or found[0].colleague_id != actor.colleague_id:
            raise NotThere("session")
        await _end(tx, found[0], actor.colleague_id, self._parts.now())

    async def end_others(self, entered: Entered) -> None:
        """Only the session that asks stays."""
        who = entered.actor.colleague_id
        async with self._parts.store.transaction() as tx:
            await end_all(tx, who, who, self._parts.now(), but=entered.session_id)

    async def _seen(self, session_id: str, now: datetime) -> None:
        async with self._parts.store.transaction() as tx:
            for session in await tx.lock(WebSession, [session_id]):
                if session.ended_at is None and session.seen_at < now:
                    await tx.save(replace(session, seen_at=now))


async def end_all(tx: Transaction, colleague_id: str, by: str, now: datetime, *, but: str = "") -> None:
    """No browser of this colleague is signed in any more, save that of the session `but`."""
    living = await tx.find(WebSession, colleague_id=colleague_id, ended_at=None)
    for session in await tx.lock(WebSession, [each.id for each in living if each.id != but]):
        await _end(tx, session, by, now)


async def _end(tx: Transaction, session: WebSession, by: str, now: datetime) -> None:
    if session.ended_at is None:
        await tx.save(replace(session, ended_at=now))
        await tx.audit(by, "session.ended", "web_session", session.id, now)
