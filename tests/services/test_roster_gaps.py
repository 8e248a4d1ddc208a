"""Gaps in the rosters with the real services: filled, made by taking somebody off, an offer taken back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from crisispool.domain.duty import Duty, DutyShift, OfferState, ShiftOffer
from crisispool.domain.errors import BadInput, Refusal
from crisispool.domain.record import AuditEntry, Message
from tests.services.talking import NOW, Desk
from tests.services.test_rosters import TOMORROW, TONIGHT, Opening, covered, opening, told
from tests.support.night import refusal

__all__ = ["opening"]

SATURDAY = (TONIGHT[1], TOMORROW[0])
"""Between tonight's shift and tomorrow's nobody is at the desk."""

LATER = (datetime(2026, 12, 7, 16, tzinfo=UTC), datetime(2026, 12, 8, 7, 30, tzinfo=UTC))


async def fill(
    talk: Desk,
    op: str,
    who: str,
    stretch: tuple[datetime, datetime] = SATURDAY,
    duty: Duty = Duty.CALLTAKER,
    by: str = "coordinator",
) -> str:
    """Put somebody in a gap; the id of the shift."""
    made = await talk.errands.of_duty.gaps.fill(await talk.actor(by), op, duty, who, *stretch)
    return made.id


async def test_a_coordinator_fills_exactly_the_gap_and_the_colleague_hears_it(opening: Opening) -> None:
    talk = await opening()
    screen = await talk.say("coordinator", "Wachtrooster", "Vul een gat")
    gap = next(each["label"] for each in screen.choices if each["label"].startswith("permanentie"))
    assert "zaterdag 28 november, 6.04 uur" in gap
    screen = await talk.say("coordinator", gap, "calltaker_2")
    assert screen.text.startswith("De wacht is van calltaker_2.")
    assert await covered(talk) == [
        ("calltaker", *TONIGHT),
        ("calltaker_2", *SATURDAY),
        ("calltaker", *TOMORROW),
    ]
    (message,) = await talk.every(Message, key="message.gap_filled")
    assert (message.recipient_id, message.urgent) == ("calltaker_2", True)
    assert [row.action for row in await talk.every(AuditEntry)].count("shift.filled") == 1


async def test_whoever_gets_a_shift_that_is_days_away_is_not_woken(opening: Opening) -> None:
    talk = await opening()
    await fill(talk, "op-1", "calltaker_2", LATER)
    (message,) = await talk.every(Message, key="message.gap_filled")
    assert not message.urgent


async def test_who_fills_a_gap_second_hears_who_was_first(opening: Opening) -> None:
    talk = await opening()
    await fill(talk, "op-1", "calltaker_2")
    no = await refusal(fill(talk, "op-2", "calltaker"))
    assert (no.code, no.facts) == ("gap_filled", {"by": "calltaker_2"})
    no = await refusal(fill(talk, "op-3", "calltaker", (SATURDAY[0] - timedelta(hours=1), SATURDAY[1])))
    assert no.code == "gap_filled", "a stretch that is covered in part is no gap"


async def test_of_two_who_fill_a_gap_at_the_same_moment_one_does(opening: Opening) -> None:
    talk = await opening()
    doing = (fill(talk, f"op-{who}", who) for who in ("calltaker", "calltaker_2"))
    done = await asyncio.gather(*doing, return_exceptions=True)
    assert [each.code for each in done if isinstance(each, Refusal)] == ["gap_filled"]
    assert len(await talk.every(DutyShift, starts_at=SATURDAY[0])) == 1


async def test_one_operation_sent_again_fills_once(opening: Opening) -> None:
    talk = await opening()
    assert await fill(talk, "op-1", "calltaker_2") == await fill(talk, "op-1", "calltaker_2")
    assert len(await talk.every(DutyShift, colleague_id="calltaker_2")) == 1


async def test_who_stands_on_another_roster_fills_a_gap_only_when_nobody_is_free(opening: Opening) -> None:
    talk = await opening()
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("behind", "net", Duty.BACKUP, "calltaker_2", *LATER))
    assert (await refusal(fill(talk, "op-1", "calltaker_2", LATER))).code == "on_duty_then"
    night = next(
        each
        for each in (await talk.errands.of_duty.rosters.roster(await talk.actor("coordinator"))).nights
        if f"{each.night}" == "2026-12-07"
    )
    assert next(gap.able for gap in night.open if gap.duty == Duty.CALLTAKER) == ("calltaker",)
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("behind too", "net", Duty.BACKUP, "calltaker", *LATER))
    await fill(talk, "op-2", "calltaker_2", LATER)


async def test_who_takes_the_calls_does_not_fill_the_gap_behind_the_desk(opening: Opening) -> None:
    talk = await opening()
    no = await refusal(fill(talk, "op-1", "calltaker", TOMORROW, Duty.BACKUP))
    assert no.code == "on_duty_then"
    await fill(talk, "op-2", "calltaker_2", TOMORROW, Duty.BACKUP)


async def test_a_gap_that_runs_is_filled_from_now_and_one_that_is_over_not_at_all(opening: Opening) -> None:
    talk = await opening()
    talk.clock.set(SATURDAY[0] + timedelta(hours=2))
    await fill(talk, "op-1", "calltaker_2")
    assert ("calltaker_2", SATURDAY[0] + timedelta(hours=2), SATURDAY[1]) in await covered(talk)
    talk.clock.set(TOMORROW[1] + timedelta(hours=2))
    gone = (TOMORROW[1], TOMORROW[1] + timedelta(hours=1))
    assert (await refusal(fill(talk, "op-2", "calltaker_2", gone))).code == "shift_over"


async def test_only_a_coordinator_fills_and_only_with_who_has_that_role(opening: Opening) -> None:
    talk = await opening()
    assert (await refusal(fill(talk, "op-1", "calltaker_2", by="calltaker"))).code == "not_your_role"
    for who in ("referrer", "nobody", "coordinator"):
        assert (await refusal(fill(talk, f"op-{who}", who))).code == "not_there"
    with pytest.raises(BadInput):
        await fill(talk, "op-2", "calltaker_2", (SATURDAY[1], SATURDAY[0]))


async def test_the_backup_who_takes_the_calls_is_no_backup_then_and_the_coordinator_hears_it_once(
    opening: Opening,
) -> None:
    talk = await opening()
    rosters, coordinator = talk.errands.of_duty.rosters, await talk.actor("coordinator")
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("behind", "net", Duty.BACKUP, "calltaker_2", TONIGHT[0], LATER[0]))
    assert Duty.BACKUP not in (await rosters.roster(coordinator)).nights[1].gaps
    for _ in range(2):
        await rosters.substitute(coordinator, "op-1", "tomorrow", "calltaker_2")
    (open_,) = [gap for gap in (await rosters.roster(coordinator)).nights[1].open if gap.duty == Duty.BACKUP]
    assert (open_.starts_at, open_.ends_at) == TOMORROW
    assert open_.able == ("calltaker",)
    (message,) = await talk.every(Message, key="message.no_backup")
    assert (message.recipient_id, message.facts["by"]) == ("coordinator", "calltaker_2")
    await fill(talk, "op-2", "calltaker", TOMORROW, Duty.BACKUP)
    assert Duty.BACKUP not in (await rosters.roster(coordinator)).nights[1].gaps


async def test_a_shift_that_leaves_a_gap_comes_off_only_when_said_twice(opening: Opening) -> None:
    talk = await opening()
    screen = await talk.say(
        "coordinator",
        "Wachtrooster",
        "Toon alle nachten",
        "Vervang calltaker: zaterdag 28 november, permanentie",
        "Haal van de lijst",
    )
    assert screen.key == "duty.off" and ("calltaker", *TOMORROW) in await covered(talk)
    screen = await talk.say("coordinator", "Ja, haal van de lijst")
    assert screen.text.startswith("De wacht van calltaker is van de lijst.")
    assert await covered(talk) == [("calltaker", *TONIGHT)]
    assert await told(talk, "calltaker") == await told(talk, "coordinator") == ["shift_taken_off_open"]
    (off,) = await talk.every(ShiftOffer)
    assert (off.state, off.from_id) == (OfferState.TAKEN_OFF, "calltaker")


async def test_where_somebody_else_is_a_shift_comes_off_at_once_and_its_offer_with_it(
    opening: Opening,
) -> None:
    talk = await opening()
    duty = talk.errands.of_duty
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("beside", "net", Duty.CALLTAKER, "calltaker_2", *TOMORROW))
    offer = await duty.rosters.offer(await talk.actor("calltaker"), "op-1", "tomorrow")
    await duty.gaps.take_off(await talk.actor("coordinator"), "op-2", "tomorrow")
    assert "shift_taken_off" in await told(talk, "calltaker")
    accepting = duty.rosters.accept(await talk.actor("calltaker_2"), "op-3", offer.id)
    assert (await refusal(accepting)).code == "not_there"


async def test_a_shift_that_has_begun_stays_on_the_roster(opening: Opening) -> None:
    talk = await opening()
    gaps, coordinator = talk.errands.of_duty.gaps, await talk.actor("coordinator")
    assert (await refusal(gaps.take_off(coordinator, "op-1", "tonight", sure=True))).code == "shift_begun"
    assert (await refusal(gaps.take_off(coordinator, "op-2", "none", sure=True))).code == "not_there"
    calltaker = await talk.actor("calltaker")
    assert (await refusal(gaps.take_off(calltaker, "op-3", "tomorrow", sure=True))).code == "not_your_role"


async def test_an_offer_is_taken_back_by_who_made_it(opening: Opening) -> None:
    talk = await opening()
    mine = "Van mij: zaterdag 28 november, permanentie"
    await talk.say("calltaker", "Wachtrooster", mine, "Wie eerst wil")
    screen = await talk.say("calltaker", "Van mij, aangeboden: zaterdag 28 november, permanentie")
    assert screen.key == "duty.keep"
    screen = await talk.say("calltaker", "Ja, ik houd ze")
    assert screen.text.startswith("De wacht blijft van jou.")
    (message,) = await talk.every(Message, key="message.shift_offered")
    await talk.choose("calltaker_2", f"m.{message.id}.take_shift")
    assert await covered(talk) == [("calltaker", *TONIGHT), ("calltaker", *TOMORROW)]
    assert (await talk.say("calltaker", mine)).key == "duty.give", "it can be offered anew"


async def test_what_was_taken_meanwhile_is_not_taken_back(opening: Opening) -> None:
    talk = await opening()
    rosters, calltaker = talk.errands.of_duty.rosters, await talk.actor("calltaker")
    offer = await rosters.offer(calltaker, "op-1", "tomorrow")
    other = rosters.take_back(await talk.actor("calltaker_2"), "op-2", offer.id)
    assert (await refusal(other)).code == "not_there"
    await rosters.accept(await talk.actor("calltaker_2"), "op-3", offer.id)
    no = await refusal(rosters.take_back(calltaker, "op-4", offer.id))
    assert (no.code, no.facts) == ("shift_gone", {"by": "calltaker_2"})


async def test_a_running_shift_that_was_taken_is_not_taken_back_either(opening: Opening) -> None:
    talk = await opening()
    rosters, calltaker = talk.errands.of_duty.rosters, await talk.actor("calltaker")
    offer = await rosters.offer(calltaker, "op-1", "tonight")
    await rosters.accept(await talk.actor("calltaker_2"), "op-2", offer.id)
    no = await refusal(rosters.take_back(calltaker, "op-3", offer.id))
    assert (no.code, no.facts) == ("shift_gone", {"by": "calltaker_2"})


async def gaps_told(talk: Desk) -> list[tuple[str, str, str]]:
    """The gaps that coordinators heard of: duty, since, until."""
    rows = await talk.every(Message, key="message.roster_gap")
    return sorted((row.facts["duty"]["key"], row.facts["since"], row.facts["until"]) for row in rows)


async def test_at_four_each_roster_without_somebody_tonight_is_told_once(opening: Opening) -> None:
    talk = await opening()
    await talk.sweep.run()
    four = datetime(2026, 11, 28, 15, tzinfo=UTC)
    for moment in (four - timedelta(minutes=1), four, four, four + timedelta(hours=3)):
        assert await gaps_told(talk) == [] or moment >= four
        talk.clock.set(moment)
        await talk.sweep.run()
    # No backup roster is kept here; the desk is empty until five, the coordinator on call goes at six.
    found = await gaps_told(talk)
    assert [duty for duty, _, _ in found] == ["duty.name.calltaker", "duty.name.coordinator"]
    assert found[0][1:] == (four.isoformat(), TOMORROW[0].isoformat())
    assert found[1][1:] == (TOMORROW[1].isoformat(), (four + timedelta(days=1)).isoformat())
    (message, _) = await talk.every(Message, key="message.roster_gap")
    assert (message.recipient_id, message.urgent) == ("coordinator", True)


async def test_where_somebody_stands_behind_the_desk_their_gap_is_told_too(opening: Opening) -> None:
    talk = await opening()
    await talk.sweep.run()
    async with talk.store.transaction() as tx:
        await tx.add(DutyShift("behind", "net", Duty.BACKUP, "calltaker_2", *LATER))
    talk.clock.set(datetime(2026, 11, 28, 15, tzinfo=UTC))
    await talk.sweep.run()
    assert "duty.name.backup" in [duty for duty, _, _ in await gaps_told(talk)]


async def test_a_gap_that_was_filled_before_four_is_not_told(opening: Opening) -> None:
    talk = await opening()
    await talk.sweep.run()
    await fill(talk, "op-1", "calltaker_2")
    await fill(talk, "op-2", "calltaker_2", (TOMORROW[1], TOMORROW[1] + timedelta(days=1)))
    talk.clock.set(datetime(2026, 11, 28, 15, tzinfo=UTC))
    await talk.sweep.run()
    assert [duty for duty, _, _ in await gaps_told(talk)] == ["duty.name.coordinator"]


async def test_a_gap_that_is_over_is_no_gap_any_more(opening: Opening) -> None:
    talk = await opening()
    roster = await talk.errands.of_duty.rosters.roster(await talk.actor("coordinator"))
    assert all(gap.starts_at >= NOW for night in roster.nights for gap in night.open)
