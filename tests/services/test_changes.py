"""News are complete: whatever changes what a unit is, the chain says of which unit."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from crisispool.domain.duty import DutyShift
from crisispool.domain.news import KINDS_OF_ACTION, NO_NEWS, NewsKind, heard
from crisispool.domain.organisation import Network
from crisispool.domain.request import RequestKind
from crisispool.domain.unit import Unit
from crisispool.services.changes import MOST_ENTRIES
from tests.support.night import Night

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "crisispool"
AUDITED = re.compile(r'\.audit\(\s*[\w.]+,\s*(?:f?"([a-z_]+)\.|(\w+))', re.DOTALL)


class Watch:
    """What changed from one look to the next: by the versions of the units, and by the news."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.seq = 0
        self.versions: dict[str, int] = {}

    async def look(self) -> set[str]:
        """Ids of the units with a new version since the last look, all of which are in the news."""
        versions = {unit.id: unit.version for unit in await self.night.rows(Unit)}
        changed = {key for key, version in versions.items() if self.versions.get(key) != version}
        batch = await self.night.app.changes.since(self.seq)
        assert batch is not None
        named = {news.unit_id for news in batch.news if news.kind is NewsKind.UNITS}
        assert changed <= named or not self.versions, (changed, named)
        self.seq, self.versions = batch.seq, versions
        return changed

    async def kinds(self, who: str) -> dict[str, tuple[str, ...]]:
        """What this colleague hears since the last look."""
        batch = await self.night.app.changes.since(self.seq)
        assert batch is not None
        listener = await self.night.app.changes.listener(await self.night.actor(who))
        return {str(kind): ids for kind, ids in heard(listener, batch.news).items()}


@pytest.fixture
async def watch(night: Night) -> Watch:
    made = Watch(night)
    await made.look()
    return made


async def test_every_change_of_a_unit_is_news_of_that_unit(night: Night, watch: Watch) -> None:
    hold = await night.hold(await night.request(), "in-house")
    assert await watch.look() == {"in-house"}
    await night.release(hold)
    assert await watch.look() == {"in-house"}
    hold = await night.hold(await night.request(), "in-studio")
    await watch.look()
    booking = await night.book_held(hold)
    assert await watch.look() == {"in-studio"}
    await night.check_in(booking)
    await watch.look()
    moved = await night.move(booking)
    assert len(await watch.look()) == 2
    await night.check_out(moved)
    assert len(await watch.look()) == 1
    await night.cancel(await night.book(await night.request(), "iz-studio"))
    assert await watch.look() == {"iz-studio"}
    await night.no_show(await night.book(await night.request(), "iz-studio"))
    assert await watch.look() == {"iz-studio"}
    stay = await night.book(await night.request(), "iz-house")
    await watch.look()
    await night.extend(stay, "coordinator", unit_id="wi-house", nights=1, reason="Niemand anders kan.")
    assert "wi-house" in await watch.look()
    await night.say("iz-room", "occupied")
    assert await watch.look() == {"iz-room"}
    await night.change_unit("iz-room", places=2)
    assert await watch.look() == {"iz-room"}


async def test_what_falls_due_by_itself_is_news_too(night: Night, watch: Watch) -> None:
    await night.hold(await night.request(), "in-house")
    await watch.look()
    await night.until("2026-11-28 03:00")
    assert await watch.look() == {"in-house"}


async def test_a_stay_that_becomes_a_placement_is_news_of_its_unit(night: Night, watch: Watch) -> None:
    stay = await night.book(await night.request(), "iz-house")
    await watch.look()
    await night.until("2026-11-30 09:00")
    await watch.look()
    await night.stays_as(stay)
    assert await watch.look() == {"iz-house"}


async def test_who_asked_hears_that_a_bed_was_given_and_nothing_after_that(
    night: Night, watch: Watch
) -> None:
    request = await night.request("nurse")
    assert await watch.kinds("nurse") == {"requests": ()}
    assert await watch.kinds("referrer") == {}
    booking = await night.book(request, "in-house")
    assert await watch.kinds("nurse") == {"requests": ()}
    await watch.look()
    await night.check_in(booking)
    assert await watch.kinds("nurse") == {}
    assert await watch.kinds("worker_caw") == {"cases": ()}


async def test_outreach_that_knows_a_case_hears_never_of_which_unit_it_is(night: Night, watch: Watch) -> None:
    booking = await night.book(await night.request_of_jan(kind=RequestKind.VIOLENCE), "wi-house")
    assert await watch.kinds("worker_caw") == {"units": (), "cases": ()}
    await night.until("2026-11-30 10:00")
    seen = await night.unit("wi-house", "worker_caw")
    await watch.look()
    await night.readmission(booking, "worker_caw", allowed=False, reason="Het liep mis.")
    await night.check_in(booking)
    assert await watch.kinds("worker_caw") == {"cases": ()}
    assert await watch.kinds("calltaker") == {"units": ("wi-house",), "requests": (), "cases": ()}
    await night.check_out(booking)
    assert await watch.kinds("worker_caw") == {"units": (), "cases": ()}
    after = await night.unit("wi-house", "worker_caw")
    assert seen.version == after.version == 0
    assert (await night.unit("wi-house", "calltaker")).version > 0


async def test_an_owner_hears_of_no_other_unit(night: Night, watch: Watch) -> None:
    await night.hold(await night.request(), "in-house")
    assert await watch.kinds("owner_ingelmunster") == {"units": ("in-house",)}
    assert await watch.kinds("owner_izegem") == {}


async def test_who_takes_calls_but_not_now_hears_nothing_of_the_desk(night: Night, watch: Watch) -> None:
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        await tx.remove(*await tx.find(DutyShift, colleague_id="calltaker_2"))
    await night.hold(await night.request(), "in-house")
    assert await watch.kinds("calltaker_2") == {}
    assert "units" in await watch.kinds("calltaker")


async def test_who_is_far_behind_is_not_told_what(night: Night, watch: Watch) -> None:
    async with night.store.transaction() as tx:
        for number in range(MOST_ENTRIES + 1):
            await tx.audit("calltaker", "page.viewed", "page", str(number), night.clock.now())
    assert await night.app.changes.since(watch.seq) is None
    head = await night.app.changes.head()
    assert await night.app.changes.since(head + 1) is None
    batch = await night.app.changes.since(head - 1)
    assert batch is not None
    assert (batch.seq, batch.news) == (head, ())


def test_of_every_action_it_is_known_whether_it_is_news() -> None:
    """A new one needs a line in `domain/news.py`."""
    named = {
        name
        for file in (SOURCE / "services").rglob("*.py")
        for name, _ in AUDITED.findall(file.read_text("utf-8"))
        if name
    }
    assert len(named) > 10
    assert named <= KINDS_OF_ACTION.keys() | NO_NEWS
