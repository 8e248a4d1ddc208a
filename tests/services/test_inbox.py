"""What comes in is handled in order and once: sent again, out of order, at several processes, through crashes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, suppress
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import make_engine
from crisispool.app import assemble
from crisispool.domain.booking import Booking
from crisispool.domain.errors import Outage
from crisispool.domain.messenger import Channel, ChatView, InboxUpdate, UpdateState
from crisispool.domain.organisation import Role
from crisispool.domain.record import AuditEntry, ChatSession, Message, Operation
from crisispool.domain.secret import Secret
from crisispool.ports import Store, Transaction
from crisispool.services.broken import Broken
from crisispool.services.invariants_messages import message_rules
from crisispool.services.invariants_units import LATE
from crisispool.services.messenger.inbox import KEPT_FOR, LEASE, MOST_TRIES
from crisispool.services.messenger.links import known
from crisispool.services.messenger.reception import Receipt
from crisispool.settings import Settings
from tests.services.phones import Phone, handled, waiting
from tests.support.clock import SteppingClock
from tests.support.databases import postgres_copy
from tests.support.night import Night, local
from tests.support.postgres import PostgresServer
from tests.support.region import load_region
from tests.support.samples import secrets_in

QUESTIONS = (
    "Nieuwe vraag", "Politie", "Nee", "1 man", "Ingelmunster", "Brand, water of woning afgesloten", "Nee",
    "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact", "Niets bijzonders",
)  # fmt: skip
"""From the menu to what is free, typed."""


@pytest.fixture
async def desk(night: Night) -> Phone:
    """The calltaker at the start menu, on the telephone."""
    return await Phone(night, 1).linked("calltaker", Role.CALLTAKER)


async def taps(phone: Phone, *numbers: int) -> None:
    """One choice after the other, by its number on the screen."""
    for number in numbers:
        await phone.types(str(number))
        await handled(phone.night)


async def test_a_talk_goes_on_by_taps_and_numbers(desk: Phone) -> None:
    assert await desk.sees() == "desk.menu"
    await desk.taps("new")
    await handled(desk.night)
    assert await desk.sees() == "night_desk.caller"
    await desk.types("terug")
    await handled(desk.night)
    assert await desk.sees() == "desk.menu"
    await desk.types("nieuwe VRAAG")
    await handled(desk.night)
    assert await desk.sees() == "night_desk.caller"


async def test_what_comes_in_twice_is_done_once(desk: Phone) -> None:
    number = 9_000_001
    assert await desk.taps("new", number=number) is Receipt.KEPT
    assert await desk.taps_choice("1.1", number=number) is Receipt.AGAIN
    assert await handled(desk.night) == 1
    assert await desk.taps_choice("1.1", number=number) is Receipt.AGAIN
    assert await handled(desk.night) == 0
    assert await desk.sees() == "night_desk.caller"


async def test_a_double_tap_is_one_answer_and_an_old_button_says_so(desk: Phone) -> None:
    new = next(each.id for each in (await desk.screens())[-1].choices if each.code == "new")
    for _ in range(2):
        await desk.taps_choice(new)
    await handled(desk.night)
    assert (await desk.sees(), await desk.notes()) == ("night_desk.caller", [])
    await taps(desk, 2)
    await desk.taps_choice(new)
    await handled(desk.night)
    assert (await desk.sees(), await desk.notes()) == ("night_desk.danger", ["talk.stale"])


async def test_a_number_typed_twice_while_nothing_answered_is_one_answer(desk: Phone) -> None:
    for _ in range(3):
        await desk.types("1")
    await handled(desk.night)
    assert (await desk.sees(), await desk.notes()) == ("night_desk.caller", ["talk.stale"])


async def test_what_comes_in_out_of_order_goes_in_its_order(desk: Phone) -> None:
    new = next(each.id for each in (await desk.screens())[-1].choices if each.code == "new")
    await desk.comes(number=9_000_012, command="help")
    await desk.taps_choice(new, number=9_000_011)
    await handled(desk.night)
    assert await desk.sees() == "night_desk.caller"
    assert await desk.notes() == ["bot.commands", "help.night_desk.caller"]


async def test_a_button_that_was_never_made_for_this_chat_does_nothing(desk: Phone) -> None:
    other = await Phone(desk.night, 2).linked("calltaker_2", Role.CALLTAKER)
    new = next(each.id for each in (await other.screens())[-1].choices if each.code == "new")
    for data in ("", "1.1", "1.1:AAAAAAAAAAAAAAAAAAAA", f"{new}:", "é:é"):
        await desk.taps_data(data)
        await handled(desk.night)
        assert (await desk.sees(), await desk.notes()) == ("desk.menu", ["bot.stale_button"])


CANARY = "Canary-Vandenberghe"
PROSE = (
    f"mevrouw {CANARY} met drie kinderen",
    CANARY,
    "0470 12 34 56",
    "0470123456",
    "12-05-1990",
    "Sterrenlaan 7",
    "ja",
    "9" * 5000,
    "",
)


@pytest.mark.parametrize("text", PROSE)
async def test_prose_is_dropped_before_anything_is_kept(
    desk: Phone, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.types(text)
    [kept] = await waiting(desk.night)
    assert "prose" in kept.content.reveal() and CANARY not in kept.content.reveal()
    await handled(desk.night)
    assert (await desk.sees(), await desk.notes()) == ("desk.menu", ["bot.prose"])
    for kind in (InboxUpdate, ChatSession, ChatView, Operation, Message, AuditEntry):
        for row in await desk.night.rows(kind):
            assert CANARY not in repr(row) + "".join(each.reveal() for each in secrets_in(row))
    assert CANARY not in caplog.text


async def test_a_picture_or_a_voice_is_prose_too(desk: Phone) -> None:
    await desk.comes()
    await handled(desk.night)
    assert await desk.notes() == ["bot.prose"]


async def test_a_command_that_nobody_knows_is_help_and_its_words_are_gone(desk: Phone) -> None:
    await desk.commands("mevrouw_canary")
    [kept] = await waiting(desk.night)
    assert "canary" not in kept.content.reveal()
    await handled(desk.night)
    assert await desk.notes() == ["bot.commands", "help.desk.menu"]


async def test_a_tap_on_a_message_does_its_one_thing_and_the_talk_stays(night: Night) -> None:
    coordinator = await Phone(night, 1).linked("coordinator", Role.COORDINATOR)
    before = await coordinator.screens()
    await Phone(night, 2).invited(Role.CALLTAKER, "caw")
    [message] = await night.rows(Message, key="newcomer.calltaker")
    await coordinator.taps_choice(f"m.{message.id}.admit")
    await handled(night)
    assert await coordinator.screens() == before
    assert await Phone(night, 2).sees() == "desk.menu"
    # Once more, and the other way: it is said why not, and the talk goes on.
    await coordinator.taps_choice(f"m.{message.id}.turn_away")
    await handled(night)
    refused, here = await coordinator.screens()
    assert (refused.key, here.key) == ("refusal.invitation_decided", before[-1].key)


async def test_who_waits_to_be_let_in_can_do_nothing_but_leave(night: Night) -> None:
    newcomer = Phone(night, 1)
    await newcomer.invited(Role.CALLTAKER, "caw")
    for doing in (newcomer.types("1"), newcomer.commands("taal"), newcomer.taps_choice("1.1")):
        await doing
        await handled(night)
        assert await newcomer.sees() == "bot.waiting"
    assert not await night.rows(ChatSession)
    await newcomer.commands("unlink")
    await handled(night)
    await newcomer.taps("unlink")
    await handled(night)
    assert await newcomer.sees() == "bot.ended"


async def test_what_was_done_is_kept_without_its_content_and_then_forgotten(desk: Phone) -> None:
    await desk.types("1")
    await handled(desk.night)
    done = await desk.night.rows(InboxUpdate, state=UpdateState.DONE)
    assert done and not any(each.content for each in done)
    desk.night.later(seconds=KEPT_FOR.total_seconds())
    await desk.night.app.inbox.tidy()
    assert not await desk.night.rows(InboxUpdate)


# Several processes.


async def test_one_account_is_handled_by_one_process_at_a_time_and_others_go_on(desk: Phone) -> None:
    night, other = desk.night, desk.night.another_process()
    second = await Phone(night, 2).linked("calltaker_2", Role.CALLTAKER)
    claimed = await hold_one(night, desk)
    await desk.types("terug")
    await second.types("1")
    assert await handled(other) == 1
    assert await second.sees() == "night_desk.caller"
    assert {each.account for each in await waiting(night)} == {claimed.account}
    # The process that was at it is gone.
    night.later(seconds=LEASE.total_seconds())
    await handled(other)
    assert not await waiting(night)


async def hold_one(night: Night, phone: Phone) -> InboxUpdate:
    """A process claims what this account sent, and says no more."""
    await phone.types("1")
    claimed = await night.app.inbox._claim()
    assert claimed is not None
    return claimed


async def test_who_comes_back_after_its_lease_changes_nothing_any_more(desk: Phone) -> None:
    night, other = desk.night, desk.night.another_process()
    claimed = await hold_one(night, desk)
    night.later(seconds=LEASE.total_seconds())
    await handled(other)
    view = (await night.rows(ChatView, id=(await desk.link()).id))[0]
    async with night.store.reading() as tx:
        who = await known(tx, claimed.account)
    assert who is not None
    await night.app.inbox._finish(claimed, await night.app.inbox._replies.to(who, claimed))
    assert (await night.rows(ChatView, id=view.id))[0] == view


async def crowd(night: Night) -> None:
    """Ten colleagues tap in two processes at once, everything twice; each question is asked once."""
    phones = [Phone(night, 100 + n) for n in range(10)]
    for phone in phones:
        made = await phone.invited(Role.CALLTAKER, "caw")
        await night.app.invitations.approve(await night.actor("coordinator"), night.op(), made)
    await handled(night)
    processes = [night, night.another_process()]
    for step in range(4):
        numbers = [9_100_000 + 100 * step + n for n in range(len(phones))]
        await asyncio.gather(
            *(
                phone.comes(number=number, at=process, typed=Secret("1"))
                for phone, number in zip(phones, numbers, strict=True)
                for process in processes
            )
        )
        await asyncio.gather(*(handled(process) for process in processes for _ in range(2)))
    assert not await waiting(night)
    seen = {await phone.sees() for phone in phones}
    assert len(seen) == 1, seen
    assert {len(await phone.notes()) for phone in phones} == {0}


async def test_many_accounts_at_two_processes_are_all_answered_once(night: Night) -> None:
    await crowd(night)


@pytest.mark.postgres
async def test_many_accounts_at_two_processes_are_all_answered_once_on_postgresql(
    postgres: PostgresServer, keys: Keys, live_pool: RedisPool
) -> None:
    url = await asyncio.to_thread(postgres_copy, postgres)
    engines = [make_engine(url) for _ in range(2)]
    night = Night(engines, keys, live_pool, SteppingClock(local("2026-11-28 02:04")))
    await load_region(night.store)
    await crowd(night)
    for engine in engines:
        await engine.dispose()


# What goes wrong.


async def test_an_update_that_always_fails_is_set_aside_and_the_others_of_its_account_go_on(
    desk: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    night = desk.night
    await desk.types("1")
    [bad] = await waiting(night)
    async with night.store.transaction() as tx:
        await tx.save(replace(bad, content=Secret(f"{{{CANARY}")))
    await desk.types("1")
    for _ in range(MOST_TRIES):
        await handled(night)
        night.later(minutes=1)
    await handled(night)
    [aside] = await night.rows(InboxUpdate, state=UpdateState.SET_ASIDE)
    assert (aside.id, aside.tries) == (bad.id, MOST_TRIES)
    assert await desk.sees() == "night_desk.caller"
    told = await night.told("inbox.update_set_aside")
    assert sorted(told) == [("admin", "inbox.update_set_aside"), ("coordinator", "inbox.update_set_aside")]
    [message, _] = await night.rows(Message, key="inbox.update_set_aside")
    assert message.facts == {"count": 1}
    assert CANARY not in caplog.text


async def test_what_came_in_and_nobody_is_at_is_noticed(desk: Phone) -> None:
    night = desk.night

    async def noticed() -> list[Broken]:
        async with night.store.reading() as tx:
            return await message_rules(tx, [Channel.MESSENGER], night.clock.now())

    await desk.types("1")
    update = (await waiting(night))[0].id
    assert Broken("update_waits", update) not in await noticed()
    night.later(seconds=LATE.total_seconds())
    assert Broken("update_waits", update) in await noticed()
    await handled(night)
    assert Broken("update_waits", update) not in await noticed()


async def test_who_sent_what_was_set_aside_is_told_so(desk: Phone) -> None:
    night = desk.night
    await desk.types("1")
    [bad] = await waiting(night)
    async with night.store.transaction() as tx:
        await tx.save(replace(bad, content=Secret("{")))
    for _ in range(MOST_TRIES):
        await handled(night)
        night.later(minutes=1)
    assert (await desk.sees(), await desk.notes()) == ("desk.menu", ["bot.set_aside"])


class Killed(BaseException):
    """The process ended here."""


class DyingStore:
    """The record, of a process that ends before or after its n-th commit; or away at that commit, and back."""

    def __init__(self, store: Store, *, dies_at: int, after: bool, away: bool = False) -> None:
        self._store, self._left, self._after, self._away = store, dies_at, after, away
        self.dead = self.was_away = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A unit of work, maybe the last."""
        if self.dead:
            raise Killed
        self._left -= 1
        last = not self._left
        if last and self._away:
            self.was_away = True
            raise Outage("record", "away for a moment")
        async with self._store.transaction() as tx:
            yield tx
            if last and not self._after:
                self.dead = True
                raise Killed
        if last:
            self.dead = True
            raise Killed

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """A look."""
        if self.dead:
            raise Killed
        return self._store.reading()

    async def close(self) -> None:
        """Nothing to give back."""


async def to_the_bed(night: Night) -> Phone:
    """The calltaker answered everything; one tap books."""
    desk = await Phone(night, 1).linked("calltaker", Role.CALLTAKER)
    for line in (*QUESTIONS, "1"):
        await desk.types(line)
        await handled(night)
    assert await desk.sees() == "night_desk.book"
    return desk


async def put_back(night: Night, kept: sqlite3.Connection, path: str) -> None:
    """Everything is as it was."""
    with closing(sqlite3.connect(path)) as target:
        kept.backup(target)
    await night.app.view.rebuild(night.clock.now(), anew=True)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_booking_survives_a_crash_at_every_commit_and_is_made_once(
    night: Night, engines: list[AsyncEngine], *, after: bool
) -> None:
    desk = await to_the_bed(night)
    book = next(each.id for each in (await desk.screens())[-1].choices if each.code == "book")
    path, began = str(engines[0].url.database), night.clock.now()
    with closing(sqlite3.connect(":memory:")) as kept:
        with closing(sqlite3.connect(path)) as source:
            source.backup(kept)
        for commit in count(1):
            await put_back(night, kept, path)
            night.clock.set(began)
            dying = DyingStore(night.store, dies_at=commit, after=after)
            process = Night(engines[:1], night.keys, night.app.pool, night.clock)
            process.app = assemble(Settings.from_env({}), dying, night.app.pool, night.clock, night.keys)
            with suppress(Killed):
                await desk.taps_choice(book, number=9_500_000, at=process)
                await handled(process)
            # The messenger sends again what was not confirmed, and another process goes on with what was.
            await desk.taps_choice(book, number=9_500_000)
            night.later(seconds=LEASE.total_seconds())
            await handled(night)
            assert not await waiting(night)
            assert len(await night.rows(Booking)) == 1, commit
            assert await desk.sees() == "booking.booked", commit
            if not dying.dead:
                break
    assert commit > 5


async def test_a_record_that_is_away_at_any_moment_costs_a_delay_and_books_once(
    night: Night, engines: list[AsyncEngine]
) -> None:
    desk = await to_the_bed(night)
    book = next(each.id for each in (await desk.screens())[-1].choices if each.code == "book")
    path, began = str(engines[0].url.database), night.clock.now()
    with closing(sqlite3.connect(":memory:")) as kept:
        with closing(sqlite3.connect(path)) as source:
            source.backup(kept)
        for commit in count(1):
            await put_back(night, kept, path)
            night.clock.set(began)
            flaky = DyingStore(night.store, dies_at=commit, after=False, away=True)
            process = Night(engines[:1], night.keys, night.app.pool, night.clock)
            process.app = assemble(Settings.from_env({}), flaky, night.app.pool, night.clock, night.keys)
            for _ in range(4):
                with suppress(Outage):
                    await desk.taps_choice(book, number=9_500_000, at=process)
                    await handled(process)
                night.later(seconds=LEASE.total_seconds())
            assert not await waiting(night)
            assert len(await night.rows(Booking)) == 1, commit
            assert await desk.sees() == "booking.booked", commit
            if not flaky.was_away:
                break
    assert commit > 5
