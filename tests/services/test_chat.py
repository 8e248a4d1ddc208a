"""The talks with the real services behind them: restarts, double taps, two at once, nothing lost or doubled."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool, connect
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.booking import Booking, BookingState, Hold
from crisispool.domain.errors import Outage
from crisispool.domain.handover import Handover, HandoverState, Outcome
from crisispool.domain.household import Person
from crisispool.domain.record import ChatSession
from crisispool.domain.request import Need, Request, RequestKind, RequestRefusal, RequestState, Screening
from crisispool.services.asks import RequestAsk
from tests.services.talking import FIRE, FRIDAY, Desk, Killed, desk, own_choices

MARK = "Jan Peeters"
Opening = Callable[[int], Awaitable[Desk]]


@pytest.fixture
def opening(store: SqlStore, keys: Keys, live_pool: RedisPool) -> Opening:
    """The network with so many free units."""
    return lambda units: desk(store, keys, live_pool, units=units)


async def test_with_the_live_view_away_the_talk_says_that_it_is_slower_and_books(
    store: SqlStore, keys: Keys, tmp_path: Path
) -> None:
    pool = RedisPool(connect(tmp_path / "nobody"), "tests")
    talk = await desk(store, keys, pool, units=3)
    screen = await talk.say("calltaker", *FIRE[:-2])
    assert screen.key == "night_desk.proposals"
    assert "zoeken gaat trager" in screen.text
    assert (await talk.say("calltaker", *FIRE[-2:])).key == "booking.booked"
    await pool.close()


async def test_the_fire_case_is_booked_and_nothing_of_the_answers_is_kept(opening: Opening) -> None:
    talk = await opening(3)
    screen = await talk.say("calltaker", *FIRE)
    assert screen.key == "booking.booked"
    assert "tot maandag 30 november, 10 uur" in screen.text
    (booking,) = await talk.every(Booking)
    assert [link["label"] for link in screen.links] == [
        f"Adres en sleutel, {booking.reference}",
        f"Gegevens invullen, {booking.reference}",
    ]
    assert (booking.night, booking.checkout) == (FRIDAY, date(2026, 11, 30))
    (request,) = await talk.every(Request)
    assert request.kind is RequestKind.FIRE_WATER_CLOSED and request.state is RequestState.BOOKED
    assert (request.origin, request.referrer_organisation_id) == ("36007", "police")
    (session,) = await talk.every(ChatSession)
    assert "36007" not in session.state.reveal()
    assert (await talk.say("calltaker", "Ja, aangekomen")).key == "booking.arrived"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("errand", [0, 1, 2])
async def test_after_a_kill_anywhere_the_talk_goes_on_and_nothing_is_doubled(
    opening: Opening, when: str, errand: int
) -> None:
    talk = await opening(3)
    killed = 0
    screen = await talk.say("calltaker")
    for line in FIRE:
        talk.errands.plan[when, len(talk.errands.done) + errand] = Killed()
        try:
            screen = await talk.say("calltaker", line)
        except Killed:
            killed += 1
            screen = await talk.say("calltaker")
            assert screen.text.startswith("Je vorige antwoord is verwerkt.")
        talk.errands.plan.clear()
    assert killed == (3 if errand == 0 else 2)
    assert screen.key == "booking.booked" and len(screen.links) == 2
    assert len(await talk.every(Request)) == len(await talk.every(Booking)) == 1
    assert len(await talk.every(Hold)) == len(await talk.every(Screening)) == 1


async def test_after_every_answer_a_restart_shows_the_same_question(opening: Opening) -> None:
    talk = await opening(3)
    for line in FIRE:
        screen = await talk.say("calltaker", line)
        assert await talk.say("calltaker") == screen


async def test_a_double_tap_at_the_same_moment_books_once(opening: Opening) -> None:
    talk = await opening(3)
    screen = await talk.say("calltaker", *FIRE[:-1])
    book = screen.choices[0]["id"]
    answers = await asyncio.gather(*(talk.choose("calltaker", book) for _ in range(4)))
    assert {answer.key for answer in answers} == {"booking.booked"}
    assert len(await talk.every(Booking)) == 1


async def test_the_same_words_at_the_same_moment_answer_one_question(opening: Opening) -> None:
    talk = await opening(3)
    await talk.say("calltaker", *FIRE[:-1])
    await asyncio.gather(*(talk.say("calltaker", "1") for _ in range(4)))
    (booking,) = await talk.every(Booking)
    assert booking.state is BookingState.BOOKED and not booking.arrival_known


async def test_two_calltakers_and_one_bed(opening: Opening) -> None:
    talk = await opening(1)
    for name in ("calltaker", "calltaker_2"):
        screen = await talk.say(name, *FIRE[:12])
        if screen.key == "night_desk.same_household":
            screen = await talk.say(name, "1")
        assert screen.key == "night_desk.proposals"
    first, second = await asyncio.gather(talk.say("calltaker", "1"), talk.say("calltaker_2", "1"))
    assert sorted((first.key, second.key)) == ["night_desk.book", "night_desk.nothing_free"]
    loser = first if first.key == "night_desk.nothing_free" else second
    assert "eerst" in loser.text or "net vast" in loser.text


async def test_who_is_second_gets_the_next_best(opening: Opening) -> None:
    talk = await opening(2)
    for name in ("calltaker", "calltaker_2"):
        screen = await talk.say(name, *FIRE[:12])
        if screen.key == "night_desk.same_household":
            await talk.say(name, "1")
    await talk.say("calltaker", "Woning 1, Izegem")
    screen = await talk.say("calltaker_2", "Woning 1, Izegem")
    assert screen.key == "night_desk.proposals"
    assert own_choices(screen)[0] == "Woning 2, Izegem"


async def test_when_a_part_fails_the_step_is_done_once_when_it_is_back(opening: Opening) -> None:
    talk = await opening(3)
    await talk.say("calltaker", *FIRE[:-1])
    talk.errands.plan[("after", len(talk.errands.done))] = Outage("record")
    screen = await talk.say("calltaker", "Boek")
    assert screen.key == "talk.outage" and "Er ging niets verloren" in screen.text
    screen = await talk.say("calltaker", "Boek")
    assert screen.key == "booking.booked"
    assert screen.text.startswith("Je vorige antwoord is verwerkt.")
    assert len(await talk.every(Booking)) == 1


async def test_free_text_reaches_neither_the_record_nor_the_answer(opening: Opening) -> None:
    talk = await opening(3)
    for line in FIRE:
        screen = await talk.say("calltaker", MARK)
        assert MARK not in screen.text
        sessions = await talk.every(ChatSession)
        assert all(MARK not in session.state.reveal() for session in sessions)
        await talk.say("calltaker", line)


async def test_a_referrers_request_is_taken_and_only_asked_what_is_not_known(opening: Opening) -> None:
    talk = await opening(3)
    ask = RequestAsk(RequestKind.CONFLICT, adults=2, children=1, whereabouts="36008", referrer="police")
    await talk.intake.request(await talk.actor("referrer"), "op-1", ask)
    assert (await talk.say("referrer")).key == "referrer.menu"
    screen = await talk.say("calltaker", "Open vragen", "1")
    assert screen.key == "night_desk.danger"
    known = ("Nee", "Nee", "Niets hiervan", "Buiten de regio", "1 nacht", "Wel bed, geen contact")
    screen = await talk.say("calltaker", *known, "Tolk", "Klaar")
    assert screen.key == "night_desk.proposals"
    (request,) = await talk.every(Request)
    assert request.whereabouts == "36008" and request.contact_consent is False
    assert (request.origin, request.needs, request.cots) == ("outside", (Need.INTERPRETER,), 0)
    told = [person.claimed_nights for person in await talk.every(Person) if person.claimed_nights]
    assert told == [(date(2026, 11, 26),)]
    await talk.say("calltaker", "1", "Boek")
    answers = await talk.chat.say(await talk.actor("referrer"), "")
    keys = sorted(answer.key for answer in answers)
    assert keys == ["message.accepted", "message.request_taken_unreached", "referrer.menu"]


async def test_a_refusal_with_contact_is_a_request_that_ended_and_a_page(opening: Opening) -> None:
    talk = await opening(3)
    screen = await talk.say("calltaker", *FIRE[:6], "Ja, ze kunnen een hotel betalen")
    assert screen.key == "night_desk.contact"
    screen = await talk.say("calltaker", "Ja, gegevens invullen")
    assert screen.key == "night_desk.refused" and len(screen.links) == 1
    (refusal,) = await talk.every(RequestRefusal)
    assert (refusal.code, refusal.alternative, refusal.contact_consent) == ("hotel", "hotel", True)


async def test_a_problem_at_the_door_is_a_move_in_one_tap(opening: Opening) -> None:
    talk = await opening(2)
    screen = await talk.say("calltaker", *FIRE, "Probleem aan de deur", "Sleutel lukt niet: volgende woning")
    assert screen.key == "booking.moved" and len(screen.links) == 2
    screen = await talk.say("calltaker", "Probleem aan de deur", "Er is al iemand: volgende woning")
    assert screen.key == "booking.nowhere" and "Nachtopvang" in screen.text


async def test_stop_at_a_held_bed_frees_it_for_the_others(opening: Opening) -> None:
    talk = await opening(1)
    await talk.say("calltaker", *FIRE[:-1], "stop")
    (hold,) = await talk.every(Hold)
    assert hold.ended_at is not None
    assert own_choices(await talk.say("calltaker_2", "Wat is er nu vrij?")) == ["Nieuwe vraag"]
    assert "Woning 1" in (await talk.say("calltaker_2")).text


async def test_cancelled_and_looked_for_again(opening: Opening) -> None:
    talk = await opening(2)
    screen = await talk.say("calltaker", *FIRE, "Annuleer", "Ja, annuleer")
    assert screen.key == "night_desk.stopped"
    screen = await talk.say("calltaker", "Verder zoeken", "1", "Boek")
    assert screen.key == "booking.booked"


async def test_the_morning_in_the_chat(opening: Opening) -> None:
    talk = await opening(3)
    assert (await talk.say("support_worker")).key == "morning.nothing"
    await talk.say("calltaker", *FIRE)
    talk.clock.set(datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
    await talk.sweep.run(talk.clock.now())
    answers = await talk.chat.say(await talk.actor("support_worker"), "")
    assert [answer.key for answer in answers] == ["message.handover", "morning.list"]
    assert "1 volwassene en 2 kinderen kregen" in answers[0].text
    screen = await talk.say("support_worker", "1", "Wij nemen dit op, ik begeleid", "Eerste contact gehad")
    assert screen.key == "morning.case"
    screen = await talk.say("support_worker", "Open de pagina")
    assert [link["label"] for link in screen.links] == ["Alles over deze overdracht"]
    await talk.say("support_worker", "Hoe liep het af?", "Terug naar huis na bemiddeling", "Ja")
    (handover,) = await talk.every(Handover)
    assert handover.state is HandoverState.CLOSED
    assert handover.outcome is Outcome.HOME_AFTER_MEDIATION
    assert (await talk.say("support_worker", "stop")).key == "morning.nothing"


async def test_in_office_hours_a_contact_takes_one_connection(opening: Opening) -> None:
    talk = await opening(1)
    talk.clock.set(datetime(2026, 11, 30, 10, 0, tzinfo=UTC))
    # The record refuses a second connection to who holds one.
    assert (await talk.say("calltaker")).key == "desk.menu"


async def test_a_household_over_two_units_sees_both_named_and_arrives_in_both(opening: Opening) -> None:
    talk = await opening(3)
    screen = await talk.say("calltaker", *FIRE[:3], "3 volwassenen, 5 kinderen", *FIRE[4:12])
    assert own_choices(screen)[:2] == [
        "Woning 1, Izegem en Woning 2, Izegem",
        "Woning 1, Izegem en Woning 3, Izegem",
    ]
    screen = await talk.say("calltaker", "1")
    assert "• Woning 1, Izegem: 4 plaatsen\n• Woning 2, Izegem: 4 plaatsen" in screen.text
    screen = await talk.say("calltaker", "Boek")
    assert len({link["label"] for link in screen.links}) == 3
    assert (await talk.say("calltaker", "Ja, aangekomen")).key == "booking.arrived"
    assert [booking.arrival_known for booking in await talk.every(Booking)] == [True, True]


async def test_who_may_stay_on_is_spoken_with_before_noon_and_not_before_ten(opening: Opening) -> None:
    talk = await opening(3)
    await talk.say("calltaker", *FIRE, "Ja, aangekomen", "Verleng", "Ja, verleng")
    talk.clock.set(datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
    await talk.sweep.run(talk.clock.now())
    answers = await talk.chat.say(await talk.actor("support_worker"), "")
    assert answers[0].key == "message.handover_stays"
    assert "voor 12 uur" in answers[0].text and "voor 10 uur" not in answers[0].text


async def test_a_call_on_a_working_morning_says_how_short_the_stay_is(opening: Opening) -> None:
    talk = await opening(3)
    talk.clock.set(datetime(2026, 11, 30, 7, 1, tzinfo=UTC))
    screen = await talk.say("calltaker", *FIRE[:-1])
    assert screen.key == "night_desk.book"
    assert screen.text.startswith("Let op: dit loopt tot vanochtend 10 uur; om 8.30 uur openen de diensten.")


async def test_every_role_gets_a_screen(opening: Opening) -> None:
    talk = await opening(3)
    keys = {
        name: (await talk.say(name)).key
        for name in ("referrer", "unit_manager", "coordinator", "council", "admin")
    }
    assert keys == {
        "referrer": "referrer.no_requests",
        "unit_manager": "units.menu",
        "coordinator": "coordinator.menu",
        "council": "council.menu",
        "admin": "admin.menu",
    }


async def test_an_owner_says_what_changed_and_confirms_the_rest(opening: Opening) -> None:
    talk = await opening(3)
    screen = await talk.say("unit_manager", "Er is iets veranderd", "Woning 1: vrij", "Bezet")
    assert screen.text.startswith("Woning 1: genoteerd, bedankt.\nKlopt dit nog voor vannacht? 2 vrij")
    screen = await talk.say("unit_manager", "Ja, alles klopt")
    assert screen.text.startswith("Bedankt, alles is bevestigd voor vannacht.")
