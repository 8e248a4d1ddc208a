"""Outreach by chat, with the real services: more nights within the limit, beyond it, and the list before a weekend."""

from dataclasses import replace

from crisispool.domain.booking import Booking, StayDecision
from crisispool.domain.handover import Handover
from crisispool.domain.organisation import Colleague
from crisispool.domain.record import Message
from crisispool.domain.request import RequestKind, RequestNote
from crisispool.domain.weekend import WeekendLine
from crisispool.services.answers import BookingAnswer, ScreenAnswer
from tests.support.night import Night, day


async def said(night: Night, who: str, *lines: str) -> ScreenAnswer:
    """The last screen after these lines; messages are read before."""
    actor = await night.actor(who)
    await night.app.messages.unseen(actor)
    answers = await night.app.chat.say(actor, "")
    for line in lines:
        answers = await night.app.chat.say(actor, line)
    return answers[-1]


async def tapped(night: Night, who: str, key: str, way: str) -> ScreenAnswer:
    """What is seen after a tap on the newest message with this key."""
    [*_, message] = await night.rows(Message, key=f"message.{key}", recipient_id=who, order=("at",))
    return (await night.app.chat.choose(await night.actor(who), f"m.{message.id}.{way}"))[-1]


async def on_wednesday(night: Night, *, needed: bool = False) -> BookingAnswer:
    """One adult sleeps there from Tuesday on; it is Wednesday morning and the case is accepted.

    `needed`: the owner needs the unit from Wednesday on.
    """
    night.at("2026-11-24 21:00")
    booking = await night.book(await night.request(), "in-house")
    if needed:
        await night.say("in-house", "occupied", "owner_ingelmunster", since=day("2026-11-25"))
    await night.until("2026-11-25 08:30")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_ingelmunster")
    return booking


async def test_a_worker_gives_the_next_block_in_three_taps(night: Night) -> None:
    booking = await on_wednesday(night)
    screen = await said(night, "worker_ingelmunster", "1", "Meer nachten?")
    assert screen.key == "outreach.extend"
    assert "tot donderdag 26 november, in dezelfde woning" in screen.text
    assert (await night.view(booking)).checkout == day("2026-11-25")
    screen = await said(night, "worker_ingelmunster", "1")
    assert screen.key == "morning.case" and "is verlengd tot donderdag 26 november" in screen.text
    assert (await night.view(booking)).checkout == day("2026-11-26")


async def test_where_the_unit_is_promised_the_next_one_is_named(night: Night) -> None:
    booking = await on_wednesday(night, needed=True)
    screen = await said(night, "worker_ingelmunster", "1", "Meer nachten?")
    assert screen.key == "outreach.elsewhere" and "Huis, Izegem" in screen.choices[0]["label"]
    await said(night, "worker_ingelmunster", "1")
    [moved] = [each for each in await night.rows(Booking) if each.id != booking.id]
    assert (moved.unit_id, moved.case_id, moved.checkout) == ("iz-house", booking.case_id, day("2026-11-26"))


async def test_after_three_the_worker_asks_the_coordinator_who_decides_from_the_message(night: Night) -> None:
    booking = await on_wednesday(night)
    night.at("2026-11-25 15:30")
    screen = await said(night, "worker_ingelmunster", "1", "Meer nachten?")
    assert screen.key == "outreach.not_yours"
    for _ in range(2):
        screen = await said(night, "worker_ingelmunster", "Vraag het aan de coördinator")
        screen = await said(night, "worker_ingelmunster", "Meer nachten?")
    assert await night.told("extension_asked") == [("coordinator", "extension_asked")]
    assert (await tapped(night, "coordinator", "extension_asked", "extend")).key == "outreach.extend"
    screen = await said(night, "coordinator", "1")
    assert (await night.view(booking)).checkout == day("2026-11-26")
    assert screen.key == "coordinator.menu"


async def test_beyond_the_limit_only_the_coordinator_gives_nights_with_a_reason_that_is_kept(
    night: Night,
) -> None:
    booking = await on_wednesday(night)
    await night.extend(booking, "worker_ingelmunster")
    night.at("2026-11-26 09:00")
    await night.extend(booking, "worker_ingelmunster")
    night.at("2026-11-27 09:00")
    screen = await said(night, "worker_ingelmunster", "1", "Meer nachten?")
    assert screen.key == "outreach.not_yours" and "weekend" in screen.text
    await said(night, "worker_ingelmunster", "Vraag het aan de coördinator")
    screen = await tapped(night, "coordinator", "extension_asked", "extend")
    assert screen.choices[0]["label"].startswith("3 nachten, tot maandag 30 november")
    await said(night, "coordinator", "1", "Gezin met kinderen")
    found = await night.view(booking)
    assert (found.checkout, found.overridden) == (day("2026-11-30"), True)
    [note] = await night.rows(RequestNote, purpose="override")
    assert note.by == "coordinator"
    assert {each.given_by_role for each in await night.rows(StayDecision, overridden=True)} == {"coordinator"}


async def test_a_colleague_who_is_given_a_case_hears_it_and_opens_it_from_there(night: Night) -> None:
    await on_wednesday(night)
    worker = await night.actor("worker_ingelmunster")
    async with night.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id="worker_backup")
        await tx.save(replace(colleague, organisation_id=worker.organisation_id))
    screen = await said(night, "worker_ingelmunster", "1", "Een collega begeleidt")
    assert screen.key == "morning.colleague"
    await said(night, "worker_ingelmunster", "1")
    [handover] = await night.rows(Handover)
    assert handover.worker_id == "worker_backup"
    assert await night.told("case_given") == [("worker_backup", "case_given")]
    night_of = await night.app.accounts.actor_of("worker_backup")
    assert night_of is not None
    [message] = await night.rows(Message, key="message.case_given")
    assert (await night.app.chat.choose(night_of, f"m.{message.id}.open"))[-1].key == "morning.case"


async def test_the_list_before_the_weekend_is_worked_through_from_its_message(night: Night) -> None:
    night.at("2026-11-26 21:00")
    stays = await night.book(await night.request(), "in-house")
    leaves = await night.book(await night.request(), "in-studio")
    await night.until("2026-11-27 13:30")
    screen = await tapped(night, "coordinator", "weekend_list", "friday")
    assert screen.key == "friday.list"
    [to_worker] = await night.rows(Message, key="message.weekend_list", recipient_id="ocmw_ingelmunster")
    worker = await night.actor("worker_ingelmunster")
    screen = (await night.app.chat.choose(worker, f"m.{to_worker.id}.friday"))[-1]
    assert "2 gezinnen hebben" in screen.text
    await said(night, "worker_ingelmunster", f"{stays.reference}: nog te beslissen", "Verlengen tot", "1")
    screen = await said(
        night, "worker_ingelmunster", f"{leaves.reference}: nog te beslissen", "Ze vertrekken"
    )
    assert screen.key == "friday.all_answered"
    assert (await night.view(stays)).checkout == day("2026-11-30")
    assert [line.answer for line in await night.rows(WeekendLine, booking_id=leaves.id)] == ["leaves"]
    await night.until("2026-11-27 16:30")
    assert await night.told("weekend_list_open") == []


async def test_who_is_still_there_is_said_by_the_worker_and_the_bed_stays_theirs(night: Night) -> None:
    booking = await on_wednesday(night)
    await said(night, "worker_ingelmunster", "1", "Nog niet vertrokken")
    assert ("coordinator", "overstay") in await night.told("overstay")
    assert (await night.unit("in-house")).status == "booked"
    assert (await tapped(night, "coordinator", "overstay", "left")).key == "news.left"
    assert (await night.view(booking)).state == "checked_out"


async def test_another_service_reaches_neither_the_case_nor_its_bed(night: Night) -> None:
    booking = await on_wednesday(night)
    screen = await said(night, "worker_izegem")
    assert screen.key == "morning.nothing"
    worker = await night.actor("worker_izegem")
    for refused in (
        night.app.chat.choose(worker, f"m.{booking.id}.extend"),
        night.app.chat.choose(worker, "m.x.extend"),
    ):
        assert (await refused)[-1].key == "morning.nothing"


async def test_where_people_hide_another_unit_is_named_only_to_who_took_up_the_case(night: Night) -> None:
    night.at("2026-11-24 21:00")
    request = await night.request(kind=RequestKind.VIOLENCE, avoid=())
    [first, *_] = await night.proposed(request)
    await night.book(request, first)
    await night.say(first, "occupied", "coordinator", since=day("2026-11-25"))
    await night.until("2026-11-25 08:30")
    [handover] = await night.handovers()
    assert (await said(night, "worker_ingelmunster", "1", "Meer nachten?")).key == "outreach.hidden"
    await night.accept(handover, "worker_ingelmunster")
    screen = await said(night, "worker_ingelmunster", "stop", "1", "Meer nachten?")
    assert screen.key == "outreach.elsewhere"
