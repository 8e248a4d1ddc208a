"""Holds: kept for a few minutes, for one request, and in nobody's way when they are over."""

import asyncio

import pytest

from crisispool.domain.booking import Hold, UnitNight
from crisispool.domain.errors import Refusal
from crisispool.domain.record import AuditEntry
from tests.support.night import FRIDAY, MONDAY, SATURDAY, Night, refusal


async def test_a_hold_is_for_one_block_and_ten_minutes(night: Night) -> None:
    hold = await night.hold(await night.request(), "in-studio")
    assert (hold.night, hold.nights, hold.checkout) == (FRIDAY, 3, MONDAY)
    assert (hold.until - night.clock.now()).total_seconds() == 600
    assert (await night.unit("in-studio")).status == "held"


async def test_a_held_unit_cannot_be_held_twice(night: Night) -> None:
    first, second = await night.request(), await night.request()
    await night.hold(first, "in-studio")
    no = await refusal(night.hold(second, "in-studio", "calltaker_2"))
    assert no.code in ("unit_held", "no_longer_free")
    assert (await refusal(night.book(second, "in-studio", "calltaker_2"))).code == "unit_held"
    assert "in-studio" not in await night.proposed(second)
    assert len(await night.rows(Hold)) == 1


async def test_nights_that_do_not_overlap_can_be_held_side_by_side(night: Night) -> None:
    request = await night.request()
    await night.hold(request, "in-studio", nights=1)
    assert (await night.hold(request, "in-studio", night=SATURDAY, nights=1)).night == SATURDAY


async def test_a_hold_lapses_by_itself(night: Night) -> None:
    await night.hold(await night.request(), "in-studio")
    night.later(minutes=10)
    await night.app.sweep.run()
    assert (await night.unit("in-studio")).status == "free"
    assert await night.rows(UnitNight) == []
    [said] = await night.rows(AuditEntry, action="unit.lapsed")
    assert said.subject_id == "in-studio"


async def test_a_lapsed_hold_is_in_nobodys_way_also_without_a_sweep(night: Night) -> None:
    first, second, third = await night.request(), await night.request(), await night.request()
    await night.hold(first, "in-studio")
    await night.hold(first, "in-house")
    night.later(minutes=9, seconds=59)
    assert (await refusal(night.book(second, "in-studio"))).code == "unit_held"
    night.later(seconds=1)
    assert (await night.unit("in-studio")).status == "free"
    await night.hold(second, "in-studio", "calltaker_2")
    assert (await night.book(third, "in-house", "calltaker_2")).unit_id == "in-house"


async def test_a_lapsed_hold_serves_as_long_as_the_unit_is_free_and_no_longer(night: Night) -> None:
    first, second = await night.request(), await night.request()
    kept, lost = await night.hold(first, "in-house"), await night.hold(second, "in-studio")
    night.later(minutes=12)
    await night.app.sweep.run()
    await night.hold(await night.request(), "in-studio", "calltaker_2")
    assert (await refusal(night.book_held(lost))).code == "unit_held"
    assert (await night.book_held(kept)).unit_id == "in-house"


async def test_a_hold_given_back_is_free_at_once_and_serves_no_more(night: Night) -> None:
    first, second = await night.request(), await night.request()
    hold = await night.hold(first, "in-studio")
    await night.release(hold)
    assert "in-studio" in await night.proposed(second)
    assert (await refusal(night.book_held(hold))).code == "hold_lapsed"
    assert (await night.book(second, "in-studio")).state == "booked"
    assert (await night.release(hold)).id == hold.id
    assert (await night.unit("in-studio")).status == "booked"


async def test_a_hold_serves_one_booking(night: Night) -> None:
    hold = await night.hold(await night.request(), "in-studio")
    booking = await night.book_held(hold)
    await night.cancel(booking)
    assert (await refusal(night.book_held(hold))).code == "hold_lapsed"


async def test_a_hold_of_a_closed_request_or_a_past_night_is_refused(night: Night) -> None:
    request = await night.request()
    assert (await refusal(night.hold(request, "in-studio", night=FRIDAY.replace(day=26)))).code == (
        "unit_night_past"
    )
    await night.refuse(request)
    assert (await refusal(night.hold(request, "in-studio"))).code == "request_closed"
    assert await night.rows(UnitNight) == []


@pytest.mark.parametrize("nights", [0, -1, 8])
async def test_a_number_of_nights_that_nobody_can_mean_is_bad_input(night: Night, nights: int) -> None:
    request = await night.request()
    for doing in (
        night.hold(request, "in-studio", nights=nights),
        night.book(request, "in-studio", nights=nights),
        night.search(request, nights=nights),
    ):
        no = await refusal(doing)
        assert (no.code, no.facts["field"]) == ("bad_input", "nights")


async def test_a_hold_is_not_there_for_who_made_up_its_id_and_not_mixed_with_another(night: Night) -> None:
    request, other = await night.request(), await night.request()
    hold = await night.hold(request, "in-studio")
    for fields in ({"request_id": other.id}, {"unit_id": "in-house"}):
        assert (await refusal(night.book_held(hold, **fields))).code == "bad_input"
    assert (await refusal(night.hold(request, "nowhere"))).code == "not_there"


async def test_of_many_who_hold_the_same_unit_at_once_one_gets_it(night: Night) -> None:
    desks = [night, night.another_process(), night.another_process()]
    requests = [await night.request() for _ in range(9)]
    done = await asyncio.gather(
        *(desks[n % 3].hold(request, "in-studio") for n, request in enumerate(requests)),
        return_exceptions=True,
    )
    lost = [each for each in done if isinstance(each, BaseException)]
    assert len(lost) == 8
    assert {each.code for each in lost if isinstance(each, Refusal)} <= {"unit_held", "no_longer_free"}
    assert all(isinstance(each, Refusal) for each in lost)
    [hold] = await night.rows(Hold)
    assert len(await night.rows(UnitNight, hold_id=hold.id)) == 3
    assert await night.app.view.differences(night.clock.now()) == []
