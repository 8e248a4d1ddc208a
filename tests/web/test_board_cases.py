"""Cases on the board: the list of the morning, one case, what can be done with it and why it sometimes cannot."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from crisispool.domain.booking import Booking
from crisispool.domain.handover import Handover, HandoverState
from tests.web.board import Board
from tests.web.world import WHO, hide

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _monday(board: Board) -> AsyncIterator[None]:
    """Every test begins on the same morning, and everybody is signed in again."""
    board.world.put_back()
    for letter in "sk":
        board.secrets[letter] = await board.world.app.web_sessions.open(WHO[letter])
    yield


def at(board: Board, kind: str = "handover", what: str = "", letter: str = "s") -> str:
    return f"/cases/{board.world.things.of(letter, 'own', kind)}{what}"


async def handover(board: Board, kind: str = "handover") -> Handover:
    async with board.world.store.reading() as tx:
        found = await tx.get(Handover, board.world.things.of("s", "own", kind))
    assert found is not None
    return found


async def bed(board: Board, kind: str = "handover") -> Booking:
    case_id = (await handover(board, kind)).case_id
    async with board.world.store.reading() as tx:
        [found] = await tx.find(Booking, case_id=case_id)
    return found


async def test_the_morning_shows_what_waits_and_what_is_late_without_any_name(board: Board) -> None:
    status, page = await board.get("s", "/cases")
    assert status.status == 200
    assert "1 dossier wacht, 1 is van jou" in page and "1 te laat" in page
    assert "Te laat: geen begeleider voor 10 uur" in page
    assert "Eerste contact graag voor 12 uur" in page
    for personal in ("Jan", "Dhondt", "straat", "iz-house"):
        assert personal not in page
    _, page = await board.get("k", "/cases")
    assert "Van collega" in page, "a coordinator sees those of all services"


async def test_one_click_takes_a_case_with_who_clicked_as_its_worker(board: Board) -> None:
    for _ in range(2):
        status, _ = await board.post("s", at(board, what="/take"), named="true", from_list="yes")
        assert status == 303
    taken = await handover(board)
    assert (taken.state, taken.worker_id) == (HandoverState.ACCEPTED, WHO["s"])
    _, page = await board.get("s", at(board))
    assert page.index("Overgedragen aan begeleiding") < page.index("Opgenomen<")
    assert page.index("Aanmelding<") < page.index("Bed geboekt") < page.index("Overgedragen")


async def test_a_coordinator_takes_it_for_the_service_that_leads(board: Board) -> None:
    status, _ = await board.post("k", at(board, what="/take"), named="false")
    assert status == 303
    taken = await handover(board)
    assert (taken.accepted_by, taken.worker_id) == (taken.lead_organisation_id, None)


async def test_that_a_case_was_closed_meanwhile_is_said_above_the_list_in_which_it_is_no_more(
    board: Board,
) -> None:
    await board.post("s", at(board, what="/take"), named="true")
    ended = {"operation": "how-it-ended--------", "outcome": "own_network", "solved": "yes"}
    assert (await board.post("s", at(board, what="/outcome"), **ended))[0] == 303
    again = {"operation": "a-tab-of-before-----", "named": "false", "from_list": "yes"}
    status, page = await board.post("k", at(board, what="/take"), **again)
    assert status == 409 and "<h1>Dossiers</h1>" in page
    assert page.index('<p class="wrong" role="alert">') < page.index('id="cases"')
    assert at(board, what="/take") not in page
    assert 'class="reference" href="/cases/' in page, "the others have their way on"


async def test_why_it_cannot_be_stands_beside_the_button(board: Board) -> None:
    board.secrets["caw"] = await board.world.app.web_sessions.open("worker_caw")
    await board.post("s", at(board, what="/take"), named="true")
    for form, title in (({"from_list": "yes"}, "<h1>Dossiers</h1>"), ({}, "<h1>Dossier ")):
        status, page = await board.post("caw", at(board, what="/take"), named="true", **form)
        assert status == 409 and "Een andere dienst nam dit al op" in page and title in page
    status, page = await board.post(
        "s", at(board, what="/outcome"), operation="how-it-ended--------", outcome="hotel"
    )
    assert status == 303, "who says how it ended has spoken with them"
    status, page = await board.post("s", at(board, what="/contact"), operation="an-other-operation-x")
    assert status == 409 and "al afgesloten" in page


async def test_an_outcome_that_is_none_is_told_beside_its_field(board: Board) -> None:
    status, page = await board.post("s", at(board, "accepted", "/outcome"), outcome="", solved="yes")
    assert status == 422 and 'id="wrong-outcome"' in page and "<details open>" in page
    assert re.search(r'value="yes" required checked', page), "what was chosen need not be chosen again"


async def test_a_case_goes_to_another_service_by_the_coordinator_alone(board: Board) -> None:
    _, page = await board.get("s", at(board))
    assert "Naar een andere dienst" not in page
    status, _ = await board.post("s", at(board, what="/hand"), organisation_id="ocmw_izegem")
    assert status == 404
    _, page = await board.get("k", at(board))
    assert 'value="ocmw_izegem"' in page
    status, _ = await board.post("k", at(board, what="/hand"), organisation_id="ocmw_izegem")
    assert status == 303


async def test_more_nights_are_one_click_and_a_page_of_before_gives_none(board: Board) -> None:
    booking = await bed(board)
    _, page = await board.get("s", at(board))
    assert "Verleng met " in page
    sent = {"booking_id": booking.id, "checkout": booking.checkout.isoformat()}
    for _ in range(2):
        status, page = await board.post("s", at(board, what="/extend"), **sent)
        assert status == 303, page
    longer = await bed(board)
    assert longer.checkout > booking.checkout
    status, page = await board.post("s", at(board, what="/extend"), operation="a-tab-of-before-----", **sent)
    assert status == 409 and (await bed(board)).checkout == longer.checkout
    other = board.world.things.of("s", "other", "over")
    status, _ = await board.post("s", at(board, what="/extend"), **{**sent, "booking_id": other})
    assert status == 404


async def test_names_and_addresses_are_a_page_of_their_own(board: Board) -> None:
    sent = {"csrf": await board.token("s"), "operation": "an-operation-of-a-test", "purpose": "case"}
    path, headers = at(board, what="/open"), board.headers("s")
    async with board.client.post(path, headers=headers, data=sent, allow_redirects=False) as response:
        assert response.status == 303 and re.fullmatch(r"/p/\w+", response.headers["Location"])


async def test_why_an_address_is_not_shown_stands_beside_its_button(board: Board) -> None:
    booking = await bed(board)
    await hide(board.world)
    status, page = await board.post("s", at(board, what="/open"), purpose="access", booking_id=booking.id)
    assert status == 409, page
    [said] = re.findall(r'<p class="wrong" role="alert">([^<]+)</p>', page)
    assert said


async def test_nobody_looks_at_the_case_of_another_service(board: Board) -> None:
    other = board.world.things.of("s", "other", "handover")
    for what in ("", "/take"):
        call = board.post("s", f"/cases/{other}{what}") if what else board.get("s", f"/cases/{other}")
        answer = await call
        status = answer[0] if isinstance(answer[0], int) else answer[0].status
        assert status == 404
