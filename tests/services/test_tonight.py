"""Whether the record is ready for tonight: what a region file would be told, asked of the data itself."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crisispool.app import App
from crisispool.domain.duty import Duty, DutyShift, FallbackPlace
from crisispool.domain.secret import Secret
from crisispool.domain.unit import UnitAccess
from crisispool.opening import open_app
from crisispool.services.region_file import RegionFile, check_region
from crisispool.settings import Settings
from tests.support.program import PILOT

BEGIN = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    region = check_region(PILOT.read_bytes(), "pilot.toml")
    assert isinstance(region, RegionFile)
    settings = Settings.from_env({"CRISISPOOL_DATA_DIR": str(tmp_path / "data")})
    async with open_app(settings, training=True, begin=BEGIN) as opened:
        await opened.region_files.load(region)
        yield opened


async def missing(app: App, now: datetime = BEGIN) -> list[tuple[str, str]]:
    return [(each.key, each.code) for each in await app.tonight.missing(now)]


async def test_the_pilot_region_is_ready_and_a_network_it_only_names_is_not_asked(app: App) -> None:
    assert await missing(app) == []


async def test_an_empty_roster_is_missed(app: App) -> None:
    async with app.store.transaction() as tx:
        await tx.remove(*await tx.find(DutyShift, duty=Duty.COORDINATOR))
    assert await missing(app) == [("roster.coordinator", "roster_empty")]


async def test_a_fallback_list_that_nobody_checked_for_a_month_is_missed(app: App) -> None:
    async with app.store.transaction() as tx:
        [place, *_] = await tx.find(FallbackPlace, order=("position",))
        await tx.save(replace(place, checked_on="2026-01-01"))
    assert [code for _, code in await missing(app)] == ["fallback_not_checked"]


async def test_a_unit_without_a_key_is_missed_and_its_secrets_stay_secret(app: App) -> None:
    async with app.store.transaction() as tx:
        [access, *_] = await tx.find(UnitAccess, order=("unit_id",))
        await tx.save(replace(access, key_instructions=Secret("")))
    [found] = await app.tonight.missing(BEGIN)
    assert (found.key, found.code) == (f"units[{access.unit_id}].key", "no_key")
    assert access.address.reveal() not in str(found)


async def test_a_roster_that_runs_out_is_told_in_time(app: App) -> None:
    async with app.store.reading() as tx:
        last = max(shift.ends_at for shift in await tx.find(DutyShift))
    assert ("roster.calltaker", "roster_ends") in await missing(app, last - timedelta(days=3))
