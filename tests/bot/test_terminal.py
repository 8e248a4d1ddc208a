"""The chat on a terminal: by lines, as JSON, by hand, and over the interface of a running service."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field

import pytest
from aiohttp import web
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.terminal import Terminal, chosen, run
from bot.transport import Answer, HttpChat, Unreachable
from crisispool.conversations.vocabulary import Chose
from crisispool.texts.screens import heard, shown
from tests.conversations.walking import Walker

FIRE_LINES = ["1", "1", "nee", "5", "Ingelmunster", "1", "1", "1", "1", "1", "1", "1", "1", "1"]
"""From the menu to the booking, as someone types it."""


@dataclass
class WalkingChat:
    """The talks themselves, with the services' answers of the tests."""

    walker: Walker = field(default_factory=Walker)
    told: list[Answer] = field(default_factory=list)
    broken: bool = False
    language: str = "nl"

    async def say(self, text: str) -> list[Answer]:
        self._must_reach()
        session = self.walker.session
        self.walker.hear(heard(session.shown, text, session.taken))
        return self._answers()

    async def choose(self, choice_id: str) -> list[Answer]:
        self._must_reach()
        self.walker.hear(Chose(choice_id))
        return self._answers()

    async def poll(self) -> list[Answer]:
        self._must_reach()
        told, self.told = self.told, []
        return told

    def _must_reach(self) -> None:
        if self.broken:
            raise Unreachable("Geen verbinding.")

    def _answers(self) -> list[Answer]:
        told, self.told = self.told, []
        return [*told, *(Answer(**asdict(shown(screen))) for screen in self.walker.screens)]


def terminal(chat: WalkingChat | None = None) -> Terminal:
    return Terminal(chat or WalkingChat(), io.StringIO())


async def talked(lines: list[str], *, as_json: bool = False, chat: WalkingChat | None = None) -> str:
    out = io.StringIO()
    source = io.StringIO("".join(f"{line}\n" for line in lines))
    code = await run(chat or WalkingChat(), as_json=as_json, source=source, out=out)
    assert code == 0
    return out.getvalue()


async def test_the_fire_case_by_lines_is_booked_in_fourteen_answers() -> None:
    assert len(FIRE_LINES) == 14
    text = await talked(FIRE_LINES)
    assert "Geboekt, IZ-7F3K: tot maandag 30 november, 10 uur." in text
    assert "Adres en sleutel, IZ-7F3K: http://localhost/p/token" in text


async def test_the_first_output_is_where_the_talk_is() -> None:
    chat = WalkingChat()
    await talked(FIRE_LINES[:4], chat=chat)
    text = await talked([], chat=chat)
    assert text.startswith("Waar zijn ze nu?")


async def test_choices_are_printed_with_their_numbers_and_navigation_as_words() -> None:
    text = await talked(["1"])
    assert "\n1) Politiezone B\n" in text
    assert "\nterug · opnieuw · help · stop\n" in text
    assert ") Terug" not in text


async def test_with_json_every_answer_is_one_line() -> None:
    lines = (await talked(["1", "Jan Peeters"], as_json=True)).splitlines()
    answers = [json.loads(line) for line in lines]
    assert [answer["key"] for answer in answers] == ["desk.menu", "night_desk.caller", "night_desk.caller"]
    assert all(set(answer) == {"key", "text", "choices", "links"} for answer in answers)
    assert all(set(choice) == {"id", "label"} for answer in answers for choice in answer["choices"])
    assert "Jan Peeters" not in "".join(lines)


async def test_a_blank_line_looks_and_shows_what_came() -> None:
    chat = WalkingChat(told=[Answer("message.arrival_question", "IZ-7F3K: zijn ze binnen?")])
    text = await talked([""], chat=chat)
    assert text.index("Nieuw bericht") < text.index("zijn ze binnen?") < text.index("Wat wil je doen?")


async def test_a_number_of_people_beyond_the_choices_counts_as_people() -> None:
    chat = WalkingChat()
    await talked([*FIRE_LINES[:3], "andere", "9"], chat=chat)
    assert chat.walker.session.answers["adults"] == "9"


async def test_a_talk_that_cannot_be_reached_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(WalkingChat(broken=True), source=io.StringIO("1\n"), out=io.StringIO()) == 1
    assert "Geen verbinding" in capsys.readouterr().err


def test_a_choice_is_its_number_or_its_words() -> None:
    screen = Answer("k", "t", ({"id": "3.1", "label": "Ja, zeker"}, {"id": "3.back", "label": "Terug"}))
    assert chosen(screen, " 1) ") == "3.1"
    assert chosen(screen, "JA,  zeker") == "3.1"
    assert chosen(screen, "terug") == "3.back"
    assert chosen(screen, "2") is None, "what is a word has no number"
    assert chosen(screen, "") is None and chosen(None, "1") is None


def test_long_lines_are_wrapped_and_links_are_left_whole() -> None:
    url = "http://localhost/p/" + "x" * 90
    answer = Answer(
        "booking.booked", "woord " * 40, ({"id": "1.1", "label": "Ja"},), ({"label": "L", "url": url},)
    )
    text = "".join(part for _, part in terminal().pieces(answer, 40))
    assert url in text
    assert max(len(line) for line in text.splitlines() if url not in line) <= 40


def test_a_telephone_number_is_never_broken_over_two_lines() -> None:
    answer = Answer("k", "We bellen terug op het nummer dat we hebben: 051 00 00 41. Tot zo.")
    for width in range(20, 80):
        lines = "".join(part for _, part in terminal().pieces(answer, width)).splitlines()
        assert any("051 00 00 41." in line for line in lines), (width, lines)


@pytest.mark.parametrize("width", [20, 50])
def test_a_narrow_window_breaks_between_words_and_keeps_within_its_width(width: int) -> None:
    answer = Answer(
        "night_desk.proposals",
        "Geboekt, IZ-7F3K: " * 9,
        ({"id": "1.1", "label": "Woning 12, Ingelmunster IZ-7F3K " * 4}, {"id": "1.back", "label": "Terug"}),
        ({"label": "Adres en sleutel, IZ-7F3K", "url": "http://localhost/p/" + "x" * 60},),
    )
    lines = "".join(part for _, part in terminal().pieces(answer, width)).splitlines()
    assert max(len(line) for line in lines if "://" not in line) <= width
    assert not any(line.endswith("IZ-") for line in lines)
    assert lines.count("http://localhost/p/" + "x" * 60) == 1


async def test_a_tap_at_an_old_screen_never_answers_a_newer_one() -> None:
    chat = WalkingChat()
    first = Terminal(chat, io.StringIO())
    await first.look()
    await talked(FIRE_LINES[:6], chat=chat)
    before = chat.walker.session
    (answer,) = await first.answer("1")
    assert chat.walker.session == before
    assert answer.text.startswith("Die knop hoort bij een vorige vraag.")


async def test_what_can_be_tapped_on_a_message_has_a_letter_and_the_talk_stays_where_it_is() -> None:
    taps: list[str] = []

    class Tapping(WalkingChat):
        async def choose(self, choice_id: str) -> list[Answer]:
            if not choice_id.startswith("m."):
                return await super().choose(choice_id)
            taps.append(choice_id)
            return [Answer("news.inside", "IZ-7F3K: ze zijn binnen.")]

    chat = Tapping()
    ways = ({"id": "m.1.inside", "label": "Ja"}, {"id": "m.1.on_the_way", "label": "Nog onderweg"})
    chat.told = [Answer("message.arrival_question", "IZ-7F3K: zijn ze binnen?", ways)]
    desk = terminal(chat)
    told, menu = await desk.look()
    assert "a) Ja\nb) Nog onderweg" in "".join(text for _, text in desk.pieces(told, 80))
    await desk.answer("b")
    assert taps == ["m.1.on_the_way"]
    assert desk.current == menu
    assert (await desk.answer("1"))[-1].key != menu.key


async def test_by_hand_a_talk_goes_on_until_control_d() -> None:
    chat = WalkingChat()
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        typed.send_text("1\r\x03nee\r\x04")
        assert await run(chat, interactive=True) == 0
    assert chat.walker.session.at == "night_desk.caller"


async def test_by_hand_a_broken_line_at_the_start_says_so() -> None:
    with create_pipe_input() as typed, create_app_session(input=typed, output=DummyOutput()):
        assert await run(WalkingChat(broken=True), interactive=True) == 1


@asynccontextmanager
async def serving(handler: "Handler") -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/api/v1/chat", handler.chat)
    app.router.add_post("/api/v1/messages", handler.messages)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@dataclass
class Handler:
    """A service that talks, notes what it was sent, and may cut the line first."""

    chat_behind: WalkingChat = field(default_factory=WalkingChat)
    cuts: int = 0
    status: int = 200
    bodies: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        if self.status != 200:
            return web.json_response({"detail": "Je bent niet aangemeld."}, status=self.status)
        if "choose" in body:
            answers = await self.chat_behind.choose(body["choose"])
        else:
            answers = await self.chat_behind.say(body["say"])
        if self.cuts:
            self.cuts -= 1
            assert request.transport is not None
            request.transport.close()
        return web.json_response([asdict(answer) for answer in answers])

    async def messages(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(Answer("message.accepted", "R-4KTM: er is een bed"))])


async def test_over_the_line_the_same_talk_is_held() -> None:
    handler = Handler()
    out = io.StringIO()
    async with serving(handler) as url, HttpChat(url, "secret") as chat:
        source = io.StringIO("".join(f"{line}\n" for line in FIRE_LINES))
        assert await run(chat, source=source, out=out) == 0
        assert [answer.key for answer in await chat.poll()] == ["message.accepted"]
    assert "Geboekt, IZ-7F3K" in out.getvalue()
    assert all(sent["Authorization"] == "Bearer secret" for sent in handler.headers)
    assert len({sent["Idempotency-Key"] for sent in handler.headers}) == len(handler.headers)


async def test_a_choice_whose_answer_got_lost_is_sent_again_and_counts_once() -> None:
    handler = Handler()
    async with serving(handler) as url, HttpChat(url, "secret") as chat:
        terminal = Terminal(chat, io.StringIO())
        await terminal.look()
        handler.cuts = 1
        (answer,) = await terminal.answer("1")
    assert answer.key == "night_desk.caller"
    assert handler.chat_behind.walker.session.history == ()
    assert handler.bodies[-1] == handler.bodies[-2]


async def test_words_whose_answer_got_lost_are_sent_again_under_the_same_key() -> None:
    handler = Handler(cuts=1)
    async with serving(handler) as url, HttpChat(url, "secret") as chat:
        await chat.say("9")
    assert handler.bodies == [{"say": "9"}] * 2
    assert len({sent["Idempotency-Key"] for sent in handler.headers}) == 1


async def test_a_service_that_never_answers_is_given_up_after_a_few_times() -> None:
    handler = Handler(cuts=9)
    async with serving(handler) as url, HttpChat(url, "secret") as chat:
        with pytest.raises(Unreachable, match="Er ging niets verloren"):
            await chat.say("9")
    assert len(handler.bodies) == 3


async def test_a_wrong_token_is_said_in_the_words_of_the_service_and_is_final() -> None:
    async with serving(Handler(status=401)) as url, HttpChat(url, "wrong") as chat:
        with pytest.raises(Unreachable, match="niet aangemeld") as trouble:
            await chat.say("")
    assert trouble.value.final


async def test_a_service_that_is_away_is_said_so() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with HttpChat(f"http://127.0.0.1:{port}", "secret") as chat:
        with pytest.raises(Unreachable, match="Geen verbinding"):
            await chat.choose("1.1")
