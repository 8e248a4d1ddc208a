"""The wider region: fifteen municipalities, ready for its first night, and loaded as often as anyone likes."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.organisation import OrganisationKind, Role
from crisispool.domain.unit import OutOfService, Placement, Turnover, Unit, UnitKind, UnitNetwork, UnitSource
from crisispool.services.region_file import RegionFile, check_region
from crisispool.services.region_ready import ready_for_tonight
from crisispool.services.regions import load_region
from tests.support.databases import keys_for_tests

REGIONS = Path(__file__).parents[2] / "deploy" / "regions"
TEXT = (REGIONS / "wider.toml").read_text("utf-8")
START = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def region() -> RegionFile:
    return read("wider.toml")


def read(name: str) -> RegionFile:
    found = check_region((REGIONS / name).read_bytes(), name)
    assert isinstance(found, RegionFile), [str(mistake) for mistake in found]
    return found


def test_the_wider_region_has_no_mistake_and_nothing_is_missing_on_its_first_night(
    region: RegionFile,
) -> None:
    assert region.warnings == ()
    assert ready_for_tonight(region, START, LegalHolidays()) == []


def test_the_wider_region_is_the_pilot_with_ten_neighbours(region: RegionFile) -> None:
    pool = Counter(unit.nis for unit in region.units if unit.source is UnitSource.POOL)
    assert {place.nis: (place.name, place.inhabitants) for place in region.municipalities} == {
        "36008": ("Izegem", 28322),
        "36007": ("Ingelmunster", 11131),
        "37017": ("Wielsbeke", 9833),
        "36010": ("Ledegem", 9687),
        "37010": ("Oostrozebeke", 7956),
        "36015": ("Roeselare", 63478),
        "36012": ("Moorslede", 11442),
        "36019": ("Staden", 11518),
        "36006": ("Hooglede", 9973),
        "37020": ("Ardooie", 9077),
        "36011": ("Lichtervelde", 8943),
        "37022": ("Tielt", 31436),
        "37021": ("Wingene", 19797),
        "37002": ("Dentergem", 8612),
        "37011": ("Pittem", 6717),
    }
    assert [pool[nis] for nis in ("36008", "36007", "37017", "36010", "37010")] == [17, 11, 6, 2, 2]
    assert all(pool[place.nis] >= 3 for place in region.municipalities[5:])
    pilot = read("pilot.toml")
    assert {*pilot.units} <= {*region.units} and {*pilot.access} <= {*region.access}


def test_everything_a_search_can_ask_for_is_somewhere_in_it(region: RegionFile) -> None:
    units = region.units
    assert {unit.kind for unit in units} == set(UnitKind)
    for offers in (
        "step_free",
        "pets",
        "staffed",
        "meals",
        "family",
        "smoking",
        "cots",
        "joined_on",
        "leaves_on",
    ):
        assert any(getattr(unit, offers) for unit in units), offers
    assert any(not unit.mandate for unit in units)
    assert Counter(unit.site for unit in units if unit.site).most_common(1) == [("roeselare-huis", 6)]
    assert {unit.id for unit in units if unit.source is UnitSource.ROTA} == {
        "izegem-studio",
        "caw-01",
        "tielt-01",
    }
    assert {"police", "hospital", "gp", "care_home"} <= {partner.kind for partner in region.organisations}


def test_there_is_somebody_to_play_each_part(region: RegionFile) -> None:
    assert region.training is not None
    people = {person.id for person in region.training.people}
    assert {*Role, "calltaker_2"} <= people
    ocmws = [partner for partner in region.organisations if partner.kind is OrganisationKind.OCMW]
    assert len(ocmws) == len(region.municipalities)
    assert {closing.organisation_id for closing in region.closing_days} == {ocmw.id for ocmw in ocmws}


def test_every_phone_number_and_mailbox_of_the_wider_region_is_invented() -> None:
    numbers = re.findall(r'(?:phone|contact) = "([^"]*)"', TEXT)
    assert len(numbers) > 380 and all(number.startswith("000 00 ") for number in numbers)
    assert all(box.endswith("@example.org") for box in re.findall(r'mailbox = "([^"]*)"', TEXT))


async def test_its_training_starts_with_a_few_free_units_and_a_second_load_undoes_nothing(
    store: SqlStore, region: RegionFile
) -> None:
    first = await load_region(store, keys_for_tests(), region, "test", START, training=True)
    assert first.changed == first.removed == 0 and not first.kept and not first.waiting
    async with store.reading() as tx:
        units = {unit.id: unit for unit in await tx.find(Unit)}
        placements = await tx.find(Placement)
        turnovers, broken = await tx.find(Turnover), await tx.find(OutOfService)
    assert (len(units), len(placements), len(turnovers), len(broken)) == (114, 91, 3, 3)

    said = replace(units["tielt-06"], free_until=date(2026, 12, 5), cleaned=False, version=2)
    withdrawn = replace(units["roeselare-07"], leaves_on=date(2026, 12, 1), version=2)
    ended = replace(next(row for row in placements if row.unit_id == "staden-01"), ended_at=START)
    async with store.transaction() as tx:
        for row in (said, withdrawn, ended):
            await tx.save(row)
    again = await load_region(
        store, keys_for_tests(), region, "test", START + timedelta(hours=40), training=True
    )
    assert (again.added, again.changed, again.removed) == (0, 0, 0)
    async with store.reading() as tx:
        assert await tx.get(Unit, "tielt-06") == said
        assert await tx.get(Unit, "roeselare-07") == withdrawn
        assert await tx.get(Placement, ended.id) == ended


async def test_the_units_of_wielsbeke_are_one_record_in_two_networks(
    store: SqlStore, region: RegionFile
) -> None:
    await load_region(store, keys_for_tests(), region, "test", START, training=True)
    async with store.reading() as tx:
        offered = await tx.find(UnitNetwork, order=("unit_id", "network_id"))
        units = await tx.find(Unit, nis="37017")
    in_two = [row for row in offered if row.unit_id.startswith("wielsbeke-")]
    assert [(row.unit_id, row.network_id) for row in in_two] == [
        (f"wielsbeke-0{n}", network) for n in range(1, 7) for network in ("buur", "streek")
    ]
    assert len(units) == 6
    assert all(row.network_id == "streek" for row in offered if row not in in_two)
