"""Puts the records of a region file into the record, and counts what that changed."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import Organisation
from crisispool.ports import OneOf, Transaction

R = TypeVar("R")


@dataclass(slots=True)
class Count:
    """What became of the records so far. `kept` names what is no longer in the file and stays."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether the record is different now."""
        return bool(self.added or self.changed or self.removed)


class Writer:
    """Writes records one by one: adds what is new, saves what differs, leaves the rest alone."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.count = Count()

    async def put(self, fresh: Any, *key: object, live: tuple[str, ...] = ()) -> None:
        """Make the record with this key say what the file says; `live` fields keep what they are."""
        known = await self.tx.get(type(fresh), *(key or (fresh.id,)))
        if known is None:
            await self.add(fresh)
        else:
            await self.settle(known, replace(fresh, **{name: getattr(known, name) for name in live}))

    async def known(self, kind: type[R], key: str, values: list[str]) -> dict[str, R]:
        """The records that are there already, of these values of `key`."""
        where: dict[str, Any] = {key: OneOf(tuple(values))}
        return {getattr(record, key): record for record in await self.tx.find(kind, **where)}

    async def add(self, *fresh: object) -> None:
        """Records that are new for sure."""
        await self.tx.add(*fresh)
        self.count.added += len(fresh)

    async def settle(self, known: R, wanted: R) -> None:
        """Save `wanted` when it says anything else than `known`; a version rises by one."""
        if wanted == known:
            self.count.unchanged += 1
            return
        raised: dict[str, Any] = {
            each.name: getattr(known, each.name) + 1
            for each in fields(known)  # type: ignore[arg-type]  # every record is a dataclass
            if each.name == "version"
        }
        await self.tx.save(replace(wanted, **raised))  # type: ignore[type-var]
        self.count.changed += 1

    async def remove(self, record: object) -> None:
        """Take out a record that nothing refers to."""
        await self.tx.remove(record)
        self.count.removed += 1

    def keep(self, name: str) -> None:
        """Something left the file, and stays because the past refers to it."""
        self.count.kept.append(name)


async def must_be_of(tx: Transaction, network_id: str, organisations: tuple[Organisation, ...]) -> None:
    """Refusal ``id_of_other_network``: two region files call different organisations by one name."""
    for organisation in organisations:
        known = await tx.get(Organisation, organisation.id)
        if known is not None and known.network_id != network_id:
            raise Refusal("id_of_other_network", {"id": organisation.id, "network": known.network_id})
