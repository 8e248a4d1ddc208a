"""The rosters on the board: gaps before they happen, shifts given and taken, the calendar behind a secret address."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from crisispool.domain.duty import Duty, DutyShift
from crisispool.ports import AtMost
from crisispool.services.calendar_feeds import written
from tests.support.night import local
from tests.web.board import NOBODY, Board
from tests.web.world import NOW, WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _monday(board: Board) -> AsyncIterator[None]:
    """Every test begins on the same morning, and everybody is signed in again."""
    board.world.put_back()
    for letter in "ck":
        board.secrets[letter] = await board.world.app.web_sessions.open(WHO[letter])
    board.secrets["other"] = await board.world.app.web_sessions.open("calltaker_2")
    yield


async def own_shift(board: Board) -> DutyShift:
    async with board.world.store.reading() as tx:
        found = await tx.get(DutyShift, board.world.things.of("c", "own", "shift"))
    assert found is not None
    return found


async def test_a_gap_is_told_before_it_happens_and_a_coordinator_fills_it(board: Board) -> None:
    async with board.world.store.transaction() as tx:
        for shift in await tx.find(DutyShift, duty=Duty.BACKUP, starts_at=AtMost(NOW)):
            await tx.save(replace(shift, ends_at=local("2026-12-02 08:30")))
    _, page = await board.get("c", "/duty")
    assert '<strong class="late">nog niemand</strong>' in page and "Vul in" not in page
    _, page = await board.get("k", "/duty")
    fields = dict(
        re.findall(r'<input type="hidden" name="(duty|starts_at|ends_at)" value="([^"]+)">', page)[:3]
    )
    [who] = re.findall(r'<select name="colleague_id">\s*<option value="([^"]+)"', page)[:1]
    for operation, status in (("fill-a-gap----------", 303), ("once-more-----------", 409)):
        sent = {"operation": operation, "colleague_id": who, **fields}
        answer, page = await board.post("k", "/duty/gaps", **sent)
        assert answer == status
    assert re.search(r'<p class="wrong" role="alert">[^<]+</p>', page), "why not, in words"


async def test_a_shift_is_offered_and_the_first_who_takes_it_has_it(board: Board) -> None:
    shift = await own_shift(board)
    status, _ = await board.post("c", f"/duty/shifts/{shift.id}/offer", to_id="")
    assert status == 303
    _, page = await board.get("c", "/duty")
    assert "aangeboden" in page and "Ik houd ze toch" in page
    _, page = await board.get("other", "/duty")
    take = re.findall(r'action="(/duty/offers/[^"]+/take)"', page)[0]
    assert (await board.post("other", take))[0] == 303
    assert (await board.post("k", take))[0] == 404, "no calltaker"
    keep = take.replace("/take", "/keep")
    status, page = await board.post("c", keep, operation="it-stays-mine-------")
    assert status == 409 and 'role="alert">' in page, "it is somebody else's by now"


async def test_a_calendar_reads_the_own_shifts_and_nothing_of_others(board: Board) -> None:
    async def address() -> str:
        _, page = await board.get("c", "/duty")
        [found] = re.findall(r'value="http[^"]*(/duty/feed/\w+)"', page)
        return str(found)

    assert (await board.post("c", "/duty/feed"))[0] == 303
    feed = await address()
    response, calendar = await board.get(NOBODY, feed)
    assert (response.status, response.content_type) == (200, "text/calendar")
    shift = await own_shift(board)
    assert f"UID:{shift.id}@crisispool\r\n" in calendar and "SUMMARY:Permanentie\r\n" in calendar
    assert calendar.startswith("BEGIN:VCALENDAR\r\n") and calendar.endswith("END:VCALENDAR\r\n")
    assert "shift-calltaker_2" not in calendar
    assert (await board.post("c", "/duty/feed", operation="a-new-address-------"))[0] == 303
    assert (await board.get(NOBODY, feed))[0].status == 404, "the one before shows nothing any more"
    feed = await address()
    assert (await board.post("c", "/duty/feed/end"))[0] == 303
    assert (await board.get(NOBODY, feed))[0].status == 404


async def test_a_calendar_is_written_as_programs_read_it(board: Board) -> None:
    shift = DutyShift("s" * 64, "net", (await own_shift(board)).duty, "x", local("2026-12-01 17:00"), NOW)
    lines = written([shift], "fr", NOW).split("\r\n")
    assert "DTSTART:20261201T160000Z" in lines and "SUMMARY:Permanence" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert any(line.startswith(" ") for line in lines), "a long line goes on in the next one"


async def test_who_leaves_nobody_at_the_desk_says_so_twice_and_may_come_back(board: Board) -> None:
    board.world.clock.set(local("2026-11-30 20:00"))
    board.secrets["c"] = await board.world.app.web_sessions.open(WHO["c"])
    _, page = await board.get("c", "/duty")
    assert "Stop mijn wacht" in page and "Begin mijn wacht" not in page and "Toch stoppen" not in page
    status, page = await board.post("c", "/duty/off")
    assert status == 409 and "heeft niemand anders wacht" in page and "Toch stoppen" in page
    assert (await board.post("c", "/duty/off", operation="i-am-quite-sure-----", sure="true"))[0] == 303
    _, page = await board.get("c", "/duty")
    assert "Begin mijn wacht" in page
    assert (await board.post("c", "/duty/on", operation="here-i-am-again-----"))[0] == 303
    _, page = await board.get("c", "/duty")
    assert "Stop mijn wacht" in page
    _, page = await board.get("k", "/duty")
    assert "Begin mijn wacht" not in page and "Stop mijn wacht" not in page, "a coordinator takes no calls"


async def test_what_is_in_hand_goes_to_a_colleague(board: Board) -> None:
    _, page = await board.get("c", "/duty")
    assert "In jouw handen: " in page and '<option value="calltaker_2">' in page
    assert (await board.post("c", "/duty/give", to_id="calltaker_2"))[0] == 303
    _, page = await board.get("c", "/duty")
    assert "In jouw handen: " not in page


async def test_a_coordinator_puts_somebody_else_into_a_shift(board: Board) -> None:
    shift = await own_shift(board)
    _, page = await board.get("k", "/duty")
    assert f'action="/duty/shifts/{shift.id}/substitute"' in page
    at = f"/duty/shifts/{shift.id}/substitute"
    assert (await board.post("k", at, colleague_id="calltaker_off"))[0] == 303
    _, page = await board.get("k", "/duty")
    assert "calltaker_off" in page
    status, page = await board.post("k", at, operation="nobody-was-chosen---")
    assert status == 422
