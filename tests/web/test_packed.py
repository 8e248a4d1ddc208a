"""Pages travel small, unless somebody elsewhere could learn something from how small."""

import gzip

import pytest

from tests.web.board import Board

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS = {"Accept-Encoding": "gzip, deflate, br", "Sec-Fetch-Site": "same-origin"}


async def raw(board: Board, path: str, headers: dict[str, str]) -> tuple[str, bytes]:
    """The encoding of an answer, and its bytes as they travelled."""
    sent = {**board.headers("k"), **headers}
    async with board.client.request("GET", path, headers=sent, auto_decompress=False) as response:
        assert response.status == 200
        return response.headers.get("Content-Encoding", ""), await response.read()


async def test_a_page_of_ours_is_packed_and_one_that_is_asked_for_from_elsewhere_is_not(board: Board) -> None:
    encoding, small = await raw(board, "/tonight", OURS)
    _, whole = await raw(board, "/tonight", {**OURS, "Sec-Fetch-Site": "cross-site"})
    assert encoding == "gzip" and len(small) * 3 < len(whole)
    assert gzip.decompress(small)[:200] == whole[:200]
    for headers in ({**OURS, "Sec-Fetch-Site": "same-site"}, {"Accept-Encoding": "gzip"}):
        encoding, _ = await raw(board, "/tonight", headers)
        assert encoding == "", "nobody said that the question is ours"


@pytest.mark.parametrize(
    ("asked", "takes"),
    [("gzip", True), ("br;q=1, GZIP;q=0.5", True), ("gzip;q=0, br", False), ("br", False), ("", False)],
)
async def test_what_a_page_loads_is_packed_for_who_can_unpack_it(
    board: Board, asked: str, takes: bool
) -> None:
    encoding, body = await raw(board, "/static/board.css", {"Accept-Encoding": asked})
    assert (encoding == "gzip") == takes
    plain = gzip.decompress(body) if takes else body
    assert b".board" in plain
