"""After a step the record must say what the model says; read in one query, the same on both databases."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from crisispool.adapters.sql_engine import READING
from tests.sequences.kept import COUNTING
from tests.sequences.morning import due
from tests.sequences.scene import Scene, Wrong
from tests.sequences.world import World

_RECORD = """
    SELECT 'booking', id, unit_id, CAST(night AS VARCHAR), CAST(checkout AS VARCHAR), state FROM bookings
    UNION ALL SELECT 'night', unit_id, CAST(night AS VARCHAR), coalesce(booking_id, hold_id), '', '' FROM unit_nights
    UNION ALL SELECT 'slept', person_id, CAST(night AS VARCHAR), booking_id, '', '' FROM person_nights
    UNION ALL SELECT 'use', unit_id, CAST(starts_on AS VARCHAR), CAST(until AS VARCHAR), '', ''
        FROM placements WHERE ended_at IS NULL
    UNION ALL SELECT 'closed', unit_id, '', '', '', '' FROM out_of_service WHERE ended_at IS NULL
    UNION ALL SELECT 'turnover', unit_id, CASE WHEN key_code_must_change THEN 'key' ELSE '' END, '', '', ''
        FROM turnovers WHERE done_at IS NULL
    UNION ALL SELECT 'request', id, state, '', '', '' FROM requests
    UNION ALL SELECT 'person', id, canonical_id, '', '', '' FROM persons
    UNION ALL SELECT 'case', request_id, CAST(night AS VARCHAR), CAST(handover_due_at AS VARCHAR),
        CASE WHEN handed_over_at IS NULL THEN 'waits' ELSE 'over' END, '' FROM cases
    UNION ALL SELECT 'handover', c.request_id, CAST(h.due_at AS VARCHAR), coalesce(h.accepted_by, ''),
        CASE WHEN h.state = 'closed' THEN 'closed' ELSE '' END, h.lead_organisation_id
        FROM handovers h JOIN cases c ON c.id = h.case_id
    UNION ALL SELECT 'delivery', c.request_id, r.organisation_id, CAST(r.deliver_on AS VARCHAR),
        CASE WHEN r.delivered_at IS NULL THEN '' ELSE 'has it' END, ''
        FROM handover_recipients r JOIN handovers h ON h.id = r.handover_id JOIN cases c ON c.id = h.case_id
    UNION ALL SELECT 'alert', booking_id, CAST(run AS VARCHAR), person_id, '', '' FROM stay_alerts
    """

Row = tuple[str, ...]


async def look(s: Scene, engine: AsyncEngine, *, wholly: bool) -> None:
    """Raise Wrong when record and model differ; `wholly` also asks the services and the live view."""
    async with engine.execution_options(**READING[engine.dialect.name]).connect() as connection:
        found = await connection.run_sync(Connection.exec_driver_sql, _RECORD)
        rows = [tuple(row) for row in found]
    name = {answer.id: label for label, answer in s.made.items() if hasattr(answer, "id")}
    name |= {person_id: label for label, person_id in s.person_ids.items()}
    _alike(Counter(_of_record(rows, name, s.world)), Counter(_of_model(s.world)))
    _same_people(rows, name, s.world)
    _nobody_beyond_the_limit(s.world, [row for row in rows if row[0] == "alert"], name)
    _no_double_booking(s.world)
    if wholly:
        await _look_from_outside(s)


def _of_record(rows: list[Row], name: dict[str, str], w: World) -> Iterator[Row]:
    for kind, one, two, three, four, five in rows:
        match kind:
            case "booking":
                dates = (three, four) if five in COUNTING and three < four else ("", "")
                yield (kind, name[one], two, *dates, five)
            # The row of a hold that lapsed stays until somebody comes by.
            case "night" if name[three] not in w.holds or w.holding(w.holds[name[three]]):
                yield (kind, one, two, name[three])
            case "slept":
                yield (kind, name[one], two, name[three])
            case "case":
                yield (kind, name[one], two, three[:16]) if four == "waits" else (kind, name[one])
            case "handover":
                yield (kind, name[one], two[:16], three, four, five)
            case "delivery" | "request":
                yield (kind, name[one], two, three, four)
            case "use" | "closed":
                yield (kind, one, two, str(three))
    yield from (("turnover", *each) for each in {row[1:3] for row in rows if row[0] == "turnover"})


def _of_model(w: World) -> Iterator[Row]:
    for b in w.bookings.values():
        dates = (str(b.nights[0]), str(b.checkout)) if b.nights else ("", "")
        yield ("booking", b.label, b.unit, *dates, b.state)
        yield from (("night", b.unit, str(night), b.label) for night in b.nights)
    for hold in w.holds.values():
        if w.holding(hold):
            yield from (("night", hold.unit, str(night), hold.label) for night in hold.nights)
    yield from (("slept", person, str(night), of) for (person, night), of in w.slept.items())
    for unit in w.units.values():
        yield from (("use", unit.id, str(use.since), str(use.until)) for use in unit.uses)
        if unit.closed:
            yield ("closed", unit.id, "", "")
        if unit.turnover:
            yield ("turnover", unit.id, "key" if unit.other_key else "")
    yield from (("request", asked.label, asked.state, "", "") for asked in w.requests.values())
    for case in w.cases.values():
        handover = case.handover
        on = _minute(due(w, case))
        waits = not case.over and handover is None
        yield ("case", case.request, str(case.night), on) if waits else ("case", case.request)
        if handover:
            closed = "closed" if handover.closed else ""
            yield ("handover", case.request, on, handover.accepted_by or "", closed, handover.lead)
            for service, day in handover.deliveries.items():
                has_it = "has it" if service in handover.delivered else ""
                yield ("delivery", case.request, service, str(day), has_it)


def _minute(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _alike(record: "Counter[Row]", model: "Counter[Row]") -> None:
    if record != model:
        only = [f"only in the record: {row}" for row in sorted(record - model, key=str)]
        only += [f"only in the model:  {row}" for row in sorted(model - record, key=str)]
        raise Wrong("\n    ".join(["record and model differ", *only]))


def _same_people(rows: list[Row], name: dict[str, str], w: World) -> None:
    record: dict[str, set[str]] = {}
    model: dict[str, set[str]] = {}
    for row in rows:
        if row[0] == "person":
            record.setdefault(row[2], set()).add(name[row[1]])
    for person in w.persons.values():
        model.setdefault(person.group, set()).add(person.label)
    if (one := sorted(map(sorted, record.values()))) != (other := sorted(map(sorted, model.values()))):
        raise Wrong(f"who is who differs: record {one}, model {other}")


def _nobody_beyond_the_limit(w: World, alerts: list[Row], name: dict[str, str]) -> None:
    for group in {person.group for person in w.persons.values() if person.adult}:
        labels = {person.label for person in w.references(group)}
        for run in w.broken_runs(group):
            inside = {of for (label, night), of in w.slept.items() if label in labels and night in run}
            about = [row for row in alerts if name[row[1]] in inside or name[row[3]] in labels]
            alerted = [set(map(date.fromisoformat, json.loads(row[2]))) for row in about]
            excused = any(w.bookings[each].overridden for each in inside)
            if not excused and not any(set(run) <= nights for nights in alerted):
                raise Wrong(f"beyond the limit without an alert: {sorted(labels)}, {[str(n) for n in run]}")


def _no_double_booking(w: World) -> None:
    taken = Counter((b.unit, night) for b in w.bookings.values() for night in b.nights)
    if twice := [each for each, times in taken.items() if times > 1]:
        raise Wrong(f"double booking: {twice}")


async def _look_from_outside(s: Scene) -> None:
    """What the services answer of each unit, and whether the live view knows it."""
    units = await s.night.app.units.all(await s.night.actor("coordinator"))
    said = {unit.id: str(unit.status) for unit in units}
    is_so = {unit: s.world.status(unit) for unit in s.world.units}
    if said != is_so:
        wrong = {unit: (said[unit], is_so[unit]) for unit in said if said[unit] != is_so[unit]}
        raise Wrong(f"status by the service, by the model: {wrong}")
    if s.swept and (different := await s.night.app.view.differences(s.world.now)):
        raise Wrong(f"the live view differs from the record: {different}")
