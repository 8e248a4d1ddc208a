"""Where people hide: the unit is known to who brings them, its owner, who took the case, who gave it. Nobody else."""

from datetime import timedelta
from typing import Any

import pytest

from crisispool.domain.errors import NotThere
from crisispool.domain.request import RequestKind, RequestNote
from crisispool.domain.secret import Secret
from crisispool.services.answers import BookingAnswer
from crisispool.services.sight import ACCESS_REASON
from tests.support.night import MONDAY, Night, refusal
from tests.support.region import IZEGEM

KINDS = (RequestKind.VIOLENCE, RequestKind.BARRING_ORDER)


async def hidden(night: Night, kind: RequestKind = RequestKind.VIOLENCE, **fields: Any) -> BookingAnswer:
    """A woman of Izegem, brought by the police, in a house in Ingelmunster; the calltaker booked it."""
    return await night.book(await night.request("referrer", kind=kind, origin=IZEGEM, **fields), "in-house")


async def place(night: Night, booking: BookingAnswer, by: str) -> str | None:
    """The unit as this colleague sees it: the same alone and in the list."""
    one = (await night.view(booking, by)).unit_id
    listed = {each.id: each.unit_id for each in await night.app.bookings.mine(await night.actor(by))}
    assert listed[booking.id] == one
    return one


@pytest.mark.parametrize("kind", KINDS)
async def test_the_unit_is_known_to_few_at_night(night: Night, kind: RequestKind) -> None:
    booking = await hidden(night, kind)
    for who in ("referrer", "calltaker", "owner_ingelmunster"):
        assert await place(night, booking, who) == "in-house", who
    for who in ("calltaker_2", "coordinator"):
        assert await place(night, booking, who) is None, who
    reason = Secret("De politie staat aan een verkeerde deur.")
    await night.add(
        RequestNote("n", booking.request_id, ACCESS_REASON, reason, "coordinator", night.clock.now())
    )
    assert await place(night, booking, "coordinator") == "in-house"


async def test_what_others_do_with_the_booking_tells_them_no_more(night: Night) -> None:
    booking = await hidden(night)
    assert (await night.check_in(booking, "calltaker_2")).unit_id is None
    moved = await night.move(booking, by="calltaker_2")
    assert moved.unit_id is not None and await place(night, moved, "calltaker") is None
    assert (await night.check_out(moved, "coordinator")).unit_id is None
    assert (await night.unit(moved.unit_id)).status == "turnover"


async def test_a_refusal_does_not_say_where_they_hide(night: Night) -> None:
    booking = await hidden(night)
    early = [await refusal(night.not_yet_left(booking, who)) for who in ("calltaker_2", "coordinator")]
    await night.until("2026-11-29 23:00")
    await night.say("in-house", "occupied", "owner_ingelmunster", since=MONDAY)
    taken = [await refusal(night.extend(booking, who)) for who in ("calltaker_2", "coordinator")]
    await night.say("in-house", "free", "owner_ingelmunster", since=MONDAY)
    await night.book(
        await night.request(), "in-house", "coordinator", night=MONDAY + timedelta(days=1), nights=1
    )
    next_ones = [await refusal(night.stays_as(booking))]
    assert [no.code for no in early + taken + next_ones] == [
        "booked_until", "booked_until", "unit_occupied", "unit_occupied", "booked_until",
    ]  # fmt: skip
    for no in early + taken + next_ones:
        assert "in-house" not in str(no.facts), no.code


async def test_a_service_learns_the_unit_when_a_worker_has_taken_the_case(night: Night) -> None:
    booking = await hidden(night)
    await night.until("2026-11-30 08:00")
    [handover] = await night.handovers("worker_izegem")
    assert await place(night, booking, "worker_izegem") is None
    await night.accept(handover, "worker_izegem")
    assert await place(night, booking, "worker_izegem") == "in-house"
    assert await place(night, booking, "worker_caw") is None


async def test_the_list_of_units_tells_a_service_nothing_by_which_it_would_find_them(night: Night) -> None:
    booking = await hidden(night)
    other = await night.book(await night.request(), "iz-house")
    units = {each.id: each for each in await night.app.units.all(await night.actor("worker_izegem"))}
    for unit_id in ("in-house", "iz-house"):
        assert (units[unit_id].status, units[unit_id].until, units[unit_id].checkout) == (
            "booked",
            None,
            None,
        )
        assert units[unit_id].persons is None
    assert (await night.unit("in-house", "owner_ingelmunster")).checkout == booking.checkout
    assert (await night.unit("iz-house", "calltaker_2")).checkout == other.checkout


async def test_elsewhere_everybody_with_a_part_in_it_knows_the_unit(night: Night) -> None:
    booking = await night.book(await night.request("referrer"), "iz-house")
    for who in ("referrer", "calltaker_2", "coordinator", "owner_izegem"):
        assert await place(night, booking, who) == "iz-house", who


async def test_who_asked_hears_no_more_once_they_are_inside(night: Night) -> None:
    request = await night.request("referrer")
    booking = await night.book(request, "iz-house")
    referrer = await night.actor("referrer")
    before = await night.view(booking, "referrer")
    assert (before.unit_id, before.nights, before.state) == ("iz-house", booking.nights, "booked")
    arrived = await night.check_in(booking, "referrer")
    for answer in (arrived, await night.view(booking, "referrer")):
        assert (answer.state, answer.unit_id, answer.nights, answer.checkout) == (
            "checked_in",
            None,
            (),
            None,
        )
    assert await night.app.bookings.mine(referrer) == []
    assert (await night.app.intake.view(referrer, request.id)).bookings == ()
    await night.until("2026-11-29 11:00")
    await night.check_out(booking)
    assert await night.view(booking, "referrer") == await night.view(arrived, "referrer")
    assert (await night.view(booking, "referrer")).state == "checked_in"
    assert [each.id for each in await night.app.bookings.mine(referrer, everything=True)] == [booking.id]


async def test_silence_until_six_counts_as_inside_for_who_asked(night: Night) -> None:
    booking = await night.book(await night.request("referrer"), "iz-house")
    night.at("2026-11-28 05:59")
    assert (await night.view(booking, "referrer")).checkout == booking.checkout
    night.at("2026-11-28 06:00")
    answer = await night.view(booking, "referrer")
    assert (answer.state, answer.checkout, answer.unit_id) == ("booked", None, None)
    assert (await night.view(booking, "calltaker_2")).checkout == booking.checkout


async def test_a_bed_that_fell_through_is_told_to_who_asked(night: Night) -> None:
    request = await night.request("referrer")
    for end in (night.cancel, night.no_show):
        booking = await night.book(request, "iz-house")
        await end(booking)
        seen = await night.view(booking, "referrer")
        assert (seen.state, seen.checkout) == ((await night.view(booking)).state, booking.checkout)
        assert seen.state in ("cancelled", "no_show")


@pytest.mark.parametrize("arrival", [True, False], ids=["arrived", "nothing said"])
async def test_a_later_bed_of_the_same_people_does_not_exist_for_who_brought_them(
    night: Night, arrival: bool
) -> None:
    booking = await night.book(await night.request("referrer"), "iz-house")
    if arrival:
        await night.check_in(booking, "referrer")
    night.at("2026-11-30 10:00")
    longer = await night.extend(booking, "coordinator", unit_id="iz-studio")
    referrer = await night.actor("referrer")
    for doing in (
        night.view(longer, "referrer"),
        night.cancel(longer, "referrer"),
        night.no_show(longer, "referrer"),
        night.move(longer, by="referrer"),
        night.app.pages.link(referrer, night.op(), "access", longer.id),
    ):
        assert isinstance(await refusal(doing), NotThere)


async def test_a_move_once_they_were_inside_does_not_show_who_brought_them_where_to(night: Night) -> None:
    booking = await night.book(await night.request("referrer"), "iz-house")
    at_the_door = await night.move(booking, by="referrer")
    assert (await night.view(at_the_door, "referrer")).unit_id == at_the_door.unit_id
    await night.check_in(at_the_door, "referrer")
    night.later(minutes=10)
    later = await night.move(at_the_door, "someone_inside")
    assert isinstance(await refusal(night.view(later, "referrer")), NotThere)
    assert isinstance(await refusal(night.cancel(later, "referrer")), NotThere)


@pytest.mark.parametrize("arrival", [True, False], ids=["arrived", "nothing said"])
async def test_whatever_who_asked_tries_they_are_not_told_whether_people_still_stay(
    night: Night, arrival: bool
) -> None:
    async def tried(booking: BookingAnswer) -> list[tuple[str, object]]:
        referrer = await night.actor("referrer")
        said: list[tuple[str, object]] = []
        for doing in (
            night.cancel(booking, "referrer"),
            night.no_show(booking, "referrer"),
            night.move(booking, by="referrer"),
            night.app.pages.link(referrer, night.op(), "access", booking.id),
        ):
            no = await refusal(doing)
            said.append((no.code, {name for name in no.facts if name != "reference"}))
        if arrival:
            said.append(("check_in", (await night.check_in(booking, "referrer")).state))
        return said

    staying, leaving = [
        await night.book(await night.request("referrer"), unit) for unit in ("iz-house", "iz-studio")
    ]
    if arrival:
        await night.check_in(staying)
        await night.check_in(leaving)
    await night.until("2026-11-29 11:00")
    await night.check_out(leaving)
    assert await tried(staying) == await tried(leaving)
    assert (await night.check_in(leaving, "referrer")).checkout is None
    assert (await night.view(leaving)).state == "checked_out"
