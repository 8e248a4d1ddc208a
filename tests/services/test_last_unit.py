"""The last unit: one booking, and every loser is told so plainly, with nothing changed."""

import asyncio

import pytest

from crisispool.domain.booking import Booking, BookingPerson, Hold, PersonNight, StayDecision, UnitNight
from crisispool.domain.errors import Refusal
from crisispool.domain.handover import Case
from crisispool.domain.record import Message
from crisispool.domain.request import Request
from tests.support.night import Night, refusal

LOST = {"no_longer_free", "unit_booked", "unit_held"}


@pytest.fixture(params=["with the live view", "redis stopped"])
def desk(request: pytest.FixtureRequest) -> Night:
    """The night, with and without the live view."""
    name = "night" if request.param == "with the live view" else "without_redis"
    found: Night = request.getfixturevalue(name)
    return found


async def test_of_many_who_book_the_last_unit_one_gets_it_and_nothing_of_the_others_stays(
    desk: Night,
) -> None:
    await desk.only_free("in-studio")
    requests = [await desk.request() for _ in range(12)]
    desks = [desk, desk.another_process(), desk.another_process()]
    done = await asyncio.gather(
        *(desks[n % 3].book(request, "in-studio") for n, request in enumerate(requests)),
        return_exceptions=True,
    )
    lost = [each for each in done if isinstance(each, BaseException)]
    assert len(lost) == 11
    for no in lost:
        assert isinstance(no, Refusal) and no.code in LOST
    [booking] = await desk.rows(Booking)
    assert [len(await desk.rows(kind)) for kind in (Case, StayDecision, BookingPerson)] == [1, 1, 1]
    assert len(await desk.rows(UnitNight)) == len(await desk.rows(PersonNight)) == 3
    states = {row.id: row.state for row in await desk.rows(Request)}
    assert states.pop(booking.request_id) == "booked"
    assert set(states.values()) == {"open"}
    assert [row.about_id for row in await desk.rows(Message)] == [booking.id]


async def test_of_two_who_hold_and_book_at_once_the_loser_gets_the_next_unit(desk: Night) -> None:
    await desk.only_free("in-studio", "iz-studio")
    requests, codes = [await desk.request() for _ in range(2)], set[str]()

    async def one(number: int) -> str:
        try:
            hold = await desk.hold(requests[number], "in-studio")
        except Refusal as lost:
            codes.add(lost.code)
            [following] = await desk.proposed(requests[number])
            hold = await desk.hold(requests[number], following)
        return str((await desk.book_held(hold)).unit_id)

    assert sorted(await asyncio.gather(one(0), one(1))) == ["in-studio", "iz-studio"]
    assert len(codes) == 1 and codes <= LOST
    assert await desk.proposed(await desk.request()) == []


async def test_an_owner_and_a_caller_at_once_never_both_get_the_unit(desk: Night) -> None:
    for unit_id in ("iz-room", "iz-studio", "iz-house"):
        request = await desk.request()
        done = await asyncio.gather(
            desk.book(request, unit_id),
            desk.another_process().say(unit_id, "occupied"),
            return_exceptions=True,
        )
        codes = {each.code for each in done if isinstance(each, Refusal)}
        assert codes in ({"booked_until"}, {"unit_occupied"})


async def test_everything_goes_on_without_redis(without_redis: Night) -> None:
    night = without_redis
    request = await night.request(children=2)
    found = await night.search(request)
    assert found.slow and found.proposals[0].unit_id == "in-house"
    booking = await night.book_held(await night.hold(request, "in-house"))
    assert (await refusal(night.book(await night.request(), "in-house"))).code == "unit_booked"
    moved = await night.move(await night.check_in(booking))
    await night.until("2026-11-30 08:00")
    assert [each.reference for each in await night.handovers()] == [booking.reference]
    await night.check_out(moved)
    assert await night.rows(Hold, ended_at=None) == []


async def test_a_view_that_was_emptied_or_lags_behind_turns_nobody_away_and_gives_nothing_twice(
    night: Night,
) -> None:
    request = await night.request()
    before = await night.app.pool.snapshot()
    await night.book(request, "in-studio")
    # The view as it was before: it says that the booked unit is free.
    await night.app.pool.rebuild(list(before.values()))
    other = await night.request()
    assert "in-studio" not in await night.proposed(other)
    assert (await refusal(night.hold(other, "in-studio"))).code in LOST
    assert (await refusal(night.book(other, "in-studio"))).code == "unit_booked"
    # The view says that nothing is free.
    await night.app.pool.rebuild([])
    assert "in-house" in await night.proposed(other)
    assert (await night.book_held(await night.hold(other, "in-house"))).unit_id == "in-house"
    await night.app.sweep.run()
    await night.app.view.rebuild(night.clock.now())
    assert await night.app.view.differences(night.clock.now()) == []
