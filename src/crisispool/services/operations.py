"""One operation, one effect: every change runs in here, once, in one transaction with its answer."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from crisispool.domain.errors import Conflict, Refusal
from crisispool.domain.record import Operation
from crisispool.ports import Store, Transaction, Vault

A = TypeVar("A")

TRIES = 3
"""Who lost a race looks again: mostly the rules then say plainly why it cannot be."""

_ADAPTERS: Final[dict[Any, TypeAdapter[Any]]] = {}


class Operations:
    """Runs changes so that repeating one gives the same answer and no second effect."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def once(
        self,
        operation_id: str,
        name: str,
        content: object,
        now: datetime,
        answer_type: type[A],
        work: Callable[[Transaction], Awaitable[A]],
    ) -> A:
        """Do `work` in one transaction and keep its answer, or give the kept answer of an earlier time.

        Raises Refusal ``operation_reused`` when the id came with other content before, Conflict when somebody
        else was first every time. A refused or failed piece of work keeps nothing: it may be tried again under
        the same id.
        """
        adapter = _adapter(answer_type)
        mark = self.mark(name, content)
        kept: Operation | None = None
        tries = TRIES
        while kept is None:
            try:
                async with self._store.transaction() as tx:
                    kept = await tx.get(Operation, operation_id)
                    if kept is None:
                        answer = await work(tx)
                        await tx.add(Operation(operation_id, mark, _plain(adapter, answer), now))
                        return answer
            except (Conflict, Refusal) as no:
                # The same operation may have finished in another process meanwhile: its answer is the answer.
                kept = await self.kept(operation_id)
                tries -= 1
                if kept is None and (isinstance(no, Refusal) or not tries):
                    raise
        if kept.fingerprint != mark:
            raise Refusal("operation_reused")
        return adapter.validate_python(kept.answer)

    async def replay(self, operation_id: str, name: str, content: object, answer_type: type[A]) -> A | None:
        """The kept answer of this operation, None when it has not been done."""
        kept = await self.kept(operation_id)
        if kept is None:
            return None
        if kept.fingerprint != self.mark(name, content):
            raise Refusal("operation_reused")
        return _adapter(answer_type).validate_python(kept.answer)

    async def kept(self, operation_id: str) -> Operation | None:
        """The operation as it was done, or None."""
        async with self._store.reading() as tx:
            return await tx.get(Operation, operation_id)

    def mark(self, name: str, content: object) -> str:
        """What was asked, as a keyed digest: it may hold a name, and must not be guessable from it."""
        plain = asdict(content) if is_dataclass(content) and not isinstance(content, type) else content
        text = json.dumps([name, to_jsonable_python(plain)], sort_keys=True, ensure_ascii=False)
        return self._vault.digest("operation", text)


def _adapter(answer_type: type[A]) -> TypeAdapter[A]:
    # Making one takes longer than all that is done with it.
    if answer_type not in _ADAPTERS:
        _ADAPTERS[answer_type] = TypeAdapter(answer_type)
    return _ADAPTERS[answer_type]


def _plain(adapter: TypeAdapter[Any], answer: object) -> dict[str, object]:
    plain: dict[str, object] = adapter.dump_python(answer, mode="json")
    return plain
