"""The coordinator by chat, with the real services: what is stuck, weekend care, signals, cold weather."""

import asyncio

import pytest

from crisispool.domain.organisation import Network, PolicyVersion
from crisispool.domain.record import AuditEntry, Message
from crisispool.services.stuck import StuckAnswer
from tests.services.test_outreach_talk import on_wednesday, said, tapped
from tests.support.night import Night, refusal


async def stuck(night: Night) -> list[tuple[str, str]]:
    """What is on the list: kind and reference, in order."""
    found: list[StuckAnswer] = await night.app.chat._errands.by_day.stuck.everything(
        await night.actor("coordinator")
    )
    return [(each.kind.value, each.reference) for each in found]


async def test_a_quiet_network_has_nothing_stuck(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.check_in(booking)
    assert await stuck(night) == []
    assert (await said(night, "coordinator", "Wat zit vast?")).key == "coordinating.nothing_stuck"


async def test_a_request_nobody_takes_is_stuck_until_somebody_does(night: Night) -> None:
    request = await night.request("referrer")
    await night.until("2026-11-28 02:08")
    assert await stuck(night) == []
    await night.until("2026-11-28 02:10")
    assert await stuck(night) == [("untaken", request.reference)]
    screen = await said(night, "coordinator", "Wat zit vast?", "1")
    assert screen.key.startswith("night_desk.")
    assert await stuck(night) == []


async def test_a_handover_without_worker_and_then_without_contact_is_stuck(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.check_in(booking)
    await night.until("2026-11-30 09:59")
    assert await stuck(night) == []
    await night.until("2026-11-30 10:00")
    assert await stuck(night) == [("worker", booking.reference)]
    [handover] = await night.handovers()
    await night.accept(handover, "worker_ingelmunster")
    assert await stuck(night) == []
    await night.until("2026-11-30 12:00")
    assert await stuck(night) == [("contact", booking.reference)]
    assert (await said(night, "coordinator", "Wat zit vast?", "1")).key == "morning.case"
    await night.outcome(handover, "worker_ingelmunster", contacted=True)
    assert await stuck(night) == []


async def test_who_did_not_leave_or_of_whom_nobody_says_so_is_stuck(night: Night) -> None:
    booking = await on_wednesday(night)
    await night.check_in(booking)
    [handover] = await night.handovers()
    await night.outcome(handover, "worker_ingelmunster", contacted=True)
    await night.until("2026-11-25 10:30")
    assert await stuck(night) == []
    await night.until("2026-11-26 10:00")
    assert await stuck(night) == [("checkout", booking.reference)]
    await night.not_yet_left(booking)
    assert await stuck(night) == [("overstay", booking.reference)]
    await night.check_out(booking, "coordinator")
    assert await stuck(night) == []


async def test_an_arrival_nobody_speaks_of_is_stuck_after_the_last_question(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.until("2026-11-28 03:33")
    assert await stuck(night) == []
    await night.until("2026-11-28 03:40")
    assert await stuck(night) == [("arrival", booking.reference)]
    assert (await said(night, "coordinator", "Wat zit vast?", "1", "Ja, aangekomen")).key == "booking.arrived"
    assert await stuck(night) == []


async def test_a_question_for_more_nights_is_stuck_until_the_stay_is_longer(night: Night) -> None:
    booking = await on_wednesday(night)
    night.at("2026-11-25 15:30")
    await said(night, "worker_ingelmunster", "1", "Meer nachten?", "Vraag het aan de coördinator")
    assert ("extension", booking.reference) in await stuck(night)
    await night.extend(booking, "coordinator")
    assert ("extension", booking.reference) not in await stuck(night)


async def test_who_asks_for_more_nights_again_after_getting_some_is_stuck_again(night: Night) -> None:
    booking = await on_wednesday(night)
    ask = night.app.chat._errands.by_day.extensions.ask_coordinator
    worker = await night.actor("worker_ingelmunster")
    night.at("2026-11-25 15:30")
    await ask(worker, "first", booking.id)
    await night.extend(booking, "coordinator")
    night.at("2026-11-26 11:00")
    await ask(worker, "second", booking.id)
    assert ("extension", booking.reference) in await stuck(night)


async def test_the_most_urgent_comes_first_and_only_the_coordinator_sees_it(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    request = await night.request("referrer")
    await night.until("2026-11-28 03:40")
    assert [kind for kind, _ in await stuck(night)] == ["undecided", "arrival"]
    assert {reference for _, reference in await stuck(night)} == {request.reference, booking.reference}
    service = night.app.chat._errands.by_day.stuck
    for who in ("calltaker", "worker_caw", "owner_izegem", "referrer", "council", "admin"):
        assert (await refusal(service.everything(await night.actor(who)))).code == "not_your_role"


@pytest.mark.parametrize(("label", "state"), [("Alles goed", "well"), ("Hulp nodig", "help")])
async def test_a_household_is_called_and_noted_in_the_talk(night: Night, label: str, state: str) -> None:
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-28 16:01")
    screen = await said(night, "calltaker", "Bellen: hoe gaat het?", "1", label)
    assert screen.key.startswith("care.") and "IZ-" in screen.text
    [call] = await night.app.care.list(await night.actor("calltaker"), everything=True)
    assert call.state == state
    assert (await night.told("care_help") == []) is (state == "well")


async def test_the_question_of_weekend_care_is_answered_by_one_tap(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-28 16:01")
    assert (await tapped(night, "calltaker", "care_ask", "care_no_answer")).key == "news.care_no_answer"
    await night.until("2026-11-28 20:01")
    assert (await tapped(night, "calltaker", "care_again", "care_left")).key == "news.care_left"
    assert (await night.unit("in-house")).status == "free"


async def test_households_nobody_called_by_six_are_stuck(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    await night.check_in(booking)
    await night.until("2026-11-28 17:59")
    assert await stuck(night) == []
    await night.until("2026-11-28 18:00")
    assert await stuck(night) == [("care", "")]
    assert (await said(night, "coordinator", "Wat zit vast?", "1", "1", "Alles goed")).key == "care.nothing"
    assert await stuck(night) == []


async def test_the_cold_weather_switch_is_a_version_of_the_policy_and_the_desk_hears_it(night: Night) -> None:
    request = await night.request()
    await said(night, "coordinator", "Koud weer", "Zet aan")
    assert (await refusal(night.refuse(request))).code == "named_place_missing"
    assert {who for who, _ in await night.told("cold_weather_on")} == {"calltaker", "calltaker_2"}
    coordinator, switch = await night.actor("coordinator"), night.app.chat._errands.by_day.cold_weather
    assert (await switch.turn(coordinator, "again", on=True)).on
    assert len(await night.rows(PolicyVersion)) == 2
    other = night.another_process().app.chat._errands.by_day.cold_weather
    await asyncio.gather(
        *(each.turn(coordinator, f"off-{n}", on=False) for n, each in enumerate((switch, other)))
    )
    assert [network.policy_version for network in await night.rows(Network)] == [3]
    assert (await night.refuse(request)).code == "no_unit"
    assert (await refusal(switch.turn(await night.actor("calltaker"), "x", on=True))).code == "not_your_role"


async def test_a_signal_is_seen_or_a_consultation_planned_by_one_tap(night: Night) -> None:
    first = await night.book(await night.request_of_jan(), "in-house")
    night.at("2026-11-30 12:00")
    await night.check_out(first, "coordinator")
    night.at("2026-12-03 21:00")
    second = await night.book(await night.request_of_jan(), "iz-studio")
    assert await night.told("consultation_proposed") == [("coordinator", "consultation_proposed")]
    screen = await tapped(night, "coordinator", "consultation_proposed", "consultation_planned")
    assert screen.key == "news.consultation_planned"
    [entry] = await night.rows(AuditEntry, action="consultation.planned")
    assert (entry.actor, entry.subject_id) == ("coordinator", second.id)
    [message] = await night.rows(Message, key="message.consultation_proposed")
    desk = await night.actor("calltaker")
    await night.app.chat.choose(desk, f"m.{message.id}.consultation_seen")
    assert await night.rows(AuditEntry, action="consultation.seen") == []
