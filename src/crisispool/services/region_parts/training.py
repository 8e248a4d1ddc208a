"""The training part of a region file: invented colleagues, and how the units stand at its start."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise

from crisispool.domain.calendar import BRUSSELS
from crisispool.domain.organisation import Colleague, Role, RoleGrant
from crisispool.domain.secret import Secret
from crisispool.domain.unit import OutOfService, Placement, Turnover, Unit
from crisispool.services.region_parts.names import Names
from crisispool.services.region_parts.reader import NO_DAY, NO_MOMENT, Reader, first_of

IN_A_SERVICE = frozenset({Role.REFERRER, Role.UNIT_MANAGER, Role.SUPPORT_WORKER})
"""Roles that mean nothing without an organisation."""


class StartingStatus(StrEnum):
    """How a unit can stand at the start; a unit that is not named is free and unconfirmed."""

    FREE = "free"
    OCCUPIED = "occupied"
    TURNOVER = "turnover"
    OUT_OF_SERVICE = "out_of_service"


class Reason(StrEnum):
    """Why a unit is out of service."""

    REPAIR = "repair"
    INSPECTION = "inspection"
    OTHER = "other"


STATE_KEYS = ("from", "until", "since", "due", "reason", "free_until", "cleaned", "confirmed")


@dataclass(frozen=True, slots=True)
class Training:
    """The start of a training. `units` are all units of the file with their live facts at that moment."""

    start: datetime
    people: tuple[Colleague, ...]
    grants: tuple[RoleGrant, ...]
    units: tuple[Unit, ...]
    placements: tuple[Placement, ...]
    out_of_service: tuple[OutOfService, ...]
    turnovers: tuple[Turnover, ...]


def read_people(
    training: Reader | None, network_id: str, organisations: Names
) -> tuple[tuple[Colleague, ...], tuple[RoleGrant, ...]]:
    """The invented colleagues and what each may do."""
    if training is None:
        return (), ()
    readers = training.tables_at("people", required=True)
    first_of(readers, "id")
    people: list[Colleague] = []
    grants: list[RoleGrant] = []
    for reader in readers:
        name = reader.ident()
        roles = reader.choices("roles", Role)
        organisation = reader.refers("organisation", organisations, "organisation", "")
        if not organisation and not reader.wrong("organisation") and not IN_A_SERVICE.isdisjoint(roles):
            reader.mistake("organisation", "role_without_organisation")
        people.append(
            Colleague(
                id=name,
                network_id=network_id,
                organisation_id=organisation or None,
                label=reader.text("label", limit=60),
                name=Secret(reader.text("name")),
                phone=Secret(reader.phone("phone")),
            )
        )
        grants += [RoleGrant(f"{name}:{role}", name, role) for role in roles]
        reader.done()
    for role in sorted(set(Role) - {grant.role for grant in grants}):
        training.warning("people", "role_missing", role=role)
    return tuple(people), tuple(grants)


def read_training(
    training: Reader | None,
    units: Sequence[Unit],
    names: Names,
    people: tuple[Colleague, ...],
    grants: tuple[RoleGrant, ...],
) -> Training | None:
    """The start of the training with every unit as it then stands."""
    if training is None:
        return None
    start = training.moment("start", required=True) or NO_MOMENT
    states: dict[str, list[tuple[StartingStatus, Placement | OutOfService | Turnover | None, Reader]]]
    states = defaultdict(list)
    known = {unit.id: unit for unit in units}
    for reader in training.tables_at("units", "unit"):
        name = reader.refers("unit", names, "unit")
        status = reader.choice("status", StartingStatus)
        if reader.wrong("status"):
            reader.expects(*STATE_KEYS)
            reader.done()
            continue
        record = _record(reader, status, name, len(states[name]) + 1)
        reader.expects(*(STATE_KEYS if name not in known else ()))
        if name in known:
            known[name] = _with_live_facts(reader, known[name], status)
        states[name].append((status, record, reader))
        reader.done()
    for several in states.values():
        _check_together(several, start.astimezone(BRUSSELS).date())
    training.done()
    records = [record for several in states.values() for _, record, _ in several]
    return Training(
        start=start,
        people=people,
        grants=grants,
        units=tuple(known.values()),
        placements=tuple(record for record in records if isinstance(record, Placement)),
        out_of_service=tuple(record for record in records if isinstance(record, OutOfService)),
        turnovers=tuple(record for record in records if isinstance(record, Turnover)),
    )


def _record(
    reader: Reader, status: StartingStatus, unit_id: str, number: int
) -> Placement | OutOfService | Turnover | None:
    name = f"{unit_id}:start:{number}"
    if status is StartingStatus.OCCUPIED:
        starts_on, until = reader.day("from", required=True) or NO_DAY, reader.day("until")
        if until and until <= starts_on:
            reader.mistake("until", "until_before_from")
        return Placement(name, unit_id, starts_on, until)
    if status is StartingStatus.TURNOVER:
        since, due = reader.moment("since", required=True), reader.moment("due", required=True)
        if since and due and due <= since:
            reader.mistake("due", "until_before_from")
        return Turnover(name, unit_id, None, since or NO_MOMENT, due or NO_MOMENT)
    if status is StartingStatus.OUT_OF_SERVICE:
        since = reader.moment("since", required=True) or NO_MOMENT
        return OutOfService(name, unit_id, since, reader.choice("reason", Reason).value)
    return None


def _with_live_facts(reader: Reader, unit: Unit, status: StartingStatus) -> Unit:
    confirmed = reader.moment("confirmed") or unit.confirmed_at
    if status is not StartingStatus.FREE:
        return replace(unit, confirmed_at=confirmed)
    return replace(
        unit,
        confirmed_at=confirmed,
        free_until=reader.day("free_until"),
        cleaned=reader.flag("cleaned", True),
    )


def _check_together(
    states: list[tuple[StartingStatus, Placement | OutOfService | Turnover | None, Reader]], day: date
) -> None:
    """What is said of one unit must go together: one state at the start, placements one after the other."""
    placed = sorted(
        ((record, reader) for _, record, reader in states if isinstance(record, Placement)),
        key=lambda pair: (pair[0].starts_on, pair[1].line()),
    )
    for (before, first), (after, reader) in pairwise(placed):
        if before.until is None or after.starts_on < before.until:
            reader.mistake("from", "placements_overlap", first=first.line())
    here = [reader for record, reader in placed if record.starts_on <= day < (record.until or date.max)][:1]
    here += [reader for _, record, reader in states if not isinstance(record, Placement)]
    here.sort(key=Reader.line)
    for reader in here[1:]:
        reader.mistake("status", "two_states", first=here[0].line())
