"""No request waits unseen: until a bed or a reason it has a next step, with a time and somebody who is told."""

from collections.abc import Sequence
from typing import Any

import pytest

from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.organisation import Network
from crisispool.domain.record import AuditEntry, Message
from crisispool.domain.request import Request, RequestState
from crisispool.texts.render import render
from tests.support.night import Night, local, refusal


async def next_of(night: Night) -> list[tuple[str | None, str | None]]:
    """What every open request waits for, and when."""
    rows = await night.rows(Request, state=RequestState.OPEN)
    return [
        (row.next_step, f"{night.brussels(row.next_action_at):%d %H:%M}" if row.next_action_at else None)
        for row in rows
    ]


async def test_a_request_nobody_takes_goes_on_after_five_ten_and_fifteen_minutes(night: Night) -> None:
    await night.request("referrer")
    seen, told = 0, {}
    for moment in ("02:04", "02:08", "02:09", "02:13", "02:14", "02:18", "02:19", "07:00"):
        await night.until(f"2026-11-28 {moment}")
        every = await night.told()
        told[moment], seen = every[seen:], len(every)
        assert await next_of(night) != [(None, None)]
    assert {moment: each for moment, each in told.items() if each} == {
        "02:04": [("calltaker", "request_desk")],
        "02:09": [("calltaker_2", "request_backup"), ("referrer", "request_told_backup")],
        "02:14": [("coordinator", "request_coordinator"), ("referrer", "request_told_coordinator")],
        "02:19": [("referrer", "request_fallback")],
    }
    assert await next_of(night) == [("undecided", "28 17:00")]
    # The night is marked: the desk could not be reached.
    assert len(await night.rows(AuditEntry, action="request.fallback")) == 1
    await night.until("2026-12-01 09:00")
    assert await night.told("request_overdue") == [("coordinator", "request_overdue")] * 2


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        (
            (Duty.CALLTAKER,),
            {
                "02:04": [("calltaker_2", "request_backup"), ("referrer", "request_told_backup")],
                "02:14": [("coordinator", "request_coordinator"), ("referrer", "request_told_coordinator")],
                "02:19": [("referrer", "request_fallback")],
            },
        ),
        (
            (Duty.CALLTAKER, Duty.BACKUP),
            {
                "02:04": [("coordinator", "request_coordinator"), ("referrer", "request_told_coordinator")],
                "02:19": [("referrer", "request_fallback")],
            },
        ),
        (
            (Duty.BACKUP,),
            {
                "02:04": [("calltaker", "request_desk")],
                "02:09": [("coordinator", "request_coordinator"), ("referrer", "request_told_coordinator")],
                "02:19": [("referrer", "request_fallback")],
            },
        ),
        (
            # Nobody waits for a coordinator who is not on call; all of them hear it.
            (Duty.BACKUP, Duty.COORDINATOR),
            {
                "02:04": [("calltaker", "request_desk")],
                "02:09": [("coordinator", "request_coordinator"), ("referrer", "request_fallback")],
            },
        ),
        (
            tuple(Duty),
            {"02:04": [("coordinator", "request_coordinator"), ("referrer", "request_fallback")]},
        ),
    ],
)
async def test_a_step_at_which_nobody_is_there_goes_on_to_the_next_at_once(
    night: Night, gone: Sequence[Duty], expected: dict[str, list[tuple[str, str]]]
) -> None:
    async with night.store.transaction() as tx:
        for duty in gone:
            await tx.remove(*await tx.find(DutyShift, duty=duty))
    request = await night.request("referrer")
    seen, told = 0, {}
    for minute in range(4, 25):
        await night.until(f"2026-11-28 02:{minute:02}")
        every = await night.told()
        told[f"02:{minute:02}"], seen = every[seen:], len(every)
    assert {moment: each for moment, each in told.items() if each} == expected
    assert await next_of(night) == [("undecided", "28 17:00")]
    # Who asked knows which number to call and when the next hears of it.
    for message in await night.rows(Message, recipient_id="referrer"):
        assert "051 00 00 00" in render(message.key, message.facts)
    told_backup = [m for m in await night.rows(Message) if m.key == "message.request_told_backup"]
    assert ["2.14 uur" in render(m.key, m.facts) for m in told_backup] == [True] * len(told_backup)
    assert (await night.app.intake.view(await night.actor("referrer"), request.id)).next_step == "undecided"


async def test_who_took_a_request_and_went_home_is_skipped_for_the_desk(night: Night) -> None:
    request = await night.request("referrer")
    await night.app.intake.take(await night.actor("calltaker_2"), night.op(), request.id)
    async with night.store.transaction() as tx:
        await tx.remove(*await tx.find(DutyShift, colleague_id="calltaker_2"))
    await night.until("2026-11-28 02:30")
    assert set(await night.told("request_bed")) == {
        ("calltaker", "request_bed"),
        ("calltaker_2", "request_bed"),
    }


async def test_a_request_that_is_taken_stops_waiting_for_a_taker(night: Night) -> None:
    request = await night.request("referrer")
    await night.until("2026-11-28 02:06")
    take = night.app.intake.take
    await take(await night.actor("calltaker_2"), night.op(), request.id)
    no = await refusal(take(await night.actor("calltaker"), night.op(), request.id))
    assert (no.code, no.facts["by"]) == ("already_taken", "calltaker_2")
    await night.until("2026-11-28 02:20")
    assert await night.told() == [("calltaker", "request_desk"), ("referrer", "request_taken")]
    assert await next_of(night) == [("bed", "28 02:21")]
    await night.until("2026-11-28 02:21")
    assert await night.told("request_bed") == [("calltaker_2", "request_bed")]


async def test_an_early_registration_counts_from_the_start_of_the_shift(night: Night) -> None:
    night.at("2026-11-30 15:10")
    request = await night.request("worker_izegem")
    assert (request.office_hours, request.night.isoformat()) == (True, "2026-11-30")
    await night.until("2026-11-30 16:59")
    # That afternoon the owners hear their own question, and the desk that its paper is ready.
    assert {key for _, key in await night.told()} == {"units_round", "night_list"}
    await night.until("2026-11-30 17:00")
    assert [each for each in await night.told() if each[1] not in ("units_round", "night_list")] == [
        ("calltaker", "request_desk")
    ]
    await night.until("2026-11-30 17:06")
    assert await night.told("request_backup") == [("calltaker_2", "request_backup")]


async def test_who_is_intoxicated_is_paused_until_six_and_called_back_not_refused(night: Night) -> None:
    request = await night.request()
    checked = await night.screen(request, unsafe="intoxicated")
    assert (checked.result, checked.pause_until) == ("pause", local("2026-11-28 06:00"))
    no = await refusal(night.book(request, "in-house"))
    assert (no.code, no.facts["failed"]) == ("screening_failed", ["intoxicated"])
    assert await next_of(night) == [("call_back", "28 06:00")]
    await night.until("2026-11-28 06:00")
    assert await night.told() == [("calltaker", "request_call_back")]
    assert (await night.screen(request, unsafe="none")).result == "ok"
    assert (await night.book(request, "in-house")).state == "booked"
    assert await next_of(night) == []


async def undecided(night: Night) -> list[tuple[str, str]]:
    rows = await night.rows(Message, key="message.request_undecided", order=("at", "recipient_id"))
    return [(row.recipient_id, f"{night.brussels(row.at):%d %H:%M}") for row in rows]


async def test_a_pause_that_nobody_ends_is_told_to_the_coordinator_and_every_evening_of_the_weekend(
    night: Night,
) -> None:
    request = await night.request()
    await night.screen(request, unsafe="intoxicated")
    await night.until("2026-11-28 06:00")
    assert await next_of(night) == [("undecided", "28 06:15")]
    await night.until("2026-11-30 07:59")
    assert await undecided(night) == [
        (who, moment)
        for moment in ("28 06:15", "28 17:00", "29 17:00")
        for who in ("calltaker", "coordinator")
    ]
    assert await next_of(night) == [("overdue", "30 08:00")]
    await night.until("2026-12-04 07:59")
    assert len(await night.told("request_overdue")) == 4
    # The next weekend comes.
    await night.until("2026-12-04 17:00")
    assert (await undecided(night))[6:] == [("calltaker", "04 17:00"), ("coordinator", "04 17:00")]
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_request_that_was_taken_and_gets_no_bed_goes_to_the_coordinator(night: Night) -> None:
    request = await night.request("referrer")
    await night.app.intake.take(await night.actor("calltaker_2"), night.op(), request.id)
    await night.until("2026-11-28 12:00")
    assert await night.told("request_bed") == [("calltaker_2", "request_bed")]
    assert await undecided(night) == [("calltaker", "28 02:34"), ("coordinator", "28 02:34")]
    assert await next_of(night) == [("undecided", "28 17:00")]


async def test_before_a_working_day_it_is_the_same_morning(night: Night) -> None:
    night.at("2026-12-01 02:00")
    await night.screen(await night.request(), unsafe="intoxicated")
    await night.until("2026-12-01 07:00")
    assert await next_of(night) == [("overdue", "01 08:00")]


async def test_an_early_registration_that_is_taken_early_is_decided_in_the_shift(night: Night) -> None:
    night.at("2026-11-30 15:10")
    request = await night.request("worker_izegem")
    await night.app.intake.take(await night.actor("calltaker"), night.op(), request.id)
    await night.until("2026-11-30 16:00")
    assert await next_of(night) == [("undecided", "30 17:15")]


async def test_a_failing_answer_refuses_redirects_or_offers_another_way(night: Night) -> None:
    request = await night.request()
    for answer, result, code in (
        ("aggressive", "refuse", "aggression"),
        ("minor", "redirect", "minor_alone"),
    ):
        checked = await night.screen(request, unsafe=answer)
        assert (checked.result, checked.refusal) == (result, code)
        assert (await refusal(night.book(request, "in-house"))).code == "screening_failed"
        night.later(minutes=1)
    await night.screen(request, unsafe="none")
    assert (await night.book(request, "in-house")).state == "booked"


async def test_a_refused_or_withdrawn_request_waits_for_nothing(night: Night) -> None:
    first, second = await night.request("referrer"), await night.request("referrer", adults=2)
    await night.refuse(first, contact=False)
    referrer = await night.actor("referrer")
    await night.app.intake.withdraw(referrer, night.op(), second.id)
    await night.until("2026-11-28 08:00")
    assert await night.told() == [
        ("calltaker", "request_desk"), ("calltaker", "request_desk"), ("referrer", "refused"),
    ]  # fmt: skip
    assert (await refusal(night.book(second, "in-house"))).code == "request_closed"
    assert (await refusal(night.refuse(first))).code == "request_closed"
    booked = await night.request("referrer")
    await night.book(booked, "in-house")
    no = await refusal(night.app.intake.withdraw(referrer, night.op(), booked.id))
    assert no.code == "booked_already"


async def test_the_same_people_asked_for_twice_are_noticed(night: Night) -> None:
    first = await night.request("referrer", children=2)
    second = await night.request(children=2)
    assert second.same_household == (first.reference,)
    assert (await night.request(children=1)).same_household == ()
    night.later(hours=7)
    assert (await night.request(children=2)).same_household == ()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"origin": "99999"}, "origin"),
        ({"whereabouts": "none"}, "whereabouts"),
        ({"avoid": ("36008", "1")}, "avoid"),
        ({"adults": 0}, "adults"),
        ({"referrer": "nobody"}, "referrer"),
        ({"night": local("2026-11-26 00:00").date()}, "night"),
    ],
)
async def test_a_request_that_cannot_be_meant_changes_nothing(
    night: Night, fields: dict[str, Any], field: str
) -> None:
    no = await refusal(night.request(**fields))
    assert (no.code, no.facts["field"]) == ("bad_input", field)
    assert await night.rows(Request) == []


async def test_outside_training_only_who_is_on_duty_takes_calls(night: Night) -> None:
    request = await night.request("referrer")
    booking = await night.book(await night.request("referrer"), "in-house")
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(
            Network(network.id, network.name, network.reference_prefix, "", network.caw_id, 1, training=False)
        )
    night.at("2029-01-02 02:00")
    desk = await night.actor("calltaker")
    for doing in (
        night.request(),
        night.screen(request, danger="no"),
        night.refuse(request),
        night.hold(request, "in-studio"),
        night.book(request, "in-studio"),
        night.extend(booking),
        night.move(booking),
        night.check_in(booking),
        night.identify(booking, by="calltaker"),
        night.say("in-house", "confirmed", "calltaker"),
        night.search(request),
        night.app.intake.take(desk, night.op(), request.id),
        night.app.intake.view(desk, request.id),
        night.app.intake.open(desk),
        night.app.bookings.mine(desk),
        night.app.pages.link(desk, night.op(), "contact", request.id),
        night.app.pages.link(desk, night.op(), "identity", booking.id),
    ):
        assert (await refusal(doing)).code == "not_on_duty"
    night.at("2026-11-28 03:00")
    assert (await night.book(request, "in-studio", "calltaker_2")).state == "booked"
