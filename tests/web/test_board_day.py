"""What is entered by day on the board: bookings that stood on paper, questions, playbooks; and closed cases."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from crisispool.domain.handover import Handover
from crisispool.domain.on_paper import PaperBooking
from crisispool.domain.playbook import CaseTask
from tests.web.board import Board
from tests.web.world import WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINE = {
    "happened_at": "2026-11-28T23:10",
    "paper": "P-1",
    "unit_id": "more-9",
    "adults": "1",
    "children": "2",
    "nights": "",
    "kind": "conflict",
    "referrer": "police",
    "phone": "051 00 11 22",
    "origin": "36007",
    "slept_before": "0",
    "state": "inside",
    "checked": "true",
}
"""A bed given on Saturday evening, as the form sends it on Monday."""


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _monday(board: Board) -> AsyncIterator[None]:
    """Every test begins on the same morning, and everybody is signed in again."""
    board.world.put_back()
    for letter in "csk":
        board.secrets[letter] = await board.world.app.web_sessions.open(WHO[letter])
    yield


async def test_a_line_of_the_paper_is_entered_once_and_stands_in_the_list(board: Board) -> None:
    for _ in range(2):
        status, page = await board.post("c", "/on-paper", **LINE)
        assert status == 303, page
    _, page = await board.get("c", "/on-paper")
    assert "P-1 is AA" not in page and "P-1 is IZ-" in page and "zaterdag 28 november" in page
    assert '<option value="P-2" selected>' in page, "the next free line is chosen already"
    async with board.world.store.reading() as tx:
        assert len(await tx.find(PaperBooking)) == 1


async def test_why_a_line_cannot_be_entered_is_said_with_what_to_do_and_nothing_typed_is_lost(
    board: Board,
) -> None:
    await board.post("c", "/on-paper", **LINE)
    status, page = await board.post("c", "/on-paper", **LINE | {"operation": "the-same-line-again--"})
    assert status == 409 and "P-1 van zaterdag 28 november is al ingevoerd door calltaker" in page
    assert "Wat nu?" in page and 'value="more-9" selected' in page and 'value="051 00 11 22"' in page
    wrong = LINE | {"operation": "a-line-with-mistakes-", "happened_at": "", "kind": "", "adults": "0"}
    status, page = await board.post("c", "/on-paper", **wrong)
    assert status == 422
    for field in ("happened_at", "kind", "adults"):
        assert f'id="wrong-{field}"' in page
    assert "Afwijken van de regel" not in page, "that is for the coordinator"


async def test_the_story_of_a_case_tells_both_moments(board: Board) -> None:
    board.secrets["in"] = await board.world.app.web_sessions.open("worker_ingelmunster")
    await board.post("c", "/on-paper", **LINE)
    async with board.world.store.reading() as tx:
        [paper] = await tx.find(PaperBooking)
        [made] = await tx.find(Handover, delivered_at=paper.entered_at)
    _, page = await board.get("in", f"/cases/{made.id}")
    assert page.index("Bed gegeven, op papier (P-1)") < page.index("Van papier ingevoerd")


async def test_two_clicks_note_a_question_and_the_last_one_can_be_taken_back(board: Board) -> None:
    _, before = await board.get("s", "/daytime")
    question = {"asker": "person", "kind": "eviction", "outcome": "to_ocmw"}
    for _ in range(2):
        status, _ = await board.post("s", "/daytime", **question)
        assert status == 303
    _, page = await board.get("s", "/daytime")
    [total_before], [total] = (
        re.findall(r'"total">.*?<td>(\d+)', each, re.DOTALL) for each in (before, page)
    )
    assert int(total) == int(total_before) + 1
    assert "Net genoteerd: Dreigt zijn woning te verliezen" in page
    [undo] = re.findall(r'action="(/daytime/\w+/take-back)"', page)
    status, _ = await board.post("k", undo)
    assert status == 404, "it is not theirs"
    status, _ = await board.post("s", undo, operation="that-was-not-so-at-all")
    assert status == 303
    status, page = await board.post("s", "/daytime", operation="nothing-was-chosen---", asker="person")
    assert status == 422 and 'id="wrong-kind"' in page and 'id="wrong-outcome"' in page
    board.world.clock.advance(timedelta(minutes=30))
    old = f"/daytime/{board.world.things.of('s', 'own', 'question')}/take-back"
    status, page = await board.post("s", old, operation="far-too-late-for-this-")
    assert status == 409 and "telt al mee" in page


async def test_the_playbook_of_a_case_is_done_in_clicks(board: Board) -> None:
    world, case = board.world, board.world.things.of("s", "own", "handover")
    async with world.store.transaction() as tx:
        handover = await tx.get(Handover, case)
        assert handover is not None
        await tx.add(
            CaseTask(
                "task-1", "net", handover.case_id, 1, "Gas afsluiten", "Technische dienst", "051 00 00 81"
            )
        )
    _, page = await board.get("s", f"/cases/{case}")
    assert "Gas afsluiten" in page and 'href="tel:' in page and ">Gedaan<" in page
    status, _ = await board.post("s", f"/cases/{case}/tasks/task-1/done")
    assert status == 303
    _, page = await board.get("s", f"/cases/{case}")
    assert "Gedaan door worker_ingelmunster" in page and ">Toch niet<" in page
    other = world.things.of("s", "own", "accepted")
    status, _ = await board.post("s", f"/cases/{other}/tasks/task-1/open", operation="of-another-case-----")
    assert status == 404


async def test_closed_cases_stand_in_a_list_of_their_own(board: Board) -> None:
    case = board.world.things.of("s", "own", "accepted")
    status, _ = await board.post("s", f"/cases/{case}/outcome", outcome="hotel", solved="partly")
    assert status == 303
    _, page = await board.get("s", "/cases/closed")
    assert f'href="/cases/{case}"' in page and "Hotel" in page and "Oudere dossiers" not in page
    _, page = await board.get("s", "/cases/closed?after=2020-01-01T00:00:00%2B00:00&id=x")
    assert "Er zijn geen oudere dossiers" in page
    response, _ = await board.get("s", "/cases/closed?after=yesterday")
    assert response.status == 200
