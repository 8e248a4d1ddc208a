"""One contact of a colleague under its operation id: heard once, and answered the same when it comes again."""

from dataclasses import replace
from typing import Any

from crisispool.conversations.vocabulary import Screen, read_screen
from crisispool.domain.errors import Refusal
from crisispool.domain.record import Operation
from crisispool.ports import Transaction, Vault
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

    def answer_of(self, kept: Operation) -> list[Screen] | None:
        """What was answered then; None when that did not come so far."""
        screens: Any = kept.answer.get("screens")
        return None if screens is None else [self._screen(each) for each in screens]

    async def hear(self, tx: Transaction) -> None:
        """From now on it was heard. Conflict: in another process as well."""
        if self._id and await tx.get(Operation, self._id) is None:
            await tx.add(self._row({}))

    async def answered(self, tx: Transaction) -> list[Screen] | None:
        """What was answered before, or by another process meanwhile; from here on none does.

        Refusal ``operation_reused``: with other content.
        """
        found = await tx.lock(Operation, [self._id]) if self._id else []
        self._heard = bool(found)
        return self.answer_of(self._the_same(found[0])) if found else None

    async def keep(self, tx: Transaction, screens: list[Screen]) -> None:
        """Keep what is answered, after `answered` in the same transaction. Conflict: another process was first."""
        if not self._id:
            return
        row = self._row({"screens": [await without_secrets(tx, screen) for screen in screens]})
        # Not looked up again: a row that came since is another's answer, never to be written over.
        await (tx.save(row) if self._heard else tx.add(row))

    def _the_same(self, kept: Operation) -> Operation:
        if kept.fingerprint != self._mark:
            raise Refusal("operation_reused")
        return kept

    def _row(self, answer: dict[str, object]) -> Operation:
        return Operation(self._id, self._mark, answer, self._parts.now())

    def _screen(self, kept: dict[str, Any]) -> Screen:
        return with_secrets(self._parts.vault, kept)


async def without_secrets(tx: Transaction, screen: Screen) -> dict[str, Any]:
    """The screen as it may be kept: of a link to a page only whose it is, from which its secret follows again."""
    plain = screen.plain()
    for link in plain["links"]:
        start, slash, token = link["url"].rpartition("/")
        page = await link_of(tx, token)
        if page is not None:
            link |= {"url": start + slash, "page": page.id}
    return plain


def with_secrets(vault: Vault, kept: dict[str, Any]) -> Screen:
    """The screen that was kept, its links whole again."""
    screen = read_screen(kept)
    pages = [link.get("page") for link in kept["links"]]
    links = tuple(
        replace(link, url=link.url + token_of(vault, page)) if page else link
        for link, page in zip(screen.links, pages, strict=True)
    )
    return replace(screen, links=links)
