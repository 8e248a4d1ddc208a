"""The whole program with the bot, and people with the messenger on their telephone."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.people import Browser, Colleague, everything, rows
from tests.support.bot_api import TOKEN, BotApi
from tests.support.bot_api_chats import Person
from tests.support.program import Program, free_port
from tests.support.warm import Warm

FIRE = (
    "Nieuwe vraag", "Politie", "Nee", "Ouder + 2 kinderen", "Ingelmunster", "Brand, water of woning afgesloten",
    "Nee", "Niets hiervan", "In dezelfde gemeente", "Nee", "Bed en contact", "Niets bijzonders",
)  # fmt: skip
"""The fire case tapped, from the menu to what is free."""


@pytest.fixture
def api() -> Iterator[BotApi]:
    # A process that was killed keeps its turn for some seconds.
    with BotApi(patience=60) as made:
        yield made


@pytest.fixture
def program(tmp_path: Path, warm: Warm, api: BotApi) -> Iterator[Program]:
    """Not started yet; it knows the Bot API on this machine."""
    settings = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": api.url}
    made = Program(tmp_path / "data", warm=warm, settings=settings)
    yield made
    made.close()


def let_in(program: Program, person: Person, colleague_id: str) -> None:
    """They open an invitation for this colleague, read out their code, and are let in."""
    named = "SELECT count(*) FROM set_up WHERE key = 'bot_name'"
    person.api.until(lambda: rows(program, named) == [(1,)])
    coordinator = Colleague(program, "coordinator")
    made = coordinator.call("POST", "/invitations", {"colleague_id": colleague_id})
    assert made["url"] == f"https://t.me/crisis_bot?start={made['token']}"
    person.starts(made["token"])
    [welcome] = person.gets("Welkom. Je code is")
    [asked] = [each for each in coordinator.call("GET", "/invitations") if each["state"] == "waiting"]
    assert f"Je code is {asked['code']}." in welcome.text
    coordinator.call("POST", f"/invitations/{asked['id']}/approve", {})


def test_a_newcomer_is_let_in_and_books_a_bed_on_the_telephone(program: Program, api: BotApi) -> None:
    program.start()
    desk = api.person("desk")
    let_in(program, desk, "calltaker")
    for label in FIRE:
        desk.tap(label)
    desk.gets("vrij")
    choices = [each for each in desk.sees()[-1].buttons if "Ingelmunster" in each]
    desk.tap(choices[0])
    desk.tap("Boek")
    desk.gets("Geboekt")
    api.until(lambda: settled(program) and not api.unanswered())
    desk.reads()
    assert rows(program, "SELECT count(*) FROM bookings") == [(1,)]
    # One bubble, edited in place, from the welcome to the booking.
    assert len(desk.sees()) <= 2


def test_a_stranger_hears_one_sentence_and_leaves_nothing(program: Program, api: BotApi) -> None:
    program.start()
    stranger = api.person("stranger")
    before = everything(program)
    stranger.types("hallo, ik ben Canary-Vandamme")
    stranger.gets("Deze bot is voor medewerkers")
    for text in ("nog eens", "/start aaaa", "/help", "0470 12 34 56"):
        stranger.types(text)
    stranger.sends(voice={"file_id": "x", "file_unique_id": "y", "duration": 1})
    group = api.group("groep", stranger)
    stranger.types("hallo groep", group)
    api.until(lambda: api.waiting() == 0)
    _, counted = Browser().get(f"{program.url}/metrics")
    assert 'crisispool_messenger_updates_total{became="stranger"} 6.0' in counted
    assert 'crisispool_messenger_updates_total{became="ignored"} 1.0' in counted
    program.kill()
    assert everything(program) == before
    assert not stranger.unread() and not [each for each in group.bubbles if each.mine]
    log = program.log.read_text("utf-8")
    assert "Canary" not in log and str(stranger.number) not in log and TOKEN not in log


def test_what_is_tapped_while_nothing_runs_counts_when_it_runs_again(program: Program, api: BotApi) -> None:
    program.start()
    desk = api.person("desk")
    let_in(program, desk, "calltaker")
    for number, label in enumerate(FIRE):
        if number % 4 == 0:
            api.until(lambda: settled(program) and offered(desk, label))  # noqa: B023  # looked at in this round
            program.kill()
            desk.tap(label)
            program.start(load=False)
            later(program, seconds=20)
        else:
            desk.tap(label)
    desk.gets("vrij")
    assert rows(program, "SELECT count(*) FROM requests") == [(1,)]
    api.until(lambda: settled(program) and not api.unanswered())


def later(program: Program, **by: float) -> None:
    """So much later: what a process that was killed had claimed is free for others."""
    now = program.call("GET", "/training/clock", who="admin")["now"]
    program.move_clock((datetime.fromisoformat(now) + timedelta(**by)).isoformat())


def offered(person: Person, label: str) -> bool:
    """Whether a button with these words stands in their chat: what led there has come in and was answered."""
    return any(label in bubble.buttons for bubble in person.sees())


def settled(program: Program) -> bool:
    """Everything that came in is handled, every chat shows what it must, and nobody is at one."""
    looks = (
        "SELECT count(*) FROM inbox WHERE state = 'waiting'",
        "SELECT count(*) FROM chat_views WHERE next_try_at IS NOT NULL",
        "SELECT count(*) FROM chat_turns WHERE until IS NOT NULL",
    )
    return all(rows(program, look) == [(0,)] for look in looks)


def test_telegram_that_is_away_keeps_nobody_from_working_later(program: Program, api: BotApi) -> None:
    program.start()
    desk = api.person("desk")
    let_in(program, desk, "calltaker")
    desk.gets("Wat wil je doen")
    with api.outage():
        desk.types("Nieuwe vraag")
        desk.types("Nieuwe vraag")
    desk.gets("Met wie spreek je")
    api.until(lambda: rows(program, "SELECT count(*) FROM inbox WHERE state = 'waiting'") == [(0,)])


def test_a_coordinator_lets_a_newcomer_in_from_their_own_chat(program: Program, api: BotApi) -> None:
    program.start()
    coordinator, newcomer = api.person("coordinator"), api.person("newcomer")
    let_in(program, coordinator, "coordinator")
    coordinator.gets("Wat wil je")
    coordinator.reads()
    made = Colleague(program, "admin").call("POST", "/invitations", {"role": "council"})
    newcomer.starts(made["token"])
    [welcome] = newcomer.gets("Welkom. Je code is")
    code = welcome.text.partition("code is ")[2][:4]
    coordinator.gets(f"Is het {code}, laat dan toe")
    coordinator.tap("Code klopt: laat toe")
    coordinator.gets("Toegelaten")
    newcomer.gets("cijfers")
    api.until(lambda: settled(program) and not api.unanswered())
    coordinator.reads()


def test_who_unlinks_is_a_stranger_at_the_next_word(program: Program, api: BotApi) -> None:
    program.start()
    desk = api.person("desk")
    let_in(program, desk, "calltaker")
    desk.gets("Wat wil je doen")
    desk.types("/unlink")
    desk.tap("Ja, maak los")
    desk.gets("hoort niet meer bij het crisisnetwerk")
    desk.types("/menu")
    desk.gets("Deze bot is voor medewerkers")


def test_by_webhook_only_telegram_is_heard(tmp_path: Path, warm: Warm, api: BotApi) -> None:
    public, port = "https://pool.example.org", free_port()
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": api.url,
        "TELEGRAM_WEBHOOK": "yes",
        "PUBLIC_URL": public,
    }
    program = Program(tmp_path / "data", warm=warm, settings=settings)
    program.url = f"http://127.0.0.1:{port}"
    api.leads_to(public, program.url)
    program.start()
    try:
        desk = api.person("desk")
        let_in(program, desk, "calltaker")
        desk.gets("Wat wil je doen")
        before = rows(program, "SELECT count(*) FROM inbox")
        update: dict[str, Any] = {
            "update_id": 1,
            "message": desk.chat.as_message(desk.sees()[-1], desk.as_user()),
        }
        for secret in (None, "", "wrong"):
            assert api.deliver(update, secret=secret) == 404
        assert rows(program, "SELECT count(*) FROM inbox") == before
        assert api.webhook is not None
        right = api.webhook.secret_token
        assert api.deliver({"update_id": 2, "poll": {}}, secret=right) == 200
        assert api.deliver({"no": 1}, secret=right) == 400
        assert (
            api.deliver(json.loads('{"update_id": 3, "message": {"message_id": "x"}}'), secret=right) == 200
        )
        assert rows(program, "SELECT count(*) FROM inbox") == before
        desk.tap("Nieuwe vraag")
        desk.gets("Met wie spreek je")
    finally:
        program.close()


def test_several_processes_share_the_work(program: Program, api: BotApi) -> None:
    program.start("--only", "web,jobs")
    others = [program.another() for _ in range(2)]
    for other in others:
        other.start("--only", "bot", load=False)
    try:
        desk = api.person("desk")
        let_in(program, desk, "calltaker")
        for number, label in enumerate(FIRE):
            if number == 5:
                api.until(lambda: settled(program))
                others[0].kill()
                later(program, seconds=20)
            desk.tap(label)
        desk.gets("vrij")
        api.until(lambda: settled(program) and not api.unanswered())
    finally:
        for other in others:
            other.close()


def test_the_doctor_says_whether_telegram_knows_the_bot(program: Program, api: BotApi) -> None:
    program.start()
    api.until(lambda: api.polls > 0)
    assert "Bot: @crisis_bot." in program.command("doctor").stdout
    with api.outage():
        assert "Telegram antwoordt niet" in program.command("doctor").stdout
    api.token = "4242:another"
    assert "Vraag BotFather een nieuwe sleutel" in program.command("doctor").stdout
