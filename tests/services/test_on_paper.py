"""Bookings that stood on paper: entered with their true moment, and what is then done at once or left out."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from crisispool.domain.booking import Booking
from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.errors import Refusal
from crisispool.domain.handover import Case, Handover, HandoverStep
from crisispool.domain.on_paper import PaperBooking
from crisispool.domain.organisation import Network
from crisispool.domain.record import AuditEntry
from crisispool.domain.request import Request, RequestKind, RequestNote, Screening
from crisispool.domain.unit import Turnover
from crisispool.services.asks import Override
from crisispool.services.on_paper import PaperAnswer
from crisispool.services.on_paper_rows import PaperAsk, PaperState
from tests.support.night import FRIDAY, MONDAY, SATURDAY, SUNDAY, Night, day, local, refusal

GIVEN_AT = local("2026-11-27 23:10")


async def enter(night: Night, by: str = "calltaker", *, op: str | None = None, **fields: Any) -> PaperAnswer:
    """One line of the paper: a bed given on Friday evening, unless told otherwise."""
    ask: dict[str, Any] = {
        "happened_at": GIVEN_AT,
        "paper": "P-1",
        "unit_id": "in-house",
        "adults": 1,
        "children": 2,
        "kind": RequestKind.FIRE_WATER_CLOSED,
        "referrer": "police",
        "origin": "36007",
        "checked": True,
        **fields,
    }
    return await night.app.on_paper.enter(await night.actor(by), night.op(op), PaperAsk(**ask))


async def unbroken(night: Night) -> None:
    """Nothing is wrong with the record."""
    assert await night.app.invariants.record(night.clock.now()) == []


async def test_a_line_of_last_night_is_a_booking_of_last_night_with_both_moments_on_record(
    night: Night,
) -> None:
    night.at("2026-11-28 12:00")
    answer = await enter(night, op="line-1", phone="051 00 11 22")
    assert (answer.paper, answer.night, answer.checkout) == ("P-1", FRIDAY, MONDAY)
    assert await enter(night, op="line-1", phone="051 00 11 22") == answer
    await unbroken(night)
    [booking] = await night.rows(Booking)
    [request] = await night.rows(Request)
    [case] = await night.rows(Case)
    assert booking.nights == (FRIDAY, SATURDAY, SUNDAY)
    assert booking.at == request.created_at == case.opened_at == GIVEN_AT
    [checked] = await night.rows(Screening)
    assert (checked.result, checked.at) == ("ok", GIVEN_AT)
    [note] = await night.rows(RequestNote)
    assert (note.purpose, note.text.reveal()) == ("caller", "051 00 11 22")
    [entry] = await night.rows(AuditEntry, action="booking.on_paper")
    happened, entered = (
        datetime.fromisoformat(str(entry.details[f"{name}_at"])) for name in ("happened", "entered")
    )
    assert (happened, entered, entry.at) == (GIVEN_AT, night.clock.now(), entered)
    assert (await night.unit("in-house")).status == "booked"
    await night.until("2026-11-28 15:00")
    assert await night.told() == [("ocmw_ingelmunster", "booking_to_owner")], (
        "nobody is asked about an hour ago"
    )
    await night.until("2026-11-30 08:00")
    assert len(await night.handovers()) == 1


async def test_questions_that_are_still_to_come_are_asked(night: Night) -> None:
    night.at("2026-11-28 00:30")
    await enter(night, happened_at=local("2026-11-27 23:50"))
    await night.until("2026-11-28 03:00")
    assert await night.told("arrival_question") == [("calltaker", "arrival_question")]
    [booking] = await night.rows(Booking)
    assert booking.arrival_asked == 2


async def test_a_handover_that_fell_due_meanwhile_is_delivered_in_the_same_step_and_its_morning_is_not_made_up_for(
    night: Night,
) -> None:
    night.at("2026-11-30 11:00")
    await enter(night)
    await unbroken(night)
    [handover] = await night.rows(Handover)
    assert (handover.next_step, handover.next_action_at) == (
        HandoverStep.CONTACT_OVERDUE,
        local("2026-11-30 12:00"),
    )
    await night.until("2026-11-30 11:30")
    told = await night.told(
        "handover", "handover_left", "handover_stays", "handover_backup", "handover_coordinator"
    )
    assert sorted(told) == [("caw", "handover"), ("ocmw_ingelmunster", "handover")]
    assert await night.told("booking_to_owner", "checkout_question_owner") == []
    await night.until("2026-11-30 12:05")
    assert await night.told("contact_overdue") == [("coordinator", "contact_overdue")]


async def test_a_line_of_days_ago_alarms_the_coordinator_once_and_nobody_about_the_past(night: Night) -> None:
    night.at("2026-12-02 14:00")
    await enter(night)
    await unbroken(night)
    await night.until("2026-12-02 16:00")
    told = {key for _, key in await night.told()}
    assert told & {"arrival_question", "booking_to_owner", "owner_morning", "handover_backup"} == set()
    assert await night.told("contact_overdue") == [("coordinator", "contact_overdue")]
    assert "checkout_question_owner" not in told, "whether they left is asked at the next ten o'clock"
    await night.until("2026-12-03 10:05")
    assert ("ocmw_ingelmunster", "checkout_question_owner") in await night.told()


async def test_who_left_is_entered_as_gone_and_the_dwelling_is_to_be_made_ready(night: Night) -> None:
    night.at("2026-11-30 11:00")
    await enter(night, left_on=SUNDAY)
    await unbroken(night)
    [booking] = await night.rows(Booking)
    assert (booking.state, booking.nights) == ("checked_out", (FRIDAY, SATURDAY))
    assert (await night.unit("in-house")).status == "turnover"
    assert await night.told("booking_to_owner", "left") == [("ocmw_ingelmunster", "left")]
    await night.until("2026-12-01 10:30")
    assert await night.told("checkout_question", "checkout_question_owner") == []
    for left, problem in ((FRIDAY, "left_then"), (FRIDAY + timedelta(days=9), "in_the_future")):
        no = await refusal(enter(night, paper="P-2", unit_id="iz-house", left_on=left))
        assert (no.facts["field"], no.facts["problem"]) == ("left_on", problem)


async def test_who_left_before_the_bed_was_given_anew_is_in_nobodys_way(night: Night) -> None:
    night.at("2026-11-28 21:00")
    await night.book(await night.request(adults=2), "in-house")
    night.at("2026-11-30 11:00")
    await night.app.sweep.run()
    assert (await refusal(enter(night))).code == "paper_unit_booked"
    await enter(night, left_on=SATURDAY)
    await unbroken(night)
    assert (await night.unit("in-house")).status == "booked", "who sleeps there now is left alone"
    assert await night.told("left") == []


async def test_who_may_be_there_still_is_in_no_dwelling_that_somebody_else_has_since(night: Night) -> None:
    given = local("2026-11-30 23:10")
    night.at("2026-12-01 21:00")
    await night.book(await night.request(adults=2), "in-house")
    held = await night.hold(await night.request(adults=2, children=1), "iz-house")
    await night.say("iz-studio", "occupied")
    await night.book(await night.request(adults=1, night=day("2026-12-02")), "in-studio")
    night.later(minutes=1)
    codes = {}
    for unit in ("in-house", "iz-house", "iz-studio"):
        family = 0 if unit == "iz-studio" else 2
        ask: dict[str, Any] = {"happened_at": given, "unit_id": unit, "children": family}
        codes[unit] = (await refusal(enter(night, **ask))).code
        codes[unit] += ":" + (await refusal(enter(night, **ask, state=PaperState.INSIDE))).code
    assert codes == {
        "in-house": "paper_unit_booked:paper_unit_booked",
        "iz-house": "paper_unit_booked:paper_unit_booked",
        "iz-studio": "unit_occupied:unit_occupied",
    }
    await night.book_held(held)
    await enter(night, happened_at=given, left_on=day("2026-12-01"))
    await enter(night, happened_at=given, unit_id="in-studio", children=0, paper="P-2")
    assert (await night.unit("in-studio")).status == "booked", "a bed for a later night is in nobody's way"


async def test_until_the_hour_of_leaving_a_bed_for_the_evening_after_is_in_nobodys_way(night: Night) -> None:
    night.at("2026-12-01 21:00")
    for unit in ("in-house", "iz-house"):
        await night.book(await night.request(adults=2, night=day("2026-12-02")), unit)
    line: dict[str, Any] = {"happened_at": local("2026-12-01 23:10"), "state": PaperState.INSIDE}
    night.at("2026-12-02 09:59")
    await enter(night, **line)
    night.at("2026-12-02 10:00")
    assert (await refusal(enter(night, **line, unit_id="iz-house", paper="P-2"))).code == "paper_unit_booked"
    await unbroken(night)


async def test_nobody_is_sent_to_clean_where_others_live_since_people_who_hid_left(night: Night) -> None:
    night.at("2026-12-01 21:00")
    others = await night.book(await night.request(adults=2), "in-house")
    night.at("2026-12-02 11:00")
    hid: dict[str, Any] = {
        "kind": RequestKind.VIOLENCE,
        "origin": None,
        "happened_at": local("2026-11-30 23:10"),
    }
    await enter(night, left_on=day("2026-12-01"), **hid)
    assert (await night.unit("in-house")).status == "booked" and await night.told("left") == []
    await night.check_out(others)
    [turnover] = await night.rows(Turnover, done_at=None)
    assert turnover.key_code_must_change, "the code is still known to who hid there"
    assert await night.told("left") == [("ocmw_ingelmunster", "left")]


async def test_the_same_line_twice_is_said_and_not_doubled(night: Night) -> None:
    night.at("2026-11-28 12:00")
    answer = await enter(night)
    no = await refusal(enter(night, by="coordinator", unit_id="iz-house"))
    assert (no.code, no.facts["reference"], no.facts["by"]) == (
        "paper_entered",
        answer.reference,
        "calltaker",
    )
    assert len(await night.rows(Booking)) == 1
    night.at("2026-11-28 23:00")
    again = await enter(night, happened_at=local("2026-11-28 20:00"), unit_id="iz-house")
    assert again.night == SATURDAY, "the sheet of the next night begins with P-1 again"
    assert [each.night for each in await night.app.on_paper.entered(await night.actor("calltaker"))] == [
        SATURDAY,
        FRIDAY,
    ]


async def test_a_line_that_was_entered_wrong_and_taken_back_is_entered_anew(night: Night) -> None:
    night.at("2026-11-28 09:00")
    await enter(night)
    [wrong] = await night.rows(Booking)
    seen = await night.app.bookings.view(await night.actor("calltaker"), wrong.id)
    await night.no_show(seen)
    right = await enter(night, unit_id="iz-house", op="right")
    assert await enter(night, unit_id="iz-house", op="right") == right
    [paper] = await night.rows(PaperBooking)
    assert [each.id for each in await night.rows(Booking, unit_id="iz-house")] == [paper.booking_id]
    assert (await refusal(enter(night, unit_id="in-house"))).code == "paper_entered"
    assert len(await night.rows(AuditEntry, action="booking.on_paper")) == 2
    await unbroken(night)


async def test_a_dwelling_that_somebody_else_got_meanwhile_stays_theirs(night: Night) -> None:
    taken = await night.book(await night.request(adults=2), "in-house")
    night.at("2026-11-28 12:00")
    no = await refusal(enter(night))
    assert no.code == "paper_unit_booked"
    assert [each.id for each in await night.rows(Booking)] == [taken.id]
    assert len(await night.rows(Request)) == 1 and await night.rows(PaperBooking) == []
    await night.say("iz-house", "occupied")
    assert (await refusal(enter(night, unit_id="iz-house"))).code == "unit_occupied"
    await night.say("iz-studio", "turnover")
    assert (await refusal(enter(night, unit_id="iz-studio"))).code == "paper_unit_turnover"
    await unbroken(night)


async def test_beyond_the_limit_the_coordinator_alone_enters_it_with_a_reason(night: Night) -> None:
    night.at("2026-11-28 12:00")
    for by, override in (("calltaker", None), ("calltaker", Override("vader")), ("coordinator", None)):
        no = await refusal(enter(night, by=by, slept_before=3, override=override))
        assert no.code == "stay_limit"
    await enter(night, by="coordinator", slept_before=3, override=Override("ze sliepen er al", "An"))
    [booking] = await night.rows(Booking)
    assert booking.overridden
    await unbroken(night)


async def test_people_who_are_there_already_are_pointed_out(night: Night) -> None:
    asked = await night.request(children=2)
    night.at("2026-11-28 12:00")
    at = local("2026-11-28 01:30")
    no = await refusal(enter(night, happened_at=at))
    assert (no.code, no.facts["references"]) == ("paper_alike", [asked.reference])
    await enter(night, happened_at=at, other_people=True)
    await enter(night, happened_at=local("2026-11-28 09:30"), paper="P-2", unit_id="iz-house")
    assert len(await night.rows(PaperBooking)) == 2, "lines of the paper are other people"


async def test_a_moment_to_come_or_of_more_than_a_week_ago_is_told_beside_its_field(night: Night) -> None:
    night.at("2026-12-04 23:30")
    for moment, problem in (("2026-12-04 23:40", "moment_to_come"), ("2026-11-27 23:10", "too_long_ago")):
        no = await refusal(enter(night, happened_at=local(moment)))
        assert (no.code, no.facts["field"], no.facts["problem"]) == ("bad_input", "happened_at", problem)
    await enter(night, happened_at=local("2026-11-27 23:45"))
    await unbroken(night)


async def test_who_took_the_call_enters_it_after_the_shift(night: Night) -> None:
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        [shift] = await tx.find(DutyShift, duty=Duty.CALLTAKER)
        begins, ends = local("2026-11-27 17:00"), local("2026-11-28 08:30")
        await tx.save(replace(shift, starts_at=begins, ends_at=ends))
    night.at("2026-11-28 23:00")
    await enter(night)
    no = await refusal(enter(night, happened_at=local("2026-11-28 22:00"), unit_id="iz-house"))
    assert no.code == "not_on_duty"


async def test_settings_of_that_night_count(night: Night) -> None:
    night.at("2026-11-28 12:00")
    await night.decide(stay_policy="three_plus_two")
    await enter(night)
    assert [each.policy_version for each in await night.rows(Booking)] == [1]


async def test_two_colleagues_who_enter_one_line_at_once_make_one_booking(night: Night) -> None:
    night.at("2026-11-28 12:00")
    twice = [
        enter(night.another_process(), by, unit_id=unit)
        for by, unit in (("calltaker", "in-house"), ("coordinator", "iz-house"))
    ]
    said = await asyncio.gather(*twice, return_exceptions=True)
    assert [each.code for each in said if isinstance(each, Refusal)] == ["paper_entered"]
    assert len(await night.rows(Booking)) == len(await night.rows(PaperBooking)) == 1
    await unbroken(night)
