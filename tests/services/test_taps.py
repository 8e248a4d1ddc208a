"""Taps on messages, with the real services: one effect, for who was told only, and the talk stays where it was."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.sql_engine import at_sqlite, make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.messenger import Channel, Delivery, DeliveryState
from crisispool.domain.record import Message
from tests.services.talking import FIRE, Desk, desk, desk_of
from tests.support.databases import keys_for_tests, sqlite_template
from tests.support.live_pool import SET_UP

LATER = timedelta(minutes=20)


@pytest.fixture(scope="module")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory, redis_socket: Path) -> Path:
    """The fire case is booked, and the calltaker is asked whether they are inside: each test has a copy."""
    path = sqlite_template(tmp_path_factory.mktemp("booked"))

    async def book() -> None:
        store, pool = (
            SqlStore(make_engine(at_sqlite(path)), keys_for_tests()),
            RedisPool(connect(redis_socket), SET_UP),
        )
        talk = await desk(store, keys_for_tests(), pool)
        await talk.say("calltaker", *FIRE, "menu")
        talk.clock.advance(LATER)
        await talk.sweep.run()
        await pool.close()
        await store.close()

    asyncio.run(book())
    return path


@pytest.fixture
async def booked(store: SqlStore, keys: Keys, live_pool: RedisPool) -> tuple[Desk, Message]:
    """The desk, and the question whether they are inside."""
    talk = desk_of(store, keys, live_pool)
    talk.clock.advance(LATER)
    (message,) = await talk.every(Message, key="message.arrival_question", recipient_id="calltaker")
    return talk, message


async def test_a_tap_on_a_message_does_its_one_thing_and_the_talk_stays_where_it_is(
    booked: tuple[Desk, Message],
) -> None:
    talk, message = booked
    before = await talk.say("calltaker", "Nieuwe vraag", "Politie")
    said = await talk.choose("calltaker", f"m.{message.id}.inside")
    assert said.key == "news.inside" and "ze zijn binnen" in said.text
    (booking,) = await talk.every(Booking)
    assert booking.state is BookingState.CHECKED_IN
    assert (await talk.say("calltaker")).text == before.text


async def test_a_tap_under_the_same_operation_id_gives_the_same_answer(booked: tuple[Desk, Message]) -> None:
    talk, message = booked
    actor, choice = await talk.actor("calltaker"), f"m.{message.id}.inside"
    answers = [await talk.chat.choose(actor, choice, "op-1") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert [each.key for each in answers[0]] == ["news.inside"]


async def test_what_was_tapped_is_noted_on_the_message_wherever_it_was_delivered(
    booked: tuple[Desk, Message],
) -> None:
    talk, message = booked
    now = talk.clock.now()
    async with talk.store.transaction() as tx:
        await tx.add(
            Delivery(
                "d-1",
                message.id,
                message.network_id,
                Channel.MESSENGER,
                "link-1",
                True,
                now,
                DeliveryState.SENT,
            )
        )
    await talk.choose("calltaker", f"m.{message.id}.on_the_way")
    (delivery,) = await talk.every(Delivery)
    (booking,) = await talk.every(Booking)
    assert delivery.answer == {"key": "news.on_the_way", "facts": {"reference": booking.reference}}
    assert delivery.next_try_at == now


@pytest.mark.parametrize("who", ["calltaker_2", "support_worker", "unit_manager", "council"])
async def test_who_was_not_told_cannot_tap(booked: tuple[Desk, Message], who: str) -> None:
    talk, message = booked
    await talk.say(who)
    said = await talk.choose(who, f"m.{message.id}.inside")
    assert said.text.startswith("Die knop")
    (booking,) = await talk.every(Booking)
    assert booking.state is BookingState.BOOKED


@pytest.mark.parametrize(
    "forged", ["m", "m.", "m..", "m.x.inside", "m.{id}.", "m.{id}.cancel", "m.{id}.inside.x"]
)
async def test_a_forged_tap_changes_nothing(booked: tuple[Desk, Message], forged: str) -> None:
    talk, message = booked
    await talk.choose("calltaker", forged.format(id=message.id))
    (booking,) = await talk.every(Booking)
    assert booking.state is BookingState.BOOKED


async def test_a_message_leads_the_talk_to_its_booking(booked: tuple[Desk, Message]) -> None:
    talk, message = booked
    screen = await talk.choose("calltaker", f"m.{message.id}.open")
    (booking,) = await talk.every(Booking)
    assert screen.key == "booking.view" and booking.reference in screen.text


async def test_what_the_rules_refuse_is_said_and_the_message_keeps_its_buttons(
    booked: tuple[Desk, Message],
) -> None:
    talk, message = booked
    async with talk.store.transaction() as tx:
        await tx.add(
            Delivery(
                "d-1", message.id, message.network_id, Channel.MESSENGER, "link-1", True, talk.clock.now(),
                DeliveryState.SENT,
            )
        )  # fmt: skip
    (booking,) = await talk.every(Booking)
    await talk.errands.stays.cancel(await talk.actor("calltaker"), "op-cancel", booking.id)
    said = await talk.choose("calltaker", f"m.{message.id}.inside")
    assert said.key.startswith("refusal.")
    (delivery,) = await talk.every(Delivery)
    assert delivery.answer is None
