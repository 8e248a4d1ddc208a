"""Services and colleagues as a coordinator keeps them, and colleagues who leave: everything of theirs ends."""

from dataclasses import asdict, replace
from datetime import date, timedelta

import pytest

from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.handover import Handover, HandoverStep
from crisispool.domain.messenger import LinkState, MessengerLink
from crisispool.domain.organisation import ApiToken, Colleague, Organisation, Role, RoleGrant
from crisispool.domain.passkey import Passkey
from crisispool.domain.record import AuditEntry
from crisispool.domain.secret import Secret
from crisispool.domain.web_session import WebSession
from crisispool.services.asks import OutcomeAsk
from crisispool.services.people_answers import OrganisationAsk
from crisispool.services.service_accounts import ServiceAccountAsk
from tests.support.night import Night, refusal


async def end(
    night: Night, who: str, role: Role | None = None, by: str = "coordinator", seen: str = ""
) -> str:
    leaving, actor = night.app.office.leaving, await night.actor(by)
    seen = seen or (await leaving.look(actor, who, role)).seen
    return (await leaving.end(actor, night.op(), who, seen, role)).id


async def second_coordinator(night: Night) -> None:
    await night.add(Colleague("coordinator_2", "net", None, "coordinator 2", Secret(""), Secret("")))
    await night.add(RoleGrant("coordinator_2:k", "coordinator_2", Role.COORDINATOR))


async def test_everything_of_a_colleague_who_leaves_ends_at_once(night: Night) -> None:
    app, now = night.app, night.clock.now()
    token = (await app.accounts.token_for("calltaker")).token
    secret = await app.web_sessions.open("calltaker")
    await app.calendar_feeds.make(await night.actor("calltaker"), night.op())
    await night.add(
        MessengerLink("l-1", "net", "an-account", Secret("1"), LinkState.ACTIVE, "nl", now, "calltaker"),
        Passkey("p-1", "c", "h", "k", 0, Secret(""), "nl", now, "calltaker"),
    )
    feed = await app.calendar_feeds.address(await night.actor("calltaker"))
    assert await app.accounts.actor_of_token(token) and await app.web_sessions.find(secret) and feed
    await end(night, "calltaker")
    assert await app.accounts.actor_of_token(token) is None
    assert await app.web_sessions.find(secret) is None
    assert not await night.rows(Passkey, colleague_id="calltaker")
    assert all(each.ended_at for each in await night.rows(WebSession, colleague_id="calltaker"))
    assert all(each.revoked_at for each in await night.rows(ApiToken, colleague_id="calltaker"))
    [link] = await night.rows(MessengerLink, id="l-1")
    assert (link.state, link.account) == (LinkState.ENDED, None)
    assert not await app.calendar_feeds.address(await night.actor("calltaker"))
    [entry] = await night.rows(AuditEntry, action="colleague.ended")
    assert (entry.actor, entry.subject_id) == ("coordinator", "calltaker")
    assert (await refusal(end(night, "calltaker"))).code == "not_there"
    assert await app.invariants.broken(night.clock.now()) == []


async def test_what_is_left_without_anybody_is_said_first_and_told_then(night: Night) -> None:
    app, actor, now = night.app, await night.actor("coordinator"), night.clock.now()
    later = now + timedelta(days=1000)
    await night.add(DutyShift("later", "net", Duty.BACKUP, "calltaker", later, later + timedelta(hours=8)))
    request = await night.request()
    await app.intake.take(await night.actor("calltaker"), night.op(), request.id)
    left = await app.office.leaving.look(actor, "calltaker")
    assert [(each.duty, each.alone) for each in left.shifts] == [(Duty.CALLTAKER, True), (Duty.BACKUP, True)]
    assert (left.requests, left.cases, left.last) == ((request.reference,), (), ())
    await night.add(DutyShift("too", "net", Duty.BACKUP, "calltaker_2", later, later + timedelta(hours=8)))
    assert (await refusal(end(night, "calltaker", seen=left.seen))).code == "left_differs"
    await end(night, "calltaker")
    ended, *more = await night.rows(DutyShift, colleague_id="calltaker")
    assert (ended.ends_at, more) == (now, [])
    assert ("coordinator", "desk_empty") in await night.told("desk_empty")
    assert await night.told("shift_taken_off_open") == [], "somebody else is there then"
    await night.until("2026-11-28 02:04")
    assert await night.told("request_backup") == [("calltaker_2", "request_backup")], (
        "nobody is at the desk now"
    )


async def test_a_case_of_who_leaves_is_with_the_service_again_and_owed_anew(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 08:10")
    [handover] = await night.handovers("worker_ingelmunster")
    await night.accept(handover, "worker_ingelmunster")
    left = await night.app.office.leaving.look(await night.actor("admin"), "worker_ingelmunster")
    assert len(left.cases) == 1
    assert [(each.role, each.where) for each in left.last] == [(Role.SUPPORT_WORKER, "OCMW Ingelmunster")]
    await end(night, "worker_ingelmunster", by="admin")
    [row] = await night.rows(Handover)
    assert (row.worker_id, row.accepted_by) == (None, "ocmw_ingelmunster")
    assert row.next_step is HandoverStep.COORDINATOR
    assert await night.told("worker_left") == [("ocmw_ingelmunster", "worker_left")]
    await night.until("2026-11-30 10:00")
    assert await night.told("handover_coordinator")
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_case_in_which_somebody_spoke_already_is_told_to_the_coordinator(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 08:10")
    [handover] = await night.handovers("worker_ingelmunster")
    await night.accept(handover, "worker_ingelmunster")
    worker = await night.actor("worker_ingelmunster")
    await night.app.handovers.outcome(worker, night.op(), handover.id, OutcomeAsk(contacted=True))
    await end(night, "worker_ingelmunster")
    told = await night.told("worker_left")
    assert sorted(told) == [("coordinator", "worker_left"), ("ocmw_ingelmunster", "worker_left")]


async def test_nobody_ends_themselves_or_the_last_coordinator(night: Night) -> None:
    assert (await refusal(end(night, "coordinator"))).code == "yourself"
    assert (await refusal(end(night, "coordinator", by="admin"))).code == "last_coordinator"
    assert (await refusal(end(night, "coordinator", Role.COORDINATOR, by="admin"))).code == "last_coordinator"
    assert (await refusal(end(night, "nobody"))).code == "not_there"
    assert (await refusal(end(night, "nurse", by="calltaker"))).code == "not_your_role"
    await second_coordinator(night)
    # What they were given the token of goes on, so whoever ends them is told.
    program = ServiceAccountAsk("meldkamer", Role.REFERRER, date(2027, 1, 1), "police")
    await night.app.service_accounts.make(await night.actor("coordinator"), night.op(), program)
    left = await night.app.office.leaving.look(await night.actor("coordinator_2"), "coordinator")
    assert left.programs == ("meldkamer",)
    assert await end(night, "coordinator", by="coordinator_2") == "coordinator"


async def test_nothing_is_left_with_or_asked_of_who_left(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    request, stale = await night.request("nurse"), await night.actor("calltaker")
    await end(night, "calltaker")
    assert (await refusal(night.app.intake.take(stale, night.op(), request.id))).code == "not_your_role"
    assert (await refusal(night.app.shifts.go_on(stale, night.op()))).code == "not_your_role"
    await night.until("2026-11-28 03:40")
    # Nobody is at the desk: who stands behind it is asked whether they came.
    assert set(await night.told("arrival_question")) == {("calltaker_2", "arrival_question")}


async def test_one_role_is_taken_and_the_others_stay(night: Night) -> None:
    await night.add(RoleGrant("worker_caw:m", "worker_caw", Role.UNIT_MANAGER))
    assert (await refusal(end(night, "nurse", Role.REFERRER))).code == "last_role"
    assert (await refusal(end(night, "worker_caw", Role.COUNCIL))).code == "not_there"
    await end(night, "worker_caw", Role.UNIT_MANAGER)
    actor = await night.app.accounts.actor_of("worker_caw")
    assert actor is not None and actor.roles == {Role.SUPPORT_WORKER}
    assert [entry.details for entry in await night.rows(AuditEntry, action="role.taken")] == [
        {"role": "unit_manager"}
    ]


async def test_a_coordinator_changes_how_a_service_is_reached(night: Night) -> None:
    people, actor = night.app.office.people, await night.actor("coordinator")
    found = await people.organisation(actor, "ocmw_izegem")
    assert (found.line.towns, found.line.units, len(found.people)) == (("Izegem",), 3, 2)
    ask = OrganisationAsk("051 11 11 11", "", "nieuw@example.org", "", "fr", found.seen)
    await people.change_organisation(actor, night.op(), "ocmw_izegem", ask)
    [row] = await night.rows(Organisation, id="ocmw_izegem")
    assert (row.phone, row.mailbox, row.language, row.opens) == (
        "051 11 11 11", "nieuw@example.org", "fr", found.record.opens,
    )  # fmt: skip
    [entry] = await night.rows(AuditEntry, action="organisation.changed")
    assert entry.details == {"fields": ["language", "mailbox", "phone"]}
    assert (
        await refusal(people.change_organisation(actor, night.op(), "ocmw_izegem", ask))
    ).code == "version_passed"
    fresh = replace(ask, seen=(await people.organisation(actor, "ocmw_izegem")).seen)
    assert (
        await refusal(people.change_organisation(actor, night.op(), "ocmw_izegem", fresh))
    ).code == "nothing_changed"
    admin = await night.actor("admin")
    assert (
        await refusal(people.change_organisation(admin, night.op(), "caw", fresh))
    ).code == "not_your_role"


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("phone", "12", "not_a_phone"),
        ("night_phone", "bel mij", "not_a_phone"),
        ("mailbox", "nergens", "not_a_mailbox"),
        ("owner_mailbox", "a@b", "not_a_mailbox"),
    ],
)
async def test_a_number_or_mailbox_that_is_none_is_refused(
    night: Night, field: str, value: str, problem: str
) -> None:
    people, actor = night.app.office.people, await night.actor("coordinator")
    ask = replace(OrganisationAsk("051 11 11 11", "", "", "", "nl", ""), **{field: value})
    no = await refusal(people.change_organisation(actor, night.op(), "caw", ask))
    assert no.facts == {"field": field, "problem": problem}


async def test_only_a_coordinator_knows_and_changes_the_number_of_a_colleague(night: Night) -> None:
    people, actor = night.app.office.people, await night.actor("coordinator")
    await people.change_phone(actor, night.op(), "calltaker", "0470 00 00 01")
    assert (await people.person(actor, "calltaker")).phone == "0470 00 00 01"
    assert (await people.person(await night.actor("admin"), "calltaker")).phone == ""
    [entry] = await night.rows(AuditEntry, action="colleague.changed")
    assert "0470" not in str(asdict(entry))
    everybody = await people.all(actor)
    assert {line.id for line in everybody.of_network} == {"coordinator", "council", "admin"}
    await end(night, "nurse")
    assert [line.id for line in (await people.all(actor)).former] == ["nurse"]
    assert (await refusal(people.change_phone(actor, night.op(), "nurse", ""))).code == "not_there"
