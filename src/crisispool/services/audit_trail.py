"""The audit chain as coordinators read it: who did or looked at what, newest first, and whether it is whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from crisispool.domain.audit import HEAD, ChainHead, Link
from crisispool.domain.audited import GROUPS, actions_of
from crisispool.domain.calendar import DAY, NetworkCalendar
from crisispool.domain.organisation import Actor, Colleague, Organisation, Role
from crisispool.domain.record import AuditEntry
from crisispool.ports import AtMost, OneOf, Transaction
from crisispool.services.audit_subjects import Subject, by_id, ids_named, subjects_of
from crisispool.services.invariants import Invariants
from crisispool.services.parts import Parts, require

READERS: Final = (Role.COORDINATOR, Role.ADMIN)
PAGE: Final = 50
DAYBREAK: Final = time(0)
LOOKED_AT: Final = 500
"""Entries that are read at once."""
MOST_LOOKS: Final = 20
"""After so many reads that found too little the page goes on where it was, when somebody asks."""
MOST_DOWNLOADED: Final = 20_000
VISIT: Final = timedelta(minutes=30)
"""Looks of one session within this time are one visit."""

PROGRAM: Final = ("crisispool", "system")
"""What the program did by itself."""
OTHERS: Final = {"program": PROGRAM, "command": ("command",)}
"""Who is no colleague, as somebody looks for them."""
SERVICE: Final = "organisation:"


@dataclass(frozen=True, slots=True)
class AuditAsk:
    """What is looked for; what is empty does not matter. `who`: the id of a colleague, or one of `OTHERS`.

    `group`: one of `GROUPS`. `about`: a reference, or the name of a unit, a service or a colleague. `since`, `until`:
    local days, both included. `before`: only entries with a lower number.
    """

    who: str = ""
    group: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry. `who` is a label or the name of a service, empty for what is no colleague: then `by` says what it is
    (``program``, ``command``, ``messenger``, ``browser``, ``gone``). `details` holds codes, labels and numbers only."""

    seq: int
    at: datetime
    who: str
    by: str
    action: str
    kind: str
    name: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows, the newest first; `older`: what to ask next, None at the end. `unknown`: nothing has the name that was
    asked for."""

    rows: tuple[AuditRow, ...]
    older: int | None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class ChainAnswer:
    """How far the chain was looked at, of `last` entries. `broken`: the number where it is not as it was written, or
    a word for what is wrong with its end; `done`: there is nothing more to look at."""

    reached: Link
    last: int
    done: bool
    broken: str = ""


class AuditTrail:
    """Reading the chain. Looking at it is an entry of it too."""

    def __init__(self, parts: Parts, invariants: Invariants) -> None:
        self._parts = parts
        self._invariants = invariants

    async def visit(self, actor: Actor, session_id: str) -> None:
        """Somebody came to look: once a visit."""
        require(actor, *READERS)
        now, about = self._parts.now(), ("web_session", session_id)
        async with self._parts.store.transaction() as tx:
            seen = await tx.find(
                AuditEntry, subject_kind=about[0], subject_id=about[1], action="audit.viewed",
                order=("-seq",), limit=1,
            )  # fmt: skip
            if not seen or seen[0].at + VISIT <= now:
                await tx.audit(actor.colleague_id, "audit.viewed", *about, now)

    async def page(self, actor: Actor, ask: AuditAsk, most: int = PAGE) -> AuditPage:
        """The next rows. What is known to be another network's is not there."""
        require(actor, *READERS)
        rows: list[AuditRow] = []
        async with self._parts.store.reading() as tx:
            calendar = await self._parts.facts.calendar(tx, actor.network_id)
            where = await _where(tx, actor, ask, calendar)
            if where is None:
                return AuditPage((), None, unknown=True)
            first = calendar.instant(ask.since, DAYBREAK) if ask.since else None
            before, name = ask.before, ask.about.strip()
            for _ in range(MOST_LOOKS):
                if before is not None:
                    where["seq"] = AtMost(before - 1)
                found = await tx.find(AuditEntry, order=("-seq",), limit=LOOKED_AT, **where)
                wanted = [each for each in found if first is None or each.at >= first]
                rows += await _rows(tx, actor, wanted, named=bool(name))
                if len(rows) > most:
                    return AuditPage(tuple(rows[:most]), rows[most - 1].seq)
                if len(found) < LOOKED_AT or (first and found[-1].at < first - DAY):
                    return AuditPage(tuple(rows), None)
                before = found[-1].seq
        return AuditPage(tuple(rows), before)

    async def download(self, actor: Actor, ask: AuditAsk, session_id: str) -> AsyncIterator[AuditRow]:
        """All rows of what is looked for, at most `MOST_DOWNLOADED`; that somebody took them is an entry too."""
        require(actor, *READERS)
        async with self._parts.store.transaction() as tx:
            about, now = ("web_session", session_id), self._parts.now()
            await tx.audit(actor.colleague_id, "audit.downloaded", *about, now)
        left, before = MOST_DOWNLOADED, ask.before
        while left > 0:
            page = await self.page(actor, _before(ask, before), min(left, LOOKED_AT))
            for row in page.rows:
                yield row
            left, before = left - len(page.rows), page.older
            if before is None:
                return

    async def check(self, actor: Actor, since: Link) -> ChainAnswer:
        """Look at the next stretch of the chain, that of all networks."""
        require(actor, *READERS)
        broken, reached = await self._invariants.stretch(since)
        async with self._parts.store.reading() as tx:
            head = await tx.get(ChainHead, HEAD)
        last = head.seq if head else 0
        return ChainAnswer(reached, last, broken is not None, broken[0].about if broken else "")


def _before(ask: AuditAsk, before: int | None) -> AuditAsk:
    return AuditAsk(ask.who, ask.group, ask.about, ask.since, ask.until, before)


async def _where(
    tx: Transaction, actor: Actor, ask: AuditAsk, calendar: NetworkCalendar
) -> dict[str, Any] | None:
    """The conditions for the record; None when nothing has the name that was asked for."""
    where: dict[str, Any] = {}
    if ask.who:
        where["actor"] = OneOf(OTHERS.get(ask.who, (ask.who,)))
    if ask.group in GROUPS:
        where["action"] = OneOf(actions_of(ask.group))
    if ask.until:
        where["at"] = AtMost(calendar.instant(ask.until + DAY, DAYBREAK) - timedelta(microseconds=1))
    if ask.about.strip():
        ids = await ids_named(tx, actor.network_id, ask.about)
        if not ids:
            return None
        where["subject_id"] = OneOf(ids)
    return where


async def _rows(tx: Transaction, actor: Actor, entries: list[AuditEntry], *, named: bool) -> list[AuditRow]:
    people = await by_id(tx, Colleague, {entry.actor for entry in entries} | _given_to(entries))
    services = await by_id(
        tx,
        Organisation,
        {entry.actor.removeprefix(SERVICE) for entry in entries if entry.actor.startswith(SERVICE)},
    )
    subjects = await subjects_of(tx, entries)
    rows = []
    for entry in entries:
        who: Colleague | Organisation | None = people.get(entry.actor) or services.get(
            entry.actor.removeprefix(SERVICE)
        )
        subject = subjects[entry.seq]
        # Who looks for a unit is not told that people who hide were given it.
        if _is_here(actor, who, subject) and not (named and subject.hidden):
            rows.append(_row(entry, who, subject, people, units=actor.is_(Role.COORDINATOR)))
    return rows


def _is_here(actor: Actor, who: Colleague | Organisation | None, subject: Subject) -> bool:
    """Whether an entry is the network's own: what it is about decides; where that says nothing, who did it."""
    if subject.networks == {actor.network_id}:
        return True
    theirs = who.network_id != actor.network_id if who else len(subject.networks) > 1
    return not theirs and (not subject.networks or actor.network_id in subject.networks)


def _row(
    entry: AuditEntry,
    who: Colleague | Organisation | None,
    subject: Subject,
    people: dict[str, Colleague],
    *,
    units: bool,
) -> AuditRow:
    label = who.label if isinstance(who, Colleague) else who.name if who else ""
    name = subject.name if units or entry.subject_kind != "unit" else ""
    return AuditRow(
        entry.seq, entry.at, label, "" if who else _by(entry.actor), entry.action, entry.subject_kind, name,
        _details(entry, people),
    )  # fmt: skip


def _by(actor: str) -> str:
    if actor in PROGRAM:
        return "program"
    return actor if actor in {"command", "messenger", "browser"} else "gone"


TOLD: Final = ("role", "page", "setting", "version", "day", "nights")
"""Details that may be read by whoever reads the audit: never why somebody needed a bed, nor in which unit they are."""


def _details(entry: AuditEntry, people: dict[str, Colleague]) -> dict[str, Any]:
    told: dict[str, Any] = {name: entry.details[name] for name in TOLD if name in entry.details}
    to = people.get(str(entry.details.get("to", "")))
    return told | {"to": to.label} if to else told


def _given_to(entries: list[AuditEntry]) -> set[str]:
    return {str(entry.details["to"]) for entry in entries if "to" in entry.details}
