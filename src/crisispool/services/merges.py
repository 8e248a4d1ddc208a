"""Two references that turn out to be one person: merged on a working day, undone when that was a mistake."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations

from crisispool.domain.booking import AlertCause
from crisispool.domain.errors import BadInput, NotThere, Refusal
from crisispool.domain.household import Person, PersonMerge
from crisispool.domain.organisation import Actor, Network, Role
from crisispool.domain.request import Request
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.answers import LikenessAnswer, MergeAnswer
from crisispool.services.asks import MergeAsk
from crisispool.services.parts import Parts, require
from crisispool.services.stay_alerts import judge_again

LOOK_BACK = timedelta(days=90)
"""How far back references are compared: as long as the bare hash of a person is kept."""


class Merges:
    """Merging references. A night stays where it was recorded; the run is computed over all references.

    Policy: how long someone may stay, section 4.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def alike(self, actor: Actor) -> list[LikenessAnswer]:
        """Pairs of references with the same first name, initial and birth year that are not one person yet.

        A coarse match only proposes, also when two full names differ by a letter: a person decides.
        """
        require(actor, Role.COORDINATOR)
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            recent = await tx.find(
                Person,
                network_id=actor.network_id,
                created_at=AtLeast(now - LOOK_BACK),
                order=("created_at",),
            )
            groups: dict[str, dict[str, Person]] = defaultdict(dict)
            for person in recent:
                if person.coarse_digest is not None and person.adult:
                    groups[person.coarse_digest].setdefault(person.canonical_id, person)
            pairs = [pair for group in groups.values() for pair in combinations(group.values(), 2)]
            ids = OneOf(tuple({each.request_id for pair in pairs for each in pair}))
            reference = {request.id: request.reference for request in await tx.find(Request, id=ids)}
        return [
            LikenessAnswer(one.id, other.id, reference[one.request_id], reference[other.request_id])
            for one, other in pairs
        ]

    async def merge(self, actor: Actor, operation_id: str, ask: MergeAsk) -> MergeAnswer:
        """Everything known under the first person is from now on known under the second one too.

        A limit that turns out to be broken raises an alert. Refusals: ``not_there``, ``bad_input`` (one and the
        same already), ``not_a_working_day``.
        """
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> MergeAnswer:
            network = await parts.facts.network(tx, actor.network_id)
            if not network.calendar.is_working_day(network.calendar.local(now).date()):
                raise Refusal("not_a_working_day")
            one, other = await _locked(tx, actor, [ask.person_id, ask.into_person_id])
            if one.canonical_id == other.canonical_id:
                raise BadInput("into_person_id", "one_person_already")
            if one.adult is not other.adult:
                raise BadInput("into_person_id", "adult_and_child")
            merge_id = parts.ids.new()
            moved = await tx.find(Person, canonical_id=one.canonical_id, order=("id",))
            for person in moved:
                await tx.add(
                    PersonMerge(
                        id=parts.ids.new(),
                        person_id=person.id,
                        from_canonical_id=one.canonical_id,
                        to_canonical_id=other.canonical_id,
                        by=actor.colleague_id,
                        at=now,
                        merge_id=merge_id,
                    )
                )
                await tx.save(replace(person, canonical_id=other.canonical_id))
            alerted = await judge_again(tx, parts.ids, network, [other.canonical_id], AlertCause.MERGE, now)
            await tx.audit(
                actor.colleague_id,
                "person.merged",
                "person",
                one.id,
                now,
                {"into": other.id, "merge": merge_id},
            )
            return _answer(merge_id, moved, [booking.id for booking in alerted])

        return await parts.operations.once(operation_id, "merge", ask, now, MergeAnswer, work)

    async def undo(self, actor: Actor, operation_id: str, merge_id: str) -> MergeAnswer:
        """They are two people after all: each reference is again what it was. Undoing twice changes nothing.

        Refusals: ``not_there``, ``merged_since`` (a later decision about one of them comes first),
        ``not_a_working_day``.
        """
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> MergeAnswer:
            network = await parts.facts.network(tx, actor.network_id)
            if not network.calendar.is_working_day(network.calendar.local(now).date()):
                raise Refusal("not_a_working_day")
            rows = await tx.find(PersonMerge, merge_id=merge_id, order=("person_id",))
            first = await tx.get(Person, rows[0].person_id) if rows else None
            if first is None or first.network_id != actor.network_id:
                raise NotThere("merge")
            persons = await _locked(tx, actor, [row.person_id for row in rows])
            rows = await tx.find(PersonMerge, merge_id=merge_id, order=("person_id",))
            if all(row.undone_at for row in rows):
                return _answer(merge_id, persons, [])
            persons = _still_there(rows, persons)
            before = {row.person_id: row.from_canonical_id for row in rows}
            for row in rows:
                await tx.save(replace(row, undone_at=now))
            for person in persons:
                await tx.save(replace(person, canonical_id=before[person.id]))
            await self._bring_along(tx, actor, rows[0], persons, now)
            both = {row.from_canonical_id for row in rows} | {row.to_canonical_id for row in rows}
            alerted = await judge_again(tx, parts.ids, network, both, AlertCause.UNMERGE, now)
            await tx.audit(
                actor.colleague_id, "person.unmerged", "person", rows[0].person_id, now, {"merge": merge_id}
            )
            return _answer(merge_id, persons, [booking.id for booking in alerted])

        return await parts.operations.once(operation_id, "unmerge", merge_id, now, MergeAnswer, work)

    async def _bring_along(
        self, tx: Transaction, actor: Actor, undone: PersonMerge, persons: list[Person], now: datetime
    ) -> None:
        """Who was recognised meanwhile as one of those that part goes with them."""
        known = {person.digest for person in persons} - {None}
        for other in await tx.find(Person, canonical_id=undone.to_canonical_id, order=("id",)):
            if other.digest in known:
                back = (undone.to_canonical_id, undone.from_canonical_id)
                await tx.add(PersonMerge(self._parts.ids.new(), other.id, *back, actor.colleague_id, now))
                await tx.save(replace(other, canonical_id=undone.from_canonical_id))


async def _locked(tx: Transaction, actor: Actor, person_ids: list[str]) -> list[Person]:
    """The references, in this order, with the people behind them locked. Raises NotThere."""
    # Whoever decides who is who waits here, so that nobody is moved while the people are being locked.
    await tx.lock(Network, [actor.network_id])
    persons = await _all(tx, actor, person_ids)
    canonical = {person.canonical_id for person in persons}
    references = await tx.find(Person, canonical_id=OneOf(tuple(canonical)))
    await tx.lock(Person, sorted({*canonical, *person_ids, *(each.id for each in references)}))
    return await _all(tx, actor, person_ids)


async def _all(tx: Transaction, actor: Actor, person_ids: list[str]) -> list[Person]:
    found = {person.id: person for person in await tx.find(Person, id=OneOf(tuple(person_ids)))}
    if any(each not in found or found[each].network_id != actor.network_id for each in person_ids):
        raise NotThere("person")
    return [found[each] for each in person_ids]


def _still_there(rows: list[PersonMerge], persons: list[Person]) -> list[Person]:
    """The references that this decision may still move back. Refusal ``merged_since`` when there is none.

    Decisions are undone in the opposite order, else a reference would come back to where it never was; one that
    turned out to be somebody else since is left where it is.
    """
    moved_to = {row.person_id: row.to_canonical_id for row in rows}
    there = [person for person in persons if person.canonical_id == moved_to[person.id]]
    if not there:
        raise Refusal("merged_since")
    return there


def _answer(merge_id: str, persons: list[Person], alerted: list[str]) -> MergeAnswer:
    return MergeAnswer(merge_id, tuple(person.id for person in persons), tuple(alerted))
