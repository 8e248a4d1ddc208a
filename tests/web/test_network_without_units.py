"""A network in its first week: every page says what is not there yet, and where it comes from."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import DummyCookieJar

from crisispool.adapters.sql_engine import make_engine
from crisispool.adapters.sql_store import SqlStore
from crisispool.app import assemble
from crisispool.domain.duty import DutyShift
from crisispool.domain.unit import Unit, UnitAccess, UnitNetwork
from crisispool.settings import Settings
from tests.support.clock import SteppingClock
from tests.support.databases import keys_for_tests, sqlite_copy
from tests.support.live_pool import no_live_pool
from tests.support.night import local
from tests.support.region import region_records
from tests.web.edge import Client, started

pytestmark = pytest.mark.asyncio(loop_scope="module")

NIGHT = local("2026-11-28 02:00")
NOT_YET = (Unit, UnitNetwork, UnitAccess, DutyShift)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Client, dict[str, dict[str, str]]]]:
    """A server over a network with people and nothing else; what the browsers of some of them send by themselves."""
    engine = make_engine(sqlite_copy(migrated_sqlite, tmp_path_factory.mktemp("first-week")))
    store = SqlStore(engine, keys_for_tests())
    async with store.transaction() as tx:
        for records in region_records():
            await tx.add(*(each for each in records if not isinstance(each, NOT_YET)))
    app = assemble(Settings.from_env({}), store, no_live_pool(), SteppingClock(NIGHT), keys_for_tests())
    client = await started(app, DummyCookieJar())  # type: ignore[arg-type]  # the whole app, no stand-in
    cookies = {
        who: {"Cookie": f"crisispool_session={await app.web_sessions.open(who, verified=True)}"}
        for who in ("coordinator", "calltaker", "owner_izegem", "worker_caw")
    }
    yield client, cookies
    await client.close()
    await store.close()


@pytest.mark.parametrize(
    ("who", "path", "says"),
    [
        (
            "coordinator",
            "/tonight",
            "Er staan nog geen woningen in het netwerk. De coördinator zet ze erbij.",
        ),
        ("coordinator", "/tonight", '<li class="none">0 vrij</li>'),
        ("coordinator", "/tonight", '<strong class="late">niemand</strong>'),
        ("coordinator", "/units", "Er staan nog geen woningen in het netwerk.</p>"),
        ("coordinator", "/units", "<h1>Alle woningen</h1>"),
        ("owner_izegem", "/units", "Er staan nog geen woningen van jullie in het netwerk.</p>"),
        ("owner_izegem", "/units", "<h1>Mijn woningen</h1>"),
        ("worker_caw", "/cases", "Er wacht nu niets op jullie."),
        ("worker_caw", "/cases/closed", "Er zijn nog geen afgesloten dossiers."),
        ("coordinator", "/duty", "nog niemand"),
        ("coordinator", "/night-list", "Er is nog geen nachtlijst."),
        ("coordinator", "/on-paper", "Er staan nog geen woningen in het netwerk."),
        ("coordinator", "/tokens", "Er is geen token."),
        ("coordinator", "/settings/history", "Sinds het begin veranderde er niets."),
    ],
)
async def test_a_page_with_nothing_on_it_says_so(
    browser: tuple[Client, dict[str, dict[str, str]]], who: str, path: str, says: str
) -> None:
    client, cookies = browser
    async with client.get(path, headers=cookies[who]) as response:
        assert response.status == 200
        assert says in await response.text()


async def test_a_booking_from_paper_is_not_asked_for_where_nothing_can_be_booked(
    browser: tuple[Client, dict[str, dict[str, str]]],
) -> None:
    client, cookies = browser
    async with client.get("/on-paper", headers=cookies["coordinator"]) as response:
        assert 'name="unit_id"' not in await response.text()
