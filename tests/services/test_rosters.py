"""Rosters and shifts with the real services: given away, taken over, put in; on and off duty; what is in hand."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.booking import Booking
from crisispool.domain.duty import Duty, DutyShift, OfferState, ShiftOffer, gaps
from crisispool.domain.record import AuditEntry, Message
from crisispool.domain.request import Request
from crisispool.services.shifts import Shifts
from tests.services.talking import FIRE, NOW, Desk, desk
from tests.support.night import refusal

TONIGHT = (datetime(2026, 11, 27, 16, tzinfo=UTC), NOW + timedelta(hours=4))
TOMORROW = (datetime(2026, 11, 28, 16, tzinfo=UTC), datetime(2026, 11, 29, 5, tzinfo=UTC))
Opening = Callable[[], Awaitable[Desk]]


@pytest.fixture
def opening(store: SqlStore, keys: Keys, live_pool: RedisPool) -> Opening:
    """Tonight and tomorrow the first calltaker, behind them nobody; a coordinator on call."""

    async def open_() -> Desk:
        talk = await desk(store, keys, live_pool)
        async with store.transaction() as tx:
            await tx.add(
                DutyShift("tonight", "net", Duty.CALLTAKER, "calltaker", *TONIGHT),
                DutyShift("tomorrow", "net", Duty.CALLTAKER, "calltaker", *TOMORROW),
                DutyShift("on-call", "net", Duty.COORDINATOR, "coordinator", TONIGHT[0], TOMORROW[1]),
            )
        return talk

    return open_


async def covered(talk: Desk) -> list[tuple[str, datetime, datetime]]:
    """Who has which stretch at the desk, in order of time."""
    rows = await talk.every(DutyShift, duty=Duty.CALLTAKER, order=("starts_at",))
    return [(row.colleague_id, row.starts_at, row.ends_at) for row in rows]


async def told(talk: Desk, who: str) -> list[str]:
    """The keys of what somebody was told."""
    return sorted(row.key.removeprefix("message.") for row in await talk.every(Message, recipient_id=who))


async def test_the_roster_names_the_gaps_of_the_coming_nights(opening: Opening) -> None:
    talk = await opening()
    roster = await talk.errands.of_duty.rosters.roster(await talk.actor("calltaker"))
    assert len(roster.nights) == 14
    first, second, *_, last = roster.nights
    assert [(each.who, each.mine) for each in first.shifts] == [("calltaker", True), ("coordinator", False)]
    assert first.gaps == (Duty.BACKUP,)
    # Saturday begins at six, and the evening shift at five.
    assert second.gaps == (Duty.CALLTAKER, Duty.BACKUP)
    assert last.gaps == (Duty.CALLTAKER, Duty.BACKUP, Duty.COORDINATOR)


async def test_a_shift_is_given_away_and_the_first_who_takes_it_has_it(opening: Opening) -> None:
    talk = await opening()
    screen = await talk.say(
        "calltaker", "Wachtrooster", "Van mij: zaterdag 28 november, permanentie", "Wie eerst wil"
    )
    assert screen.text.startswith("Aangeboden.")
    assert await told(talk, "calltaker_2") == ["shift_offered"] and await told(talk, "calltaker") == []
    (message,) = await talk.every(Message, key="message.shift_offered")
    said = await talk.choose("calltaker_2", f"m.{message.id}.take_shift")
    assert said.key == "news.take_shift"
    assert await covered(talk) == [("calltaker", *TONIGHT), ("calltaker_2", *TOMORROW)]
    assert await told(talk, "calltaker") == await told(talk, "coordinator") == ["shift_passed"]
    (offer,) = await talk.every(ShiftOffer)
    assert (offer.state, offer.accepted_by) == (OfferState.ACCEPTED, "calltaker_2")
    actions = [row.action for row in await talk.every(AuditEntry)]
    assert actions.count("shift.offered") == actions.count("shift.taken_over") == 1


async def test_a_running_shift_is_covered_at_each_moment_by_one(opening: Opening) -> None:
    talk = await opening()
    rosters = talk.errands.of_duty.rosters
    offer = await rosters.offer(await talk.actor("calltaker"), "op-1", "tonight", "calltaker_2")
    assert await covered(talk) == [("calltaker", *TONIGHT), ("calltaker", *TOMORROW)], (
        "until somebody takes it"
    )
    talk.clock.set(NOW + timedelta(hours=1))
    await rosters.accept(await talk.actor("calltaker_2"), "op-2", offer.id)
    cut = NOW + timedelta(hours=1)
    assert (await covered(talk))[:2] == [("calltaker", TONIGHT[0], cut), ("calltaker_2", cut, TONIGHT[1])]
    assert gaps(await talk.every(DutyShift), Duty.CALLTAKER, *TONIGHT) == ()


async def test_what_is_offered_to_one_is_not_there_for_another(opening: Opening) -> None:
    talk = await opening()
    rosters = talk.errands.of_duty.rosters
    offer = await rosters.offer(await talk.actor("calltaker"), "op-1", "tomorrow", "calltaker_2")
    for who in ("calltaker", "coordinator"):
        assert (await refusal(rosters.accept(await talk.actor(who), "op-2", offer.id))).code == "not_there"
    assert (
        await refusal(rosters.offer(await talk.actor("calltaker_2"), "op-3", "tonight"))
    ).code == "not_there"
    no = await refusal(rosters.offer(await talk.actor("calltaker"), "op-4", "tomorrow"))
    assert no.code == "already_offered"


async def test_who_is_on_that_roster_then_already_does_not_take_a_second_place(opening: Opening) -> None:
    talk = await opening()
    rosters = talk.errands.of_duty.rosters
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("beside", "net", Duty.CALLTAKER, "calltaker_2", *TOMORROW))
    offer = await rosters.offer(await talk.actor("calltaker"), "op-1", "tomorrow")
    no = await refusal(rosters.accept(await talk.actor("calltaker_2"), "op-2", offer.id))
    assert no.code == "on_duty_then"
    put_in = rosters.substitute(await talk.actor("coordinator"), "op-3", "tomorrow", "calltaker_2")
    assert (await refusal(put_in)).code == "on_duty_then"
    assert ("calltaker", *TOMORROW) in await covered(talk)


async def test_who_stands_behind_the_desk_may_step_forward(opening: Opening) -> None:
    talk = await opening()
    rosters = talk.errands.of_duty.rosters
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("behind", "net", Duty.BACKUP, "calltaker_2", *TOMORROW))
    await rosters.substitute(await talk.actor("coordinator"), "op-1", "tomorrow", "calltaker_2")
    assert await covered(talk) == [("calltaker", *TONIGHT), ("calltaker_2", *TOMORROW)]


async def test_a_coordinator_puts_somebody_else_in_and_both_hear_it(opening: Opening) -> None:
    talk = await opening()
    screen = await talk.say("coordinator", "Wachtrooster", "Toon alle nachten")
    assert screen.key == "duty.nights"
    screen = await talk.say(
        "coordinator", "Vervang calltaker: zaterdag 28 november, permanentie", "calltaker_2"
    )
    assert screen.text.startswith("De wacht is nu van calltaker_2.")
    assert ("calltaker_2", *TOMORROW) in await covered(talk)
    assert await told(talk, "calltaker") == await told(talk, "calltaker_2") == ["shift_passed"]


async def test_a_shift_that_was_put_to_another_is_not_taken_by_an_old_offer(opening: Opening) -> None:
    talk = await opening()
    rosters = talk.errands.of_duty.rosters
    offer = await rosters.offer(await talk.actor("calltaker"), "op-1", "tomorrow")
    await rosters.substitute(await talk.actor("coordinator"), "op-2", "tomorrow", "calltaker_2")
    no = await refusal(rosters.accept(await talk.actor("calltaker_2"), "op-3", offer.id))
    assert (no.code, no.facts) == ("shift_gone", {"by": "calltaker_2"})


async def test_a_shift_that_is_over_is_not_given_away(opening: Opening) -> None:
    talk = await opening()
    talk.clock.set(TONIGHT[1])
    no = await refusal(talk.errands.of_duty.rosters.offer(await talk.actor("calltaker"), "op-1", "tonight"))
    assert no.code == "shift_over"


async def test_one_operation_sent_again_offers_once(opening: Opening) -> None:
    talk = await opening()
    rosters, actor = talk.errands.of_duty.rosters, await talk.actor("calltaker")
    assert await rosters.offer(actor, "op-1", "tomorrow") == await rosters.offer(actor, "op-1", "tomorrow")
    assert len(await talk.every(ShiftOffer)) == 1


async def test_who_goes_on_duty_is_so_until_the_night_ends_or_the_next_one_comes(opening: Opening) -> None:
    talk = await opening()
    screen = await talk.say("calltaker_2", "Mijn wacht", "Begin mijn wacht")
    assert screen.key == "shift.on" and "tot zaterdag 28 november, 6 uur" in screen.text
    assert "Ook op wacht: calltaker." in screen.text
    again = await talk.errands.of_duty.shifts.go_on(await talk.actor("calltaker_2"), "op-1")
    assert again.on and len(await talk.every(DutyShift, colleague_id="calltaker_2")) == 1


async def test_who_goes_on_before_the_next_shift_stops_where_it_begins(opening: Opening) -> None:
    talk = await opening()
    talk.clock.set(TOMORROW[0] - timedelta(hours=1))
    on = await talk.errands.of_duty.shifts.go_on(await talk.actor("calltaker_2"), "op-1")
    assert on.until == TOMORROW[0]


async def test_the_last_one_at_the_desk_says_twice_that_they_stop(opening: Opening) -> None:
    talk = await opening()
    screen = await talk.say("calltaker", "Mijn wacht", "Stop mijn wacht")
    assert screen.key == "shift.last" and await told(talk, "coordinator") == []
    assert (await talk.say("calltaker", "Nee, ik blijf")).key == "shift.on"
    await talk.say("calltaker", "Stop mijn wacht")
    screen = await talk.say("calltaker", "Toch stoppen")
    assert screen.key == "shift.off"
    assert await told(talk, "coordinator") == ["desk_empty"]
    assert ("calltaker", TONIGHT[0], NOW) in await covered(talk)


async def test_who_is_not_the_last_stops_at_once(opening: Opening) -> None:
    talk = await opening()
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("beside", "net", Duty.CALLTAKER, "calltaker_2", *TONIGHT))
    screen = await talk.say("calltaker", "Mijn wacht", "Stop mijn wacht")
    assert screen.key == "shift.off" and await told(talk, "coordinator") == []


async def test_who_has_the_week_is_asked_again_although_somebody_is_there_tonight(opening: Opening) -> None:
    talk = await opening()
    week = DutyShift("week", "net", Duty.CALLTAKER, "calltaker", NOW, NOW + timedelta(days=5))
    async with talk.store.transaction() as tx:
        await tx.remove(*await tx.find(DutyShift, colleague_id="calltaker"))
        await tx.add(week)
    shifts, actor = talk.errands.of_duty.shifts, await talk.actor("calltaker")
    other = await shifts.go_on(await talk.actor("calltaker_2"), "op-1")
    talk.clock.advance(timedelta(minutes=1))
    no = await refusal(shifts.go_off(actor, "op-2"))
    assert other.until and no.facts == {"since": other.until.isoformat(), "until": week.ends_at.isoformat()}
    await shifts.go_off(actor, "op-3", sure=True)
    assert await told(talk, "coordinator") == ["roster_gap"], "the desk is not empty yet"
    # A Wednesday, in office hours: nobody is needed now, and nobody is there in the evening.
    talk.clock.set(datetime(2026, 12, 2, 10, tzinfo=UTC))
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("more", "net", Duty.CALLTAKER, "calltaker", NOW, NOW + timedelta(days=9)))
    assert (await refusal(shifts.go_off(actor, "op-4"))).code == "last_on_duty"


async def test_all_that_is_in_hand_goes_to_a_colleague_in_one_tap(opening: Opening) -> None:
    talk = await opening()
    await talk.errands.of_duty.shifts.go_on(await talk.actor("calltaker_2"), "op-1")
    await talk.say("calltaker", *FIRE, "Naar het menu", *FIRE[:3], "1 vrouw", *FIRE[4:12])
    screen = await talk.say("calltaker", "stop", "Later verder")
    screen = await talk.say("calltaker", "Mijn wacht")
    assert "In jouw handen: 1 open vraag, 1 bed zonder aankomst, 0 bedden vastgelegd." in screen.text
    screen = await talk.say("calltaker", "Geef alles door", "calltaker_2")
    assert screen.text.startswith("Doorgegeven aan calltaker_2.")
    assert [row.by for row in await talk.every(Booking)] == ["calltaker_2"]
    assert [row.taken_by for row in await talk.every(Request, state="open")] == ["calltaker_2"]
    (message,) = await talk.every(Message, key="message.shift_given")
    assert (message.recipient_id, message.facts["requests"], message.facts["bookings"]) == (
        "calltaker_2",
        1,
        1,
    )
    assert (await talk.choose("calltaker_2", f"m.{message.id}.shift")).key == "shift.on"


async def test_a_bed_where_people_hide_stays_with_who_gave_it_and_the_desk_is_asked(opening: Opening) -> None:
    talk = await opening()
    hiding = ("1 vrouw", "Ingelmunster", "Geweld of bedreiging", "Klaar", *FIRE[6:])
    await talk.say("calltaker", *FIRE[:3], *hiding)
    shifts: Shifts = talk.errands.of_duty.shifts
    await shifts.go_on(await talk.actor("calltaker_2"), "op-1")
    no = await refusal(shifts.give(await talk.actor("calltaker"), "op-2", "calltaker_2"))
    assert no.code == "nothing_in_hand"
    await shifts.go_off(await talk.actor("calltaker"), "op-3", sure=True)
    talk.clock.set(NOW + timedelta(minutes=16))
    await talk.sweep.run()
    assert "arrival_question" in await told(talk, "calltaker_2")
    assert [row.by for row in await talk.every(Booking)] == ["calltaker"]


async def test_only_who_takes_calls_has_a_shift_and_only_a_coordinator_puts_in(opening: Opening) -> None:
    talk = await opening()
    duty, referrer = talk.errands.of_duty, await talk.actor("referrer")
    for doing in (
        duty.shifts.view(referrer),
        duty.rosters.roster(referrer),
        duty.shifts.go_on(referrer, "op-1"),
    ):
        assert (await refusal(doing)).code == "not_your_role"
    put_in = duty.rosters.substitute(await talk.actor("calltaker"), "op-2", "tomorrow", "calltaker_2")
    assert (await refusal(put_in)).code == "not_your_role"


async def test_the_menu_says_how_much_is_open(opening: Opening) -> None:
    talk = await opening()
    assert "Open vragen" not in (await talk.say("calltaker")).text
    await talk.say("calltaker_2", *FIRE[:12])
    assert "Open vragen: 0 nog vrij, 1 in behandeling." in (await talk.say("coordinator")).text
