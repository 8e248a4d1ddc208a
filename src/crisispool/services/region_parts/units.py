"""The units part of a region file: what each offers, its confidential side, its rota weeks, its networks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitAccess, UnitKind, UnitNetwork, UnitSource
from crisispool.services.region_parts.names import Names
from crisispool.services.region_parts.reader import Reader, first_of


@dataclass(frozen=True, slots=True)
class UnitsOfFile:
    """All units of a file; `access` in the same order."""

    units: tuple[Unit, ...]
    access: tuple[UnitAccess, ...]
    networks: tuple[UnitNetwork, ...]


def read_units(
    readers: Sequence[Reader],
    network_id: str,
    other_networks: Names,
    owners: Names,
    municipalities: Names,
) -> UnitsOfFile:
    """The units without their live facts: when confirmed, whether cleaned and until when free."""
    first_of(readers, "id")
    units, access, networks = [], [], []
    turns: dict[date, Reader] = {}
    for reader in readers:
        unit = _unit(reader, owners, municipalities)
        units.append(unit)
        access.append(_access(reader, unit.id))
        also_in = reader.texts("also_in", ())
        for other in also_in:
            if other not in other_networks.there and not other_networks.may_mean(other):
                reader.mistake("also_in", "unknown_network")
        networks += [UnitNetwork(f"{unit.id}:{name}", unit.id, name) for name in (network_id, *also_in)]
        _check_turns(reader, unit, turns)
        reader.done()
    return UnitsOfFile(tuple(units), tuple(access), tuple(networks))


def _unit(reader: Reader, owners: Names, municipalities: Names) -> Unit:
    joined, leaves = reader.day("joined_on"), reader.day("leaves_on")
    if joined and leaves and leaves <= joined:
        reader.mistake("leaves_on", "until_before_from")
    return Unit(
        id=reader.ident(),
        owner_id=reader.refers("owner", owners, "organisation"),
        nis=reader.refers("municipality", municipalities, "municipality"),
        label=reader.text("label", limit=60),
        kind=reader.choice("kind", UnitKind),
        source=reader.choice("source", UnitSource, UnitSource.POOL),
        places=reader.whole("places", 1, 20),
        cots=reader.whole("cots", 0, 10, 0),
        rooms=reader.whole("rooms", 1, 20, 1),
        step_free=reader.flag("step_free", False),
        pets=reader.flag("pets", False),
        smoking=reader.flag("smoking", False),
        separate_entrance=reader.flag("separate_entrance", True),
        staffed=reader.flag("staffed", False),
        meals=reader.flag("meals", False),
        family=reader.flag("family", False),
        site=reader.ident("site", "") or None,
        mandate=reader.flag("mandate", True),
        inspection_until=reader.day("inspection_until"),
        joined_on=joined,
        leaves_on=leaves,
        rota_weeks=reader.days("rota_weeks"),
    )


def _access(reader: Reader, unit_id: str) -> UnitAccess:
    return UnitAccess(
        unit_id=unit_id,
        address=Secret(reader.text("address")),
        key_instructions=Secret(reader.text("key", "", limit=500)),
        backup_key_phone=Secret(reader.phone("backup_key_phone")),
        night_contact=Secret(reader.phone("night_contact")),
        cleaning_contact=Secret(reader.phone("cleaning_contact")),
        house_agreement=reader.flag("house_agreement", False),
    )


def _check_turns(reader: Reader, unit: Unit, turns: dict[date, Reader]) -> None:
    """A turn is a week from Monday, and one unit has it."""
    if unit.source is UnitSource.POOL and unit.rota_weeks and not reader.wrong("source"):
        reader.mistake("rota_weeks", "turns_in_pool")
    if unit.source is UnitSource.ROTA and not unit.rota_weeks and not reader.has("rota_weeks"):
        reader.warning("rota_weeks", "no_turns")
    for week in unit.rota_weeks:
        if week.weekday() != 0:
            reader.mistake("rota_weeks", "not_a_monday", day=week)
        elif turns.setdefault(week, reader) is not reader:
            reader.mistake("rota_weeks", "turns_overlap", day=week, first=turns[week].line("rota_weeks"))
