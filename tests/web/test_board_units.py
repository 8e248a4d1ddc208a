"""Units on the board: one click says how a unit is, what it offers is changed, its address stands apart."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from itertools import count
from types import MappingProxyType
from typing import Any

import pytest
from aiohttp import DummyCookieJar, FormData

from crisispool.domain.record import AuditEntry
from crisispool.domain.unit import Placement, Unit, UnitAccess
from crisispool.services.answers import UnitAnswer
from tests.support.region import ADDRESS, KEY_CODE
from tests.web.board import Board
from tests.web.edge import started
from tests.web.world import WHO

pytestmark = pytest.mark.asyncio(loop_scope="module")

HTMX = {"HX-Request": "true"}
FORMS: Iterator[int] = count(1)


async def send(
    board: Board,
    letter: str,
    path: str,
    form: Mapping[str, object] = MappingProxyType({}),
    *,
    by_htmx: bool = False,
    file: bytes = b"",
    **more: object,
) -> tuple[int, str]:
    """A form of a page, as a browser sends it; the status, and where it leads on to or what came back."""
    sent = FormData({"csrf": await board.token(letter), "operation": f"a-form-of-a-test-{next(FORMS)}"})
    for name, values in {**form, **more}.items():
        for value in values if isinstance(values, list) else [values]:
            sent.add_field(name, str(value))
    if file:
        sent.add_field("file", BytesIO(file), filename="list.csv", content_type="text/csv")
    headers = {**board.headers(letter), **(HTMX if by_htmx else {})}
    async with board.client.post(path, headers=headers, data=sent, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def found(board: Board, unit_id: str, by: str = "m") -> UnitAnswer:
    actor = await board.world.app.accounts.actor_of(WHO[by])
    assert actor is not None
    return await board.world.app.units.view(actor, unit_id)


async def kept(board: Board, kind: type[Any], **where: Any) -> list[Any]:
    async with board.world.store.reading() as tx:
        return await tx.find(kind, **where)


def part_of(page: str, unit_id: str) -> str:
    """What stands on the list about one unit."""
    [part] = [each for each in page.split('<li class="unit">') if f'action="/units/{unit_id}/status"' in each]
    return part


async def test_one_click_says_how_a_unit_is(board: Board) -> None:
    for status in ("occupied", "turnover", "out_of_service", "free"):
        seen = await found(board, "iz-room")
        answer = await send(board, "m", "/units/iz-room/status", status=status, version=seen.version)
        assert answer == (303, "/units?done=unit_said")
        assert (await found(board, "iz-room")).status == status
    _, page = await board.get("m", "/units?done=unit_said")
    assert "Genoteerd, bedankt." in page and "Nog vrij" in part_of(page, "iz-room")


async def test_htmx_gets_the_unit_alone_and_the_counts(board: Board) -> None:
    seen = await found(board, "iz-room")
    form = {"status": "occupied", "until": "2026-12-04", "version": seen.version}
    status, part = await send(board, "m", "/units/iz-room/status", form, by_htmx=True)
    assert status == 200 and part.count('class="unit"') == 1 and "<html" not in part
    assert "bezet tot vrijdag 4 december" in part and 'hx-swap-oob="innerHTML"' in part
    status, part = await send(board, "m", "/units/iz-room/status", form, by_htmx=True)
    assert status == 409 and "Iemand anders veranderde dit net." in part and part.count('class="unit"') == 1


async def test_a_refusal_stands_beside_its_unit_and_nothing_is_lost(board: Board) -> None:
    seen = await found(board, "iz-house")
    assert seen.status == "booked"
    form = {"status": "occupied", "since": "2026-11-30", "until": "2026-12-09", "version": seen.version}
    status, page = await send(board, "m", "/units/iz-house/status", form)
    assert status == 409
    assert "Deze woning is geboekt. Dit kan vanaf dinsdag 1 december." in part_of(page, "iz-house")
    assert page.count('role="alert"') == 1
    seen = await found(board, "iz-room")
    form = {"status": "occupied", "until": "2026-11-02", "version": seen.version}
    status, page = await send(board, "m", "/units/iz-room/status", form)
    part = part_of(page, "iz-room")
    assert status == 422 and "Deze dag is al voorbij." in part and 'value="2026-11-02"' in part
    assert " open" in part


async def test_all_own_units_are_confirmed_at_once(board: Board) -> None:
    async with board.world.store.transaction() as tx:
        [room] = await tx.lock(Unit, ["iz-room"])
        await tx.save(replace(room, confirmed_at=None, version=room.version + 1))
    _, page = await board.get("m", "/units")
    assert "nog nooit bevestigd" in page
    assert await send(board, "m", "/units/confirm") == (303, "/units?done=units_confirmed")
    _, page = await board.get("m", "/units")
    assert "nog nooit bevestigd" not in page


async def test_an_owner_sees_how_many_stay_and_until_when_and_nothing_more(board: Board) -> None:
    _, page = await board.get("m", "/units")
    assert "1 persoon, vertrek maandag 30 november" in part_of(page, "iz-house")
    assert set(re.findall(r'action="/units/([\w-]+)/status"', page)) == {"iz-room", "iz-studio", "iz-house"}
    _, of_unit = await board.get("m", "/units/iz-house")
    _, everybodys = await board.get("k", "/units")
    assert "OCMW Wielsbeke" in everybodys and "persoon" not in everybodys
    for each in (page, of_unit, everybodys):
        assert not re.search(r"IZ-\w{4}\b|canary", each)


async def test_a_planned_use_is_shown_and_taken_away_again(board: Board) -> None:
    for since, until in (("2026-12-10", "2026-12-12"), ("2026-12-20", "")):
        form = {"status": "occupied", "since": since, "until": until, "back": "unit"}
        form["version"] = str((await found(board, "iz-room")).version)
        assert await send(board, "m", "/units/iz-room/status", form) == (
            303,
            "/units/iz-room?done=unit_said",
        )
    _, page = await board.get("m", "/units/iz-room")
    assert "Van donderdag 10 december tot zaterdag 12 december" in page
    assert "Vanaf zondag 20 december, einde nog niet bekend" in page
    form = {"status": "free", "since": "2026-12-10", "until": "2026-12-11"}
    form["version"] = str((await found(board, "iz-room")).version)
    await send(board, "m", "/units/iz-room/status", form)
    left = await kept(board, Placement, unit_id="iz-room", ended_at=None)
    assert "2026-12-20" in {each.starts_on.isoformat() for each in left}
    assert "2026-12-10" not in {each.starts_on.isoformat() for each in left}


async def test_what_a_unit_offers_is_changed_and_what_was_typed_stays_beside_a_mistake(board: Board) -> None:
    form: dict[str, Any] = {
        "label": "Kamer 1", "places": "2", "cots": "0", "rooms": "1", "joined_on": "2026-11-01",
        "leaves_on": "2027-01-01", "free_until": "", "pets": ["false", "true"], "step_free": "false",
    }  # fmt: skip
    assert await send(board, "m", "/units/iz-room", form) == (303, "/units/iz-room?done=unit_changed")
    [room] = await kept(board, Unit, id="iz-room")
    assert (room.label, room.places, room.pets, str(room.leaves_on)) == ("Kamer 1", 2, True, "2027-01-01")
    wrong = {**form, "label": "Kamer <2>", "places": "50", "leaves_on": "2026-10-01", "pets": "false"}
    status, page = await send(board, "m", "/units/iz-room", wrong)
    assert status == 422 and 'value="Kamer &lt;2&gt;"' in page and 'value="50"' in page
    assert re.search(r'id="wrong-places" role="alert">Dit is te klein of te groot\.<', page)
    status, page = await send(board, "m", "/units/iz-room", {**wrong, "places": "3"})
    assert status == 422 and re.search(r'id="wrong-leaves_on" role="alert">Dit einde ligt niet na', page)
    assert (await kept(board, Unit, id="iz-room"))[0] == room
    status, page = await send(board, "m", "/units/iz-room", {**form, "label": " ", "rooms": ""})
    assert status == 422 and 'id="wrong-label"' in page and 'id="wrong-rooms"' in page
    await send(board, "m", "/units/iz-room", leaves_on="", joined_on="")
    [room] = await kept(board, Unit, id="iz-room")
    assert (room.leaves_on, room.joined_on, room.places) == (None, None, 2)


async def test_a_new_unit_is_added_by_its_owner(board: Board) -> None:
    form = {"label": "Loft", "nis": "36008", "kind": "crisis_room", "places": "2", "mandate": "false"}
    status, page = await send(board, "m", "/units/new", {**form, "places": ""})
    assert status == 422 and 'value="Loft"' in page and 'id="wrong-places"' in page
    status, where = await send(board, "m", "/units/new", form)
    assert status == 303 and where.endswith("?done=unit_made")
    _, page = await board.get("m", where)
    assert "<h1>Loft</h1>" in page and "De woning staat erbij." in page
    [made] = await kept(board, Unit, label="Loft")
    assert (made.owner_id, made.mandate) == ("ocmw_izegem", False)


async def test_the_address_stands_on_a_page_of_its_own_and_every_look_is_in_the_log(board: Board) -> None:
    for letter in "mk":
        _, page = await board.get(letter, "/units/iz-room/access")
        assert ADDRESS in page and KEY_CODE in page
    # Somebody stays there: a coordinator opens the address through the booking, whoever it is.
    _, page = await board.get("k", "/units/iz-house/access")
    assert ADDRESS not in page and "Open het via de boeking, met een reden." in page
    status, _ = await send(board, "k", "/units/iz-house/access", address="Elders 1")
    assert status == 409
    looks = await kept(board, AuditEntry, action="page.viewed", subject_kind="unit")
    assert [(each.actor, each.subject_id, each.details["result"]) for each in looks] == [
        ("owner_izegem", "iz-room", "shown"),
        ("coordinator", "iz-room", "shown"),
        ("coordinator", "iz-house", "reason_needed"),
        ("coordinator", "iz-house", "reason_needed"),
    ]


async def test_an_address_is_changed_and_a_number_that_is_none_is_told(board: Board) -> None:
    form = {
        "address": "Nieuwstraat 1, 8870 Izegem",
        "key_instructions": "Kluis\nlinks",
        "night_contact": "abc",
    }
    status, page = await send(board, "m", "/units/iz-studio/access", form)
    assert status == 422 and 'id="wrong-night_contact"' in page and "Nieuwstraat 1" in page
    form |= {"night_contact": "051 00 00 99", "house_agreement": "true", "inspection_until": "2027-05-01"}
    _, page = await board.get("m", "/units/iz-studio/access")
    form["seen"] = re.findall(r'name="seen" value="(\w+)"', page)[0]
    assert (await send(board, "m", "/units/iz-studio/access", form))[0] == 303
    # A form that stood open meanwhile would bring the old key back.
    status, page = await send(board, "m", "/units/iz-studio/access", {**form, "key_instructions": KEY_CODE})
    assert (
        status == 409
        and "Iemand anders veranderde dit net." in page
        and "<strong>Kluis\nlinks</strong>" in page
    )
    [access] = await kept(board, UnitAccess, unit_id="iz-studio")
    assert (access.address.reveal(), access.house_agreement) == ("Nieuwstraat 1, 8870 Izegem", True)
    assert access.key_instructions.reveal() == "Kluis\nlinks"
    assert str((await kept(board, Unit, id="iz-studio"))[0].inspection_until) == "2027-05-01"


async def test_outside_a_training_an_address_asks_to_prove_once_more_who_one_is(board: Board) -> None:
    app: Any = replace(board.world.app, training=None)
    client = await started(app, DummyCookieJar())
    path = "/units/iz-room/access"
    async with client.get(path, headers=board.headers("m"), allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, f"/sign-in?next={path}")
    proved = await app.web_sessions.open("owner_izegem", verified=True)
    async with client.get(path, headers={"Cookie": f"crisispool_session={proved}"}) as response:
        assert response.status == 200 and ADDRESS in await response.text()
    await client.close()


async def test_a_list_is_shown_first_and_taken_in_with_one_button(board: Board) -> None:
    text = "\ufeffNaam;Gemeente;Plaatsen;Slaapplaatsen\r\nZolder;Izegem;;2\r\n"
    status, page = await send(board, "m", "/units/import", file=text.encode())
    assert status == 422 and "De kolom “Plaatsen” kennen we niet." in page
    text = "Naam;gemeente;Places;huisdier;doet mee vanaf\n=Zolder;izegem;2;JA;1-12-2026\nHuis;;;nee;\n"
    status, page = await send(board, "m", "/units/import", file=text.encode())
    assert status == 200 and "1 nieuw" in page and "Er is nog niets bewaard." in page
    assert await kept(board, Unit, label="=Zolder") == []
    back = {
        name: re.findall(rf'name="{name}" value="([^"]*)"', page)[-1].replace("&#34;", '"')
        for name in ("rows", "seen")
    }
    assert await send(board, "m", "/units/import/store", back) == (303, "/units?done=units_imported")
    [made] = await kept(board, Unit, label="=Zolder")
    assert (made.places, made.pets, str(made.joined_on)) == (2, True, "2026-12-01")
    status, page = await send(board, "m", "/units/import/store", back)
    assert status == 409 and "Er verandert niets." in page
    for odd in ("", "[]", "{}", '[{"number":2,"label":"x","owner_id":"caw"}]', "[[]]", "[" * 3000):
        status, _ = await send(board, "m", "/units/import/store", {**back, "rows": odd})
        assert status in (409, 422), odd


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(board: Board) -> None:
    status, page = await send(board, "m", "/units/import", file=b"x" * (1024 * 1024 + 1))
    assert status == 422 and "hoogstens 1 MB" in page
    status, _ = await send(board, "m", "/units/import", file=b"x" * (2 * 1024 * 1024))
    assert status == 413
    status, _ = await send(board, "m", "/units/new", file=b"x" * (128 * 1024))
    assert status == 413


async def test_every_mistake_of_a_list_is_told_by_row_and_column(board: Board) -> None:
    text = (
        "Naam,Gemeente,Soort,Slaapplaatsen,Huisdier,Vrij tot\nA,Gent,kasteel,veel,soms,morgen\n,,,2,,,meer\n"
    )
    status, page = await send(board, "m", "/units/import", file=text.encode())
    assert status == 200 and "2 fouten" in page and "<button>Bewaar" not in page
    told = re.findall(r'<span class="said-of">([^<]+)<', page)
    assert told == [
        "Gemeente: Kies een gemeente van het netwerk.",
        "Soort: Kies een van de mogelijkheden.",
        "Slaapplaatsen: Schrijf een getal.",
        "Huisdier: Schrijf ja of nee.",
        "Vrij tot: Dit is geen datum. Schrijf bijvoorbeeld 1-12-2026.",
        "Deze rij heeft meer vakjes dan er kolommen zijn.",
    ]


async def test_the_list_that_is_taken_out_changes_nothing_when_it_is_brought_back(board: Board) -> None:
    for letter in "mk":
        response, text = await board.get(letter, "/units/import/list.csv")
        assert "attachment" in response.headers["Content-Disposition"] and "canary" not in text
        status, page = await send(board, letter, "/units/import", file=text.encode("utf-8"))
        assert status == 200 and "Er verandert niets." in page
