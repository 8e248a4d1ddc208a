"""The night list and the papers of a dwelling in a browser: for whom, in which language, and what they never hold."""

import re
from io import BytesIO

import pytest
import pytest_asyncio
from pypdf import PdfReader

from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.errors import Refusal
from crisispool.domain.night_list import NightList
from crisispool.domain.record import AuditEntry
from crisispool.ports import OneOf
from tests.support.night import local
from tests.support.region import ADDRESS, KEY_CODE
from tests.web.board import Board
from tests.web.calls import ROLES
from tests.web.world import WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES_OF_THE_LIST = ("/night-list", "/night-list.pdf")
LANGUAGES = {"nl": "U kunt hier slapen", "fr": "Vous pouvez dormir ici", "en": "You can sleep here"}


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def half_past_four(board: Board) -> None:
    """It is Monday, 16:30, and the list is there."""
    world = board.world
    board.secrets["o"] = await world.app.web_sessions.open("calltaker_off")
    for moment in ("2026-11-30 16:29", "2026-11-30 16:30"):
        world.clock.set(local(moment))
        await world.app.sweep.run()
    async with world.store.reading() as tx:
        assert len(await tx.find(NightList)) == 2, "one of each network"


async def pdf(board: Board, letter: str, path: str) -> tuple[int, PdfReader | None]:
    """What comes back, read as a PDF when it is one."""
    async with board.client.get(path, headers=board.headers(letter), allow_redirects=False) as response:
        body = await response.read()
        if response.content_type != "application/pdf":
            return response.status, None
        assert response.headers["Content-Disposition"].startswith("inline")
        return response.status, PdfReader(BytesIO(body))


def words(read: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in read.pages).split())


async def looks(board: Board, action: str) -> list[tuple[str, object]]:
    async with board.world.store.reading() as tx:
        return [(each.actor, each.details.get("page")) for each in await tx.find(AuditEntry, action=action)]


async def test_the_list_is_for_who_is_on_duty_and_for_the_coordinator(board: Board) -> None:
    before = len(await looks(board, "page.night_list"))
    for letter in "ck":
        _, page = await board.get(letter, "/night-list")
        assert "Nachtlijst voor de nacht van maandag 30 november" in page
        status, read = await pdf(board, letter, "/night-list.pdf")
        assert status == 200 and read is not None
        assert read.metadata is not None and "Nachtlijst" in str(read.metadata.title)
        assert str(read.root_object.get("/Lang")) == "nl"
        assert "P-8" in words(read) and "OEFENING" in words(read)
    assert (await looks(board, "page.night_list"))[before:] == [
        ("calltaker", "page"), ("calltaker", "pdf"), ("coordinator", "page"), ("coordinator", "pdf"),
    ]  # fmt: skip
    _, not_there = await board.get("o", "/there-is-no-such-page")
    for path in PAGES_OF_THE_LIST:
        response, page = await board.get("o", path)
        assert (response.status, page) == (404, not_there)


async def test_page_and_pdf_of_the_list_say_the_same_and_neither_holds_a_key_code(board: Board) -> None:
    _, page = await board.get("k", "/night-list")
    _, read = await pdf(board, "k", "/night-list.pdf")
    assert read is not None
    printed = words(read)
    for cell in re.findall(r"<td[^>]*>([^<&]+)</td>", page):
        assert " ".join(cell.split()) in printed, cell
    for found in (page, printed):
        assert ADDRESS in found
        assert KEY_CODE not in found
        assert "canary-jan" not in found.casefold() and "Canary-Peeters" not in found


async def test_a_paper_is_blank_until_a_reference_fills_in_nights_and_departure_and_never_a_name(
    board: Board,
) -> None:
    async with board.world.store.reading() as tx:
        booking = (await tx.find(Booking, network_id="net", state=OneOf(tuple(LIVE_STATES)), order=("-at",)))[
            0
        ]
    for language, title in LANGUAGES.items():
        for paper in ("stay", "agreement"):
            query = f"paper={paper}&language={language}"
            response, blank = await board.get("m", f"/papers?{query}")
            assert response.status == 200 and f'lang="{language}"' in blank
            assert booking.reference not in blank and 'class="line"' in blank
            response, filled = await board.get("k", f"/papers?{query}&reference={booking.reference.lower()}")
            assert response.status == 200 and booking.reference in filled
            assert "Canary-Peeters" not in filled and ADDRESS not in filled and KEY_CODE not in filled
            status, read = await pdf(board, "k", f"/papers.pdf?{query}&reference={booking.reference}")
            assert status == 200 and read is not None and len(read.pages) == 1
            assert booking.reference in words(read)
            if paper == "stay":
                assert title in words(read)


async def test_a_reference_that_is_not_theirs_is_as_one_that_is_not_there(board: Board) -> None:
    async with board.world.store.reading() as tx:
        far = [each for each in await tx.find(Booking) if each.network_id != "net"]
    assert far
    for reference in (far[0].reference, "IZ-ZZZZ", "<b>"):
        response, page = await board.get("k", f"/papers?reference={reference}")
        assert response.status == 404
        assert "geen boeking die jij mag zien" in page and 'class="line"' in page
        assert "<b>" not in page
        assert (await pdf(board, "k", f"/papers.pdf?reference={reference}"))[1] is None


WHO_MAY_OPEN = {
    "r": "not_your_role", "c": "shown", "m": "not_your_role", "s": "not_your_role", "k": "shown",
    "n": "not_your_role", "a": "not_your_role", "o": "not_on_duty",
}  # fmt: skip


async def test_the_one_time_page_of_a_list_is_for_the_same_people_and_each_look_is_kept(board: Board) -> None:
    app = board.world.app
    async with board.world.store.reading() as tx:
        lists = {each.network_id: each.id for each in await tx.find(NightList)}
    assert set(WHO_MAY_OPEN) == {*ROLES, "o"}
    for letter, outcome in WHO_MAY_OPEN.items():
        actor = await app.accounts.actor_of(WHO[letter])
        assert actor is not None
        other = next(each for network, each in lists.items() if network != actor.network_id)
        for number, (subject, expected) in enumerate(
            ((lists[actor.network_id], outcome), (other, "not_there" if outcome == "shown" else outcome))
        ):
            asked = app.pages.link(actor, f"list-{letter}-{number}", "night_list", subject)
            if expected != "shown":
                with pytest.raises(Refusal) as refused:
                    await asked
                assert refused.value.code == expected, (letter, number)
                continue
            link, before = await asked, await looks(board, "page.viewed")
            path = "/p/" + link.url.rpartition("/")[2]
            async with board.client.post(path) as response:
                assert "Nachtlijst" in await response.text()
            assert len(await looks(board, "page.viewed")) == len(before) + 1
