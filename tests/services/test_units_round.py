"""The owners' round of a working day, and the word of an owner on a held unit: once, on time, never over a booking."""

import asyncio
from dataclasses import replace

import pytest

from crisispool.domain.booking import Hold
from crisispool.domain.record import Message
from crisispool.domain.unit import Unit
from tests.support.night import MONDAY, Night, day, local, refusal

ROUND = "units_round"
OWNERS = ["ocmw_ingelmunster", "ocmw_izegem", "ocmw_wielsbeke"]


async def asked(night: Night) -> list[str]:
    """Who was asked, in order of their names, since the last time."""
    return sorted(who for who, _ in await night.told(ROUND))


async def test_each_owner_is_asked_once_on_the_afternoon_of_a_working_day(night: Night) -> None:
    await night.until("2026-11-29 23:00")
    assert await asked(night) == []
    await night.until("2026-11-30 15:29")
    assert await asked(night) == []
    await night.until("2026-11-30 16:30")
    assert await asked(night) == OWNERS
    await night.until("2026-12-01 16:30")
    assert await asked(night) == sorted([*OWNERS, *OWNERS])


async def test_the_question_counts_the_own_units_as_they_are(night: Night) -> None:
    await night.say("iz-room", "occupied")
    await night.say("iz-house", "turnover")
    await night.until("2026-11-30 15:30")
    [message] = await night.rows(Message, key="message.units_round", recipient_id="ocmw_izegem")
    assert message.facts == {"free": 1, "turnover": 1, "busy": 1, "out": 0}
    assert (message.recipient_kind, message.about_id, message.urgent) == ("owner", "2026-11-30", False)


async def test_who_has_only_occupied_units_is_asked_once_a_week(night: Night) -> None:
    for unit_id in ("in-house", "in-studio"):
        await night.say(unit_id, "occupied", "owner_ingelmunster")
    await night.until("2026-12-05 09:00")
    assert (await asked(night)).count("ocmw_ingelmunster") == 1
    assert (await asked(night)).count("ocmw_izegem") == 5
    await night.until("2026-12-07 15:30")
    assert (await asked(night)).count("ocmw_ingelmunster") == 2


async def test_an_occupied_unit_is_asked_about_when_its_use_ends_by_tomorrow(night: Night) -> None:
    await night.say("in-house", "occupied", "owner_ingelmunster", until=day("2026-12-03"))
    await night.say("in-studio", "occupied", "owner_ingelmunster")
    await night.until("2026-12-03 15:30")
    days = [
        m.about_id
        for m in await night.rows(Message, recipient_id="ocmw_ingelmunster", key="message.units_round")
    ]
    # On Monday for the week, on Wednesday because it ends on Thursday, on Thursday because it is free.
    assert sorted(days) == ["2026-11-30", "2026-12-02", "2026-12-03"]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2027-03-25 15:00", "2027-03-31 16:00", ["03-25", "03-26", "03-30", "03-31"]),
        ("2027-10-28 15:00", "2027-11-03 16:00", ["10-28", "10-29", "11-02", "11-03"]),
    ],
)
async def test_two_job_processes_ask_once_a_day_also_when_the_clock_changes(
    night: Night, start: str, end: str, days: list[str]
) -> None:
    night.at(start)
    sweeps = [night.app.sweep, night.another_process().app.sweep]
    await sweeps[0].run()
    while (due := await sweeps[0].next_due()) is not None and due <= local(end):
        night.clock.set(max(due, night.clock.now()))
        await asyncio.gather(*(sweep.run() for sweep in sweeps))
    messages = await night.rows(Message, key="message.units_round", recipient_id="ocmw_izegem")
    assert sorted(f"{night.brussels(each.at):%m-%d %H:%M}" for each in messages) == [
        f"{d} 15:30" for d in days
    ]


async def test_a_round_that_was_missed_is_asked_the_same_day_or_not_at_all(night: Night) -> None:
    await night.app.sweep.run()
    night.at("2026-11-30 19:00")
    await night.app.sweep.run()
    assert await asked(night) == OWNERS
    night.at("2026-12-02 09:00")
    await night.app.sweep.run()
    assert await asked(night) == OWNERS


async def test_a_tap_on_the_round_confirms_and_one_on_yesterdays_does_not(night: Night) -> None:
    await night.until("2026-11-30 15:30")
    owner = await night.actor("owner_izegem")
    [message] = await night.rows(Message, key="message.units_round", recipient_id="ocmw_izegem")
    tap = f"m.{message.id}.all_right"
    assert (await night.unit("iz-studio")).freshness == "confirmed"
    night.at("2026-11-30 17:01")
    assert (await night.unit("iz-studio")).freshness == "unconfirmed"
    assert (await night.app.chat.choose(owner, tap))[-1].key == "news.all_right"
    assert (await night.unit("iz-studio")).freshness == "confirmed"
    assert (await night.unit("in-house")).freshness == "unconfirmed"
    night.at("2026-12-01 17:01")
    other = await night.actor("owner_ingelmunster")
    assert (await night.app.chat.choose(other, tap))[-1].key != "news.all_right"
    [yesterdays] = await night.rows(Message, key="message.units_round", recipient_id="ocmw_ingelmunster")
    said = await night.app.chat.choose(other, f"m.{yesterdays.id}.all_right")
    assert said[-1].key == "refusal.round_over"
    assert (await night.unit("in-house")).freshness == "unconfirmed"


async def test_a_round_confirmed_while_a_bed_is_given_breaks_neither(night: Night) -> None:
    for turn in range(5):
        request = await night.request()
        other = night.another_process()
        owner = await other.actor("owner_izegem")
        booking, confirmed = await asyncio.gather(
            night.book(request, "iz-studio"), other.app.units.confirm_all(owner, f"round-{turn}")
        )
        assert {each.freshness for each in confirmed} == {"confirmed"}
        unit = await night.unit("iz-studio")
        assert (unit.status, unit.freshness) == ("booked", "confirmed")
        await night.cancel(booking)
    assert await night.app.invariants.broken(night.clock.now()) == []
    assert await night.app.view.differences(night.clock.now()) == []


async def without_mandate(night: Night, unit_id: str = "iz-studio") -> None:
    async with night.store.transaction() as tx:
        [unit] = await tx.find(Unit, id=unit_id)
        await tx.save(replace(unit, mandate=False, version=unit.version + 1))


async def tapped(night: Night, way: str, who: str = "owner_izegem") -> str:
    """The key of what is said after a tap on the newest question to the owner."""
    [message] = await night.rows(Message, key="message.unit_held")
    return (await night.app.chat.choose(await night.actor(who), f"m.{message.id}.{way}"))[-1].key


async def test_the_owner_of_a_unit_without_mandate_is_asked_and_the_desk_hears_yes(night: Night) -> None:
    await without_mandate(night)
    await night.hold(await night.request(), "iz-house")
    assert await night.told("unit_held") == []
    request = await night.request(children=1)
    hold = await night.hold(request, "iz-studio")
    [message] = await night.rows(Message, key="message.unit_held")
    assert message.facts["persons"] == 2 and "reference" not in message.facts
    assert await tapped(night, "owner_yes") == "news.owner_yes"
    assert await night.told("owner_yes", "owner_no") == [("calltaker", "owner_yes")]
    assert (await night.book_held(hold)).state == "booked"
    assert await tapped(night, "owner_no") == "refusal.no_longer_held"
    assert (await night.unit("iz-studio")).status == "booked"


async def test_a_no_keeps_the_unit_with_its_owner_in_these_nights_and_frees_the_hold(night: Night) -> None:
    await without_mandate(night)
    request = await night.request()
    hold = await night.hold(request, "iz-studio")
    assert await tapped(night, "owner_no") == "news.owner_no"
    assert await night.told("owner_no") == [("calltaker", "owner_no")]
    unit = await night.unit("iz-studio")
    assert (unit.status, unit.until) == ("occupied", MONDAY.isoformat())
    assert "iz-studio" not in await night.proposed(request)
    assert (await refusal(night.book_held(hold))).code == "owner_said_no"
    await night.say("iz-studio", "free")
    assert "iz-studio" in await night.proposed(request)
    assert await night.app.view.differences(night.clock.now()) == []


async def test_ten_minutes_later_or_from_another_owner_no_word_counts(night: Night) -> None:
    await without_mandate(night)
    await night.hold(await night.request(), "iz-studio")
    assert await tapped(night, "owner_no", "owner_ingelmunster") != "news.owner_no"
    night.later(minutes=10)
    assert await tapped(night, "owner_no") == "refusal.no_longer_held"
    [hold] = await night.rows(Hold)
    assert (hold.owner_said, hold.owner_asked_at) == (None, hold.at)


async def test_a_no_and_a_booking_at_the_same_moment_end_in_one_of_them(night: Night) -> None:
    for turn in range(6):
        await without_mandate(night)
        hold = await night.hold(await night.request(), "iz-studio")
        other = night.another_process()
        asked_of = other.app.chat
        owner = await other.actor("owner_izegem")
        newest = next(m for m in await night.rows(Message, about_id=hold.id))
        booked, said = await asyncio.gather(
            night.book_held(hold), asked_of.choose(owner, f"m.{newest.id}.owner_no"), return_exceptions=True
        )
        unit = await night.unit("iz-studio")
        if isinstance(booked, BaseException):
            assert unit.status == "occupied"
            await night.say("iz-studio", "free")
        else:
            assert not isinstance(said, BaseException) and said[-1].key == "refusal.no_longer_held"
            assert unit.status == "booked", turn
            await night.cancel(booked)
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_unit_that_is_made_ready_can_be_ready_today(night: Night) -> None:
    night.at("2026-11-30 09:00")
    said = await night.say("iz-studio", "turnover", until=MONDAY)
    assert said.until == "2026-11-30T15:00:00+00:00"
    night.at("2026-11-30 16:00")
    assert (await refusal(night.say("iz-studio", "turnover", until=MONDAY))).code == "bad_input"
