"""A region file: a network with its members, units, rosters and policy, checked whole before it is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from crisispool.domain.admission import Criterion
from crisispool.domain.duty import DutyShift, FallbackPlace
from crisispool.domain.organisation import (
    ClosingDay,
    Membership,
    Municipality,
    Network,
    Organisation,
)
from crisispool.domain.playbook import PlaybookTask
from crisispool.domain.policy import Policy
from crisispool.domain.unit import Unit, UnitAccess, UnitNetwork
from crisispool.services.region_parts.forms import ID, NIS
from crisispool.services.region_parts.members import (
    read_closing_days,
    read_municipalities,
    read_networks,
    read_organisations,
)
from crisispool.services.region_parts.mistakes import MOST_TOLD, Mistake, Notes, RegionWarning
from crisispool.services.region_parts.names import like
from crisispool.services.region_parts.playbook import read_playbook
from crisispool.services.region_parts.reader import Reader, names_of
from crisispool.services.region_parts.rules import read_criteria, read_fallback, read_policy, read_shifts
from crisispool.services.region_parts.toml import Table, read_toml
from crisispool.services.region_parts.training import Training, read_people, read_training
from crisispool.services.region_parts.units import read_units

LARGEST = 8 * 1024 * 1024
"""Bytes of a region file; ten thousand units fit in well under that."""

SECTIONS = frozenset(
    {
        "network",
        "policy",
        "other_networks",
        "municipalities",
        "organisations",
        "closing_days",
        "criteria",
        "fallback",
        "playbook",
        "roster",
        "units",
        "training",
    }
)

__all__ = ["LARGEST", "Mistake", "RegionFile", "RegionWarning", "Training", "check_region"]


@dataclass(frozen=True, slots=True)
class RegionFile:
    """What a region file without mistakes says. Live facts of units are not in it, save those of `training`.

    `lines` maps ``units[izegem-01]`` and the like to its line. Policy and checklist carry version 1: loading
    numbers them. `decided_on` None: the policy is provisional.
    """

    file: str
    network: Network
    policy: Policy
    decided_by: str
    decided_on: date | None
    other_networks: tuple[Network, ...]
    municipalities: tuple[Municipality, ...]
    memberships: tuple[Membership, ...]
    organisations: tuple[Organisation, ...]
    units: tuple[Unit, ...]
    access: tuple[UnitAccess, ...]
    unit_networks: tuple[UnitNetwork, ...]
    closing_days: tuple[ClosingDay, ...]
    criteria: tuple[Criterion, ...]
    fallback: tuple[FallbackPlace, ...]
    playbook: tuple[PlaybookTask, ...]
    shifts: tuple[DutyShift, ...]
    training: Training | None
    warnings: tuple[RegionWarning, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)


def check_region(content: bytes | str, file_name: str) -> RegionFile | list[Mistake]:
    """The region of a file, or every mistake in it by line (of thousands the first, and how many more)."""
    notes = Notes(file_name)
    text = _as_text(content, notes)
    if text is None:
        return notes.mistakes
    table = read_toml(text, notes.mistake)
    _mend_headings(table, notes)
    root = Reader(table, "", notes)
    region = _read(root, file_name)
    root.done()
    if notes.mistakes:
        return notes.told()
    return replace(region, warnings=tuple(sorted(notes.warnings, key=lambda warning: warning.line)))


def _mend_headings(table: Table, notes: Notes) -> None:
    """Report a heading with a slip of the pen, and read on as if it stood there well."""
    unknown = [name for name in table.entries if name not in SECTIONS]
    for name in unknown[:MOST_TOLD]:
        meant = like(name, SECTIONS)
        if not meant:
            continue
        slip = table.entries.pop(name)
        notes.mistake(slip.line, name, "unknown_key_like", like=meant)
        there = table.entries.setdefault(meant, slip)
        if there is not slip and isinstance(there.value, list) and isinstance(slip.value, list):
            there.value += slip.value
        elif there is not slip and isinstance(there.value, Table) and isinstance(slip.value, Table):
            there.value.entries.update(slip.value.entries)


def _read(root: Reader, file: str) -> RegionFile:
    network_at, policy_at = root.table_at("network"), root.table_at("policy")
    others_at = root.tables_at("other_networks")
    members_at = root.tables_at("municipalities", "nis", required=True)
    partners_at = root.tables_at("organisations", required=True)
    units_at, training_at = (
        root.tables_at("units"),
        root.table_at("training") if root.has("training") else None,
    )
    partners, places = names_of(partners_at, "id", ID), names_of(members_at, "nis", NIS)
    people_names = names_of(training_at.tables_at("people"), "id", ID) if training_at else None

    network, others = read_networks(network_at, others_at, partners_at, partners)
    organisations = read_organisations(partners_at, network.id, partners)
    municipalities, memberships = read_municipalities(members_at, network.id, organisations, partners)
    units = read_units(units_at, network.id, names_of(others_at, "id", ID), partners, places)
    people, grants = read_people(training_at, network.id, partners)
    policy, decided_by, decided_on = read_policy(policy_at)
    closing_at = root.tables_at("closing_days", "day")
    # One day may stand there for several organisations; its line is the one for the whole network.
    closing_at.sort(key=lambda reader: not reader.has("organisation"))
    lines = {
        reader.path: reader.line()
        for reader in (*members_at, *partners_at, *units_at, *root.tables_at("fallback"), *closing_at)
    }
    return RegionFile(
        file=file,
        network=network,
        policy=policy,
        decided_by=decided_by,
        decided_on=decided_on,
        other_networks=others,
        municipalities=municipalities,
        memberships=memberships,
        organisations=organisations,
        units=units.units,
        access=units.access,
        unit_networks=units.networks,
        closing_days=read_closing_days(closing_at, network.id, partners),
        criteria=read_criteria(root.tables_at("criteria", "code", required=True), network.id),
        fallback=read_fallback(root.tables_at("fallback"), network.id),
        playbook=read_playbook(root.tables_at("playbook"), network.id, places),
        shifts=read_shifts(root.tables_at("roster"), network.id, people_names),
        training=read_training(training_at, units.units, names_of(units_at, "id", ID), people, grants),
        lines=lines,
    )


def _as_text(content: bytes | str, notes: Notes) -> str | None:
    """The text of the file, None when nothing can be made of it. Another encoding is reported and read on."""
    if len(content) > LARGEST:
        notes.mistake(1, "file", "file_too_large", limit=LARGEST // (1024 * 1024))
        return None
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        notes.mistake(1, "file", "utf_16")
        return None
    if content.startswith(b"\xef\xbb\xbf"):
        notes.mistake(1, "file", "byte_order_mark")
        content = content[3:]
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        notes.mistake(content.count(b"\n", 0, error.start) + 1, "file", "not_utf_8")
        return content.decode("latin-1")
