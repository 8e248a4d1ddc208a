"""Regions of any size: municipalities on a grid, each with its OCMW and units; as records, or as a region file.

Nearly every unit is occupied by its owner, as in a real pool; the same seed gives the same region.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from crisispool.domain.duty import DutyShift
from crisispool.domain.organisation import (
    Colleague,
    Membership,
    Municipality,
    Network,
    Organisation,
    OrganisationKind,
    PolicyVersion,
    Role,
    RoleGrant,
)
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Placement, Unit, UnitKind, UnitNetwork, UnitSource
from crisispool.ports import Store
from tests.support.region import CONFIRMED_AT, FALLBACK, LOADED_AT, OPEN, ROSTER, SHIFTS_FROM, SHIFTS_UNTIL

STEP_KM_LATITUDE, STEP_KM_LONGITUDE = 0.045, 0.071
"""Degrees between two neighbours on the grid: about 5 km."""

PLACED_ON = date(2026, 8, 1)
KINDS = tuple(UnitKind)


@dataclass(frozen=True)
class Region:
    """What is in a region of some size. Units are spread evenly over the municipalities, in turn."""

    municipalities: tuple[Municipality, ...]
    units: tuple[Unit, ...]
    free: frozenset[str]


def make_region(units: int = 10_000, municipalities: int = 285, *, free: int = 0, seed: int = 1) -> Region:
    """So many units of which so many are `free`; the rest is occupied without an end in sight."""
    chance = Random(seed)  # noqa: S311  # no secret: the same region every time
    wide = max(1, round(municipalities**0.5))
    towns = tuple(
        Municipality(
            nis=str(30_001 + n),
            name=f"Gemeente {n + 1}",
            inhabitants=chance.randrange(5_000, 60_000),
            latitude=50.7 + STEP_KM_LATITUDE * (n // wide),
            longitude=2.6 + STEP_KM_LONGITUDE * (n % wide),
        )
        for n in range(municipalities)
    )
    made = tuple(_unit(n, towns[n % municipalities], chance) for n in range(units))
    return Region(towns, made, frozenset(chance.sample([unit.id for unit in made], free)))


def _unit(number: int, town: Municipality, chance: Random) -> Unit:
    places = chance.choice((1, 2, 2, 3, 4, 4, 5, 6))
    return Unit(
        id=f"u-{number + 1:06}",
        owner_id=f"ocmw-{town.nis}",
        nis=town.nis,
        label=f"Woning {number + 1}",
        kind=chance.choice(KINDS),
        source=UnitSource.POOL,
        places=places,
        cots=chance.randrange(2),
        rooms=max(1, places // 2),
        step_free=chance.random() < 0.2,
        pets=chance.random() < 0.2,
        staffed=chance.random() < 0.05,
        family=places >= 5,
        mandate=chance.random() < 0.8,
        confirmed_at=CONFIRMED_AT,
    )


def records(region: Region) -> Iterator[list[object]]:
    """All records of the region in the network ``net``, each list after what it refers to."""
    yield [*region.municipalities, Network("net", "Groot netwerk", "GR", "051 00 00 00", "caw", 1, True)]
    yield [PolicyVersion("policy-1", "net", 1, {}, "stuurgroep", date(2026, 11, 1), LOADED_AT)]
    yield [Organisation("caw", "net", OrganisationKind.CAW, "CAW", None, "051 00 00 30", opens=OPEN)]
    yield [
        Organisation(
            f"ocmw-{town.nis}", "net", OrganisationKind.OCMW, f"OCMW {town.name}", town.nis, opens=OPEN
        )
        for town in region.municipalities
    ]
    yield [
        Membership(
            f"m-{town.nis}", "net", town.nis, f"ocmw-{town.nis}", agreed_places=town.inhabitants // 10_000
        )
        for town in region.municipalities
    ]
    first = f"ocmw-{region.municipalities[0].nis}"
    people = [
        ("calltaker", Role.CALLTAKER, "caw"),
        ("calltaker_2", Role.CALLTAKER, "caw"),
        ("coordinator", Role.COORDINATOR, None),
        ("owner", Role.UNIT_MANAGER, first),
    ]
    for who, role, home in people:
        yield [Colleague(who, "net", home, who, Secret(who), Secret("")), RoleGrant(who, who, role)]
    yield [DutyShift(f"shift-{who}", "net", duty, who, SHIFTS_FROM, SHIFTS_UNTIL) for duty, who in ROSTER]
    yield [*FALLBACK]
    yield [*region.units]
    yield [UnitNetwork(f"{unit.id}:net", unit.id, "net") for unit in region.units]
    yield [
        Placement(f"{unit.id}:placed", unit.id, PLACED_ON, None)
        for unit in region.units
        if unit.id not in region.free
    ]


async def load(store: Store, region: Region) -> None:
    """Write the region into an empty record."""
    async with store.transaction() as tx:
        for some in records(region):
            await tx.add(*some)


def as_file(region: Region) -> str:
    """The region as a region file in training, with everything that a good one says."""
    caw = _partner("caw", "caw", region.municipalities[0].nis, 1)
    parts = [
        _HEAD,
        caw,
        *(_town(town) for town in region.municipalities),
        *(
            _partner(f"ocmw-{town.nis}", "ocmw", town.nis, n)
            for n, town in enumerate(region.municipalities, start=2)
        ),
        *(_dwelling(unit, n) for n, unit in enumerate(region.units)),
        _TRAINING,
        *(_occupied(unit) for unit in region.units if unit.id not in region.free),
    ]
    return "\n".join(parts)


_HEAD = """\
[network]
id = "groot"
name = "Groot netwerk"
reference_prefix = "GR"
desk_phone = "000 00 00 01"
caw = "caw"

[policy]
provisional = true

[[criteria]]
code = "wants_the_bed"
question = "consent"
fails_on = ["no_bed"]
action = "refuse"
refusal = "declined"
may_override = false
"""

_TRAINING = """\
[training]
start = 2026-11-28T02:04:00

[[training.people]]
id = "calltaker"
label = "calltaker"
name = "Cas Oefening"
organisation = "caw"
roles = ["calltaker"]
"""


def _town(town: Municipality) -> str:
    return f"""\
[[municipalities]]
nis = "{town.nis}"
name = "{town.name}"
inhabitants = {town.inhabitants}
latitude = {town.latitude:.4f}
longitude = {town.longitude:.4f}
ocmw = "ocmw-{town.nis}"
"""


def _partner(name: str, kind: str, nis: str, number: int) -> str:
    return f"""\
[[organisations]]
id = "{name}"
kind = "{kind}"
name = "Dienst {name}"
municipality = "{nis}"
phone = "000 00 {number:04}"
mailbox = "opvang.{number}@example.org"
"""


def _dwelling(unit: Unit, number: int) -> str:
    return f"""\
[[units]]
id = "{unit.id}"
owner = "{unit.owner_id}"
municipality = "{unit.nis}"
label = "{unit.label}"
kind = "{unit.kind}"
places = {unit.places}
cots = {unit.cots}
rooms = {unit.rooms}
step_free = {str(unit.step_free).lower()}
pets = {str(unit.pets).lower()}
family = {str(unit.family).lower()}
mandate = {str(unit.mandate).lower()}
address = "Verzonnen straat {number}, 8999 Nergens"
key = "Sleutelkluis naast de voordeur, oefencode {number:04}."
night_contact = "000 01 {number:04}"
house_agreement = true
inspection_until = 2027-09-30
"""


def _occupied(unit: Unit) -> str:
    return f"""\
[[training.units]]
unit = "{unit.id}"
status = "occupied"
from = {PLACED_ON}
"""
