"""Loading a region file: the same end however often, and never against what people said or booked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.admission import Criterion
from crisispool.domain.booking import UnitNight
from crisispool.domain.duty import Duty, DutyShift, OfferState, ShiftOffer
from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import (
    ClosingDay,
    Colleague,
    Municipality,
    Network,
    Organisation,
    PolicyVersion,
    RoleGrant,
)
from crisispool.domain.record import AuditEntry, SetUp
from crisispool.domain.secret import Secret
from crisispool.domain.unit import OutOfService, Placement, Turnover, Unit, UnitAccess, UnitNetwork
from crisispool.services.facts import POLICY
from crisispool.services.region_file import RegionFile, check_region
from crisispool.services.regions import LoadReport, load_region
from tests.support.databases import keys_for_tests
from tests.support.samples import sample, with_what_it_needs

R = TypeVar("R")

PILOT = Path(__file__).parents[2] / "deploy" / "regions" / "pilot.toml"
NIGHT = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
LATER = NIGHT + timedelta(hours=40)


@pytest.fixture(scope="module")
def text() -> str:
    return PILOT.read_text("utf-8")


def region_of(text: str) -> RegionFile:
    found = check_region(text, "pilot.toml")
    assert isinstance(found, RegionFile), [str(mistake) for mistake in found]
    return found


def without(text: str, start: str) -> str:
    """The text without the part that begins with this heading and key, up to the next heading."""
    begin = text.index(start)
    return text[:begin] + text[text.index("[[", begin + 2) :]


async def load(store: SqlStore, text: str, at: datetime = NIGHT, *, training: bool = True) -> LoadReport:
    return await load_region(store, keys_for_tests(), region_of(text), "test", at, training)


async def get(store: SqlStore, kind: type[R], *key: object) -> R:
    async with store.reading() as tx:
        found = await tx.get(kind, *key)
    assert found is not None
    return found


async def every(store: SqlStore, kind: type[R], **where: Any) -> list[R]:
    async with store.reading() as tx:
        return await tx.find(kind, **where)


async def test_the_pilot_stands_in_the_record_as_its_training_starts(store: SqlStore, text: str) -> None:
    report = await load(store, text)
    assert report.changed == report.removed == 0 and not report.kept and not report.waiting
    assert len(await every(store, Unit)) == 41
    assert len(await every(store, Placement)) == 32
    assert len(await every(store, Turnover)) == len(await every(store, OutOfService)) == 1
    assert len(await every(store, UnitNetwork, network_id="buur")) == 6
    assert (await get(store, Unit, "ingelmunster-03")).confirmed_at == datetime(
        2026, 11, 27, 15, 10, tzinfo=UTC
    )
    assert (await get(store, Unit, "wielsbeke-02")).free_until == date(2026, 12, 2)
    assert (await get(store, Network, "pilot")).policy_version == 1
    assert {grant.colleague_id for grant in await every(store, RoleGrant)} >= {
        "calltaker",
        "calltaker_2",
        "admin",
    }
    assert (await get(store, UnitAccess, "ingelmunster-03")).address.reveal().endswith("8770 Ingelmunster")


async def test_loading_twice_changes_nothing(store: SqlStore, text: str) -> None:
    first = await load(store, text)
    again = await load(store, text, LATER)
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    assert again.unchanged > 200 and again.policy_version == first.policy_version == 1
    assert [entry.action for entry in await every(store, AuditEntry)] == ["region.loaded"]


async def test_a_changed_policy_becomes_a_new_version_and_the_old_one_stays(
    store: SqlStore, text: str
) -> None:
    await load(store, text)
    report = await load(store, text.replace("hold_minutes = 10", "hold_minutes = 12"), LATER)
    assert report.policy_version == 2
    assert (await get(store, Network, "pilot")).policy_version == 2
    versions = await every(store, PolicyVersion, network_id="pilot")
    holds = [POLICY.validate_python(version.settings).hold_for for version in versions]
    assert sorted(holds) == [timedelta(minutes=10), timedelta(minutes=12)]


async def test_a_decision_of_the_steering_group_is_a_new_version_too(store: SqlStore, text: str) -> None:
    await load(store, text)
    decided = 'decided_by = "stuurgroep"\ndecided_on = 2026-12-15'
    report = await load(store, text.replace("provisional = true", decided), LATER)
    assert report.policy_version == 2


async def test_a_reload_leaves_the_cold_weather_switch_alone(store: SqlStore, text: str) -> None:
    await load(store, text)
    [version] = await every(store, PolicyVersion, network_id="pilot")
    async with store.transaction() as tx:
        await tx.save(replace(version, settings={**version.settings, "cold_weather": True}))
    assert (await load(store, text, LATER)).policy_version == 1
    await load(store, text.replace("near_km = 15", "near_km = 20"), LATER)
    [_, newest] = sorted(await every(store, PolicyVersion, network_id="pilot"), key=lambda each: each.version)
    assert POLICY.validate_python(newest.settings).cold_weather


async def test_a_changed_checklist_becomes_a_new_version_and_the_old_one_stays(
    store: SqlStore, text: str
) -> None:
    await load(store, text)
    await load(store, without(text, '[[criteria]]\ncode = "no_means"'), LATER)
    every_one = await every(store, Criterion)
    assert sum(criterion.version == 1 for criterion in every_one) == 12
    assert {c.code for c in every_one if c.version == 1} - {c.code for c in every_one if c.version == 2} == {
        "no_means"
    }


async def test_what_people_said_of_a_unit_survives_a_reload(store: SqlStore, text: str) -> None:
    await load(store, text)
    known = await get(store, Unit, "izegem-11")
    said = replace(
        known, confirmed_at=LATER, cleaned=False, free_until=date(2026, 12, 5), version=known.version + 1
    )
    async with store.transaction() as tx:
        await tx.save(said)
    report = await load(
        store, text.replace('label = "Izegem, studio 11"', 'label = "Izegem, studio A"'), LATER
    )
    assert report.changed == 1
    assert await get(store, Unit, "izegem-11") == replace(
        said, label="Izegem, studio A", version=said.version + 1
    )


async def test_a_fact_that_the_file_did_not_change_keeps_what_its_owner_made_of_it(
    store: SqlStore, text: str
) -> None:
    await load(store, text)
    known = await get(store, Unit, "izegem-11")
    withdrawn = replace(known, places=1, leaves_on=date(2026, 12, 1), version=known.version + 1)
    async with store.transaction() as tx:
        await tx.save(withdrawn)
    assert (await load(store, text, LATER)).changed == 0
    assert await get(store, Unit, "izegem-11") == withdrawn


async def test_a_reload_places_nobody_again(store: SqlStore, text: str) -> None:
    await load(store, text)
    [placement] = await every(store, Placement, unit_id="izegem-02")
    async with store.transaction() as tx:
        await tx.save(replace(placement, ended_at=LATER))
    changed = text.replace(
        'unit = "izegem-02"\nstatus = "occupied"\nfrom = 2026-',
        'unit = "izegem-02"\nstatus = "occupied"\nfrom = 2025-',
    )
    assert changed != text
    assert (await load(store, changed, LATER)).changed == 0
    assert await every(store, Placement, unit_id="izegem-02") == [replace(placement, ended_at=LATER)]


async def test_a_unit_that_left_the_file_is_no_longer_offered_and_keeps_its_nights(
    store: SqlStore, text: str
) -> None:
    await load(store, text)
    night = sample(UnitNight, unit_id="izegem-11")
    async with store.transaction() as tx:
        await tx.add(*(row for row in with_what_it_needs(night) if not isinstance(row, Municipality)))
    smaller = without(without(text, '[[units]]\nid = "izegem-11"'), '[[training.units]]\nunit = "izegem-11"')
    report = await load(store, smaller)
    assert report.kept == ("unit izegem-11",)
    assert (await get(store, Unit, "izegem-11")).leaves_on == date(2026, 11, 27)
    assert await every(store, UnitNight, unit_id="izegem-11") == [night]
    again = await load(store, smaller, LATER)
    assert (again.changed, again.kept) == (0, ("unit izegem-11",))
    assert (await get(store, Unit, "izegem-11")).leaves_on == date(2026, 11, 27)


async def test_a_unit_that_comes_back_into_the_file_is_offered_again(store: SqlStore, text: str) -> None:
    await load(store, text)
    await load(store, without(text, '[[units]]\nid = "caw-01"'))
    assert (await get(store, Unit, "caw-01")).leaves_on is not None
    assert (await load(store, text, LATER)).kept == ()
    assert (await get(store, Unit, "caw-01")).leaves_on is None


async def test_a_unit_made_outside_the_file_is_left_alone(store: SqlStore, text: str) -> None:
    await load(store, text)
    own = replace(await get(store, Unit, "izegem-11"), id="izegem-nieuw")
    async with store.transaction() as tx:
        await tx.add(own, UnitNetwork("izegem-nieuw:pilot", "izegem-nieuw", "pilot"))
    assert (await load(store, text, LATER)).kept == ()
    assert await get(store, Unit, "izegem-nieuw") == own


async def test_an_empty_field_wipes_no_key_out(store: SqlStore, text: str) -> None:
    await load(store, text)
    before = await get(store, UnitAccess, "izegem-01")
    start = text.index("key = ", text.index('id = "izegem-01"'))
    await load(store, text[:start] + 'key = ""' + text[text.index("\n", start) :], LATER)
    assert await get(store, UnitAccess, "izegem-01") == before


async def test_a_key_that_its_owner_changed_is_not_put_back(store: SqlStore, text: str) -> None:
    await load(store, text)
    before = await get(store, UnitAccess, "izegem-01")
    changed = replace(before, key_instructions=Secret("another code"), house_agreement=False)
    async with store.transaction() as tx:
        await tx.save(changed)
    again = text.replace('night_contact = "000 00 10 11"', 'night_contact = "000 00 77 77"')
    await load(store, again, LATER)
    assert await get(store, UnitAccess, "izegem-01") == replace(changed, night_contact=Secret("000 00 77 77"))
    secrets = {row.reveal() for row in (before.key_instructions, before.address)}
    assert not [row for row in await every(store, SetUp) for secret in secrets if secret in row.value]
    # Of doors that an earlier program loaded, nothing is known but what stands there.
    async with store.transaction() as tx:
        await tx.remove(*(row for row in await tx.find(SetUp) if ":door:" in row.key))
    assert (await load(store, text, LATER)).changed == 1, (
        "the number that the test moved to is a changed unit"
    )


async def test_a_new_number_reaches_the_record(store: SqlStore, text: str) -> None:
    await load(store, text)
    await load(store, text.replace('night_contact = "000 00 10 11"', 'night_contact = "000 00 77 77"'), LATER)
    assert (await get(store, UnitAccess, "izegem-01")).night_contact == Secret("000 00 77 77")


async def test_outside_training_no_invented_person_and_no_starting_state_is_loaded(
    store: SqlStore, text: str
) -> None:
    report = await load(store, text, training=False)
    assert not await every(store, Colleague)
    assert not await every(store, Placement)
    assert not await every(store, DutyShift)
    assert len(report.waiting) == 27
    assert (await get(store, Unit, "wielsbeke-02")).free_until is None
    assert not (await get(store, Network, "pilot")).training


async def test_a_shift_comes_when_its_colleague_is_there(store: SqlStore, text: str) -> None:
    await load(store, text, training=False)
    async with store.transaction() as tx:
        await tx.add(Colleague("coordinator_2", "pilot", None, "c", Secret("x"), Secret("")))
    report = await load(store, text)
    assert await every(store, DutyShift, colleague_id="coordinator_2")
    assert not report.waiting


async def test_shifts_to_come_follow_the_file_and_past_ones_are_history(store: SqlStore, text: str) -> None:
    await load(store, text)
    past, running, coming = (f"[[roster]]\nfrom = 2026-{day}T08:30:00" for day in ("11-16", "11-23", "12-07"))
    smaller = without(without(without(text, past), running), coming)
    report = await load(store, smaller)
    assert (report.removed, report.changed, report.added) == (3, 3, 0)
    left = await every(store, DutyShift, duty=Duty.CALLTAKER)
    ends = {shift.starts_at.date(): shift.ends_at for shift in left}
    assert ends[date(2026, 11, 16)] == datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
    assert ends[date(2026, 11, 23)] == NIGHT
    assert date(2026, 12, 7) not in ends


async def test_a_closing_day_can_be_taken_back_and_a_service_never_disappears(
    store: SqlStore, text: str
) -> None:
    await load(store, text)
    smaller = without(text, '[[closing_days]]\norganisation = "ocmw-tielt"')
    smaller = without(smaller, '[[organisations]]\nid = "huisartsenwacht"')
    report = await load(store, smaller, LATER)
    assert report.removed == 1 and report.kept == ("organisation huisartsenwacht",)
    assert await every(store, ClosingDay, organisation_id="ocmw-tielt") == []
    assert (await get(store, Organisation, "huisartsenwacht")).name == "Huisartsenwachtpost De Lamp"


async def test_a_name_that_another_network_uses_is_refused_and_nothing_is_loaded(
    store: SqlStore, text: str
) -> None:
    await load(store, text)
    other = text.replace('id = "pilot"', 'id = "elders"')
    with pytest.raises(Refusal, match="id_of_other_network"):
        await load(store, other, LATER)
    async with store.reading() as tx:
        assert await tx.get(Network, "elders") is None


async def test_what_colleagues_agreed_about_a_shift_stands_until_the_file_says_something_new(
    store: SqlStore, text: str
) -> None:
    await load(store, text)
    starts_at = datetime(2026, 12, 7, 7, 30, tzinfo=UTC)
    [shift] = await every(store, DutyShift, duty=Duty.CALLTAKER, starts_at=starts_at)
    other = "calltaker_2" if shift.colleague_id == "calltaker" else "calltaker"
    network = shift.network_id
    passed = ShiftOffer(
        "o-1", network, shift.id, shift.colleague_id, other, "x", NIGHT, OfferState.ACCEPTED, other, NIGHT
    )
    async with store.transaction() as tx:
        await tx.save(replace(shift, colleague_id=other))
        await tx.add(passed)
    await load(store, text, NIGHT + timedelta(hours=1))
    assert (await get(store, DutyShift, shift.id)).colleague_id == other
    block = text[text.index("[[roster]]\nfrom = 2026-12-07T08:30:00") :]
    block = block[: block.index("[[", 2)]
    said_anew = block.replace(f'calltaker = "{shift.colleague_id}"', 'calltaker = "coordinator"')
    await load(store, text.replace(block, said_anew), NIGHT + timedelta(hours=2))
    assert (await get(store, DutyShift, shift.id)).colleague_id == "coordinator"


async def test_a_reload_brings_back_nobody_who_left_no_role_and_no_number(store: SqlStore, text: str) -> None:
    await load(store, text)
    [service] = await every(store, Organisation, id="ocmw-izegem")
    [calltaker] = await every(store, Colleague, id="calltaker")
    [grant] = await every(store, RoleGrant, colleague_id="calltaker")
    shifts = await every(store, DutyShift, colleague_id="calltaker")
    async with store.transaction() as tx:
        await tx.save(replace(calltaker, active=False, phone=Secret("0470"), language="fr"))
        await tx.save(replace(service, phone="051 99", mailbox=""))
        await tx.remove(grant, *shifts)
    report = await load(store, text.replace('name = "OCMW Izegem"', 'name = "OCMW Izegem-Noord"'), LATER)
    assert not await every(store, RoleGrant, colleague_id="calltaker")
    assert not await every(store, DutyShift, colleague_id="calltaker") and len(report.waiting) == len(shifts)
    [calltaker] = await every(store, Colleague, id="calltaker")
    assert (calltaker.active, calltaker.phone.reveal(), calltaker.language) == (False, "0470", "fr")
    [service] = await every(store, Organisation, id="ocmw-izegem")
    assert (service.name, service.phone, service.mailbox) == ("OCMW Izegem-Noord", "051 99", "")
