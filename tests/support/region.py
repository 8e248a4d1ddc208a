"""A small region in code: one network, three municipalities, seven units, colleagues of each role, two rosters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from crisispool.domain.admission import Criterion, FailAction
from crisispool.domain.duty import Duty, DutyShift, FallbackPlace
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
from crisispool.domain.unit import Unit, UnitAccess, UnitKind, UnitNetwork, UnitSource
from crisispool.ports import Store

IZEGEM, INGELMUNSTER, WIELSBEKE = "36008", "36007", "37017"

ADDRESS = "Sterrenlaan 7, canary-address"
KEY_CODE = "canary-key-4711"

LOADED_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
CONFIRMED_AT = datetime(2026, 11, 27, 15, 10, tzinfo=UTC)

OPEN = {day: ["08:30-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}

ORGANISATIONS = (
    Organisation("police", "net", OrganisationKind.POLICE, "Politiezone", None, "051 00 00 10"),
    Organisation("hospital", "net", OrganisationKind.HOSPITAL, "Ziekenhuis", None, "051 00 00 20"),
    Organisation("backup_caw", "net", OrganisationKind.OTHER, "Vervanging CAW", None),
    Organisation("backup_izegem", "net", OrganisationKind.OTHER, "Vervanging Izegem", None),
    Organisation("backup_ingelmunster", "net", OrganisationKind.OTHER, "Vervanging Ingelmunster", None),
    Organisation("backup_wielsbeke", "net", OrganisationKind.OTHER, "Vervanging Wielsbeke", None),
    Organisation(
        "caw", "net", OrganisationKind.CAW, "CAW", None, "051 00 00 30", backup_id="backup_caw", opens=OPEN
    ),
    Organisation(
        "ocmw_izegem", "net", OrganisationKind.OCMW, "OCMW Izegem", IZEGEM, "051 00 00 40",
        backup_id="backup_izegem", opens=OPEN,
    ),
    Organisation(
        "ocmw_ingelmunster", "net", OrganisationKind.OCMW, "OCMW Ingelmunster", INGELMUNSTER, "051 00 00 50",
        backup_id="backup_ingelmunster", opens=OPEN,
    ),
    Organisation(
        "ocmw_wielsbeke", "net", OrganisationKind.OCMW, "OCMW Wielsbeke", WIELSBEKE, "056 00 00 60",
        backup_id="backup_wielsbeke", opens=OPEN,
    ),
)  # fmt: skip

PEOPLE: tuple[tuple[str, Role, str | None], ...] = (
    ("referrer", Role.REFERRER, "police"),
    ("nurse", Role.REFERRER, "hospital"),
    ("calltaker", Role.CALLTAKER, "caw"),
    ("calltaker_2", Role.CALLTAKER, "caw"),
    ("owner_izegem", Role.UNIT_MANAGER, "ocmw_izegem"),
    ("owner_ingelmunster", Role.UNIT_MANAGER, "ocmw_ingelmunster"),
    ("worker_caw", Role.SUPPORT_WORKER, "caw"),
    ("worker_izegem", Role.SUPPORT_WORKER, "ocmw_izegem"),
    ("worker_ingelmunster", Role.SUPPORT_WORKER, "ocmw_ingelmunster"),
    ("worker_backup", Role.SUPPORT_WORKER, "backup_ingelmunster"),
    ("coordinator", Role.COORDINATOR, None),
    ("council", Role.COUNCIL, None),
    ("admin", Role.ADMIN, None),
)

SHIFTS_FROM, SHIFTS_UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
ROSTER = ((Duty.CALLTAKER, "calltaker"), (Duty.BACKUP, "calltaker_2"), (Duty.COORDINATOR, "coordinator"))

UNITS = (
    Unit("iz-room", "ocmw_izegem", IZEGEM, "Kamer", UnitKind.CRISIS_ROOM, UnitSource.POOL, 1),
    Unit("iz-studio", "ocmw_izegem", IZEGEM, "Studio", UnitKind.CRISIS_DWELLING, UnitSource.POOL, 2),
    Unit(
        "iz-house", "ocmw_izegem", IZEGEM, "Huis", UnitKind.EMERGENCY_DWELLING, UnitSource.POOL, 5,
        cots=1, rooms=3, family=True,
    ),
    Unit(
        "in-house", "ocmw_ingelmunster", INGELMUNSTER, "Gezinswoning", UnitKind.EMERGENCY_DWELLING,
        UnitSource.POOL, 4, cots=1, rooms=2, family=True,
    ),
    Unit(
        "in-studio", "ocmw_ingelmunster", INGELMUNSTER, "Studio 2", UnitKind.CRISIS_DWELLING,
        UnitSource.POOL, 2, step_free=True,
    ),
    Unit(
        "wi-flat", "ocmw_wielsbeke", WIELSBEKE, "Flat", UnitKind.CRISIS_DWELLING, UnitSource.POOL, 3,
        rooms=2, pets=True,
    ),
    Unit(
        "wi-house", "ocmw_wielsbeke", WIELSBEKE, "Groot huis", UnitKind.TRANSIT_DWELLING,
        UnitSource.POOL, 6, rooms=4, family=True,
    ),
)  # fmt: skip

CHECKLIST = (
    ("danger", "danger", ("yes",), FailAction.PAUSE, "medical", True),
    ("own_network", "social_elsewhere", ("family",), FailAction.ALTERNATIVE, "own_network", True),
    ("intoxicated", "unsafe", ("intoxicated",), FailAction.PAUSE, "intoxicated", False),
    ("aggression", "unsafe", ("aggressive",), FailAction.REFUSE, "aggression", True),
    ("minor", "unsafe", ("minor",), FailAction.REDIRECT, "minor_alone", False),
)

FALLBACK = (
    FallbackPlace("hotel", "net", "hotel", "Hotel", "051 00 00 70", None, 1),
    FallbackPlace("shelter", "net", "night_shelter", "Nachtopvang", "051 00 00 80", None, 2),
)


def _person(name: str, role: Role, home: str | None) -> tuple[Colleague, RoleGrant]:
    colleague = Colleague(name, "net", home, name, Secret(f"canary-{name}"), Secret(""))
    return colleague, RoleGrant(f"{name}:{role}", name, role)


def region_records() -> Sequence[Sequence[object]]:
    """All records of the region, each list after what it refers to."""
    secret = Secret("")
    return [
        [
            Municipality(IZEGEM, "Izegem", 28322, 50.917, 3.213),
            Municipality(INGELMUNSTER, "Ingelmunster", 11131, 50.920, 3.255),
            Municipality(WIELSBEKE, "Wielsbeke", 9833, 50.904, 3.370),
            Network("net", "Crisisnetwerk", "IZ", "051 00 00 00", "caw", 1, training=True),
        ],
        [PolicyVersion("policy-1", "net", 1, {}, "stuurgroep", date(2026, 11, 1), LOADED_AT)],
        ORGANISATIONS,
        [
            Membership("m-1", "net", IZEGEM, "ocmw_izegem", OrganisationKind.CAW),
            Membership("m-2", "net", INGELMUNSTER, "ocmw_ingelmunster"),
            Membership("m-3", "net", WIELSBEKE, "ocmw_wielsbeke"),
        ],
        [each for name, role, home in PEOPLE for each in _person(name, role, home)],
        [DutyShift(f"shift-{who}", "net", duty, who, SHIFTS_FROM, SHIFTS_UNTIL) for duty, who in ROSTER],
        [
            Criterion(f"c-{n}", "net", 1, n, code, question, fails_on, action, refusal, may_override)
            for n, (code, question, fails_on, action, refusal, may_override) in enumerate(CHECKLIST, start=1)
        ],
        FALLBACK,
        [replace(unit, confirmed_at=CONFIRMED_AT) for unit in UNITS],
        [UnitNetwork(f"net:{unit.id}", unit.id, "net") for unit in UNITS],
        [
            UnitAccess(unit.id, Secret(ADDRESS), Secret(KEY_CODE), secret, secret, secret, True)
            for unit in UNITS
        ],
    ]


async def load_region(store: Store) -> None:
    """Write the region into an empty record."""
    async with store.transaction() as tx:
        for records in region_records():
            await tx.add(*records)
