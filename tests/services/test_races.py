"""Races on PostgreSQL, where writers do run side by side: locks and unique rules decide, nobody loses silently."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, text

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import make_engine
from crisispool.domain.booking import Booking, BookingPerson, BookingState, PersonNight, UnitNight
from crisispool.domain.care import CareCall
from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.errors import Refusal
from crisispool.domain.handover import Case, Handover, HandoverRecipient
from crisispool.domain.household import Person
from crisispool.domain.organisation import Colleague, Role, RoleGrant
from crisispool.domain.record import AuditEntry, Message
from crisispool.domain.request import Request
from crisispool.domain.unit import Unit
from crisispool.domain.weekend import WeekendLine
from crisispool.services.answers import BookingAnswer, PersonAnswer
from crisispool.services.asks import PersonAsk
from tests.support.clock import SteppingClock
from tests.support.databases import postgres_copy
from tests.support.night import JAN, Night, local, refusal
from tests.support.postgres import PostgresServer
from tests.support.region import load_region

pytestmark = pytest.mark.postgres

UNITS = ("iz-room", "in-studio", "wi-flat", "in-house", "iz-studio", "iz-house", "wi-house")


@pytest.fixture
async def url(postgres: PostgresServer) -> str:
    """A record of its own."""
    return await asyncio.to_thread(postgres_copy, postgres)


@pytest.fixture
async def night(url: str, keys: Keys, live_pool: RedisPool) -> AsyncIterator[Night]:
    """Monday evening on PostgreSQL, four processes."""
    engines = [make_engine(url) for _ in range(4)]
    made = Night(engines, keys, live_pool, SteppingClock(local("2026-11-23 20:00")))
    await load_region(made.store)
    await made.app.view.rebuild(made.clock.now())
    yield made
    for engine in engines:
        await engine.dispose()


async def test_twelve_processes_on_the_last_unit_make_one_booking(night: Night) -> None:
    await night.only_free("in-studio")
    requests = [await night.request() for _ in range(12)]
    # Without the live view, so that all of them meet at the record.
    await night.app.pool.rebuild([])
    done = await asyncio.gather(
        *(night.another_process().book(request, "in-studio") for request in requests), return_exceptions=True
    )
    assert sum(isinstance(each, BookingAnswer) for each in done) == 1
    refused = [each for each in done if isinstance(each, BaseException)]
    assert {getattr(no, "code", repr(no)) for no in refused} == {"unit_booked"}
    assert [len(await night.rows(kind)) for kind in (Booking, Case, UnitNight, PersonNight)] == [1, 1, 1, 1]


async def test_eight_bookings_of_one_person_at_once_never_pass_the_limit(night: Night) -> None:
    nights = [date(2026, 11, 23) + timedelta(days=n) for n in range(4)] * 2
    requests = [await night.request_of_jan() for _ in nights]
    done = await asyncio.gather(
        *(
            night.another_process().book(request, UNITS[n % 7], "coordinator", night=nights[n], nights=1)
            for n, request in enumerate(requests)
        ),
        return_exceptions=True,
    )
    refused = [each for each in done if isinstance(each, BaseException)]
    assert [no for no in refused if not isinstance(no, Refusal)] == []
    given = sorted(row.night for row in await night.rows(PersonNight))
    assert len(given) == len(set(given)) == 3


async def test_two_references_told_at_once_turn_out_to_be_one_person(night: Night) -> None:
    bookings = [await night.book(await night.request(), unit_id) for unit_id in UNITS[:4]]
    known = await asyncio.gather(*(night.another_process().identify(each, JAN) for each in bookings))
    assert sorted(each.known for each in known) == [False, True, True, True]
    assert len({person.canonical_id for person in await night.rows(Person)}) == 1


async def test_a_person_recognised_while_a_bed_is_booked_is_refused_or_alerted_never_missed(
    night: Night,
) -> None:
    for number, (one, other) in enumerate(((0, 1), (2, 3), (4, 5))):
        who = replace(JAN, given_name="Jan" + "abc"[number])
        unknown = await night.book(await night.request(), UNITS[one])
        known = await night.request(persons=(PersonAsk(identity=who),))
        booked, told = await asyncio.gather(
            night.another_process().book(known, UNITS[other]),
            night.another_process().identify(unknown, who),
            return_exceptions=True,
        )
        assert isinstance(told, PersonAnswer) and told.known
        refused = isinstance(booked, Refusal) and booked.code == "already_used"
        assert refused is not told.alert
        assert isinstance(booked, BookingAnswer) is told.alert


@pytest.mark.parametrize("what", ["request", "hold", "book"])
async def test_one_operation_sent_by_five_processes_at_once_has_one_effect(night: Night, what: str) -> None:
    request = await night.request()

    async def send(at: Night) -> object:
        if what == "request":
            return await at.request(op="same")
        if what == "hold":
            return await at.hold(request, "in-house", op="same")
        return await at.book(request, "in-house", op="same")

    answers = await asyncio.gather(*(send(night.another_process()) for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    actions = [row.action for row in await night.rows(AuditEntry)]
    assert actions.count({"request": "request.made", "hold": "unit.held", "book": "booking.made"}[what]) == (
        2 if what == "request" else 1
    )


async def test_four_sweeps_at_once_hand_over_once(night: Night) -> None:
    for unit_id in UNITS[:3]:
        await night.check_in(await night.book(await night.request(), unit_id))
    night.at("2026-11-24 11:00")
    for _ in range(3):
        await asyncio.gather(*(night.another_process().app.sweep.run() for _ in range(4)))
    assert [len(await night.rows(kind)) for kind in (Handover, HandoverRecipient)] == [3, 6]
    told = [(m.recipient_id, m.key, m.about_id) for m in await night.rows(Message)]
    assert len(told) == len(set(told)) == 3 + 3 * (2 + 1 + 2 + 1 + 3)
    assert all(case.handed_over_at for case in await night.rows(Case))


async def test_four_sweeps_at_once_ask_and_list_once(night: Night) -> None:
    await night.app.sweep.run()
    for booked, swept, units in (
        ("2026-11-26 20:00", "2026-11-27 13:30", UNITS[:3]),
        ("2026-11-27 20:00", "2026-11-28 18:30", UNITS[3:6]),
    ):
        night.at(booked)
        for unit_id in units:
            await night.book(await night.request(), unit_id)
        night.at(swept)
        for _ in range(2):
            await asyncio.gather(*(night.another_process().app.sweep.run() for _ in range(4)))
    assert [len(await night.rows(kind)) for kind in (WeekendLine, CareCall)] == [3, 6]
    told = [(m.recipient_id, m.key, m.about_id) for m in await night.rows(Message)]
    about_closed_days = [each for each in told if each[1].startswith(("message.care", "message.weekend"))]
    assert len(about_closed_days) == len(set(about_closed_days)) == 6 * (1 + 2) + 3 + 1


async def test_two_moves_that_cross_do_not_lock_each_other_up(night: Night) -> None:
    await night.only_free("iz-room", "in-studio", "wi-flat")
    bookings = [await night.book(await night.request(), each) for each in ("iz-room", "in-studio")]
    done = await asyncio.gather(
        *(night.another_process().move(booking) for booking in bookings), return_exceptions=True
    )
    assert sorted(getattr(each, "code", repr(each)) for each in done) == ["no_unit", "ok"]


async def test_a_sweep_and_a_booking_at_once_never_lose_a_case(night: Night) -> None:
    request = await night.request()
    await night.cancel(await night.book(request, "in-house"))
    night.at("2026-11-24 20:00")
    await asyncio.gather(
        night.another_process().book(request, "in-house"), night.another_process().app.sweep.run()
    )
    await night.until("2026-11-25 08:00")
    [handover] = await night.handovers()
    assert handover.due_at == local("2026-11-25 08:00")


async def until_all_wait(url: str, *doing: "asyncio.Task[BookingAnswer]") -> None:
    """Until each of these waits for a lock of somebody else, or is done."""
    lookout = make_engine(url)
    waiting = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    try:
        async with asyncio.timeout(10):
            while True:
                async with lookout.connect() as connection:
                    count = (await connection.run_sync(Connection.execute, waiting)).scalar_one()
                if count + sum(task.done() for task in doing) >= len(doing):
                    return
                await asyncio.sleep(0.01)
    finally:
        await lookout.dispose()


async def test_who_leaves_one_unit_while_the_other_moves_is_in_the_new_one(night: Night, url: str) -> None:
    request = await night.request(adults=4, children=3)
    first = await night.book(request, "wi-house", "coordinator", nights=1)
    second = await night.book(request, "in-house", "coordinator", persons=(), nights=1)
    async with night.store.transaction() as tx:
        await tx.lock(Unit, ["in-house"])
        moving = asyncio.create_task(night.another_process().move(second))
        await until_all_wait(url, moving)
        leaving = asyncio.create_task(night.another_process().check_out(first))
        await until_all_wait(url, moving, leaving)
    await asyncio.gather(moving, leaving)
    [live] = [row for row in await night.rows(Booking) if row.state == "booked"]
    assert len(await night.rows(BookingPerson, booking_id=live.id)) == len(first.persons)


async def test_who_asked_for_a_bed_does_not_move_people_who_come_in_at_that_moment(
    night: Night, url: str
) -> None:
    booking = await night.book(await night.request("referrer"), "in-house")
    async with night.store.transaction() as tx:
        [row] = await tx.lock(Booking, [booking.id])
        moving = asyncio.create_task(night.another_process().move(booking, by="referrer"))
        await until_all_wait(url, moving)
        inside = replace(row, state=BookingState.CHECKED_IN, arrival_known=True, arrived_at=night.clock.now())
        await tx.save(replace(inside, version=row.version + 1))
    assert (await refusal(moving)).code == "already_inside"
    assert [row.unit_id for row in await night.rows(Booking)] == ["in-house"]


async def test_of_four_who_take_a_shift_at_once_one_has_it_and_it_is_covered_once(night: Night) -> None:
    start, end = local("2026-12-24 17:00"), local("2026-12-25 06:00")
    colleagues = [f"extra_{n}" for n in range(3)]
    async with night.store.transaction() as tx:
        [one] = await tx.find(Colleague, id="calltaker_2")
        await tx.add(*(replace(one, id=each, label=each) for each in colleagues))
        await tx.add(*(RoleGrant(f"{each}:role", each, Role.CALLTAKER) for each in colleagues))
        # Whoever was on the roster for years is not in the way of this one evening.
        for shift in await tx.find(DutyShift, duty=Duty.CALLTAKER):
            await tx.save(replace(shift, ends_at=start))
        await tx.add(DutyShift("eve", "net", Duty.CALLTAKER, "calltaker", start, end))
    offer = await night.app.rosters.offer(await night.actor("calltaker"), night.op(), "eve")
    actors = [await night.actor(who) for who in colleagues]
    done = await asyncio.gather(
        *(
            night.another_process().app.rosters.accept(actor, f"accept-{actor.colleague_id}", offer.id)
            for actor in actors
        ),
        return_exceptions=True,
    )
    assert sorted(getattr(each, "code", getattr(each, "state", repr(each))) for each in done) == [
        "accepted",
        "shift_gone",
        "shift_gone",
    ]
    shifts = await night.rows(DutyShift, duty=Duty.CALLTAKER, starts_at=start)
    assert len(shifts) == 1 and shifts[0].colleague_id in colleagues


async def test_of_four_who_fill_a_gap_at_once_one_does_and_the_others_hear_who_has_it(night: Night) -> None:
    start, end = local("2029-03-01 17:00"), local("2029-03-02 06:00")
    coordinator = await night.actor("coordinator")
    done = await asyncio.gather(
        *(
            night.another_process().app.roster_gaps.fill(
                coordinator, f"fill-{n}", Duty.CALLTAKER, ("calltaker", "calltaker_2")[n % 2], start, end
            )
            for n in range(4)
        ),
        return_exceptions=True,
    )
    [shift] = await night.rows(DutyShift, starts_at=start)
    assert [each.who for each in done if not isinstance(each, BaseException)] == [shift.colleague_id]
    refused = [each for each in done if isinstance(each, Refusal)]
    assert [(each.code, each.facts["by"]) for each in refused] == [("gap_filled", shift.colleague_id)] * 3


async def test_an_offer_is_either_taken_or_taken_back(night: Night) -> None:
    start, end = local("2029-03-01 17:00"), local("2029-03-02 06:00")
    await night.add(DutyShift("eve", "net", Duty.CALLTAKER, "calltaker", start, end))
    offer = await night.app.rosters.offer(await night.actor("calltaker"), night.op(), "eve")
    mine, theirs = await night.actor("calltaker"), await night.actor("calltaker_2")
    done = await asyncio.gather(
        night.another_process().app.rosters.take_back(mine, "back", offer.id),
        night.another_process().app.rosters.accept(theirs, "take", offer.id),
        return_exceptions=True,
    )
    [shift] = await night.rows(DutyShift, starts_at=start)
    [no] = [each for each in done if isinstance(each, Refusal)]
    assert (no.code, no.facts["by"]) == ("shift_gone", shift.colleague_id)


async def test_of_two_who_are_taken_off_at_once_the_last_one_makes_the_gap(night: Night) -> None:
    start, end = local("2029-03-01 17:00"), local("2029-03-02 06:00")
    names = ("calltaker", "calltaker_2")
    await night.add(*(DutyShift(f"eve-{who}", "net", Duty.CALLTAKER, who, start, end) for who in names))
    coordinator = await night.actor("coordinator")
    done = await asyncio.gather(
        *(
            night.another_process().app.roster_gaps.take_off(coordinator, f"off-{who}", f"eve-{who}")
            for who in names
        ),
        return_exceptions=True,
    )
    assert [each.code for each in done if isinstance(each, Refusal)] == ["makes_gap"]


async def test_of_two_who_take_a_request_at_once_one_has_it_and_the_other_hears_who(night: Night) -> None:
    request = await night.request("referrer")
    names = ("calltaker", "calltaker_2")
    actors = [await night.actor(who) for who in names]
    done = await asyncio.gather(
        *(
            night.another_process().app.intake.take(actor, f"take-{actor.colleague_id}", request.id)
            for actor in actors
        ),
        return_exceptions=True,
    )
    [no] = [each for each in done if isinstance(each, Refusal)]
    [row] = await night.rows(Request)
    assert (no.code, no.facts["by"]) == ("already_taken", row.taken_by)
    told = [
        message for message in await night.rows(Message) if message.key.startswith("message.request_taken")
    ]
    assert len(told) == 1


async def test_of_two_who_go_off_duty_at_once_the_last_one_is_asked_again(night: Night) -> None:
    [first] = await night.rows(DutyShift, duty=Duty.CALLTAKER)
    await night.add(replace(first, id="second", colleague_id="calltaker_2"))
    names = ("calltaker", "calltaker_2")
    actors = [await night.actor(who) for who in names]
    done = await asyncio.gather(
        *(night.another_process().app.shifts.go_off(actor, f"off-{actor.colleague_id}") for actor in actors),
        return_exceptions=True,
    )
    assert [each.code for each in done if isinstance(each, Refusal)] == ["last_on_duty"]
