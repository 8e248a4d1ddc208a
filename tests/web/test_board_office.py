"""The coordinator's office in a browser: settings with their history, the audit, people and services."""

import csv
import io
import re

import pytest

from crisispool.domain.organisation import Colleague, PolicyVersion
from tests.web.board import NOBODY, Board, Live

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTMX = {"HX-Request": "true"}


async def version(board: Board) -> int:
    async with board.world.store.reading() as tx:
        found = await tx.find(PolicyVersion, network_id="net")
    return max(each.version for each in found)


async def change(board: Board, letter: str, name: str, op: str, **form: str) -> tuple[int, str]:
    sent = {"version": str(await version(board)), "decision": "provisional", **form}
    return await board.post(letter, f"/settings/{name}", operation=f"an-operation-{op}", **sent)


async def test_every_setting_says_what_it_is_and_who_decided_it(board: Board) -> None:
    for letter, word in (("k", "Verander"), ("a", "Bekijk")):
        _, page = await board.get(letter, "/settings")
        assert page.count("Besloten door stuurgroep op zondag 1 november 2026") == 28
        assert "Zo lang blijft een gekozen bed vast" in page and "10 minuten" in page and "6 uur lang" in page
        assert f'<a href="/settings/hold_for">{word}' in page
        assert page.count("het OCMW trekt de begeleiding") == 2 and "het CAW trekt de begeleiding" in page


async def test_what_is_wrong_with_a_value_stands_beside_it_and_nothing_typed_is_lost(board: Board) -> None:
    status, page = await change(
        board, "k", "hold_for", "wrong-1", value="99", decision="decided", decided_by="het bestuur"
    )
    assert status == 422 and 'id="wrong-decided_on"' in page and 'value="het bestuur"' in page
    status, page = await change(board, "k", "hold_for", "wrong-2", value="99")
    assert (
        status == 422 and 'value="99" aria-invalid="true"' in page and "Dit is te klein of te groot." in page
    )
    status, page = await change(board, "k", "backup_at", "wrong-3", value="13:00")
    assert (
        status == 422 and "Kijk naar de andere uren hieronder." in page and "Eerste contact (12 uur)" in page
    )
    status, page = await change(board, "k", "hold_for", "wrong-4", value="12", version="99")
    assert status == 409 and "Iemand anders veranderde dit net." in page and 'value="12"' in page


async def test_a_changed_setting_is_in_the_history_with_who_and_from_what_to_what(board: Board) -> None:
    form = {"value": "12", "decision": "decided", "decided_by": "het bestuur", "decided_on": "2026-11-20"}
    status, page = await change(board, "k", "hold_for", "right-1", **form)
    assert status == 303, page
    _, page = await board.get("k", "/settings/hold_for?done=setting_kept")
    assert "Bewaard. Dit geldt vanaf nu." in page
    for path in ("/settings/hold_for", "/settings/history"):
        _, page = await board.get("a", path)
        assert "Van 10 minuten naar 12 minuten" in page
        assert "Besloten door het bestuur op vrijdag 20 november 2026 · Ingevoerd door coordinator" in page
    assert "Alleen een coördinator verandert afspraken." in (await board.get("a", "/settings/hold_for"))[1]


async def test_the_audit_says_in_words_what_happened_and_is_found_by_reference(board: Board) -> None:
    _, page = await board.get("k", "/audit")
    assert page.count("<tr>") == 51 and "Logboek bekeken" in page and "Oudere regels" in page
    [older] = re.findall(r'href="(/audit\?[^"]*before=\d+)"', page)
    _, second = await board.get("k", older.replace("&amp;", "&"))
    assert "Naar de nieuwste" in second and "<tr>" in second
    _, page = await board.get("k", "/audit?group=beds&who=calltaker")
    assert "Bed geboekt" in page and "board.audit" not in page
    reference = re.findall(r"boeking (IZ-\w{4})", page)[0]
    _, page = await board.get("k", f"/audit?about={reference}")
    assert "Bed gevraagd" in page and f"boeking {reference}" in page
    _, page = await board.get("k", "/audit?about=%3Cb%3E")
    assert "kennen we niet" in page and "<b>" not in page
    response, page = await board.get("k", f"/audit?before={'9' * 5000}")
    assert response.status == 200 and page.count("<tr>") == 51
    _, page = await board.get("k", "/audit?since=yesterday&before=x&group=nothing&who=nobody")
    assert "Een van de dagen herkennen we niet." in page


async def test_the_audit_as_a_list_has_the_rows_that_are_looked_for(board: Board) -> None:
    response, text = await board.get("k", "/audit.csv?group=beds")
    assert response.headers["Content-Disposition"] == 'attachment; filename="logboek.csv"'
    head, *rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";")
    assert head == ["Nr.", "Wanneer", "Wie", "Wat", "Waarover"]
    assert len(rows) > 5 and {row[3] for row in rows} >= {"Bed geboekt, 1 nacht"}
    assert "Logboek gedownload" in (await board.get("k", "/audit"))[1]


async def test_the_chain_is_checked_when_somebody_asks_and_the_answer_takes_its_place(board: Board) -> None:
    status, page = await board.post("k", "/audit/check")
    assert status == 200 and re.search(r"In orde tot nr\. \d+: niets is gewist", page) and "<table" in page
    sent = {
        "csrf": await board.token("k"),
        "seq": "5",
        "digest": "nonsense",
        "operation": "an-operation-check",
    }
    headers = {**board.headers("k"), **HTMX}
    async with board.client.post("/audit/check", headers=headers, data=sent) as response:
        part = await response.text()
    assert part.lstrip().startswith('<div id="chain"') and "In orde tot nr." in part and "<table" not in part


async def test_services_are_reached_otherwise_from_now_on(board: Board) -> None:
    _, page = await board.get("k", "/people")
    assert "bevoegd OCMW van Izegem · eigenaar van" in page and "beheerder" in page
    _, page = await board.get("a", "/people/services/ocmw_izegem")
    assert 'name="mailbox"' not in page
    at = "/people/services/ocmw_izegem"
    _, page = await board.get("k", at)
    [seen] = re.findall(r'name="seen" value="(\w+)"', page)
    form = {"seen": seen, "phone": "bel me", "mailbox": "wij@example.org", "language": "nl"}
    status, page = await board.post("k", at, operation="an-operation-phone-1", **form)
    assert status == 422 and 'id="wrong-phone"' in page and 'value="bel me"' in page
    assert f'name="seen" value="{seen}"' in page
    form["phone"] = "051 22 22 22"
    assert (await board.post("k", at, operation="an-operation-phone-2", **form))[0] == 303
    _, page = await board.get("k", at)
    assert 'href="tel:051222222"' in page and "wij@example.org" in page
    status, page = await board.post("k", at, operation="an-operation-phone-3", **form)
    assert status == 409 and "Iemand anders veranderde dit net." in page


async def test_a_colleague_ends_after_it_was_said_what_is_left(board: Board) -> None:
    assert (await board.post("k", "/people/nurse/phone", phone="0470 11 22 33"))[0] == 303
    _, page = await board.get("k", "/people/nurse")
    assert "0470 11 22 33" in page and "Schrijf deze collega uit" in page and "aanmelder" in page
    assert "0470" not in (await board.get("a", "/people/nurse"))[1]
    _, page = await board.get("k", "/people/coordinator")
    assert "Schrijf deze collega uit" not in page, "nobody ends themselves"
    _, page = await board.get("k", "/people/calltaker/end")
    assert "Niemand in het netwerk is dan nog" not in page and "er staat dan niemand anders" in page
    status, page = await board.post("k", "/people/calltaker/end", operation="an-operation-end-1", seen="x")
    assert status == 409 and "Intussen is er iets veranderd." in page
    _, page = await board.get("k", "/people/nurse/end")
    [seen] = re.findall(r'name="seen" value="(\w+)"', page)
    secret = await board.world.app.web_sessions.open("nurse")
    assert (await board.post("k", "/people/nurse/end", operation="an-operation-end-2", seen=seen))[0] == 303
    assert await board.world.app.web_sessions.find(secret) is None
    _, page = await board.get("k", "/people/nurse?done=colleague_ended")
    assert "Werkt niet meer mee." in page and "Alle toegang is gestopt." in page
    async with board.world.store.reading() as tx:
        nurse = await tx.get(Colleague, "nurse")
    assert nurse is not None and not nurse.active
    assert (await board.get("k", "/people/nurse/end"))[0].status == 404
    assert (await board.get(NOBODY, "/people"))[0].status == 303


async def test_who_looks_at_the_audit_proves_who_they_are(board: Board, live: Live) -> None:
    for path in ("/audit", "/audit.csv", "/people/nurse/end"):
        async with live.client.get(
            path, headers=await live.cookie("admin"), allow_redirects=False
        ) as response:
            assert (response.status, response.headers["Location"]) == (303, f"/sign-in?next={path}")
    headers = await live.cookie("admin", verified=True)
    async with live.client.get("/audit", headers=headers, allow_redirects=False) as response:
        assert response.status == 200
