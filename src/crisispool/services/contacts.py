"""One contact of a colleague under its operation id: heard once, and answered the same when it comes again."""

from dataclasses import asdict
from typing import Any

from crisispool.domain.errors import Refusal
from crisispool.domain.record import Operation
from crisispool.ports import Transaction
from crisispool.services.answers import ScreenAnswer
from crisispool.services.page_links import link_of, token_of
from crisispool.services.parts import Parts


class Contact:
    """What is kept of it: that it was heard, from the first change that it makes; its answer at the end.

    An answer is kept without the secrets of one-time pages. Without an operation id nothing is kept.
    """

    def __init__(self, parts: Parts, operation_id: str, content: object) -> None:
        self._parts = parts
        self._id = operation_id
        self._heard = False
        self._mark = parts.operations.mark("contact", content) if operation_id else ""

    async def kept(self) -> Operation | None:
        """This contact when it was heard before. Refusal ``operation_reused``: with other content."""
        kept = await self._parts.operations.kept(self._id) if self._id else None
        return self._the_same(kept) if kept else None

    def answer_of(self, kept: Operation) -> list[ScreenAnswer] | None:
        """What was answered then; None when that did not come so far."""
        screens: Any = kept.answer.get("screens")
        return None if screens is None else [self._screen(each) for each in screens]

    async def hear(self, tx: Transaction) -> None:
        """From now on it was heard. Conflict: in another process as well."""
        if self._id and await tx.get(Operation, self._id) is None:
            await tx.add(self._row({}))

    async def answered(self, tx: Transaction) -> list[ScreenAnswer] | None:
        """What was answered before, or by another process meanwhile; from here on none does.

        Refusal ``operation_reused``: with other content.
        """
        found = await tx.lock(Operation, [self._id]) if self._id else []
        self._heard = bool(found)
        return self.answer_of(self._the_same(found[0])) if found else None

    async def keep(self, tx: Transaction, screens: list[ScreenAnswer]) -> None:
        """Keep what is answered, after `answered` in the same transaction. Conflict: another process was first."""
        if not self._id:
            return
        row = self._row({"screens": [await _without_secrets(tx, screen) for screen in screens]})
        # Not looked up again: a row that came since is another's answer, never to be written over.
        await (tx.save(row) if self._heard else tx.add(row))

    def _the_same(self, kept: Operation) -> Operation:
        if kept.fingerprint != self._mark:
            raise Refusal("operation_reused")
        return kept

    def _row(self, answer: dict[str, object]) -> Operation:
        return Operation(self._id, self._mark, answer, self._parts.now())

    def _screen(self, kept: dict[str, Any]) -> ScreenAnswer:
        links = tuple(
            {"label": link["label"], "url": link["url"] + self._secret(link.get("page"))}
            for link in kept["links"]
        )
        return ScreenAnswer(kept["key"], kept["text"], tuple(kept["choices"]), links)

    def _secret(self, page: str | None) -> str:
        return token_of(self._parts.vault, page) if page else ""


async def _without_secrets(tx: Transaction, screen: ScreenAnswer) -> dict[str, Any]:
    """The screen as it may be kept: of a link to a page only whose it is, from which its secret follows again."""
    links = []
    for link in screen.links:
        start, slash, token = link["url"].rpartition("/")
        page = await link_of(tx, token)
        links.append(link if page is None else {**link, "url": start + slash, "page": page.id})
    return {**asdict(screen), "links": links}
