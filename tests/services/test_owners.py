"""Owners: their promise is kept, their own use wins over a free unit and never over a hold or a booking."""

from dataclasses import replace
from typing import Any

import pytest

from crisispool.domain.unit import Placement, StatusEvent, Unit, UnitSource
from crisispool.services.answers import UnitAnswer
from crisispool.services.asks import UnitAsk
from tests.support.night import FRIDAY, MONDAY, SATURDAY, SUNDAY, Night, day, refusal


async def change(night: Night, unit_id: str, by: str = "owner_izegem", **fields: object) -> UnitAnswer:
    """What the owner changes of a unit."""
    ask = UnitAsk(**fields)  # type: ignore[arg-type]  # the names are those of the ask
    return await night.app.units.change(await night.actor(by), night.op(), unit_id, ask)


async def test_a_stay_never_passes_the_morning_that_was_promised(night: Night) -> None:
    await change(night, "iz-studio", free_until=SUNDAY)
    await change(night, "iz-room", free_until=MONDAY)
    request, single = await night.request(), await night.request()
    assert "iz-studio" not in await night.proposed(request)
    assert (await refusal(night.hold(request, "iz-studio"))).code == "unit_promised"
    assert (await refusal(night.book(request, "iz-studio", "coordinator"))).code == "unit_promised"
    booking = await night.book(single, "iz-room")
    assert booking.checkout == MONDAY
    night.at("2026-11-30 07:00")
    assert (await refusal(night.extend(booking, "coordinator"))).code == "unit_promised"
    await change(night, "iz-room", clear=("free_until",))
    assert (await night.extend(booking, "coordinator")).checkout == day("2026-12-01")


async def test_an_owners_use_wins_over_a_free_unit_at_once(night: Night) -> None:
    said = await night.say("iz-studio", "occupied", until=day("2026-12-10"))
    assert (said.status, said.until) == ("occupied", "2026-12-10")
    assert "iz-studio" not in await night.proposed(await night.request())
    assert (await refusal(night.book(await night.request(), "iz-studio"))).code == "unit_occupied"
    assert (await night.say("iz-studio", "free")).status == "free"
    assert "iz-studio" in await night.proposed(await night.request())
    assert {row.said for row in await night.rows(StatusEvent)} == {"occupied", "free"}


@pytest.mark.parametrize("status", ["occupied", "out_of_service", "turnover"])
async def test_nothing_an_owner_says_breaks_a_hold_or_a_booking(night: Night, status: str) -> None:
    request = await night.request()
    hold = await night.hold(request, "iz-studio")
    no = await refusal(night.say("iz-studio", status))
    assert (no.code, no.facts["earliest"]) == ("held_until", "2026-11-30")
    booking = await night.book_held(hold)
    no = await refusal(night.say("iz-studio", status))
    assert (no.code, no.facts["earliest"]) == ("booked_until", "2026-11-30")
    assert (await night.unit("iz-studio")).status == "booked"
    await night.cancel(booking)
    assert (await night.say("iz-studio", status)).status == status


async def test_a_planned_use_of_the_owner_bounds_a_stay(night: Night) -> None:
    await night.add(Placement("planned", "iz-studio", SUNDAY, None))
    await night.app.view.rebuild(night.clock.now())
    request = await night.request()
    assert "iz-studio" not in await night.proposed(request)
    assert (await refusal(night.book(request, "iz-studio"))).code == "unit_occupied"
    # The planned use has not begun: who says free tonight does not end it.
    await night.say("iz-studio", "free")
    assert [row.ended_at for row in await night.rows(Placement)] == [None]


async def test_who_looked_at_an_older_version_is_told(night: Night) -> None:
    seen = await night.unit("iz-studio", "owner_izegem")
    await night.say("iz-studio", "turnover", version=seen.version)
    no = await refusal(night.say("iz-studio", "free", version=seen.version))
    assert (no.code, no.facts["version"]) == ("version_passed", seen.version + 1)
    assert (await night.unit("iz-studio")).status == "turnover"


async def test_a_date_that_is_over_or_a_status_nobody_knows_is_bad_input(night: Night) -> None:
    for status, until in (("occupied", day("2026-11-27")), ("turnover", day("2026-11-01")), ("gone", None)):
        assert (await refusal(night.say("iz-studio", status, until=until))).code == "bad_input"
    assert await night.rows(StatusEvent) == []


async def test_one_tap_confirms_all_own_units_and_no_others(night: Night) -> None:
    async with night.store.transaction() as tx:
        for unit in await tx.find(Unit):
            await tx.save(replace(unit, confirmed_at=None, version=unit.version + 1))
    owner = await night.actor("owner_izegem")
    confirmed = await night.app.units.confirm_all(owner, "all")
    assert {each.id for each in confirmed} == {"iz-room", "iz-studio", "iz-house"}
    assert {each.freshness for each in confirmed} == {"confirmed"}
    assert (await night.unit("in-house")).freshness == "stale"
    assert [each.id for each in await night.app.units.confirm_all(owner, "all")] == [
        each.id for each in confirmed
    ]


async def test_an_owner_sees_how_many_sleep_in_the_own_unit_and_nobody_elses(night: Night) -> None:
    booking = await night.book(await night.request(children=2), "in-house")
    own = await night.unit("in-house", "owner_ingelmunster")
    assert (own.persons, own.checkout) == (3, booking.checkout)
    assert (await refusal(night.unit("in-house", "owner_izegem"))).code == "not_there"
    assert (await night.unit("in-house", "calltaker")).persons is None


async def test_a_use_that_is_planned_begins_on_its_day_and_can_be_taken_away(night: Night) -> None:
    said = await night.say("iz-studio", "occupied", since=SUNDAY, until=day("2026-12-10"))
    assert (said.status, said.until) == ("free", SUNDAY.isoformat())
    assert "iz-studio" not in await night.proposed(await night.request())
    await night.until("2026-11-29 12:00")
    assert (await night.unit("iz-studio")).status == "occupied"
    planned = await night.say("iz-room", "occupied", since=day("2026-12-05"))
    assert (planned.until, planned.cleaned) == ("2026-12-05", True)
    assert (await night.say("iz-room", "free", since=day("2026-12-01"))).until is None
    assert await night.app.view.differences(night.clock.now()) == []


async def test_a_planned_use_waits_until_whoever_is_there_has_left(night: Night) -> None:
    booking = await night.book(await night.request(), "iz-studio")
    no = await refusal(night.say("iz-studio", "occupied", since=SUNDAY))
    assert (no.code, no.facts["earliest"]) == ("booked_until", MONDAY.isoformat())
    await night.say("iz-studio", "occupied", since=MONDAY)
    night.at("2026-11-30 07:00")
    assert (await refusal(night.extend(booking, "coordinator"))).code == "unit_occupied"


@pytest.mark.parametrize(
    ("status", "since", "until"),
    [
        ("occupied", "2026-11-20", None),
        ("turnover", "2026-12-01", None),
        ("occupied", "2026-12-05", "2026-12-05"),
    ],
)
async def test_a_plan_that_cannot_be_meant_is_bad_input(
    night: Night, status: str, since: str, until: str | None
) -> None:
    no = await refusal(night.say("iz-studio", status, since=day(since), until=day(until) if until else None))
    assert no.code == "bad_input"
    assert await night.rows(Placement) == []


async def test_a_promise_is_not_made_over_people_who_are_there(night: Night) -> None:
    await night.book(await night.request(), "iz-studio")
    no = await refusal(change(night, "iz-studio", free_until=SUNDAY))
    assert (no.code, no.facts["earliest"]) == ("booked_until", MONDAY.isoformat())
    assert (await change(night, "iz-studio", free_until=MONDAY)).free_until == MONDAY


@pytest.mark.parametrize("less", [{"leaves_on": FRIDAY}, {"joined_on": day("2026-12-24")}])
async def test_a_running_hold_becomes_a_booking_though_the_owner_withdraws_meanwhile(
    night: Night, less: dict[str, Any]
) -> None:
    hold = await night.hold(await night.request(), "iz-studio")
    await change(night, "iz-studio", **less)
    assert "iz-studio" not in await night.proposed(await night.request())
    booking = await night.book_held(hold)
    assert booking.checkout == MONDAY
    night.at("2026-11-30 07:00")
    assert (await refusal(night.extend(booking, "coordinator"))).code == "unit_not_offered"


async def test_a_withdrawal_leaves_those_who_are_there_where_they_are(night: Night) -> None:
    booking = await night.book(await night.request(), "iz-studio")
    await change(night, "iz-studio", leaves_on=SATURDAY)
    assert (await night.view(booking)).checkout == MONDAY
    assert await night.app.invariants.broken(night.clock.now()) == []


async def test_a_rota_unit_is_offered_in_the_weeks_its_owner_names(night: Night) -> None:
    async with night.store.transaction() as tx:
        [unit] = await tx.find(Unit, id="iz-studio")
        await tx.save(replace(unit, source=UnitSource.ROTA, version=unit.version + 1))
    await night.app.view.rebuild(night.clock.now())
    request = await night.request(night=MONDAY)
    assert "iz-studio" not in await night.proposed(request)
    await change(night, "iz-studio", rota_weeks=(MONDAY,))
    assert "iz-studio" in await night.proposed(request)
    assert (await refusal(night.book(await night.request(), "iz-studio"))).code == "unit_not_offered"
    for weeks, unit_id in (((day("2026-12-01"),), "iz-studio"), ((MONDAY,), "iz-room")):
        assert (await refusal(change(night, unit_id, rota_weeks=weeks))).code == "bad_input"
