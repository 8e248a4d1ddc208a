"""Loads the units of a region file: what changed in the file changes, what people said meanwhile stays."""

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from pydantic_core import to_jsonable_python

from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.record import SetUp
from crisispool.domain.unit import Unit, UnitAccess, UnitNetwork
from crisispool.services.region_file import RegionFile
from crisispool.services.region_parts.records import Writer

LIVE = frozenset({"id", "confirmed_at", "cleaned", "free_until", "version"})
"""What owners and the desk say of a unit; no file does."""

FILE_FACTS = tuple(each.name for each in fields(Unit) if each.name not in LIVE)
OFFICE_OPENS = time(8, 30)


async def load_units(writer: Writer, region: RegionFile, at: datetime, starting: Iterable[Unit]) -> None:
    """The units with their confidential side. `starting` are the units as they stand at the start of a training.

    The facts that the file gave last time are remembered: a fact that the file did not change keeps what it is
    now, also when an owner changed it meanwhile. A unit that left the file is offered until tonight only.
    """
    before = await _said_before(writer, region.network.id)
    first = {unit.id: unit for unit in starting}
    known = await writer.known(Unit, "id", [unit.id for unit in region.units])
    known_access = await writer.known(UnitAccess, "unit_id", list(known))
    known_links = await writer.known(UnitNetwork, "id", [link.id for link in region.unit_networks])
    # What is new goes in at once: one by one, ten thousand units would keep every other writer waiting.
    new: list[object] = []
    to_remember: list[SetUp] = []
    for unit, access in zip(region.units, region.access, strict=True):
        if unit.id in known:
            await writer.settle(known[unit.id], _merged(known[unit.id], unit, before.get(unit.id, {})))
        else:
            new.append(first.get(unit.id, unit))
        if unit.id in known_access:
            await writer.settle(known_access[unit.id], _nothing_wiped(known_access[unit.id], access))
        else:
            new.append(access)
        if unit.id in before:
            await _remember(writer, region.network.id, unit.id, before[unit.id], _facts(unit))
        else:
            to_remember.append(_memory(region.network.id, unit.id, _facts(unit)))
    for link in region.unit_networks:
        if link.id in known_links:
            await writer.settle(known_links[link.id], link)
        else:
            new.append(link)
    await writer.add(*new)
    await writer.tx.add(*to_remember)
    for unit_id in sorted(before.keys() - {unit.id for unit in region.units}):
        await _withdraw(writer, region.network.id, unit_id, before[unit_id], at)


def _merged(known: Unit, fresh: Unit, before: dict[str, Any]) -> Unit:
    now = _facts(fresh)
    changed = [name for name in FILE_FACTS if name not in before or before[name] != now[name]]
    return replace(known, **{name: getattr(fresh, name) for name in changed})


def _nothing_wiped(known: UnitAccess, fresh: UnitAccess) -> UnitAccess:
    """An empty field in the file wipes nothing out."""
    empty = [each.name for each in fields(fresh) if not getattr(fresh, each.name)]
    return replace(fresh, **{name: getattr(known, name) for name in empty if name != "house_agreement"})


async def _withdraw(
    writer: Writer, network_id: str, unit_id: str, before: dict[str, Any], at: datetime
) -> None:
    """No longer offered, never dropped: its nights count."""
    writer.keep(f"unit {unit_id}")
    known = await writer.tx.get(Unit, unit_id)
    last = _tonight(at)
    if known is None or before.get("gone"):
        return
    if known.leaves_on is None or known.leaves_on > last:
        await writer.settle(known, replace(known, leaves_on=last))
    gone = {**before, "leaves_on": last.isoformat(), "gone": True}
    await _remember(writer, network_id, unit_id, before, gone)


def _tonight(at: datetime) -> date:
    """The label of the night at `at`, or the one before: from then on nobody is offered the unit."""
    here = at.astimezone(BRUSSELS)
    return here.date() - timedelta(days=1) if here.time() < OFFICE_OPENS else here.date()


def _facts(unit: Unit) -> dict[str, Any]:
    facts: dict[str, Any] = to_jsonable_python({name: getattr(unit, name) for name in FILE_FACTS})
    return facts


def _key(network_id: str, unit_id: str) -> str:
    return f"region:{network_id}:unit:{unit_id}"


async def _said_before(writer: Writer, network_id: str) -> dict[str, dict[str, Any]]:
    start = _key(network_id, "")
    rows = [row for row in await writer.tx.find(SetUp) if row.key.startswith(start)]
    return {row.key.removeprefix(start): json.loads(row.value) for row in rows}


async def _remember(
    writer: Writer, network_id: str, unit_id: str, before: dict[str, Any], now: dict[str, Any]
) -> None:
    if before != now:
        await writer.tx.save(_memory(network_id, unit_id, now))


def _memory(network_id: str, unit_id: str, facts: dict[str, Any]) -> SetUp:
    return SetUp(_key(network_id, unit_id), json.dumps(facts, sort_keys=True))
