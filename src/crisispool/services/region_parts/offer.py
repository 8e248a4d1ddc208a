"""Loads the units of a region file: what changed in the file changes, what people said meanwhile stays."""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic_core import to_jsonable_python

from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitAccess, UnitNetwork
from crisispool.ports import Vault
from crisispool.services.region_file import RegionFile
from crisispool.services.region_parts.records import Writer
from crisispool.services.region_parts.said import Said, merged

LIVE = frozenset({"id", "confirmed_at", "cleaned", "free_until", "version"})
"""What owners and the desk say of a unit; no file does."""

FILE_FACTS = tuple(each.name for each in fields(Unit) if each.name not in LIVE)
DOOR_FACTS = tuple(each.name for each in fields(UnitAccess) if each.name != "unit_id")
DOOR = "region_door"
"""The purpose of the digests that stand for what a file said of a door."""
OFFICE_OPENS = time(8, 30)


async def load_units(
    writer: Writer, region: RegionFile, at: datetime, starting: Iterable[Unit], vault: Vault
) -> None:
    """The units with their confidential side. `starting` are the units as they stand at the start of a training.

    The facts that the file gave last time are remembered: a fact that the file did not change keeps what it is
    now, also when an owner changed it meanwhile: of a door too, where a key of before would open nothing, or open it
    to who must not come in. A unit that left the file is offered until tonight only.
    """
    said, said_of_doors = [await Said.of(writer, region.network.id, sort) for sort in ("unit", "door")]
    first = {unit.id: unit for unit in starting}
    known = await writer.known(Unit, "id", [unit.id for unit in region.units])
    known_access = await writer.known(UnitAccess, "unit_id", list(known))
    known_links = await writer.known(UnitNetwork, "id", [link.id for link in region.unit_networks])
    # What is new goes in at once: one by one, ten thousand units would keep every other writer waiting.
    new: list[object] = []
    for unit, access in zip(region.units, region.access, strict=True):
        if unit.id in known:
            changed = said.changed(unit.id, _facts(unit))
            await writer.settle(known[unit.id], merged(known[unit.id], unit, changed))
        else:
            new.append(first.get(unit.id, unit))
        if unit.id in known_access:
            changed = _changed(said_of_doors, known_access[unit.id], access, vault)
            await writer.settle(known_access[unit.id], merged(known_access[unit.id], access, changed))
        else:
            new.append(access)
    for link in region.unit_networks:
        if link.id in known_links:
            await writer.settle(known_links[link.id], link)
        else:
            new.append(link)
    await writer.add(*new)
    left = sorted(said.names() - {unit.id for unit in region.units})
    await said.remember({unit.id: _facts(unit) for unit in region.units})
    await said_of_doors.remember(
        {
            door.unit_id: {**(said_of_doors.before(door.unit_id) or {}), **_marks(door, vault)}
            for door in region.access
        }
    )
    for unit_id in left:
        await _withdraw(writer, said, unit_id, at)


def _changed(said: Said, known: UnitAccess, fresh: UnitAccess, vault: Vault) -> list[str]:
    """What the file says otherwise than before of a door; an empty field in it wipes nothing out.

    Of a door that was loaded before anybody remembered this, only what is not there yet.
    """
    if said.before(known.unit_id) is None:
        return [name for name in DOOR_FACTS if not getattr(known, name)]
    return said.changed(known.unit_id, _marks(fresh, vault))


def _marks(door: UnitAccess, vault: Vault) -> dict[str, Any]:
    """What the file says of a door, so that nobody can read it from here: a keyed digest of each fact."""
    told = {name: getattr(door, name) for name in DOOR_FACTS}
    texts = {name: fact.reveal() if isinstance(fact, Secret) else str(fact) for name, fact in told.items()}
    return {
        name: vault.digest(DOOR, f"{door.unit_id}:{name}:{text}")[:16] for name, text in texts.items() if text
    }


async def _withdraw(writer: Writer, said: Said, unit_id: str, at: datetime) -> None:
    """No longer offered, never dropped: its nights count."""
    writer.keep(f"unit {unit_id}")
    known, before = await writer.tx.get(Unit, unit_id), said.before(unit_id) or {}
    last = _tonight(at)
    if known is None or before.get("gone"):
        return
    if known.leaves_on is None or known.leaves_on > last:
        await writer.settle(known, replace(known, leaves_on=last))
    await said.remember({unit_id: {**before, "leaves_on": last.isoformat(), "gone": True}})


def _tonight(at: datetime) -> date:
    """The label of the night at `at`, or the one before: from then on nobody is offered the unit."""
    here = at.astimezone(BRUSSELS)
    return here.date() - timedelta(days=1) if here.time() < OFFICE_OPENS else here.date()


def _facts(unit: Unit) -> dict[str, Any]:
    facts: dict[str, Any] = to_jsonable_python({name: getattr(unit, name) for name in FILE_FACTS})
    return facts
