"""A stay that only a coordinator may give: told, taken over, decided with a reason, and booked."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.booking import Booking
from crisispool.domain.record import Message
from crisispool.domain.request import RequestNote
from tests.services.talking import FIRE, Desk, desk, own_choices

Opening = Callable[[int], Awaitable[Desk]]
THREE_BEFORE = (*FIRE[:9], "3 of meer op rij")
WEDNESDAY_NIGHT = datetime(2026, 11, 26, 1, 4, tzinfo=UTC)


@pytest.fixture
def opening(store: SqlStore, keys: Keys, live_pool: RedisPool) -> Opening:
    """The network with so many free units."""
    return lambda units: desk(store, keys, live_pool, units=units)


async def test_the_coordinator_is_told_once_and_the_desk_hears_the_number(opening: Opening) -> None:
    talk = await opening(3)
    screen = await talk.say("calltaker", *THREE_BEFORE)
    assert screen.key == "night_desk.stay_limit"
    screen = await talk.say("calltaker", "De coördinator van wacht beslist")
    assert "kreeg een bericht; bel ook:" in screen.text
    await talk.say("calltaker", "Open vragen", "1", "Nee", "Nee", "Niets hiervan", "3 of meer op rij", "1")
    (told,) = await talk.every(Message, key="message.decide_stay")
    assert told.recipient_id == "coordinator" and set(told.facts) == {"request"} and told.urgent
    answers = await talk.chat.say(await talk.actor("coordinator"), "")
    assert answers[0].key == "message.decide_stay"


async def test_a_coordinator_takes_over_and_books_beyond_the_limit_with_a_reason(opening: Opening) -> None:
    talk = await opening(3)
    talk.clock.set(WEDNESDAY_NIGHT)
    await talk.say("calltaker", *THREE_BEFORE, "De coördinator van wacht beslist")
    screen = await talk.say("coordinator", "Open vragen")
    assert "overnemen van calltaker" in own_choices(screen)[0]
    screen = await talk.say("coordinator", "1")
    assert screen.key == "night_desk.stay_limit" and "Jij bent coördinator" in screen.text
    screen = await talk.say("coordinator", "Ik beslis")
    assert screen.key == "night_desk.decide"
    beyond = next(label for label in own_choices(screen) if "boven de grens" in label)
    screen = await talk.say("coordinator", beyond, "Veiligheid", "1", "Boek")
    assert screen.key == "booking.booked"
    (booking,) = await talk.every(Booking)
    assert booking.overridden and booking.checkout == date(2026, 11, 26)
    (note,) = await talk.every(RequestNote, purpose="override")
    assert note.text.reveal() == "Veiligheid"


async def test_a_stay_within_the_limit_that_ends_on_a_closed_day_names_who_meets_them(
    opening: Opening,
) -> None:
    talk = await opening(3)
    screen = await talk.say("coordinator", *FIRE[:9], "3 of meer op rij", "Ik beslis")
    shorter = next(label for label in own_choices(screen) if "geen werkdag" in label)
    screen = await talk.say("coordinator", shorter, "Ik vang hen zelf op", "1", "Boek")
    assert screen.key == "booking.booked"
    (booking,) = await talk.every(Booking)
    assert booking.checkout == date(2026, 11, 29) and not booking.overridden
    (note,) = await talk.every(RequestNote, purpose="override")
    assert note.text.reveal() == "Ik vang hen zelf op\ncoordinator"


async def test_the_desk_sees_whose_a_request_and_a_booking_is(opening: Opening) -> None:
    talk = await opening(3)
    await talk.say("calltaker", *FIRE[:6], "Nee", "Zwaar onder invloed, niet aanspreekbaar", "1")
    screen = await talk.say("calltaker_2", "Open vragen")
    assert own_choices(screen) == [] and "bij calltaker" in screen.text
    assert "van jou" in own_choices(await talk.say("calltaker", "Open vragen"))[0]
    await talk.say("calltaker_2", "terug", *FIRE[:12], "1", "1", "Boek")
    assert own_choices(await talk.say("calltaker", "terug", "Mijn boekingen")) == ["Alle boekingen"]
    assert "geboekt door calltaker_2" in own_choices(await talk.say("calltaker", "1"))[0]
