"""Every message goes to all whom it is for, once; what reaches nobody is told to somebody else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from crisispool.domain.messenger import Channel, Delivery, DeliveryState, LinkState
from crisispool.domain.organisation import Colleague, Organisation
from crisispool.domain.record import Message, MessageState
from crisispool.ports import Transaction
from crisispool.services.invariants_messages import message_rules
from crisispool.services.messenger.handing_out import AT_ONCE, HandingOut, ways_to
from crisispool.services.messenger.sending import Sending, _Turn
from crisispool.services.messenger.steps import Tell
from crisispool.services.unreached import GRACE, settle
from tests.support.bot_api import BotApi
from tests.support.bot_api_faults import Chances
from tests.support.chats import Chats, chats_of
from tests.support.night import Night

EVERY = frozenset(Channel)


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(patience=5) as served:
        yield served


@pytest.fixture
async def chats(night: Night, api: BotApi) -> AsyncIterator[Chats]:
    async with chats_of(night, api, EVERY) as made:
        await made.run()
        yield made


async def mailbox(night: Night, organisation_id: str) -> None:
    """This organisation has a shared mailbox."""
    async with night.store.transaction() as tx:
        [organisation] = await tx.find(Organisation, id=organisation_id)
        await tx.save(replace(organisation, mailbox="morgen@example.org"))


async def broken(chats: Chats) -> list[str]:
    """The rules about messages that do not hold."""
    async with chats.night.store.reading() as tx:
        found = await message_rules(tx, EVERY, chats.night.clock.now())
    return sorted({each.rule for each in found})


async def ways(chats: Chats, message: Message) -> set[tuple[Channel, str]]:
    async with chats.night.store.reading() as tx:
        return set(await ways_to(tx, message, EVERY))


async def test_a_message_to_a_colleague_goes_to_their_own_account_alone(chats: Chats) -> None:
    await mailbox(chats.night, "caw")
    for name in ("calltaker", "calltaker_2", "worker_caw"):
        await chats.linked(name)
    assert await ways(chats, await chats.tell("calltaker")) == {(Channel.MESSENGER, "link-calltaker")}


async def test_a_message_to_a_part_of_a_service_goes_to_who_has_that_role_and_its_mailbox(
    chats: Chats,
) -> None:
    await mailbox(chats.night, "ocmw_izegem")
    for name in ("owner_izegem", "worker_izegem", "worker_ingelmunster"):
        await chats.linked(name)
    outreach = await chats.tell("ocmw_izegem", kind="outreach")
    owner = await chats.tell("ocmw_izegem", kind="owner")
    mail = (Channel.MAIL, "ocmw_izegem")
    assert await ways(chats, outreach) == {(Channel.MESSENGER, "link-worker_izegem"), mail}
    assert await ways(chats, owner) == {(Channel.MESSENGER, "link-owner_izegem"), mail}


async def test_a_referrer_without_an_account_hears_through_the_mailbox_of_their_service(chats: Chats) -> None:
    await mailbox(chats.night, "hospital")
    message = await chats.tell("nurse")
    assert await ways(chats, message) == {(Channel.MAIL, "hospital")}
    await chats.linked("nurse", menu=True)
    assert await ways(chats, message) == {(Channel.MESSENGER, "link-nurse")}
    async with chats.night.store.transaction() as tx:
        [nurse] = await tx.find(Colleague, id="nurse")
        await tx.save(replace(nurse, active=False))
    assert await ways(chats, message) == {(Channel.MAIL, "hospital")}, "the service goes on for who left"


@pytest.mark.parametrize("state", [LinkState.WAITING, LinkState.BLOCKED, LinkState.ENDED])
async def test_an_account_that_is_not_active_is_no_way(chats: Chats, state: LinkState) -> None:
    await chats.linked("calltaker")
    link = await chats.link("calltaker")
    async with chats.night.store.transaction() as tx:
        await tx.save(replace(link, state=state, version=link.version + 1))
    assert await ways(chats, await chats.tell("calltaker")) == set()


async def test_a_colleague_who_left_is_no_reader(chats: Chats) -> None:
    await chats.linked("calltaker")
    async with chats.night.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id="calltaker")
        await tx.save(replace(colleague, active=False))
    assert await ways(chats, await chats.tell("calltaker")) == set()


async def test_two_processes_hand_a_message_out_once(chats: Chats) -> None:
    await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    others = [HandingOut(chats.night.another_process().app.parts, EVERY) for _ in range(3)]
    now = chats.night.clock.now()
    await asyncio.gather(*(each.run(now) for each in (chats.handing_out, *others)))
    assert (await chats.delivery(message)).state is DeliveryState.QUEUED


async def test_who_is_linked_a_minute_later_is_told_all_the_same(chats: Chats) -> None:
    message = await chats.tell("calltaker")
    await chats.run(60)
    assert (await chats.message(message)).state is MessageState.QUEUED
    calltaker = await chats.linked("calltaker")
    await chats.run()
    assert len(calltaker.reads()) == 1


async def test_what_reaches_nobody_is_told_once_to_the_coordinator_on_call(chats: Chats) -> None:
    coordinator = await chats.linked("coordinator")
    for _ in range(2):
        await chats.tell("ocmw_izegem", kind="outreach")
    await chats.run(GRACE.total_seconds())
    await chats.run()
    coordinator.gets("IZ-7F3K: een bericht aan OCMW Izegem kwam niet aan. Bel hen: 051 00 00 40.")
    assert await chats.night.told("unreached") == [("coordinator", "unreached")]
    assert await broken(chats) == []


async def test_a_message_without_a_reference_is_told_of_as_well(chats: Chats) -> None:
    coordinator = await chats.linked("coordinator")
    await chats.tell("calltaker", "message.care_missed", days=["2026-11-28"])
    await chats.run(GRACE.total_seconds())
    await chats.run()
    coordinator.gets("Een bericht aan calltaker kwam niet aan")


async def test_what_was_seen_in_the_terminal_was_told(chats: Chats) -> None:
    message = await chats.tell("calltaker")
    await chats.night.app.messages.unseen(await chats.night.actor("calltaker"))
    await chats.run(GRACE.total_seconds())
    assert (await chats.message(message)).state is MessageState.SENT
    assert await chats.night.told("unreached") == []


async def test_when_the_coordinator_is_not_reached_either_it_stays_in_sight(chats: Chats) -> None:
    await chats.tell("ocmw_izegem", kind="outreach")
    for _ in range(3):
        await chats.run(GRACE.total_seconds())
    assert await broken(chats) == ["message_failed"]
    await chats.night.app.messages.unseen(await chats.night.actor("coordinator"))
    assert await broken(chats) == []


async def test_without_any_channel_nothing_is_handed_out_and_nobody_alarmed(
    night: Night, api: BotApi
) -> None:
    async with chats_of(night, api, ()) as chats:
        message = await chats.tell("calltaker", urgent=True)
        await chats.run(3600)
        await chats.handing_out.look_after_late(night.clock.now())
        assert await night.rows(Delivery) == []
        assert (await chats.message(message)).state is MessageState.QUEUED
        async with night.store.reading() as tx:
            assert await message_rules(tx, (), night.clock.now()) == []


async def test_what_is_older_than_a_week_is_past(chats: Chats) -> None:
    old = await chats.tell("calltaker")
    chats.night.later(days=8)
    calltaker = await chats.linked("calltaker")
    assert calltaker.reads() == []
    assert (await chats.message(old)).state is MessageState.SENT


async def test_where_colleagues_have_only_the_terminal_no_alarm_is_raised_for_them(
    night: Night, api: BotApi
) -> None:
    async with chats_of(night, api, (Channel.MAIL,)) as chats:
        message = await chats.tell("calltaker")
        await chats.tell("ocmw_izegem", kind="outreach")
        await chats.run(GRACE.total_seconds())
        assert (await chats.message(message)).state is MessageState.SENT
        assert await night.told("unreached", "unreached_colleague") == [("coordinator", "unreached")]


async def test_what_is_late_and_arrives_after_all_takes_its_alarm_back(chats: Chats) -> None:
    calltaker, coordinator = await chats.linked("calltaker"), await chats.linked("coordinator")
    await chats.tell("calltaker", urgent=True)
    with chats.api.outage():
        await chats.run()
        chats.night.later(minutes=11)
        await chats.handing_out.look_after_late(chats.night.clock.now())
        await chats.handing_out.run(chats.night.clock.now())
        assert await chats.night.told("unreached_colleague") == [("coordinator", "unreached_colleague")]
    link = await chats.link("coordinator")
    await chats.sending._chat("link-calltaker")
    await chats.sending._chat(link.id)
    assert coordinator.reads() == [], "nobody is woken for what arrived"
    assert len(calltaker.reads()) == 1


async def test_however_many_are_late_somebody_hears_of_each(chats: Chats) -> None:
    await chats.linked("calltaker")
    with chats.api.outage():
        late = {
            (await chats.tell("calltaker", about=("booking", f"b-{n}"))).about_id for n in range(AT_ONCE + 1)
        }
        for _ in range(2):
            await chats.handing_out.run(chats.night.clock.now())
        chats.night.later(hours=2)
        await chats.handing_out.look_after_late(chats.night.clock.now())
    told = await chats.night.rows(Message, key="message.unreached_colleague")
    assert {alarm.about_id for alarm in told} == late


# The rules, each broken once by hand.


async def test_a_message_that_nobody_hands_out_is_noticed(chats: Chats) -> None:
    await chats.tell("calltaker")
    chats.night.later(minutes=8)
    assert await broken(chats) == ["message_waits"]


async def test_a_delivery_that_nobody_brings_is_noticed(chats: Chats) -> None:
    await chats.linked("calltaker")
    await chats.tell("calltaker")
    await chats.handing_out.run(chats.night.clock.now())
    assert await broken(chats) == []
    chats.night.later(minutes=6)
    assert await broken(chats) == ["message_waits"]


async def test_a_delivery_without_a_next_try_is_noticed(chats: Chats) -> None:
    await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    await chats.handing_out.run(chats.night.clock.now())
    delivery = await chats.delivery(message)
    async with chats.night.store.transaction() as tx:
        await tx.save(replace(delivery, next_try_at=None, version=delivery.version + 1))
    assert await broken(chats) == ["message_waits"]


async def test_a_message_that_failed_without_a_word_is_noticed(chats: Chats) -> None:
    message = await chats.tell("calltaker")
    async with chats.night.store.transaction() as tx:
        await tx.save(replace(message, state=MessageState.FAILED))
    assert await broken(chats) == ["message_failed"]


# Nothing is dropped, by chance faults; and a sender that drops something is caught.


class Dropping(Sending):
    """A mutant: what fails is given up, and nobody hears of it."""

    async def _failed(self, turn: _Turn, outage: object) -> None:
        async with self._parts.store.transaction() as tx:
            own = await self._release(tx, turn)
            assert own.until is None
            if isinstance(turn.step, Tell):
                await self._drop(tx, turn.step.delivery.id)

    async def _drop(self, tx: Transaction, delivery_id: str) -> None:
        [fresh] = await tx.lock(Delivery, [delivery_id])
        lost = replace(fresh, state=DeliveryState.FAILED, next_try_at=None, version=fresh.version + 1)
        await tx.save(lost)


@pytest.mark.parametrize("drops", [False, True])
async def test_whatever_fails_nothing_is_dropped_and_who_drops_is_caught(night: Night, drops: bool) -> None:
    chances = Chances(too_fast=0.1, broken=0.15, lost=0.1, seed=7)
    with BotApi(patience=5) as api:
        api.chances = Chances()
        async with chats_of(night, api, EVERY) as chats:
            people = {name: await chats.linked(name) for name in ("calltaker", "nurse", "coordinator")}
            api.chances = chances
            if drops:
                sending = chats.sending
                chats.sending = Dropping(
                    night.app.parts, chats.telegram, sending._renders, sending._steps._gateway
                )
            told = []
            for number in range(12):
                for name in people:
                    about = ("booking", f"b-{name}-{number}")
                    told.append(
                        (name, await chats.tell(name, about=about, reference=f"IZ-22{number % 3 + 2}2"))
                    )
                await chats.run()
            for _ in range(40):
                await chats.run(10)
            await chats.handing_out.look_after_late(night.clock.now())
            states = {(await chats.message(message)).state for _, message in told}
            if drops:
                assert await broken(chats) == ["message_waits"]
            else:
                assert states == {MessageState.SENT} and await broken(chats) == []
                assert all(len(person.sees()) >= 12 for person in people.values())
            assert api.faults > 5
            for person in people.values():
                person.reads()


async def test_settling_again_changes_nothing(chats: Chats) -> None:
    message = await chats.tell("ocmw_izegem", kind="outreach")
    chats.night.later(minutes=3)
    for _ in range(2):
        async with chats.night.store.transaction() as tx:
            await settle(tx, chats.night.app.ids, message.id, chats.night.clock.now())
        chats.night.clock.advance(timedelta(minutes=1))
    assert await chats.night.told("unreached") == [("coordinator", "unreached")]
