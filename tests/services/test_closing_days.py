"""A closed day entered or taken away when things are planned already: all is brought in step, nothing is taken back."""

from datetime import date, timedelta

import pytest

from crisispool.domain.booking import StayAlert
from crisispool.domain.handover import Case, HandoverRecipient
from crisispool.domain.organisation import ClosingDay
from crisispool.domain.record import Message
from crisispool.domain.weekend import WeekendLine
from crisispool.services.answers import ClosingDayChangeAnswer
from crisispool.services.asks import ClosingDayAsk
from tests.support.night import MONDAY, Night, day, local, refusal

TUESDAY = day("2026-12-01")


async def close(
    night: Night, closed: date, organisation: str | None = None, by: str = "coordinator"
) -> ClosingDayChangeAnswer:
    ask = ClosingDayAsk(closed, "Brugdag", organisation)
    return await night.app.closing_days.enter(await night.actor(by), night.op(), ask)


async def reopen(
    night: Night, closed: ClosingDayChangeAnswer, by: str = "coordinator"
) -> ClosingDayChangeAnswer:
    return await night.app.closing_days.take_away(await night.actor(by), night.op(), closed.closing_day.id)


async def test_a_case_goes_over_on_the_next_day_that_is_open(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    closed = await close(night, MONDAY)
    assert closed.cases == (booking.case_id,)
    [case] = await night.rows(Case)
    assert case.handover_due_at == local("2026-12-01 08:00")
    await night.until("2026-11-30 23:00")
    assert await night.handovers() == []
    await night.until("2026-12-01 08:00")
    assert [each.due_at for each in await night.handovers()] == [local("2026-12-01 08:00")]
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_stay_that_now_ends_on_a_closed_day_is_told_and_kept(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    closed = await close(night, MONDAY)
    assert closed.landings == (booking.id,)
    assert await night.told("landing_closed") == [("coordinator", "landing_closed")]
    assert (await night.view(booking)).checkout == MONDAY
    assert (await night.book(await night.request(), "iz-house")).checkout == TUESDAY


async def test_a_landing_that_is_closed_again_is_told_again(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.open_day(await night.close_day(MONDAY))
    await night.close_day(MONDAY)
    assert await night.told("landing_closed") == 2 * [("coordinator", "landing_closed")]
    # What only a service closes changes nothing about the landing.
    await night.close_day(MONDAY, organisation_id="ocmw_izegem")
    assert len(await night.told("landing_closed")) == 2


async def test_a_day_taken_away_brings_the_handover_back_and_alerts_of_runs_that_leaned_on_it(
    night: Night,
) -> None:
    night.at("2026-11-23 20:00")
    closed = await close(night, day("2026-11-26"))
    booking = await night.book(await night.request(), "iz-studio")
    for _ in range(2):
        night.later(days=1)
        booking = await night.extend(booking)
    # Monday to Thursday morning is three nights; the closed Thursday gives Wednesday and Thursday in one block.
    assert booking.checkout == day("2026-11-27")
    other = await night.book(await night.request(), "in-studio")
    assert other.checkout == day("2026-11-27")
    undone = await reopen(night, closed)
    assert undone.alerts == (booking.id,) and undone.cases == (other.case_id,)
    [alert] = await night.rows(StayAlert)
    assert (alert.booking_id, alert.cause, len(alert.run)) == (booking.id, "calendar", 4)
    assert await night.told("stay_alert") == [("coordinator", "stay_alert")]
    await night.until("2026-11-26 08:00")
    assert other.case_id in {each.case_id for each in await night.handovers()}
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_closing_day_that_makes_a_block_too_long_warns_at_once(night: Night) -> None:
    answers = [await close(night, day(f"2026-12-{n}")) for n in (28, 29)]
    # Christmas is a Friday: the nights of 24 to 27 December, and two more.
    assert [each.long_blocks for each in answers] == [(), (day("2026-12-24"),)]
    night.at("2026-12-24 20:00")
    booking = await night.book(await night.request(), "in-house")
    assert len(booking.nights) == 5
    assert await night.told("long_closure") == [("coordinator", "long_closure")]


async def test_a_service_that_closes_gets_its_part_on_its_first_open_day(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await close(night, MONDAY, "ocmw_ingelmunster")
    await night.until("2026-11-30 08:00")
    delivered = {row.organisation_id: row.deliver_on for row in await night.rows(HandoverRecipient)}
    assert delivered == {"caw": MONDAY, "ocmw_ingelmunster": TUESDAY}
    await close(night, TUESDAY, "ocmw_ingelmunster", "worker_ingelmunster")
    delivered = {row.organisation_id: row.deliver_on for row in await night.rows(HandoverRecipient)}
    assert delivered == {"caw": MONDAY, "ocmw_ingelmunster": day("2026-12-02")}
    await night.until("2026-12-02 08:00")
    assert ("ocmw_ingelmunster", "handover_stays") not in await night.told("handover_stays")
    assert all(row.delivered_at for row in await night.rows(HandoverRecipient))


async def test_a_service_closes_only_itself(night: Night) -> None:
    for who in ("calltaker", "referrer", "council", "admin"):
        assert (await refusal(close(night, MONDAY, by=who))).code == "not_your_role"
    assert (await refusal(close(night, MONDAY, by="owner_izegem"))).code == "not_your_role"
    assert (await refusal(close(night, MONDAY, "ocmw_wielsbeke", "owner_izegem"))).code == "not_your_role"
    own = await close(night, MONDAY, "ocmw_izegem", "owner_izegem")
    assert (await refusal(close(night, MONDAY, "ocmw_izegem"))).code == "closing_day_exists"
    assert (await refusal(reopen(night, own, "owner_ingelmunster"))).code == "not_there"
    await reopen(night, own, "owner_izegem")
    assert await night.app.closing_days.list(await night.actor("referrer")) == []


@pytest.mark.parametrize(("closed", "organisation"), [("2026-11-27", None), ("2026-12-01", "nobody")])
async def test_a_day_that_is_over_or_a_service_nobody_knows_is_bad_input(
    night: Night, closed: str, organisation: str | None
) -> None:
    assert (await refusal(close(night, day(closed), organisation))).code == "bad_input"
    assert await night.app.closing_days.list(await night.actor("coordinator")) == []


async def test_a_calendar_without_an_open_day_is_bad_input(night: Night) -> None:
    days = [day("2027-01-04") + timedelta(days=n) for n in range(60)]
    weekdays = [each for each in days if each.weekday() < 5]
    await night.add(*(ClosingDay(f"c-{each}", "net", None, each, "Verbouwing") for each in weekdays[:-1]))
    no = await refusal(close(night, weekdays[-1]))
    assert (no.code, no.facts["problem"]) == ("bad_input", "no_working_day")


async def test_a_case_that_a_booking_planned_by_an_older_calendar_waits_for_the_open_day(
    night: Night,
) -> None:
    booking = await night.book(await night.request(), "in-house")
    # The day came in while the bed was being given: nobody planned the case anew.
    await night.add(ClosingDay("late", "net", None, MONDAY, "Brugdag", "coordinator"))
    await night.until("2026-11-30 23:00")
    assert await night.handovers() == []
    await night.until("2026-12-01 08:00")
    assert [each.case_id for each in await night.handovers()] == [booking.case_id]


async def test_a_day_closed_after_the_list_was_made_puts_who_has_no_bed_then_on_it_and_tells_outreach(
    night: Night,
) -> None:
    night.at("2026-11-26 21:00")
    listed = await night.book(await night.request(), "iz-house")
    night.at("2026-11-27 02:00")
    reason = "opvang afgesproken"
    booking = await night.book(
        await night.request(), "in-house", "coordinator", night=day("2026-11-26"), nights=4, reason=reason
    )
    assert (listed.checkout, booking.checkout) == (day("2026-11-27"), MONDAY)
    await night.until("2026-11-27 14:00")
    assert [line.reference for line in await night.weekend()] == [listed.reference]
    first = sorted(await night.told("weekend_list"))
    await close(night, MONDAY)
    await night.app.sweep.run()
    lines = {line.reference: line for line in await night.weekend()}
    assert (lines[booking.reference].reason, lines[booking.reference].back) == ("ends_on_closed_day", TUESDAY)
    assert len(lines) == len(await night.rows(WeekendLine)) == 2
    # Each of them heard it once more, of one household.
    again = await night.rows(Message, key="message.weekend_list")
    assert sorted(await night.told("weekend_list")) == sorted(first * 2)
    assert [each.facts["lines"] for each in again] == [1] * len(again)
    await night.until("2026-11-27 16:00")
    assert await night.told("weekend_list_open") == [("coordinator", "weekend_list_open")]
    # Another day far away changes nothing; one that makes it longer still opens the question anew.
    await close(night, day("2026-12-24"))
    await night.until("2026-11-27 17:00")
    assert len(await night.told("weekend_list_open")) == 1
    await close(night, TUESDAY)
    await night.until("2026-11-27 18:00")
    assert len(await night.told("weekend_list_open")) == 2
    assert len(await night.rows(WeekendLine)) == 2
    assert sorted(await night.told("weekend_list")) == sorted(first * 2)


async def test_the_last_working_day_closed_on_the_day_itself_gives_nobody_a_second_line(night: Night) -> None:
    night.at("2026-11-26 21:00")
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-27 14:00")
    await close(night, day("2026-11-27"))
    await night.app.sweep.run()
    assert len(await night.rows(WeekendLine)) == len(await night.weekend()) == 1
    assert await night.app.invariants.broken(night.clock.now()) == []
