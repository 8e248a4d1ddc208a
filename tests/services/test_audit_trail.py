"""The audit as coordinators read it: found by who, what and when, of the own network, and nothing personal in it."""

import json
from dataclasses import asdict, replace
from datetime import date, timedelta

from crisispool.domain.audit import Link
from crisispool.domain.audited import GROUPS
from crisispool.domain.organisation import Actor, Colleague, Network, PolicyVersion, Role, RoleGrant
from crisispool.domain.record import AuditEntry
from crisispool.domain.request import RequestKind
from crisispool.domain.secret import Secret
from crisispool.services.audit_trail import PAGE, AuditAsk, AuditRow
from crisispool.services.invariants import CHAIN_STRETCH
from tests.support.night import JAN, Night, refusal
from tests.support.region import INGELMUNSTER


async def rows(night: Night, by: str = "coordinator", **ask: object) -> tuple[AuditRow, ...]:
    trail, actor = night.app.office.audit, await night.actor(by)
    return (await trail.page(actor, AuditAsk(**ask))).rows  # type: ignore[arg-type]


async def test_a_case_is_found_by_its_reference_with_who_did_what(night: Night) -> None:
    booking = await night.book(await night.request_of_jan(), "in-house")
    await night.book(await night.request(), "iz-house")
    await night.check_in(booking)
    await night.until("2026-11-30 08:00")
    found = await rows(night, about=booking.reference.lower())
    assert {"booking.made", "booking.check_in", "handover.made", "request.made"} <= {
        row.action for row in found
    }
    assert {row.name for row in found if row.kind == "booking"} == {booking.reference}
    handed = next(row for row in found if row.action == "handover.made")
    assert (handed.by, handed.who, handed.name) == ("program", "", booking.reference)
    assert all(row.who for row in found if not row.by)
    unknown = await night.app.office.audit.page(await night.actor("admin"), AuditAsk(about="IZ-0000"))
    assert unknown.unknown and not unknown.rows


async def test_entries_are_found_by_colleague_group_and_day_newest_first(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    night.at("2026-11-29 21:00")
    await night.book(await night.request("calltaker_2"), "iz-house", by="calltaker_2")
    everything = await rows(night)
    assert [row.seq for row in everything] == sorted((row.seq for row in everything), reverse=True)
    assert {row.who for row in await rows(night, who="calltaker_2")} == {"calltaker_2"}
    assert {row.action.partition(".")[0] for row in await rows(night, group="beds")} <= set(GROUPS["beds"])
    first, second = date(2026, 11, 28), date(2026, 11, 29)
    assert {row.who for row in await rows(night, group="beds", until=first)} == {"calltaker"}
    assert {row.who for row in await rows(night, group="beds", since=second)} == {"calltaker_2"}
    assert not await rows(night, group="beds", since=first + timedelta(days=7))


async def test_pages_of_fifty_follow_each_other_without_a_gap(night: Night) -> None:
    trail, actor, now = night.app.office.audit, await night.actor("coordinator"), night.clock.now()
    async with night.store.transaction() as tx:
        for n in range(2 * PAGE + 7):
            await tx.audit("calltaker" if n % 2 else "admin", "session.opened", "web_session", f"s-{n}", now)
    seen, ask, pages = [], AuditAsk(), 0
    while True:
        page = await trail.page(actor, ask)
        seen += [row.seq for row in page.rows]
        pages += 1
        if page.older is None:
            break
        assert len(page.rows) == PAGE
        ask = replace(ask, before=page.older)
    assert pages == 3
    assert seen == list(range(seen[0], 0, -1))
    taken = [row.seq async for row in trail.download(actor, AuditAsk(who="admin"), "s-1")]
    assert len(taken) == PAGE + 4
    assert (await rows(night))[0].action == "audit.downloaded"


async def test_looking_is_an_entry_once_a_visit(night: Night) -> None:
    trail, actor = night.app.office.audit, await night.actor("coordinator")
    for minutes in (0, 10, 25, 31):
        await trail.visit(actor, "s-1")
        await trail.visit(actor, "s-1")
        night.later(minutes=minutes)
    await trail.visit(actor, "s-2")
    looks = await night.rows(AuditEntry, action="audit.viewed")
    assert [entry.subject_id for entry in looks].count("s-1") == 2 and len(looks) == 3
    assert (await refusal(trail.visit(await night.actor("calltaker"), "s-3"))).code == "not_your_role"
    assert (await refusal(trail.page(await night.actor("council"), AuditAsk()))).code == "not_your_role"


async def test_nothing_in_it_tells_who_somebody_is_why_or_where_they_hide(night: Night) -> None:
    hiding = await night.request(kind=RequestKind.VIOLENCE, origin=INGELMUNSTER)
    await night.hold(hiding, "iz-house")
    await night.hold(await night.request(), "iz-studio")
    known = await night.book(await night.request_of_jan(), "in-house")
    await night.refuse(await night.request(), "psychiatric")
    for by in ("coordinator", "admin"):
        found = await rows(night, by)
        said = json.dumps([asdict(row) for row in found], default=str)
        assert all(word not in said for word in ("violence", "psychiatric", "Jan", JAN.surname, "canary"))
        held = [row for row in found if row.action == "unit.held"]
        assert [row.name for row in held] == ([""] * len(held) if by == "admin" else ["Studio", ""])
    assert known.reference in json.dumps([asdict(row) for row in await rows(night)], default=str)
    assert "unit.held" not in {row.action for row in await rows(night, about="huis")}
    assert "unit.held" in {row.action for row in await rows(night, about="studio")}


async def test_what_is_another_networks_is_not_there(night: Night) -> None:
    far = Colleague("far", "other", None, "far coordinator", Secret(""), Secret(""))
    await night.add(
        Network("other", "Ander", "AN", "051", "caw", 1),
        PolicyVersion("o-1", "other", 1, {}, "", None, night.clock.now()),
    )
    await night.add(far, RoleGrant("far:k", "far", Role.COORDINATOR))
    async with night.store.transaction() as tx:
        await tx.audit("far", "shift.begun", "shift", "gone", night.clock.now())
        await tx.audit("crisispool", "cold_weather.on", "network", "other", night.clock.now())
        await tx.audit("coordinator", "cold_weather.on", "network", "net", night.clock.now())
    assert {row.name for row in await rows(night)} == {"Crisisnetwerk"}
    actor = Actor("far", "other", None, None, frozenset({Role.COORDINATOR}))
    theirs = (await night.app.office.audit.page(actor, AuditAsk())).rows
    assert [row.action for row in theirs] == ["cold_weather.on", "shift.begun"]


async def test_the_chain_is_checked_in_stretches_and_a_changed_entry_is_found(night: Night) -> None:
    trail, actor, now = night.app.office.audit, await night.actor("coordinator"), night.clock.now()
    async with night.store.transaction() as tx:
        for n in range(CHAIN_STRETCH + 3):
            await tx.audit("admin", "session.opened", "web_session", f"s-{n}", now)
    first = await trail.check(actor, Link())
    assert (first.reached.seq, first.last, first.done) == (CHAIN_STRETCH, CHAIN_STRETCH + 3, False)
    last = await trail.check(actor, first.reached)
    assert (last.reached.seq, last.done, last.broken) == (CHAIN_STRETCH + 3, True, "")
    async with night.store.transaction() as tx:
        [entry] = await tx.find(AuditEntry, seq=CHAIN_STRETCH + 2)
        await tx.save(replace(entry, actor="somebody else"))
    found = await trail.check(actor, first.reached)
    assert (found.done, found.broken) == (True, str(CHAIN_STRETCH + 2))
