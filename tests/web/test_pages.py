"""One-time pages in a real record: a preview changes nothing, one browser sees it, each look is judged."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import ClientResponse

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.booking import BookingState
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.household import PersonIdentity
from crisispool.domain.record import Operation, PageLink
from crisispool.domain.request import RequestKind
from tests.web.edge import Client, started
from tests.web.house import ADDRESS, BACKUP, KEY, House, house

GONE = "Deze link werkt niet meer"
GOOD = {"given_name": "Noor", "surname": "Peeters", "birth_date": "1990-05-17", "birth_year": "", "phone": ""}


@pytest.fixture
async def home(store: SqlStore, keys: Keys, live_pool: RedisPool) -> House:
    return await house(store, keys, live_pool)


@pytest.fixture
async def hidden(store: SqlStore, keys: Keys, live_pool: RedisPool) -> House:
    return await house(store, keys, live_pool, kind=RequestKind.VIOLENCE)


Browser = Callable[[House], Awaitable[Client]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Makes a browser with cookies of its own."""
    opened: list[Client] = []

    async def make(home: House) -> Client:
        opened.append(await started(home.app))
        return opened[-1]

    yield make
    for client in opened:
        await client.close()


async def text(response: ClientResponse, status: int = 200) -> str:
    assert response.status == status, await response.text()
    assert response.content_type == "text/html"
    return await response.text()


async def links(home: House) -> list[PageLink]:
    async with home.store.reading() as tx:
        return await tx.find(PageLink)


async def test_a_preview_shows_a_button_and_changes_nothing(home: House, browser: Browser) -> None:
    path = await home.path("calltaker", "access", "b-1")
    before = await links(home)
    robot = await browser(home)
    for _ in range(3):
        page = await text(await robot.get(path))
        assert "<button>Toon</button>" in page
        assert ADDRESS not in page
    await robot.head(path)
    assert await links(home) == before
    assert await home.audited("page.viewed") == []


async def test_the_button_shows_address_and_key_in_that_browser_alone(home: House, browser: Browser) -> None:
    path = await home.path("calltaker", "access", "b-1")
    mine, other = await browser(home), await browser(home)
    await mine.get(path)
    page = await text(await mine.post(path))
    for shown in (ADDRESS, KEY, BACKUP, "tel:+32470000001", "IZ-7F3K", "maandag 30 november"):
        assert shown in page, shown
    assert ADDRESS in await text(await mine.get(path))
    assert GONE in await text(await other.post(path), 404)
    assert ADDRESS not in await text(await other.get(path))
    assert [entry.actor for entry in await home.audited("page.viewed")] == ["calltaker"] * 2


async def test_a_double_tap_and_a_browser_without_the_first_page_work(home: House, browser: Browser) -> None:
    path = await home.path("calltaker", "access", "b-1")
    mine = await browser(home)
    assert ADDRESS in await text(await mine.post(path))
    assert ADDRESS in await text(await mine.post(path))


async def test_after_a_quarter_of_an_hour_a_new_link_is_needed(home: House, browser: Browser) -> None:
    path = await home.path("calltaker", "access", "b-1")
    mine = await browser(home)
    await mine.post(path)
    home.clock.advance(timedelta(minutes=14, seconds=59))
    assert ADDRESS in await text(await mine.get(path))
    home.clock.advance(timedelta(seconds=1))
    assert GONE in await text(await mine.get(path), 404)
    assert GONE in await text(await mine.post(path), 404)
    again = await home.path("calltaker", "access", "b-1", "op-2")
    assert ADDRESS in await text(await mine.post(again))


async def test_unknown_old_and_bound_links_are_told_the_same(home: House, browser: Browser) -> None:
    bound, old = (
        await home.path("calltaker", "access", "b-1"),
        await home.path("calltaker", "access", "b-1", "op-2"),
    )
    first, mine = await browser(home), await browser(home)
    await first.post(bound)
    pages = [
        await text(await mine.post(bound), 404),
        await text(await mine.post("/p/" + "a" * 40), 404),
        await text(await mine.get("/p/" + "a" * 40), 404),
        await text(await mine.get("/p/short"), 404),
        await text(await mine.get("/p/" + "%27" * 30), 404),
    ]
    home.clock.advance(timedelta(hours=24))
    pages += [await text(await mine.get(old), 404), await text(await mine.post(old), 404)]
    assert len(set(pages)) == 1
    assert GONE in pages[0]


async def test_nothing_that_is_kept_opens_a_page(home: House) -> None:
    path = await home.path("calltaker", "access", "b-1")
    token = path.rpartition("/")[2]
    async with home.store.reading() as tx:
        kept = [*await tx.find(PageLink), *await tx.find(Operation)]
    assert token not in repr(kept)
    assert await home.path("calltaker", "access", "b-1") == path


async def test_pages_let_nothing_in_and_tell_nobody_where_you_came_from(
    home: House, browser: Browser
) -> None:
    path = await home.path("calltaker", "access", "b-1")
    mine = await browser(home)
    for response in (await mine.get(path), await mine.post(path), await mine.get("/p/" + "a" * 40)):
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe-inline" not in policy
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["Cache-Control"] == "no-store"
        assert "noindex" in response.headers["X-Robots-Tag"]
        page = await response.text()
        assert re.findall(r'(?:src|href|action)="(?!/static/page\.css|tel:)[^"]*"', page) == []
        assert "<script" not in page
        assert "style=" not in page
    cookie = (await (await browser(home)).get(path)).cookies["crisispool_page"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["secure"]) == ("Lax", path, "")
    home.app.settings.public_url = "https://pool.example.org"
    assert (await (await browser(home)).get(path)).cookies["crisispool_page"]["secure"]


async def test_a_form_of_another_site_binds_nothing(home: House, browser: Browser) -> None:
    path = await home.path("calltaker", "access", "b-1")
    mine = await browser(home)
    assert GONE in await text(await mine.post(path, headers={"Sec-Fetch-Site": "cross-site"}), 404)
    assert (await links(home))[0].bound_digest is None


async def test_who_may_not_see_the_address_gets_no_link(home: House) -> None:
    for colleague in ("referrer", "calltaker", "unit_manager", "support_worker", "coordinator"):
        await home.path(colleague, "access", "b-1", f"op-{colleague}")
    with pytest.raises(Refusal, match="access_not_yours"):
        await home.path("calltaker_2", "access", "b-1", "op-x")
    with pytest.raises(NotThere):
        await home.path("calltaker", "access", "b-2", "op-y")


async def test_an_address_that_was_open_closes_when_they_are_inside(home: House, browser: Browser) -> None:
    path = await home.path("referrer", "access", "b-1")
    mine = await browser(home)
    assert ADDRESS in await text(await mine.post(path))
    await home.change(state=BookingState.CHECKED_IN, arrival_known=True)
    page = await text(await mine.get(path))
    assert ADDRESS not in page
    assert "Ze zijn binnen" in page
    assert [entry.details["result"] for entry in await home.audited("page.viewed")] == ["shown", "arrived"]


async def test_a_hidden_address_opens_for_a_coordinator_with_a_reason(
    hidden: House, browser: Browser
) -> None:
    path = await hidden.path("coordinator", "access", "b-1")
    mine = await browser(hidden)
    page = await text(await mine.post(path))
    assert ADDRESS not in page
    form = {"operation": hidden_value(page, "operation"), "text": "De politie staat aan een verkeerde deur."}
    assert ADDRESS in await text(await mine.post(path, data=form))
    [note] = await hidden.notes()
    assert (note.purpose, note.by) == ("access_reason", "coordinator")


async def test_an_identity_is_given_once_and_never_shown_again(home: House, browser: Browser) -> None:
    path = await home.path("referrer", "identity", "b-1")
    mine = await browser(home)
    page = await text(await mine.post(path))
    assert "Volwassene 1" in page
    assert "Kind (persoon 2)" in page
    form = {
        "operation": hidden_value(page, "operation"),
        "person": "p-1",
        "given_name": "Noor",
        "surname": "D’Hondt",
        "birth_date": "17/05/1990",
        "birth_year": "",
        "phone": "",
        "language": "nl",
    }
    for _ in range(2):
        page = await text(await mine.post(path, data=form))
        assert "Hondt" not in page
    async with home.store.reading() as tx:
        kept = await tx.get(PersonIdentity, "p-1")
    assert kept is not None
    assert (kept.surname.reveal(), kept.birth_date.reveal()) == ("D’Hondt", "1990-05-17")
    assert len(await home.audited("person.identified")) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"given_name": ""}, "Vul dit in."),
        ({"given_name": "’"}, "Een naam heeft minstens één letter."),
        ({"birth_date": "31-02-1990"}, "Dit is geen datum."),
        ({"birth_date": "", "birth_year": "90"}, "Dit is te klein of te groot."),
        ({"birth_date": ""}, "Vul een geboortedatum in, of een geboortejaar."),
        ({"birth_date": "2027-01-01"}, "Deze dag moet nog komen."),
        ({"given_name": "<script>alert(1)</script>", "phone": "geen"}, "&lt;script&gt;"),
    ],
)
async def test_a_mistake_in_a_form_stands_beside_its_field_and_keeps_nothing(
    home: House, browser: Browser, change: dict[str, str], said: str
) -> None:
    path = await home.path("referrer", "identity", "b-1")
    mine = await browser(home)
    page = await text(await mine.post(path))
    form = {"operation": hidden_value(page, "operation"), "person": "p-1", **GOOD, **change}
    page = await text(await mine.post(path, data=form), 422)
    assert said in page
    assert "<script" not in page
    for stranger in ("p-9", "../x"):
        assert GONE in await text(await mine.post(path, data={**form, "person": stranger, **GOOD}), 404)
    async with home.store.reading() as tx:
        assert await tx.find(PersonIdentity) == []


async def test_how_to_reach_someone_is_written_and_sealed(home: House, browser: Browser) -> None:
    path = await home.path("calltaker", "contact", "r-1")
    mine = await browser(home)
    page = await text(await mine.post(path))
    form = {"operation": hidden_value(page, "operation"), "text": "0470 00 00 09, na 9 uur"}
    for _ in range(2):
        assert "Bewaard" in await text(await mine.post(path, data=form))
    [note] = await home.notes()
    assert note.text.reveal() == "0470 00 00 09, na 9 uur"
    empty = await mine.post(path, data={**form, "operation": "x" * 20, "text": "  "})
    assert "Vul dit in." in await text(empty, 422)


async def test_a_form_without_the_button_first_is_refused(home: House, browser: Browser) -> None:
    path = await home.path("calltaker", "contact", "r-1")
    mine = await browser(home)
    form = {"operation": "x" * 20, "text": "0470"}
    assert GONE in await text(await mine.post(path, data=form), 404)
    assert await home.notes() == []


async def test_a_support_worker_sees_the_case_and_another_service_does_not(
    home: House, browser: Browser
) -> None:
    path = await home.path("support_worker", "case", "h-1")
    mine = await browser(home)
    page = await text(await mine.post(path))
    for shown in ("ruzie of breuk", ADDRESS, "Izegem", "vrijdag 27, zaterdag 28 en zondag 29 november"):
        assert shown in page, shown
    with pytest.raises(NotThere):
        await home.path("calltaker", "case", "h-1", "op-2")


async def test_in_a_case_of_violence_a_service_sees_the_address_only_after_taking_it(
    hidden: House, browser: Browser
) -> None:
    path = await hidden.path("support_worker", "case", "h-1")
    page = await text(await (await browser(hidden)).post(path))
    assert "geweld" in page
    assert ADDRESS not in page
    assert "afgeschermd" in page


async def test_the_start_page_is_there_in_training_only(home: House, browser: Browser) -> None:
    elsewhere = await (await browser(home)).get("/", allow_redirects=False)
    assert (elsewhere.status, elsewhere.headers["Location"]) == (303, "/sign-in")
    home.app.training = object()
    page = await text(await (await browser(home)).get("/"))
    assert "OEFENING" in page
    assert "crisispool chat --as calltaker" in page
    assert "zaterdag 28 november" in page


def hidden_value(page: str, name: str) -> str:
    """The value of the first hidden field of this name."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]
