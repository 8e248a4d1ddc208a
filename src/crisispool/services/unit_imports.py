"""A list of units taken in at once: judged first, then all of it or nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from crisispool.domain.availability import UnitFacts
from crisispool.domain.errors import BadInput, Refusal
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.unit import Unit
from crisispool.ports import Transaction
from crisispool.services.asks import UnitAsk
from crisispool.services.facts import NetworkFacts
from crisispool.services.owners_word import OWNERS
from crisispool.services.parts import Parts, require
from crisispool.services.unit_offers import CHANGEABLE, add_unit, changed_unit, new_unit

MOST_ROWS: Final = 500
STAYS: Final = ("owner_id", "nis", "kind")
"""What a list does not change of a unit that is there."""


class RowKind(StrEnum):
    """What a row of a list comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row as it was given: its number in the list; the id of a unit that is there, or none."""

    number: int
    unit_id: str | None
    ask: UnitAsk


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and what it would do. `seen`: the version of the unit that was looked at, 0 for a new one.

    `changes`: field, value before, value after. `mistakes`: why it cannot be.
    """

    number: int
    label: str
    kind: RowKind
    unit_id: str
    seen: int
    changes: tuple[tuple[str, object, object], ...] = ()
    mistakes: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """How many units were taken in, by what became of them."""

    new: int
    changed: int
    unchanged: int


@dataclass
class _Known:
    """The units that the asker may change: by id, and by owner and label."""

    facts: Mapping[str, UnitFacts]
    by_label: dict[tuple[str | None, str], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for unit_id, facts in self.facts.items():
            self.by_label.setdefault(_name(facts.unit.owner_id, facts.unit.label), []).append(unit_id)


class UnitImports:
    """Lists of units. A unit is known again by its id, else by its owner and label."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def judge(self, actor: Actor, rows: Sequence[ImportRow]) -> list[Judged]:
        """What each row would do; nothing is changed."""
        require(actor, *OWNERS)
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, actor.network_id)
            known = await self._known(tx, actor, now)
        return [judged for judged, _ in _judge(actor, rows, known, network, now)]

    async def store(
        self, actor: Actor, operation_id: str, rows: Sequence[ImportRow], seen: Sequence[tuple[str, int]]
    ) -> ImportAnswer:
        """Make it so: all rows or none. `seen`: unit and version of each row, as it was judged.

        Refusals: ``version_passed`` (a unit changed since), ``import_wrong`` (a row cannot be).
        """
        require(actor, *OWNERS)
        parts, now = self._parts, self._parts.now()
        touched: list[str] = []

        async def work(tx: Transaction) -> ImportAnswer:
            touched.clear()
            network = await parts.facts.network(tx, actor.network_id)
            await tx.lock(Unit, [unit_id for unit_id, _ in seen if unit_id])
            verdicts = list(_judge(actor, rows, await self._known(tx, actor, now), network, now))
            if [(judged.unit_id, judged.seen) for judged, _ in verdicts] != [*seen]:
                raise Refusal("version_passed")
            if any(judged.mistakes for judged, _ in verdicts):
                raise Refusal("import_wrong")
            for judged, unit in verdicts:
                if unit is None:
                    continue
                if judged.kind is RowKind.NEW:
                    unit = replace(unit, id=f"unit-{operation_id.rpartition(':')[2][:16]}-{judged.number}")
                    await add_unit(tx, parts.ids, actor, unit, now)
                else:
                    await tx.save(replace(unit, version=unit.version + 1))
                    await tx.audit(actor.colleague_id, "unit.changed", "unit", unit.id, now)
                touched.append(unit.id)
            number = Counter(judged.kind for judged, _ in verdicts)
            return ImportAnswer(number[RowKind.NEW], number[RowKind.CHANGED], number[RowKind.UNCHANGED])

        content = {"rows": [asdict(row) for row in rows]}
        answer = await parts.operations.once(operation_id, "units.import", content, now, ImportAnswer, work)
        if touched:
            await parts.view.refresh(touched, now)
        return answer

    async def _known(self, tx: Transaction, actor: Actor, now: datetime) -> _Known:
        owner_id = None if actor.is_(Role.COORDINATOR) else actor.organisation_id
        ids = await self._parts.facts.unit_ids(tx, actor.network_id, owner_id)
        return _Known(await self._parts.facts.units(tx, ids, now))


def _judge(
    actor: Actor, rows: Sequence[ImportRow], known: _Known, network: NetworkFacts, now: datetime
) -> Iterable[tuple[Judged, Unit | None]]:
    """Each row with what it would do, and the unit as it would be when that is anything."""
    met: set[object] = set()
    for row in rows:
        owner_id = row.ask.owner_id or actor.organisation_id
        unit_id, mistakes = _known_as(row, owner_id, known)
        name = unit_id or _name(owner_id, row.ask.label or "")
        if not mistakes and name in met:
            mistakes.append(BadInput("label", "twice"))
        if row.ask.owner_id not in (None, actor.organisation_id) and not actor.is_(Role.COORDINATOR):
            mistakes.append(BadInput("owner_id", "not_a_choice"))
        met.add(name)
        there = known.facts.get(unit_id)
        unit = None
        if not mistakes:
            try:
                if there is None:
                    unit = new_unit(actor, "new", row.ask, network, now)
                else:
                    unit = changed_unit(there, row.ask, network, now)
            except Refusal as no:
                mistakes.append(no)
        changes = _changes(there.unit, unit) if there and unit else ()
        kind = RowKind.NEW if there is None else RowKind.CHANGED if changes else RowKind.UNCHANGED
        judged = Judged(
            number=row.number,
            label=row.ask.label or (there.unit.label if there else ""),
            kind=RowKind.WRONG if mistakes else kind,
            unit_id=unit_id,
            seen=there.unit.version if there else 0,
            changes=changes,
            mistakes=tuple(mistakes),
        )
        yield judged, None if kind is RowKind.UNCHANGED else unit


def _known_as(row: ImportRow, owner_id: str | None, known: _Known) -> tuple[str, list[Refusal]]:
    """The id of the unit that a row is about, empty for a new one; and what is wrong with the row by itself."""
    if row.unit_id is not None:
        if row.unit_id not in known.facts:
            return "", [BadInput("id", "unknown_unit")]
        unit_id = row.unit_id
    else:
        alike = known.by_label.get(_name(owner_id, row.ask.label or ""), [])
        if len(alike) > 1:
            return "", [BadInput("id", "several_alike")]
        unit_id = alike[0] if alike else ""
    if not unit_id:
        missing = [name for name in ("label", "nis", "places") if getattr(row.ask, name) in (None, "")]
        return "", [BadInput(name, "missing") for name in missing]
    unit = known.facts[unit_id].unit
    moved = [name for name in STAYS if getattr(row.ask, name) not in (None, getattr(unit, name))]
    return unit_id, [BadInput(name, "stays") for name in moved]


def _changes(before: Unit, after: Unit) -> tuple[tuple[str, object, object], ...]:
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in CHANGEABLE)
    return tuple((name, was, is_now) for name, was, is_now in pairs if was != is_now)


def _name(owner_id: str | None, label: str) -> tuple[str | None, str]:
    return owner_id, " ".join(label.casefold().split())
