"""Whoever looks at an identity, an address or a key leaves a trace, and whoever may not sees nothing of it.

Every page for every role, about the own and about somebody else's. Policy: who may see what, section 8.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from crisispool.domain.duty import DutyShift
from crisispool.domain.errors import Refusal
from crisispool.domain.record import AuditEntry, PageLink
from crisispool.services.page_links import PURPOSES, token_of
from tests.support.databases import keys_for_tests
from tests.web.calls import ROLES
from tests.web.edge import Client, started
from tests.web.world import WHO, World, hide, make_template, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOOR, NAME = ("Sterrenlaan", "canary-key"), ("Canary-Peeters",)
"""What address and key of the world's units hold, and the name of its people."""

SUBJECT: Final = {"access": "booking", "identity": "booking", "contact": "request", "case": "handover"}
"""Which thing of the world each page is asked for. The night list is asked for in `test_papers`."""

# Who sees what on a page of the own, and of somebody else's: `shown`, or the code of why not.
SEEN: Final = {
    "access": {
        "r": "shown not_there", "c": "shown access_not_yours", "m": "shown not_there", "s": "shown not_there",
        "k": "shown shown", "n": "not_there not_there", "a": "not_there not_there", "o": "not_on_duty not_on_duty",
    },
    "identity": {
        "r": "shown not_there", "c": "shown shown", "m": "not_your_role not_your_role", "s": "shown not_there",
        "k": "shown shown", "n": "not_your_role not_your_role", "a": "not_your_role not_your_role",
        "o": "not_on_duty not_on_duty",
    },
    "contact": {
        "r": "shown not_there", "c": "shown shown", "m": "shown not_there", "s": "shown not_there",
        "k": "shown shown", "n": "not_there not_there", "a": "not_there not_there", "o": "not_on_duty not_on_duty",
    },
    "case": {
        "r": "not_there not_there", "c": "not_there not_there", "m": "not_there not_there", "s": "shown not_there",
        "k": "shown shown", "n": "not_there not_there", "a": "not_there not_there", "o": "not_on_duty not_on_duty",
    },
}  # fmt: skip

# The same where people hide, as far as it differs.
HIDING: Final = {
    "access": {
        "c": "access_hiding access_not_yours", "s": "access_hiding not_there", "k": "reason_needed reason_needed",
    },
}  # fmt: skip


@dataclass
class Views:
    """The world, and a browser that looks at pages."""

    world: World
    client: Client
    number: int = 0

    async def look(self, letter: str, whose: str, purpose: str) -> tuple[str, str, list[AuditEntry]]:
        """Ask for a page and open it: what came of it, all that was shown, and the entries of the audit."""
        self.number += 1
        kind, things = SUBJECT[purpose], self.world.things
        subject = things.of(letter if letter in "rcmsk" else "c", whose, kind)
        actor = await self.world.app.accounts.actor_of(WHO[letter])
        assert actor is not None
        before = await self.looks()
        try:
            link = await self.world.app.pages.link(actor, f"view-{self.number}", purpose, subject)
        except Refusal as refusal:
            return refusal.code, "", (await self.looks())[len(before) :]
        path = "/p/" + link.url.rpartition("/")[2]
        self.client.session.cookie_jar.clear()
        front = await (await self.client.get(path)).text()
        assert not seen_in(front) and await self.looks() == before
        pressed = await self.client.post(path)
        shown = front + await pressed.text()
        entries = (await self.looks())[len(before) :]
        return (str(entries[-1].details["result"]) if entries else str(pressed.status)), shown, entries

    async def looks(self) -> list[AuditEntry]:
        """Every look at a page so far."""
        async with self.world.store.reading() as tx:
            return await tx.find(AuditEntry, action="page.viewed", order=("seq",))


def seen_in(page: str) -> set[str]:
    """What of the secrets stands on a page."""
    return {canary for canary in (*DOOR, *NAME) if canary in page}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def views(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Views]:
    path = tmp_path_factory.mktemp("views") / "monday.db"
    things, tokens = await asyncio.to_thread(make_template, migrated_sqlite, path, keys_for_tests())
    world = opened(path, path.with_name("views.db"), things, tokens, keys_for_tests())
    client = await started(world.app)  # type: ignore[arg-type]  # the whole app instead of a stand-in
    yield Views(world, client)
    await client.close()
    await world.store.close()


@pytest.mark.parametrize("hiding", [False, True], ids=["", "hiding"])
@pytest.mark.parametrize("purpose", [each for each in PURPOSES if each != "night_list"])
async def test_every_look_at_a_page_is_kept_and_shows_only_what_its_role_may_see(
    views: Views, purpose: str, hiding: bool
) -> None:
    views.world.put_back()
    if hiding:
        await hide(views.world)
    assert set(SEEN[purpose]) == {*ROLES, "o"}, f"say in tests/web/test_views.py who sees the page {purpose}"
    expected = SEEN[purpose] | (HIDING.get(purpose, {}) if hiding else {})
    for letter, outcomes in expected.items():
        for whose, outcome in zip(("own", "other"), outcomes.split(), strict=True):
            result, shown, entries = await views.look(letter, whose, purpose)
            assert result == outcome, (letter, whose)
            if outcome not in ("shown", "reason_needed"):
                assert (shown, entries) == ("", []), (letter, whose)
                continue
            subject = views.world.things.of(letter, whose, SUBJECT[purpose])
            [entry] = entries
            assert (entry.actor, entry.subject_kind, entry.subject_id) == (
                WHO[letter],
                PURPOSES[purpose],
                subject,
            )
            assert entry.details == {"page": purpose, "result": outcome}
            door = {"access": outcome == "shown", "case": not hiding}.get(purpose, False)
            told = {*(DOOR if door else ()), *(NAME if purpose == "case" else ())}
            assert seen_in(shown) == told, (letter, whose)


async def test_whoever_goes_off_shift_sees_no_more_on_a_page_that_was_opened(views: Views) -> None:
    for purpose in ("access", "identity", "contact"):
        views.world.put_back()
        result, _, _ = await views.look("c", "own", purpose)
        assert result == "shown"
        async with views.world.store.transaction() as tx:
            await tx.remove(*await tx.find(DutyShift, colleague_id=WHO["c"]))
            [link] = [each for each in await tx.find(PageLink) if each.purpose == purpose]
        assert link.bound_digest is not None
        again = await views.client.get(f"/p/{token_of(views.world.app.vault, link.id)}")
        page = await again.text()
        assert not seen_in(page) and "<form" not in page
