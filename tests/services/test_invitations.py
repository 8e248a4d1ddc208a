"""Getting into the messenger: invited by one, opened once, approved by code; out again at the next update."""

import asyncio
from dataclasses import replace

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import make_engine
from crisispool.domain.messenger import InboxUpdate, Invitation, LinkState, MessengerLink
from crisispool.domain.organisation import Colleague, Role, RoleGrant
from crisispool.domain.record import AuditEntry, Message, Operation
from crisispool.services.messenger.invitations import InvitationLink, InviteAsk, remember_bot
from crisispool.services.messenger.reception import Receipt
from tests.services.phones import Phone, handled
from tests.support.clock import SteppingClock
from tests.support.databases import postgres_copy
from tests.support.night import Night, local, refusal
from tests.support.postgres import PostgresServer
from tests.support.region import load_region

WORKER = InviteAsk(Role.SUPPORT_WORKER, "caw")


async def invite(night: Night, ask: InviteAsk = WORKER, by: str = "coordinator") -> InvitationLink:
    return await night.app.invitations.invite(await night.actor(by), night.op(), ask)


async def approve(night: Night, invitation_id: str, by: str = "coordinator") -> None:
    await night.app.invitations.approve(await night.actor(by), night.op(), invitation_id)


async def every_row(night: Night) -> int:
    kinds = (MessengerLink, Invitation, InboxUpdate, Message, Operation, Colleague, RoleGrant, AuditEntry)
    return sum([len(await night.rows(kind)) for kind in kinds])


async def test_who_opens_an_invitation_reads_out_a_code_and_works_once_a_coordinator_approves(
    night: Night,
) -> None:
    phone = Phone(night, 1, "fr")
    made = await invite(night)
    assert await phone.opens(made.token) is Receipt.KEPT
    await handled(night)
    [screen] = await phone.screens()
    assert screen.key == "bot.waiting"
    [(told, message)] = [(each.recipient_id, each) for each in await night.rows(Message)]
    assert (told, message.key) == ("coordinator", "newcomer.support_worker")
    assert message.facts == {"organisation": "CAW", "entry_code": screen.facts["entry_code"]}
    assert len(screen.facts["entry_code"]) == 4 and screen.facts["entry_code"].isdigit()

    await phone.commands("menu")
    await handled(night)
    assert await phone.sees() == "bot.waiting"

    coordinator = await night.actor("coordinator")
    await night.app.chat.chosen(coordinator, f"m.{message.id}.admit", "tap")
    await handled(night)
    assert await phone.sees() == "morning.nothing"
    link = await phone.link()
    [colleague] = await night.rows(Colleague, id=link.colleague_id)
    assert (link.state, colleague.organisation_id, colleague.language) == (LinkState.ACTIVE, "caw", "fr")
    assert [each.role for each in await night.rows(RoleGrant, colleague_id=colleague.id)] == [
        Role.SUPPORT_WORKER
    ]
    done = {each.action for each in await night.rows(AuditEntry)}
    assert {"invitation.made", "invitation.used", "invitation.approved", "colleague.made"} <= done


async def test_an_invitation_works_once_and_for_a_day(night: Night) -> None:
    made = await invite(night)
    assert await Phone(night, 1).opens(made.token) is Receipt.KEPT
    assert await Phone(night, 2).opens(made.token) is Receipt.STRANGER
    late = await invite(night)
    night.later(hours=24)
    assert await Phone(night, 3).opens(late.token) is Receipt.STRANGER


async def test_an_invitation_that_was_taken_back_lets_nobody_in(night: Night) -> None:
    made = await invite(night)
    await night.app.invitations.refuse(await night.actor("coordinator"), night.op(), made.id)
    assert await Phone(night, 1).opens(made.token) is Receipt.STRANGER


async def test_who_is_not_let_in_is_a_stranger_again(night: Night) -> None:
    phone = Phone(night, 1)
    invitation = await phone.invited(Role.CALLTAKER, "caw")
    await night.app.invitations.refuse(await night.actor("coordinator"), night.op(), invitation)
    assert await phone.sees() == "bot.not_admitted"
    assert await phone.commands("menu") is Receipt.STRANGER
    assert (await refusal(approve(night, invitation))).code == "invitation_decided"


async def test_strangers_leave_nothing_behind(night: Night) -> None:
    await invite(night)
    before = await every_row(night)
    phone = Phone(night, 66)
    for what in (phone.types("Ik ben Jan Canary"), phone.opens("a" * 40), phone.commands("help")):
        assert await what is Receipt.STRANGER
    assert await phone.taps_data("1.1:forged") is Receipt.STRANGER
    assert await every_row(night) == before
    assert not await handled(night)


async def test_nobody_but_a_coordinator_or_an_admin_invites(night: Night) -> None:
    for who in ("calltaker", "referrer", "owner_izegem", "worker_caw", "council"):
        assert (await refusal(invite(night, by=who))).code == "not_your_role"
    await invite(night, by="admin")


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (InviteAsk(), "bad_input"),
        (InviteAsk(Role.SUPPORT_WORKER, "nowhere"), "not_there"),
        (InviteAsk(Role.UNIT_MANAGER), "organisation_needed"),
        (InviteAsk(colleague_id="nobody"), "not_there"),
        (InviteAsk(colleague_id="worker_caw", organisation_id="police"), "bad_input"),
    ],
)
async def test_an_invitation_for_nobody_in_particular_is_refused(
    night: Night, ask: InviteAsk, code: str
) -> None:
    assert (await refusal(invite(night, ask))).code == code


async def test_an_admin_lets_in_only_as_long_as_there_is_no_coordinator(night: Night) -> None:
    invitation = await Phone(night, 1).invited(Role.SUPPORT_WORKER, "caw")
    assert (await refusal(approve(night, invitation, "admin"))).code == "not_your_role"
    async with night.store.transaction() as tx:
        [coordinator] = await tx.find(Colleague, id="coordinator")
        await tx.save(replace(coordinator, active=False))
    made = await night.app.invitations.invite_by_command(InviteAsk(Role.COORDINATOR))
    await Phone(night, 2).opens(made.token)
    assert ("admin", "newcomer.coordinator") in await night.told()
    await approve(night, made.id, "admin")


async def test_nobody_is_let_in_before_the_invitation_was_opened(night: Night) -> None:
    made = await invite(night)
    assert (await refusal(approve(night, made.id))).code == "invitation_unused"


async def test_the_link_is_known_once_the_bot_has_a_name_and_no_row_holds_its_secret(night: Night) -> None:
    assert (await invite(night)).url is None
    await remember_bot(night.store, "crisis_bot")
    op = night.op()
    coordinator = await night.actor("coordinator")
    made = await night.app.invitations.invite(coordinator, op, WORKER)
    assert made.url == f"https://t.me/crisis_bot?start={made.token}"
    assert len(made.token) <= 64
    assert await night.app.invitations.invite(coordinator, op, WORKER) == made
    kept = [*await night.rows(Operation), *await night.rows(Invitation), *await night.rows(AuditEntry)]
    assert made.token not in repr(kept)


async def test_a_colleague_gets_a_second_role_in_the_same_chat(night: Night) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    made = await invite(night, InviteAsk(Role.CALLTAKER, "caw"))
    assert await phone.opens(made.token) is Receipt.KEPT
    await handled(night)
    assert await phone.sees() == "bot.role_asked"
    await phone.taps("menu")
    await handled(night)
    assert await phone.sees() == "morning.nothing"
    await approve(night, made.id)
    await handled(night)
    actor = await night.app.accounts.actor_of("worker_caw")
    assert actor is not None and actor.roles == {Role.SUPPORT_WORKER, Role.CALLTAKER}
    assert len(await night.rows(MessengerLink)) == 1
    # Where they are is not taken away; the other role is one tap further, and back.
    assert await phone.sees() == "morning.nothing"
    for role, screen in (("calltaker", "desk.menu"), ("support_worker", "morning.nothing")):
        await phone.commands("rol")
        await handled(night)
        assert await phone.sees() == "start.role"
        await phone.taps(role)
        await handled(night)
        assert await phone.sees() == screen


@pytest.mark.parametrize(
    ("ask", "note"),
    [
        (InviteAsk(Role.SUPPORT_WORKER, "ocmw_izegem"), "bot.invitation_of_others"),
        (InviteAsk(colleague_id="worker_izegem"), "bot.invitation_of_others"),
        (InviteAsk(Role.SUPPORT_WORKER, "caw"), "bot.invitation_has_role"),
    ],
)
async def test_an_invitation_that_is_not_for_this_colleague_stays_unused(
    night: Night, ask: InviteAsk, note: str
) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    made = await invite(night, ask)
    await phone.opens(made.token)
    await handled(night)
    assert await phone.notes() == [note]
    [kept] = await night.rows(Invitation, id=made.id)
    assert kept.used_at is None


async def test_a_worthless_invitation_is_said_to_be_so_to_a_colleague(night: Night) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    await phone.opens("b" * 40)
    await handled(night)
    assert await phone.notes() == ["bot.invitation_of_nobody"]


async def test_a_new_telephone_takes_the_place_of_the_old_one(night: Night) -> None:
    old = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    new = await Phone(night, 2).linked("worker_caw", Role.SUPPORT_WORKER)
    assert await old.sees() == "bot.ended"
    assert await old.commands("menu") is Receipt.STRANGER
    assert await new.commands("menu") is Receipt.KEPT


async def test_a_telephone_in_another_language_speaks_the_one_its_colleague_chose(night: Night) -> None:
    await night.app.languages.read(await night.actor("worker_caw"), night.op(), "fr")
    phone = await Phone(night, 1, "en").linked("worker_caw", Role.SUPPORT_WORKER)
    assert (await phone.link()).language == "fr"


async def test_an_ended_link_counts_for_nothing_from_the_next_update_on(night: Night) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    link = await phone.link()
    waits = await phone.commands("menu")
    await night.app.messenger_links.end(await night.actor("coordinator"), night.op(), link.id)
    assert waits is Receipt.KEPT
    await handled(night)
    assert await phone.sees() == "bot.ended"
    assert await phone.commands("menu") is Receipt.STRANGER
    assert not await night.app.messenger_links.list(await night.actor("coordinator"))


async def test_a_colleague_who_does_not_work_here_any_more_is_a_stranger_at_once_and_may_come_back(
    night: Night,
) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    async with night.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id="worker_caw")
        await tx.save(replace(colleague, active=False))
    assert await phone.commands("menu") is Receipt.STRANGER
    invitation = await phone.invited(Role.CALLTAKER, "caw")
    await approve(night, invitation)
    await handled(night)
    assert (await phone.link()).colleague_id != "worker_caw"


async def test_nothing_more_is_brought_to_a_colleague_who_left_and_their_chat_is_forgotten(
    night: Night,
) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    async with night.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id="worker_caw")
        await tx.save(replace(colleague, active=False))
    await night.app.inbox.tidy()
    link = await phone.link()
    assert (link.state, link.account, await phone.sees()) == (LinkState.ENDED, None, "bot.ended")
    night.later(days=30)
    for _ in range(2):
        await night.app.inbox.tidy()
    [link] = await night.rows(MessengerLink)
    assert not link.chat


async def test_who_wants_out_is_asked_once_and_out_at_once(night: Night) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    await phone.commands("unlink")
    await handled(night)
    assert await phone.sees() == "bot.unlink"
    await phone.taps("stay")
    await handled(night)
    assert await phone.sees() == "morning.nothing"
    # The button of before is still on the telephone.
    await phone.taps_choice("b.unlink")
    await handled(night)
    assert await phone.notes() == ["bot.stale_button"]
    await phone.commands("unlink")
    await handled(night)
    await phone.types("ja, maak los")
    await handled(night)
    assert await phone.sees() == "bot.ended"
    assert await phone.commands("menu") is Receipt.STRANGER


async def test_the_language_is_chosen_with_a_button_and_is_the_colleagues(night: Night) -> None:
    phone = await Phone(night, 1).linked("worker_caw", Role.SUPPORT_WORKER)
    await phone.commands("taal")
    await handled(night)
    await phone.types("français")
    await handled(night)
    assert (await phone.link()).language == "fr"
    [colleague] = await night.rows(Colleague, id="worker_caw")
    assert colleague.language == "fr"
    assert await phone.sees() == "morning.nothing"
    assert "language.chosen" in await phone.notes()


async def race(night: Night) -> None:
    """Many accounts open one invitation at the same moment, at two processes."""
    for round_ in range(5):
        made = await invite(night)
        phones = [Phone(night, 1000 * round_ + n) for n in range(1, 9)]
        processes = [night, night.another_process()]
        receipts = await asyncio.gather(
            *(phone.opens(made.token, at=processes[n % 2]) for n, phone in enumerate(phones))
        )
        assert receipts.count(Receipt.KEPT) == 1
    assert len(await night.rows(MessengerLink)) == 5
    codes = [each.code for each in await night.rows(Invitation)]
    assert len(set(codes)) == 5


async def test_of_many_who_open_one_invitation_at_once_one_comes_in(night: Night) -> None:
    await race(night)


@pytest.mark.postgres
async def test_of_many_who_open_one_invitation_at_once_one_comes_in_on_postgresql(
    postgres: PostgresServer, keys: Keys, live_pool: RedisPool
) -> None:
    url = await asyncio.to_thread(postgres_copy, postgres)
    engines = [make_engine(url) for _ in range(2)]
    night = Night(engines, keys, live_pool, SteppingClock(local("2026-11-28 02:04")))
    await load_region(night.store)
    await race(night)
    phone = await Phone(night, 9999).linked("worker_caw", Role.SUPPORT_WORKER)
    # One account that opens two invitations at once is one link.
    both = [await invite(night) for _ in range(2)]
    stranger = Phone(night, 5)
    await asyncio.gather(*(stranger.opens(each.token, at=night.another_process()) for each in both))
    account = (await stranger.link()).account
    assert len(await night.rows(MessengerLink, account=account)) == 1
    await handled(night)
    assert await phone.sees() == "morning.nothing"
    for engine in engines:
        await engine.dispose()
