"""The talk on the board: the same screens as anywhere, as forms; nothing is lost and nothing happens twice."""

import re

import pytest

from crisispool.services.messages import tell
from tests.web.board import Board
from tests.web.world import WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTMX = {"HX-Request": "true"}


def choice(page: str, words: str) -> str:
    """The id of the choice with these words."""
    found = re.search(rf'value="([^"]+)">(?:<span[^>]*>\d+</span>)?{re.escape(words)}', page)
    assert found, f"no choice {words!r} in {page}"
    return found[1]


def question(page: str) -> str:
    found = re.search(r'<h2 id="question"[^>]*>([^<]+)', page)
    assert found, page
    return found[1]


def operation(page: str) -> str:
    found = re.search(r'id="news-operation" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def say(board: Board, letter: str, operation: str, **said: str) -> tuple[int, str]:
    """One answer, and the whole page where it led."""
    status, page = await board.post(letter, "/talk", operation=operation.ljust(20, "-"), **said)
    if status == 303:
        _, page = await board.get(letter, "/talk")
    return status, page


async def told(board: Board, letter: str) -> None:
    """Something to read for this role."""
    app, now = board.world.app, board.world.clock.now()
    entered = await app.web_sessions.find(board.secrets[letter])
    assert entered is not None
    network = entered.actor.network_id
    facts: dict[str, object] = {"by": "coördinator", "since": now.isoformat(), "until": now.isoformat()}
    async with board.world.store.transaction() as tx:
        recipient, mark = ("colleague", WHO[letter]), app.ids.new()
        await tell(tx, app.ids, network, recipient, "message.no_backup", facts, ("shift", "x"), mark, now)


async def test_a_talk_goes_on_by_buttons_alone(board: Board) -> None:
    _, page = await board.get("c", "/talk")
    status, page = await say(board, "c", "first", choose=choice(page, "Nieuwe vraag"))
    assert status == 303 and 'class="progress">0 van' in page
    asked = question(page)
    late = choice(page, "Terug")
    _, page = await say(board, "c", "back", choose=late)
    assert question(page) != asked
    _, again = await say(board, "c", "back-later", choose=late)
    assert question(again) == question(page), "a button of a question that is gone changes nothing"


async def test_one_tap_twice_is_one_answer_and_two_taps_are_the_first(board: Board) -> None:
    _, page = await say(board, "c", "stop", say="stop")
    new, free = choice(page, "Nieuwe vraag"), choice(page, "Wat is er nu vrij?")
    _, page = await say(board, "c", "same", choose=new)
    asked = question(page)
    for chosen in (new, free):
        status, page = await say(board, "c", "same", choose=chosen)
        assert question(page) == asked, status


async def test_what_is_typed_is_a_choice_or_it_is_dropped(board: Board) -> None:
    await say(board, "c", "stop-again", say="stop")
    _, page = await say(board, "c", "typed", say="nieuwe vraag")
    asked = question(page)
    status, page = await board.post(
        "c", "/talk", operation="prose".ljust(20, "-"), say="Jan Peeters uit de Kerkstraat"
    )
    assert (status, "Vrije tekst bewaren we niet" in page, "Peeters" in page) == (200, True, False)
    assert question(page) == asked
    _, page = await board.get("c", "/talk")
    assert question(page) == asked and "Peeters" not in page
    status, page = await board.post("c", "/talk", say="x", choose="1.1")
    assert status == 422 and question(page) == asked
    sent = {"csrf": await board.token("c"), "say": "x", "choose": "1.1", "operation": "both-of-them--------"}
    async with board.client.post("/talk", headers={**board.headers("c"), **HTMX}, data=sent) as response:
        assert (await response.text()).lstrip().startswith('<section id="now"'), (
            "in the place of the question"
        )


async def test_where_a_number_is_asked_a_number_is_typed(board: Board) -> None:
    await say(board, "c", "stop-for-numbers", say="stop")
    _, page = await say(board, "c", "numbers-0", say="nieuwe vraag")
    for step, words in enumerate(("Ja, het is voor vannacht", "OCMW", "Nee", "Andere")):
        _, page = await say(board, "c", f"numbers-{step + 1}", choose=choice(page, words))
    assert 'inputmode="numeric"' in page and "Een getal van 1 tot" in page
    asked = question(page)
    _, page = await say(board, "c", "numbers-too-many", say="900")
    assert question(page) == asked
    _, page = await say(board, "c", "numbers-right", say="3")
    assert question(page) != asked


async def test_htmx_gets_the_question_and_words_of_prose_are_answered(board: Board) -> None:
    sent = {
        "csrf": await board.token("c"),
        "operation": "prose-by-htmx-------",
        "say": "Jan uit de Kerkstraat",
    }
    headers = {**board.headers("c"), **HTMX}
    async with board.client.post("/talk", headers=headers, data=sent) as response:
        part = await response.text()
    assert part.lstrip().startswith('<section id="now"') and "Vrije tekst bewaren we niet" in part
    assert "Kerkstraat" not in part


async def test_messages_come_beside_the_question_and_none_is_lost(board: Board) -> None:
    _, page = await board.get("s", "/talk")
    sent = {"csrf": await board.token("s"), "operation": operation(page)}
    headers = {**board.headers("s"), **HTMX}

    async def ask() -> tuple[int, str]:
        async with board.client.post("/talk/news", headers=headers, data=sent) as response:
            return response.status, await response.text()

    while (answer := await ask())[0] == 200:
        sent["operation"] = operation(answer[1])
    assert (answer[0], answer[1]) == (204, "")
    await told(board, "s")
    _, page = await board.get("s", "/talk")
    assert "1 nieuw bericht" in page, "looking at the page takes nothing away"
    status, first = await ask()
    assert status == 200 and 'class="told"' in first
    assert (await ask())[1].split("<input")[0] == first.split("<input")[0], "its answer may have got lost"
    sent["operation"] = operation(first)
    assert (await ask())[0] == 204


async def test_without_script_messages_are_shown_by_a_button(board: Board) -> None:
    await told(board, "s")
    status, page = await board.post("s", "/talk/news", operation="without-script------")
    assert status == 200 and 'class="told"' in page and "<h2" in page


async def test_another_language_is_the_language_of_the_whole_page(board: Board) -> None:
    await board.get("n", "/talk")
    _, page = await say(board, "n", "words", say="taal")
    _, page = await say(board, "n", "french", choose=choice(page, "Français"))
    assert '<html lang="fr">' in page and "Conversation" in page
