"""A unit and its municipality in two networks: one record, one hold; the other network sees only until when."""

import pytest

from crisispool.domain.booking import UnitNight
from crisispool.domain.organisation import (
    Colleague,
    Membership,
    Network,
    Organisation,
    OrganisationKind,
    PolicyVersion,
    Role,
    RoleGrant,
)
from crisispool.domain.secret import Secret
from crisispool.domain.unit import UnitNetwork
from crisispool.services.audit_trail import AuditAsk
from crisispool.texts.render import told
from tests.support.night import MONDAY, SUNDAY, Night, day, refusal
from tests.support.region import LOADED_AT, WIELSBEKE

SHARED = ("wi-flat", "wi-house")


@pytest.fixture
async def both(night: Night) -> Night:
    """A neighbouring network with a calltaker of its own; Wielsbeke and its two units are in both."""
    colleague = Colleague("neighbour", "other", "caw_2", "neighbour", Secret("X"), Secret(""))
    await night.add(
        Network("other", "Buurnetwerk", "WA", "056 00 00 00", "caw_2", 1, training=True),
        PolicyVersion("other-1", "other", 1, {}, "stuurgroep", None, LOADED_AT),
        Organisation("caw_2", "other", OrganisationKind.CAW, "CAW van de buren", None),
        Membership("o-1", "other", WIELSBEKE, None),
        colleague,
        RoleGrant("neighbour:calltaker", "neighbour", Role.CALLTAKER),
        *(UnitNetwork(f"other:{unit}", unit, "other") for unit in SHARED),
    )
    await night.app.view.rebuild(night.clock.now())
    return night


async def test_each_network_finds_the_shared_units_and_only_its_own_others(both: Night) -> None:
    assert set(await both.proposed(await both.request(children=1))) >= set(SHARED)
    theirs = await both.request("neighbour", children=1, origin=WIELSBEKE, whereabouts=WIELSBEKE)
    found = await both.search(theirs, "neighbour")
    assert {each.unit_id for each in found.proposals} == set(SHARED)
    no = await refusal(both.book(theirs, "in-house", "neighbour"))
    assert (no.code, no.facts["what"]) == ("not_there", "unit")


async def test_the_two_networks_never_give_one_unit_for_one_night(both: Night) -> None:
    ours = await both.request()
    theirs = await both.request("neighbour", origin=WIELSBEKE, whereabouts=WIELSBEKE)
    hold = await both.hold(ours, "wi-flat")
    assert (await refusal(both.hold(theirs, "wi-flat", "neighbour"))).code == "no_longer_free"
    await both.book_held(hold)
    assert (await refusal(both.book(theirs, "wi-flat", "neighbour"))).code == "unit_booked"
    assert len(await both.rows(UnitNight)) == 3
    assert await both.app.view.differences(both.clock.now()) == []


async def test_the_other_network_sees_only_until_when(both: Night) -> None:
    hold = await both.hold(await both.request(), "wi-flat")
    seen = await both.unit("wi-flat", "neighbour")
    assert seen.status == "occupied"
    assert (await both.unit("wi-flat", "calltaker")).status == "held"
    booking = await both.book_held(hold)
    seen = await both.unit("wi-flat", "neighbour")
    assert (seen.status, seen.until, seen.persons, seen.checkout) == (
        "occupied",
        MONDAY.isoformat(),
        None,
        None,
    )
    assert (await both.unit("wi-flat", "calltaker")).status == "booked"
    assert (await refusal(both.view(booking, "neighbour"))).code == "not_there"
    assert await both.app.bookings.mine(await both.actor("neighbour")) == []


async def test_a_hold_that_lapsed_is_in_the_audit_of_its_own_network_alone(both: Night) -> None:
    await both.add(RoleGrant("neighbour:coordinator", "neighbour", Role.COORDINATOR))
    await both.hold(await both.request(), "wi-flat")
    await both.until("2026-11-28 02:40")
    for who, seen in (("coordinator", ["unit.lapsed", "unit.held"]), ("neighbour", [])):
        page = await both.app.office.audit.page(await both.actor(who), AuditAsk(group="units"))
        assert [row.action for row in page.rows] == seen


async def test_the_owner_hears_of_and_sees_the_stays_of_both(both: Night) -> None:
    await both.add(
        Colleague("owner_wielsbeke", "net", "ocmw_wielsbeke", "owner", Secret("X"), Secret("")),
        RoleGrant("owner_wielsbeke:unit_manager", "owner_wielsbeke", Role.UNIT_MANAGER),
    )
    theirs = await both.request("neighbour", children=1, origin=WIELSBEKE, whereabouts=WIELSBEKE)
    booking = await both.book(theirs, "wi-flat", "neighbour")
    assert ("ocmw_wielsbeke", "booking_to_owner") in await both.told()
    [listed] = await both.app.bookings.mine(await both.actor("owner_wielsbeke"))
    assert (listed.id, listed.unit_id) == (booking.id, "wi-flat")
    own = await both.unit("wi-flat", "owner_wielsbeke")
    assert (own.status, own.persons, own.checkout) == ("booked", 2, booking.checkout)
    no = await refusal(both.say("wi-flat", "occupied", "owner_wielsbeke"))
    assert (no.code, no.facts["earliest"]) == ("booked_until", MONDAY.isoformat())
    await both.until("2026-11-30 12:00")
    assert (await both.check_out(booking, "owner_wielsbeke")).state == "checked_out"
    assert (await both.unit("wi-flat", "calltaker")).status == "turnover"


async def test_nights_count_within_one_network(both: Night) -> None:
    both.at("2026-11-23 20:00")
    for unit_id in ("iz-studio", "in-studio", "iz-room"):
        await both.book(await both.request_of_jan(), unit_id)
        both.later(days=1)
    assert (await refusal(both.book(await both.request_of_jan(), "in-house"))).code == "stay_limit"
    theirs = await both.request_of_jan("neighbour", origin=WIELSBEKE, whereabouts=WIELSBEKE)
    assert (await both.book(theirs, "wi-flat", "neighbour")).nights == (day("2026-11-26"),)


async def test_the_network_whose_night_is_not_over_finds_and_books_what_is_shared(both: Night) -> None:
    await both.close_day(MONDAY)
    async with both.store.transaction() as tx:
        # One unit of the other network alone, so that it finds something anyhow.
        await tx.remove(*await tx.find(UnitNetwork, id="net:wi-house"))
    await both.until("2026-11-30 07:00")
    await both.app.view.heal(both.clock.now())
    assert await both.app.view.heal(both.clock.now()) == 0
    assert await both.app.view.differences(both.clock.now()) == []
    theirs = await both.request("neighbour", children=1, origin=WIELSBEKE, whereabouts=WIELSBEKE)
    found = await both.search(theirs, "neighbour")
    assert (found.night, found.slow) == (SUNDAY, False)
    assert {each.unit_id for each in found.proposals} == set(SHARED)
    assert (await both.book(theirs, "wi-flat", "neighbour")).nights == (SUNDAY,)


async def test_a_shared_unit_in_a_municipality_of_another_network_is_named(both: Night) -> None:
    await both.add(UnitNetwork("other:in-house", "in-house", "other"))
    await both.app.view.rebuild(both.clock.now())
    found = await both.search(None, "neighbour", persons=1, origin=WIELSBEKE, whereabouts=WIELSBEKE)
    [elsewhere] = [each for each in found.proposals if each.unit_id == "in-house"]
    assert elsewhere.municipality == "Ingelmunster"
    assert elsewhere.nis not in told(elsewhere.sentence)
