"""Who asks for a bed, with the real services: from five taps to the door, and who hears what on the way."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.organisation import Organisation, OrganisationKind
from crisispool.domain.record import Message
from crisispool.domain.request import Request, RequestKind, RequestState
from crisispool.domain.unit import OutOfService
from crisispool.services.asks import RequestAsk
from tests.services.talking import NOW, Desk, desk

FIVE_TAPS = ("Nee", "Ouder + 2 kinderen", "Ingelmunster", "Brand, water of woning afgesloten", "Verstuur")
ASK = ("Bed vragen", *FIVE_TAPS)
TAKEN = ("Open vragen", "1", "Nee", "Nee", "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact")
BOOKED = (*TAKEN, "Niets bijzonders", "1", "Boek")
Opening = Callable[..., Awaitable[Desk]]


@pytest.fixture
def opening(store: SqlStore, keys: Keys, live_pool: RedisPool) -> Opening:
    """The network with so many free units, a police service with a number on record, and a full roster."""

    async def open_(units: int = 2) -> Desk:
        talk = await desk(store, keys, live_pool, units=units)
        until = NOW + timedelta(hours=6)
        roster = {Duty.CALLTAKER: "calltaker", Duty.BACKUP: "calltaker_2", Duty.COORDINATOR: "coordinator"}
        async with store.transaction() as tx:
            police = await tx.get(Organisation, "police")
            assert police is not None
            await tx.save(replace(police, phone="+32 51 00 00 11", night_phone="+32 51 00 00 12"))
            await tx.add(
                *(DutyShift(f"s-{duty}", "net", duty, who, NOW, until) for duty, who in roster.items())
            )
        return talk

    return open_


async def told(talk: Desk, who: str) -> list[str]:
    """The keys of what somebody was told, in order of time, then of key."""
    rows = await talk.every(Message, recipient_id=who)
    return [row.key.removeprefix("message.") for row in sorted(rows, key=lambda row: (row.at, row.key))]


async def test_five_taps_and_the_desk_knows(opening: Opening) -> None:
    talk = await opening()
    screen = await talk.say("referrer", *ASK)
    assert screen.key == "referrer.told_desk"
    assert "om 2.09 uur de achterwacht" in screen.text and "+32 51 00 00 00" in screen.text
    (request,) = await talk.every(Request)
    assert (request.created_by, request.referrer_organisation_id) == ("referrer", "police")
    assert (request.adults, request.children, request.whereabouts) == (1, 2, "36007")
    assert await told(talk, "calltaker") == ["request_desk"]


async def test_who_waits_always_sees_who_is_next_and_at_which_number(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    for minutes, stand, following in (
        (5, "told_backup", "2.14 uur"),
        (10, "told_coordinator", "2.19 uur"),
        (15, "nobody", "Nachtopvang"),
    ):
        talk.clock.set(NOW + timedelta(minutes=minutes))
        await talk.sweep.run()
        screen = await talk.say("referrer", "Kijk hoe het staat")
        assert screen.key == f"referrer.{stand}" and following in screen.text
        assert "+32 51 00 00 00" in screen.text
    heard = await told(talk, "referrer")
    assert heard == ["request_told_backup", "request_told_coordinator", "request_fallback"]
    for row in await talk.every(Message, recipient_id="referrer"):
        assert row.facts["phone"] == "+32 51 00 00 00"
        shown = await talk.choose("referrer", f"m.{row.id}.open")
        assert shown.key == "referrer.nobody"


async def test_who_asked_hears_who_calls_back_and_then_where_the_bed_is(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    await talk.say("calltaker", *TAKEN[:2])
    screen = await talk.say("referrer", "Kijk hoe het staat")
    assert screen.key == "referrer.taken" and "+32 51 00 00 12" in screen.text
    await talk.say("calltaker", *TAKEN[2:], *BOOKED[len(TAKEN) :])
    assert await told(talk, "referrer") == ["accepted", "request_taken"]
    (accepted,) = await talk.every(Message, key="message.accepted")
    screen = await talk.choose("referrer", f"m.{accepted.id}.open")
    (booking,) = await talk.every(Booking)
    assert screen.key == "referrer.booked" and booking.reference in screen.text
    assert "tot maandag 30 november, 10 uur" in screen.text and "tot 5.04 uur" in screen.text
    screen = await talk.say("referrer", "Adres en sleutel")
    assert len(screen.links) == 1 and screen.links[0]["label"].startswith("Adres en sleutel")
    screen = await talk.say("referrer", "Ze zijn binnen")
    assert screen.key == "referrer.inside" and booking.reference not in screen.text
    (booking,) = await talk.every(Booking)
    assert booking.state is BookingState.CHECKED_IN


async def test_after_three_hours_the_address_is_not_offered_any_more(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    await talk.say("calltaker", *BOOKED)
    talk.clock.set(NOW + timedelta(hours=3))
    screen = await talk.say("referrer", "Kijk hoe het staat")
    assert screen.key == "referrer.booked"
    assert "niet meer te openen" in screen.text and screen.links == ()
    assert "Adres en sleutel" not in [choice["label"] for choice in screen.choices]


async def test_trouble_at_the_door_moves_them_and_then_calls_the_desk(opening: Opening) -> None:
    talk = await opening(2)
    await talk.say("referrer", *ASK)
    await talk.say("calltaker", *BOOKED)
    await talk.say("referrer", "Kijk hoe het staat")
    screen = await talk.say("referrer", "Probleem aan de deur", "Sleutel lukt niet: volgende woning")
    assert screen.key == "referrer.booked" and len(screen.links) == 1
    assert len(await talk.every(OutOfService)) == 1
    (live,) = await talk.every(Booking, state=BookingState.BOOKED)
    assert live.reference in screen.text
    screen = await talk.say("referrer", "Probleem aan de deur", "Er is al iemand: volgende woning")
    assert screen.key == "referrer.nowhere" and "Nachtopvang" in screen.text
    (trouble,) = await talk.every(Message, key="message.door_trouble")
    assert (trouble.recipient_id, trouble.facts) == (
        "calltaker",
        {"reference": live.reference, "phone": "+32 51 00 00 12"},
    )


async def test_they_do_not_come_frees_the_bed_and_ends_the_request(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    await talk.say("calltaker", *BOOKED)
    await talk.say("referrer", "Kijk hoe het staat", "Ze komen niet")
    screen = await talk.say("referrer", "Ja, ze komen niet")
    assert screen.key == "referrer.withdrawn"
    (booking,) = await talk.every(Booking)
    (request,) = await talk.every(Request)
    assert (booking.state, request.state) == (BookingState.NO_SHOW, RequestState.WITHDRAWN)


async def test_a_bed_that_is_not_needed_leaves_nothing_open(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    await talk.say("calltaker", *BOOKED)
    await talk.say("referrer", "Kijk hoe het staat", "Het bed is niet meer nodig")
    screen = await talk.say("referrer", "Ja, trek in")
    assert screen.key == "referrer.withdrawn"
    (booking,) = await talk.every(Booking)
    (request,) = await talk.every(Request)
    assert (booking.state, request.state) == (BookingState.CANCELLED, RequestState.WITHDRAWN)
    assert request.next_action_at is None


async def test_who_works_on_a_request_hears_that_it_was_withdrawn(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    await talk.say("calltaker", *TAKEN[:3])
    await talk.say("referrer", "Het bed is niet meer nodig")
    await talk.say("referrer", "Ja, trek in")
    assert "request_dropped" in await told(talk, "calltaker")
    assert "request_withdrawn" not in await told(talk, "referrer")


async def test_a_refusal_shows_where_else_they_can_go(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    await talk.say("calltaker", *TAKEN[:3], "Ja, ze kunnen een hotel betalen", "Nee")
    screen = await talk.say("referrer", "Kijk hoe het staat")
    assert screen.key == "referrer.refused" and "Nachtopvang: +32 51 00 00 09" in screen.text
    assert "hotel betalen" not in screen.text
    assert await told(talk, "referrer") == ["refused", "request_taken"]


async def test_violence_avoids_the_own_municipality(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", "Bed vragen", "Nee", "1 vrouw", "Izegem", "Geweld of bedreiging", "Verstuur")
    (request,) = await talk.every(Request)
    assert request.avoid == ("36008",)
    screen = await talk.say("calltaker", *BOOKED[:-2])
    assert screen.key == "night_desk.nothing_free", "all beds are in Izegem"


async def test_the_desk_hears_that_these_may_be_the_same_people_and_who_asks_does_not(
    opening: Opening,
) -> None:
    talk = await opening()
    ask = RequestAsk(RequestKind.FIRE_WATER_CLOSED, 1, 2, whereabouts="36007", referrer="police")
    first = await talk.intake.request(await talk.actor("calltaker_2"), "op-1", ask)
    screen = await talk.say("referrer", *ASK)
    assert first.reference not in screen.text
    (alike,) = await talk.every(Message, key="message.request_alike")
    assert (alike.recipient_id, alike.facts["references"]) == ("calltaker", [first.reference])
    screen = await talk.say("calltaker", "Open vragen", "1")
    assert screen.key == "night_desk.same_household" and first.reference in screen.text
    screen = await talk.say("calltaker", "Ja, dezelfde")
    assert screen.key == "desk.menu"
    assert await told(talk, "referrer") == ["request_taken", "request_withdrawn"]
    assert (await talk.say("referrer", "Kijk hoe het staat")).key == "referrer.withdrawn"


async def test_other_people_are_asked_about_as_usual(opening: Opening) -> None:
    talk = await opening()
    ask = RequestAsk(RequestKind.FIRE_WATER_CLOSED, 1, 2, whereabouts="36007", referrer="police")
    await talk.intake.request(await talk.actor("calltaker_2"), "op-1", ask)
    await talk.say("referrer", *ASK)
    screen = await talk.say("calltaker", "Open vragen", "1", "Nee, andere mensen", *TAKEN[2:])
    assert screen.key == "night_desk.needs"


async def test_of_two_who_take_at_once_one_has_it_and_the_other_hears_who(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    await talk.say("calltaker_2", "Open vragen")
    await talk.say("calltaker", "Open vragen", "1")
    screen = await talk.say("calltaker_2", "1")
    (request,) = await talk.every(Request)
    assert f"{request.reference} is al opgenomen door calltaker." in screen.text
    assert await told(talk, "referrer") == ["request_taken"]


@pytest.mark.parametrize(
    ("kind", "hour", "asks"),
    [
        ("police", 14, False),
        ("police", 15, False),
        ("ocmw", 13, False),
        ("ocmw", 14, True),
        ("caw", 14, True),
        ("gp", 16, True),
    ],
)
async def test_by_day_only_ocmw_and_caw_register_from_three_on(
    opening: Opening, kind: str, hour: int, asks: bool
) -> None:
    talk = await opening()
    async with talk.store.transaction() as tx:
        police = await tx.get(Organisation, "police")
        assert police is not None
        await tx.save(replace(police, kind=OrganisationKind(kind)))
    talk.clock.set(datetime(2026, 11, 26, hour, 0, tzinfo=UTC))
    screen = await talk.say("referrer", "Bed vragen")
    assert screen.key == ("referrer.danger" if asks else "referrer.by_day")


async def test_an_early_registration_says_when_the_desk_hears_of_it(opening: Opening) -> None:
    talk = await opening()
    async with talk.store.transaction() as tx:
        police = await tx.get(Organisation, "police")
        assert police is not None
        await tx.save(replace(police, kind=OrganisationKind.CAW))
    talk.clock.set(datetime(2026, 11, 26, 14, 30, tzinfo=UTC))
    screen = await talk.say("referrer", *ASK)
    assert screen.key == "referrer.early" and "om 17 uur" in screen.text
    assert await told(talk, "calltaker") == []
    talk.clock.set(datetime(2026, 11, 26, 16, 0, tzinfo=UTC))
    await talk.sweep.run()
    # Nobody is on a roster at that hour: all coordinators heard it, and who asked has the other places.
    assert (await talk.say("referrer", "Kijk hoe het staat")).key == "referrer.nobody"


async def test_a_request_of_a_colleague_is_not_there(opening: Opening) -> None:
    talk = await opening()
    await talk.say("referrer", *ASK)
    assert await talk.errands.referring.requests(await talk.actor("unit_manager")) == []
    assert len(await talk.errands.referring.requests(await talk.actor("referrer"))) == 1
