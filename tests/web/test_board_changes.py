"""What people change on the board: signing in and out, their language, the browsers they are signed in with."""

import re
from http.cookies import Morsel

import pytest

from crisispool.domain.organisation import Colleague
from tests.web.board import NOBODY, Board
from tests.web.world import WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTMX = {"HX-Request": "true"}


async def enter(board: Board, who: str, **form: str) -> tuple[str, "Morsel[str]"]:
    """Where one comes as this demo person, and with which cookie."""
    sent = {"who": who, **form}
    async with board.client.post("/training/enter", data=sent, allow_redirects=False) as response:
        assert response.status == 303, await response.text()
        return response.headers["Location"], response.cookies["crisispool_session"]


async def colleague(board: Board, colleague_id: str) -> Colleague:
    async with board.world.store.reading() as tx:
        found = await tx.get(Colleague, colleague_id)
    assert found is not None
    return found


async def test_on_the_start_page_one_goes_on_as_a_demo_person(board: Board) -> None:
    _, page = await board.get(NOBODY, "/")
    assert "Verder als calltaker" in page and "OEFENING · maandag 30 november, 10 uur" in page
    where, cookie = await enter(board, "calltaker")
    assert where.startswith("/")
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    board.secrets["x"] = cookie.value
    _, page = await board.get("x", where)
    assert "calltaker" in page and "permanentie" in page


async def test_who_wanted_a_page_comes_there_after_signing_in(board: Board) -> None:
    assert (await enter(board, "coordinator", next="/account?done=others_ended"))[0].startswith("/account?")
    first, _ = await enter(board, "coordinator")
    for elsewhere in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:1",
        "/../x",
        "",
    ):
        assert (await enter(board, "coordinator", next=elsewhere))[0] == first


async def test_whoever_is_no_demo_person_gets_the_start_page_again(board: Board) -> None:
    status, page = await board.post(NOBODY, "/training/enter", who="far_owner")
    assert status == 422 and "Wie wil je zijn?" in page


@pytest.mark.parametrize(
    ("sort", "body"),
    [
        ("application/x-www-form-urlencoded; charset=nosuch", b"answer=x"),
        ("application/x-www-form-urlencoded", b"answer=\xff\xfe"),
        ("multipart/form-data", b"answer=x"),
    ],
)
async def test_a_form_that_nobody_can_read_is_refused_as_bad_input(
    board: Board, sort: str, body: bytes
) -> None:
    headers = {"Content-Type": sort}
    async with board.client.post("/sign-in", headers=headers, data=body) as response:
        assert response.status == 422


async def test_who_signs_out_is_out_also_with_the_old_cookie(board: Board) -> None:
    _, cookie = await enter(board, "calltaker")
    board.secrets["x"] = cookie.value
    assert (await board.post("x", "/sign-out"))[0] == 303
    response, _ = await board.get("x", "/account")
    assert response.headers["Location"] == "/sign-in?next=/account"


async def test_entering_as_somebody_else_leaves_no_session_behind(board: Board) -> None:
    _, cookie = await enter(board, "calltaker")
    board.secrets["x"] = cookie.value
    assert (await board.post("x", "/training/enter", who="coordinator"))[0] == 303
    assert await board.world.app.web_sessions.find(cookie.value) is None


async def test_the_language_is_chosen_on_any_page_and_goes_for_everything(board: Board) -> None:
    who = {"language": "fr", "back": "/account", "operation": "a-language-of-mine"}
    for _ in range(2):
        assert (await board.post("n", "/account/language", **who))[0] == 303
    assert (await colleague(board, WHO["n"])).language == "fr"
    _, page = await board.get("n", "/account")
    assert '<html lang="fr">' in page and "Mon compte" in page
    status, page = await board.post("n", "/account/language", **{**who, "language": "nl"})
    assert status == 422 and "Ceci est déjà arrivé" in page, "one form is one change"


async def test_what_is_wrong_stands_beside_its_field(board: Board) -> None:
    status, page = await board.post("c", "/account/language", language="xx")
    assert status == 422 and "<h1>Mijn account</h1>" in page
    assert re.search(r'<select name="language" aria-invalid="true" aria-describedby="wrong-language">', page)
    assert re.search(r'id="wrong-language" role="alert">[^<]+<', page)
    status, page = await board.post("c", "/account/language", language="nl", operation="x")
    assert status == 422


async def test_htmx_gets_the_part_of_the_page_and_nothing_around_it(board: Board) -> None:
    _, whole = await board.get("c", "/account")
    _, part = await board.get("c", "/account", **HTMX)
    assert part.startswith("<h1>") and "<html" not in part and "<h1>Mijn account</h1>" in whole
    _, said = await board.get("c", "/account?done=session_ended", **HTMX)
    assert '<div id="said" role="status" hx-swap-oob="true"><p class="said">Die browser is' in said
    assert "hx-swap-oob" not in part + whole
    _, again = await board.get("c", "/account", **HTMX, **{"HX-History-Restore-Request": "true"})
    assert "<html" in again
    response, _ = await board.get(NOBODY, "/account", **HTMX)
    assert (response.status, response.headers["HX-Redirect"]) == (401, "/sign-in")


async def test_browsers_are_signed_out_one_by_one_or_all_at_once(board: Board) -> None:
    app = board.world.app.web_sessions
    secrets = [await app.open("calltaker_2") for _ in range(4)]
    board.secrets["x"] = secrets[0]
    _, page = await board.get("x", "/account")
    assert page.count("een andere browser") == 3
    other = await app.find(secrets[1])
    assert other is not None
    path = f"/account/sessions/{other.session_id}/end"
    status, page = await board.post("s", path)
    assert status == 404, "somebody else's"
    assert await app.find(secrets[1]) is not None
    assert (await board.post("x", path))[0] == 303
    assert [bool(await app.find(secret)) for secret in secrets] == [True, False, True, True]
    assert (await board.post("x", "/account/sessions/end-others"))[0] == 303
    assert [bool(await app.find(secret)) for secret in secrets] == [True, False, False, False]


async def test_a_page_says_what_was_done_in_our_words_alone(board: Board) -> None:
    _, page = await board.get("c", "/account?done=session_ended")
    assert "Die browser is afgemeld." in page
    for made_up in ("x", "<b>", "../title.front", "session_ended%00"):
        _, page = await board.get("c", f"/account?done={made_up}")
        assert 'class="said"' not in page
