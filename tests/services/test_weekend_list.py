"""The list before closed days: who has no bed until the next working day, and what outreach decides by 16:00."""

import asyncio
from collections.abc import Sequence

import pytest

from crisispool.domain.duty import Duty
from crisispool.domain.unit import OutOfService
from crisispool.domain.weekend import WeekendLine
from crisispool.services.answers import BookingAnswer, WeekendLineAnswer
from tests.services.test_weekend_care import absent
from tests.support.night import Night, day, refusal

LIST_KEYS = ("weekend_list", "weekend_list_open", "weekend_line_coordinator")


async def stay(night: Night, first: str, nights: int, unit_id: str = "in-house") -> BookingAnswer:
    """One adult of Ingelmunster from the evening `first` on, so many nights."""
    night.at(f"{first} 21:00")
    reason = "opvang afgesproken"
    return await night.book(await night.request(), unit_id, "coordinator", nights=nights, reason=reason)


def shape(lines: Sequence[WeekendLineAnswer]) -> list[tuple[object, ...]]:
    return [(each.reason, str(each.checkout), each.can_bridge, each.nights) for each in lines]


async def test_who_has_no_bed_until_monday_is_on_the_list_at_one_with_what_can_be_done(night: Night) -> None:
    at_limit = await stay(night, "2026-11-24", 3)
    lands_on_sunday = await stay(night, "2026-11-25", 4, "iz-house")
    fits = await stay(night, "2026-11-26", 1, "in-studio")
    await stay(night, "2026-11-26", 4, "wi-flat")
    # In another unit from tonight on: these have a bed until Monday.
    elsewhere = await stay(night, "2026-11-26", 1, "iz-studio")
    await night.extend(elsewhere, "coordinator", unit_id="wi-house")
    await night.until("2026-11-27 12:59")
    assert await night.weekend() == []
    await night.until("2026-11-27 13:00")
    lines = {each.reference: each for each in await night.weekend()}
    assert {name: shape([line])[0] for name, line in lines.items()} == {
        # Tuesday, Wednesday, Thursday were three nights in a row: the weekend cannot be added.
        at_limit.reference: ("ends_today", "2026-11-27", False, 3),
        lands_on_sunday.reference: ("ends_on_closed_day", "2026-11-29", True, 1),
        fits.reference: ("ends_today", "2026-11-27", True, 3),
    }
    assert {str(line.back) for line in lines.values()} == {"2026-11-30"}
    # The unit stays theirs: nobody else is offered it, they are.
    line = lines[fits.reference]
    assert (line.own_unit_free, line.answer) == (True, None)
    assert line.proposals == len(await night.proposed(await night.request())) > 0
    # Who has the case hears how many, and the coordinators; once.
    assert sorted(await night.told(*LIST_KEYS)) == [
        ("caw", "weekend_list"), ("coordinator", "weekend_list"), ("ocmw_ingelmunster", "weekend_list"),
    ]  # fmt: skip


async def test_the_list_of_christmas_is_made_on_thursday_and_of_all_saints_on_friday(night: Night) -> None:
    for first, moment, back in (
        ("2026-12-23", "2026-12-24", "2026-12-28"),
        ("2027-03-25", "2027-03-26", "2027-03-30"),
        ("2027-10-28", "2027-10-29", "2027-11-02"),
    ):
        booking = await stay(night, first, 1)
        await night.until(f"{moment} 13:00")
        [line] = await night.weekend()
        assert (line.reference, str(line.day), str(line.back)) == (booking.reference, moment, back)
        # One night used: with the four of a long weekend these are five.
        assert (line.can_bridge, line.nights) == (True, (day(back) - day(moment)).days)
        await night.check_out(booking, "coordinator")
        await night.say("in-house", "free", "owner_ingelmunster")
        await night.until(f"{back} 09:00")
        assert await night.weekend() == []


async def test_a_service_sees_and_answers_its_own_lines_and_the_coordinator_all(night: Night) -> None:
    own, other = await stay(night, "2026-11-26", 1), await night.request(origin="36008")
    await night.book(other, "iz-house")
    await night.until("2026-11-27 13:00")
    [line] = await night.weekend("worker_ingelmunster")
    assert line.reference == own.reference
    [foreign] = await night.weekend("worker_izegem")
    assert {each.id for each in await night.weekend()} == {line.id, foreign.id}
    assert (await refusal(night.decide_line(line, "leaves", "worker_izegem"))).code == "not_there"
    assert (await refusal(night.decide_line(line, "extended", "worker_ingelmunster"))).code == "not_extended"
    decided = await night.decide_line(line, "leaves", "worker_ingelmunster")
    assert (decided.answer, decided.by_itself) == ("leaves", False)
    changed = await night.decide_line(line, "elsewhere", "worker_ingelmunster")
    assert changed.answer == "elsewhere"
    for who in ("calltaker", "referrer", "owner_ingelmunster", "council"):
        assert (await refusal(night.weekend(who))).code == "not_your_role"
    await night.until("2026-11-27 16:00")
    # The line of Izegem is still open: the coordinator on call, once.
    assert await night.told("weekend_list_open") == [("coordinator", "weekend_list_open")]


async def test_what_happens_answers_a_line_by_itself(night: Night) -> None:
    extended = await stay(night, "2026-11-26", 1)
    left = await stay(night, "2026-11-26", 1, "iz-house")
    elsewhere = await stay(night, "2026-11-26", 1, "in-studio")
    short = await stay(night, "2026-11-26", 1, "wi-flat")
    await night.until("2026-11-27 14:00")
    await night.extend(extended, "worker_ingelmunster")
    await night.check_out(left, "worker_ingelmunster")
    await night.extend(elsewhere, "worker_ingelmunster", unit_id="wi-house")
    await night.extend(short, "coordinator", nights=1, reason="een vriend vangt hen op")
    found = {each.reference: (each.answer, each.by_itself) for each in await night.weekend()}
    assert found == {
        extended.reference: ("extended", True),
        left.reference: ("leaves", True),
        elsewhere.reference: ("extended", True),
        # Until Saturday is not until Monday: somebody has to say so.
        short.reference: (None, False),
    }
    [line] = [each for each in await night.weekend() if each.answer is None]
    assert (await night.decide_line(line, "extended")).answer == "extended"
    await night.until("2026-11-27 17:00")
    assert await night.told("weekend_list_open") == []


async def test_a_line_follows_people_who_were_moved(night: Night) -> None:
    booking = await stay(night, "2026-11-25", 4)
    await night.until("2026-11-27 14:30")
    moved = await night.move(booking)
    [line] = await night.weekend()
    assert (line.booking_id, line.answer) == (moved.id, None)
    await night.extend(moved, "worker_ingelmunster")
    [line] = await night.weekend()
    assert (line.answer, line.by_itself) == ("extended", True)


async def test_a_line_follows_people_who_go_on_in_the_second_unit_of_their_household(night: Night) -> None:
    night.at("2026-11-24 20:00")
    request = await night.request(adults=4, children=3)
    first = await night.book(request, "wi-house", "coordinator", nights=3, reason="opvang afgesproken")
    second = await night.book(request, "in-house", "coordinator", persons=(), nights=3)
    await night.until("2026-11-27 13:01")
    await night.check_out(first, "coordinator")
    [line] = await night.weekend()
    assert (line.booking_id, line.reason, line.answer) == (second.id, "ends_today", None)
    await night.until("2026-11-27 16:00")
    assert await night.told("weekend_list_open") == [("coordinator", "weekend_list_open")]
    await night.check_out(second, "coordinator")
    [line] = await night.weekend()
    assert (line.answer, line.by_itself) == ("leaves", True)


async def test_a_decision_passed_to_the_coordinator_is_told_at_once_and_stays_on_the_list(
    night: Night,
) -> None:
    booking = await stay(night, "2026-11-26", 1)
    await night.until("2026-11-27 13:30")
    [line] = await night.weekend("worker_ingelmunster")
    for _ in range(2):
        await night.decide_line(line, "coordinator", "worker_ingelmunster")
    assert await night.told("weekend_line_coordinator") == [("coordinator", "weekend_line_coordinator")]
    [seen] = await night.weekend()
    assert (seen.answer, seen.can_bridge, seen.own_unit_free) == ("coordinator", True, True)
    await night.extend(booking, "coordinator")
    [seen] = await night.weekend()
    assert (seen.answer, seen.by_itself) == ("extended", True)


@pytest.mark.parametrize("gone", [(), (Duty.COORDINATOR,)])
async def test_unanswered_at_four_the_coordinator_on_call_hears_it_once_and_absent_all_of_them(
    night: Night, gone: Sequence[Duty]
) -> None:
    await stay(night, "2026-11-26", 1)
    await stay(night, "2026-11-26", 1, "iz-house")
    await absent(night, *gone)
    await night.until("2026-11-27 23:00")
    everyone = ["coordinator", "coordinator_2"]
    assert [who for who, _ in await night.told("weekend_list_open")] == (everyone if gone else everyone[:1])
    assert {who for who, _ in await night.told("weekend_list")} == {*everyone, "caw", "ocmw_ingelmunster"}


async def test_without_a_handover_the_caw_hears_of_the_line_and_sees_it(night: Night) -> None:
    booking = await stay(night, "2026-11-26", 1)
    await night.app.sweep.run()
    # Nothing ran that morning, so that the case was not handed over before the list is made.
    night.at("2026-11-27 13:00")
    lines = night.app.sweep._rounds._lines
    async with night.store.transaction() as tx:
        facts = await night.app.facts.network(tx, "net")
        await lines.make(tx, facts, day("2026-11-27"), night.clock.now())
    assert {who for who, _ in await night.told("weekend_list")} == {"caw", "coordinator"}
    assert [each.reference for each in await night.weekend("worker_caw")] == [booking.reference]
    assert await night.weekend("worker_ingelmunster") == []


async def test_what_is_not_free_for_them_is_said(night: Night) -> None:
    await stay(night, "2026-11-26", 1, "in-studio")
    await night.only_free("iz-room")
    await night.add(OutOfService("own", "in-studio", night.clock.now(), "other"))
    await night.until("2026-11-27 13:00")
    [line] = await night.weekend()
    assert (line.own_unit_free, line.proposals, line.can_bridge) == (False, 1, True)


async def test_the_list_comes_late_but_once_and_never_after_the_weekend(night: Night) -> None:
    await stay(night, "2026-11-26", 1)
    await night.app.sweep.run()
    # Down from Friday noon to Saturday: made at once, and because 16:00 has passed the coordinator decides.
    night.at("2026-11-28 10:00")
    processes = [night, *(night.another_process() for _ in range(3))]
    for _ in range(2):
        await asyncio.gather(*(process.app.sweep.run() for process in processes))
    told = [each for each in await night.told(*LIST_KEYS) if each[0] == "coordinator"]
    assert told == [("coordinator", "weekend_list"), ("coordinator", "weekend_list_open")]
    assert len(await night.rows(WeekendLine)) == 1
    # Tonight and Sunday are left to bridge.
    [line] = await night.weekend()
    assert (str(line.first_night), line.nights) == ("2026-11-28", 2)
    night.at("2026-12-01 21:00")
    await stay(night, "2026-12-03", 1, "iz-house")
    night.at("2026-12-07 09:00")
    await night.app.sweep.run()
    assert len(await night.rows(WeekendLine)) == 1
