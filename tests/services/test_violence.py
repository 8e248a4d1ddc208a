"""Violence and barring orders: never the own municipality, never an avoided one, by no way in."""

import pytest

from crisispool.domain.booking import UnitNight
from crisispool.domain.request import RequestKind
from crisispool.domain.unit import Turnover
from crisispool.services.answers import RequestAnswer
from tests.support.night import FRIDAY, MONDAY, Night, refusal
from tests.support.region import INGELMUNSTER, IZEGEM, WIELSBEKE

HIDDEN = ("in-house", "in-studio", "wi-flat", "wi-house")


async def hiding(night: Night, kind: RequestKind = RequestKind.VIOLENCE) -> RequestAnswer:
    """A woman from Ingelmunster who also avoids Wielsbeke."""
    return await night.request(kind=kind, origin=INGELMUNSTER, avoid=(WIELSBEKE,))


@pytest.mark.parametrize("kind", [RequestKind.VIOLENCE, RequestKind.BARRING_ORDER])
async def test_own_and_avoided_municipalities_are_in_no_search_hold_or_booking(
    night: Night, kind: RequestKind
) -> None:
    request = await hiding(night, kind)
    assert set(await night.proposed(request)) == {"iz-room", "iz-studio", "iz-house"}
    for unit_id in HIDDEN:
        for by in ("calltaker", "coordinator"):
            assert (await refusal(night.hold(request, unit_id, by))).code == "unit_avoided"
            assert (await refusal(night.book(request, unit_id, by, reason="Toch."))).code == "unit_avoided"
    assert await night.rows(UnitNight) == []
    booking = await night.book(request, "iz-studio")
    night.at("2026-11-30 09:00")
    no = await refusal(night.extend(booking, "coordinator", unit_id="in-house", nights=1))
    assert no.code == "unit_avoided"


async def test_an_extension_or_a_move_never_leads_to_an_avoided_municipality(night: Night) -> None:
    booking = await night.book(await hiding(night), "iz-studio")
    moved = await night.move(booking)
    assert moved.unit_id in ("iz-room", "iz-house")
    await night.move(moved)
    last = (await night.app.bookings.mine(await night.actor("calltaker")))[0]
    assert (await refusal(night.move(last))).code == "no_unit"
    assert (await night.view(last)).state == "booked"


async def test_when_nothing_safe_is_left_nothing_is_proposed_and_that_is_unmet_demand(night: Night) -> None:
    await night.only_free(*HIDDEN)
    found = await night.search(await hiding(night))
    assert found.proposals == () and [each.kind for each in found.fallback] == ["hotel", "night_shelter"]


async def test_a_search_without_a_request_filters_too(night: Night) -> None:
    found = await night.search(kind=RequestKind.VIOLENCE, origin=IZEGEM, avoid=(WIELSBEKE,))
    assert {each.nis for each in found.proposals} == {INGELMUNSTER}
    without_origin = await night.search(kind=RequestKind.VIOLENCE, avoid=(INGELMUNSTER,))
    assert INGELMUNSTER not in {each.nis for each in without_origin.proposals}


async def test_the_key_code_is_changed_before_the_unit_is_free_again(night: Night) -> None:
    booking = await night.book(await hiding(night), "iz-studio")
    await night.check_in(booking)
    await night.until("2026-11-30 11:00")
    await night.check_out(booking)
    for by, cleaned in (("owner_izegem", False), ("calltaker", None)):
        no = await refusal(night.say("iz-studio", "free", by, cleaned=cleaned))
        assert no.code == "key_code_must_change"
    await night.say("iz-studio", "turnover")
    assert (await refusal(night.say("iz-studio", "free", cleaned=False))).code == "key_code_must_change"
    assert (await night.unit("iz-studio")).status == "turnover"
    assert (await night.say("iz-studio", "free")).status == "free"


async def only_its_owner_frees(night: Night, unit_id: str) -> None:
    """Nobody but the owner ends it, and the next ones get the unit only then."""
    for by in ("calltaker", "calltaker_2"):
        assert (await refusal(night.say(unit_id, "free", by))).code == "key_code_must_change"
    assert unit_id not in await night.proposed(await night.request())
    assert (await night.say(unit_id, "free")).status == "free"
    assert await night.rows(Turnover, done_at=None) == []
    assert unit_id in await night.proposed(await night.request())


async def test_another_use_in_between_does_not_make_up_for_the_key_code(night: Night) -> None:
    booking = await night.book(await hiding(night), "iz-studio")
    await night.until("2026-11-29 12:00")
    await night.check_out(booking)
    await night.say("iz-studio", "occupied", "calltaker")
    assert (await night.unit("iz-studio")).status == "occupied"
    await only_its_owner_frees(night, "iz-studio")


async def test_who_hid_and_moves_leaves_a_key_code_to_change(night: Night) -> None:
    booking = await night.book(await hiding(night), "iz-studio")
    await night.check_in(booking)
    await night.until("2026-11-28 20:00")
    await night.move(booking, "someone_inside")
    assert (await night.unit("iz-studio")).status == "out_of_service"
    await only_its_owner_frees(night, "iz-studio")


async def test_who_never_came_in_leaves_no_key_code_to_change(night: Night) -> None:
    await night.move(await night.book(await hiding(night), "iz-studio"))
    assert await night.rows(Turnover) == []


@pytest.mark.parametrize("ends", ["free", "occupied", "until"])
async def test_who_hid_and_stays_as_the_owners_own_leaves_a_key_code_to_change(
    night: Night, ends: str
) -> None:
    booking = await night.book(await hiding(night), "iz-studio")
    await night.until("2026-11-28 20:00")
    await night.stays_as(booking, "owner_izegem", until=MONDAY if ends == "until" else None)
    assert (await night.unit("iz-studio")).status == "occupied"
    if ends == "occupied":
        await night.say("iz-studio", "occupied", "calltaker", until=MONDAY)
    if ends != "free":
        await night.until("2026-11-30 20:00")
        assert (await night.unit("iz-studio")).status == "turnover"
    await only_its_owner_frees(night, "iz-studio")


async def test_another_kind_of_trouble_only_prefers(night: Night) -> None:
    request = await night.request(origin=INGELMUNSTER)
    assert "in-studio" in await night.proposed(request)
    assert (await night.book(request, "in-studio")).nights[0] == FRIDAY
    assert (await night.search(request, night=MONDAY, nights=1)).nights == 1
