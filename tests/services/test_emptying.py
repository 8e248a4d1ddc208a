"""What is over does not stay in the chats: its words are taken back, and its buttons."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from crisispool.domain.handover import Case
from crisispool.domain.messenger import Delivery
from crisispool.domain.record import Message
from tests.support.bot_api import BotApi
from tests.support.chats import Chats, chats_of
from tests.support.night import Night

CLOSED = "Deze zaak is afgesloten."


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(patience=5) as served:
        yield served


@pytest.fixture
async def chats(night: Night, api: BotApi) -> AsyncIterator[Chats]:
    async with chats_of(night, api) as made:
        yield made


async def rounds(chats: Chats, number: int = 4) -> None:
    for _ in range(number):
        await chats.run()


async def empty(chats: Chats) -> int:
    done = await chats.night.app.emptying.run(chats.night.clock.now())
    await rounds(chats, 2)
    return done


async def test_what_is_about_a_stay_is_taken_back_a_day_after_it_ended(chats: Chats) -> None:
    night, owner = chats.night, await chats.linked("owner_ingelmunster")
    booking = await night.book(await night.request(), "in-studio")
    await rounds(chats)
    [bubble] = owner.gets("is geboekt")
    night.later(hours=30)
    assert await empty(chats) == 0, "they are still there"
    await night.check_out(booking)
    night.later(hours=23)
    assert await empty(chats) == 0
    night.later(hours=2)
    assert await empty(chats) >= 1
    assert bubble.text == CLOSED and not bubble.buttons
    assert await empty(chats) == 0, "once"
    owner.reads()
    assert all(each.text == CLOSED for each in owner.sees() if booking.reference in each.text)


async def test_what_is_about_a_case_is_taken_back_when_it_is_closed(chats: Chats) -> None:
    night, worker = chats.night, await chats.linked("worker_caw")
    await night.book(await night.request(), "in-studio")
    await night.until("2026-11-30 08:00")
    await rounds(chats)
    [bubble] = worker.gets("Wie neemt dit op?")
    assert bubble.buttons
    [handover] = await night.handovers()
    await night.accept(handover, "worker_caw")
    await night.outcome(handover, "worker_caw", contacted=True)
    await night.outcome(handover, "worker_caw", outcome="own_network", solved="yes")
    night.later(hours=25)
    assert await empty(chats) >= 1
    assert bubble.text == CLOSED and not bubble.buttons
    worker.reads()
    [row] = [each for each in await night.rows(Delivery) if each.external_id == str(bubble.id)]
    assert row.emptied_at is not None and row.next_try_at is None


async def test_a_bubble_that_lost_its_buttons_loses_its_words_as_well(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    booking = await chats.night.book(await chats.night.request(), "in-studio")
    about = ("booking", booking.id)
    for _ in range(2):
        await chats.tell("calltaker", about=about, urgent=True, reference=booking.reference)
        await rounds(chats, 2)
    async with chats.night.store.transaction() as tx:
        [case] = await tx.find(Case, id=booking.case_id)
        await tx.save(replace(case, closed_at=chats.night.clock.now()))
    chats.night.later(hours=25)
    assert await empty(chats) == 2
    assert [each.text for each in calltaker.reads()] == [CLOSED, CLOSED]


async def test_news_that_is_about_no_case_is_taken_back_after_a_week(chats: Chats) -> None:
    owner = await chats.linked("owner_izegem")
    facts: dict[str, Any] = {"unit": "Studio", "reference": "IZ-7F3K"}
    about = ("unit", "iz-studio")
    await chats.tell("ocmw_izegem", "message.unit_out_of_service", kind="owner", about=about, **facts)
    await rounds(chats, 2)
    owner.gets("buiten gebruik")
    chats.night.later(days=6)
    assert await empty(chats) == 0
    chats.night.later(days=1)
    assert await empty(chats) == 1
    owner.gets(CLOSED)


async def test_what_is_erased_is_over(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.tell("calltaker", about=("booking", "erased"))
    await rounds(chats, 2)
    calltaker.reads()
    chats.night.later(hours=25)
    assert await empty(chats) == 1
    calltaker.gets(CLOSED)
    assert len(await chats.night.rows(Message)) == 1
