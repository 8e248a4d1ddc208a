"""A Monday morning with a mail server beside the program: killed at the worst moment, opened, pressed, sent back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.people import FIRE_REQUEST, Browser, Colleague, rows
from tests.support.mail_beside import Beside
from tests.support.program import Program
from tests.support.warm import Warm

BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@relay.example.org
Subject: failure notice

<opvang@example.org>: no such mailbox

Message-ID: {name}
"""
PATIENCE_SECONDS = 60


@pytest.fixture
def beside() -> Iterator[Beside]:
    made = Beside()
    yield made
    made.close()


def states(program: Program) -> list[tuple[str, str | None]]:
    return sorted(rows(program, "SELECT state, reason FROM deliveries WHERE channel = 'mail'"))


def test_a_morning_by_mail(beside: Beside, tmp_path: Path, warm: Warm) -> None:
    settings = {"SMTP_URL": beside.server.url, "MAIL_FROM": "pool@crisis.example.org", "LOG_LEVEL": "DEBUG"}
    program = Program(tmp_path / "data", warm=warm, settings=settings)
    try:
        program.start("--only", "web")
        desk = Colleague(program, "calltaker")
        booking = desk.book(desk.request(**FIRE_REQUEST))
        program.kill()

        # It dies between what the server took and the note of it.
        settings["FAULT"] = "mail:after"
        program.start(load=False)
        [first] = beside.after(1)
        assert program._process is not None
        assert program._process.wait(PATIENCE_SECONDS) == -9
        del settings["FAULT"]
        program.start(load=False)
        program.move_clock("2026-11-28T02:10+01:00")
        [again, second] = beside.after(2)
        assert (again, second) == (first, first)

        program.move_clock("2026-11-30T08:00+01:00")
        to_service = [mail for mail in beside.after(5)[2:] if "wie neemt dit op?" in mail.message["Subject"]]
        assert {mail.to for mail in to_service} == {
            "opvang.ingelmunster@example.org",
            "begeleiding.caw@example.org",
        }
        assert all(booking["reference"] in mail.message["Subject"] for mail in to_service)
        link = f"{program.url}{to_service[0].path}"
        assert to_service[0].links == {link}
        browser = Browser()
        status, page = browser.get(link)
        assert (status, "Wij nemen dit op" in page) == (200, True)
        status, page = browser.press(link)
        assert (status, "Opgenomen door" in page) == (200, True)

        name = to_service[1].message["Message-ID"]
        for said in ("1 bericht ", "0 berichten "):
            done = program.command("bounce", heard=BOUNCE.format(name=name))
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout.startswith(said), done.stdout
        assert ("failed", "bounced") in states(program)
        assert "unreached" in Colleague(program, "coordinator").told()

        well = program.command("doctor")
        assert (well.returncode, well.stderr) == (0, "")
        beside.stop()
        ill = program.command("doctor")
        beside.start()
        assert ill.returncode == 1
        assert "De mailserver antwoordt niet" in ill.stdout
        checked = program.command("verify")
        assert checked.returncode == 0, checked.stdout
        program.stop()
        log = program.log.read_text("utf-8")
        for secret in (to_service[0].path, "opvang.ingelmunster", booking["reference"]):
            assert secret not in log
    finally:
        program.close()


def test_mail_without_a_sender_is_a_mistake_of_the_set_up(beside: Beside, program: Program) -> None:
    program._settings = {"SMTP_URL": beside.server.url}
    done = program.command("serve", "--training", "--region", str(program.region))
    assert done.returncode == 2
    assert "CRISISPOOL_MAIL_FROM" in done.stderr


def test_a_training_mails_nobody_in_the_world(program: Program) -> None:
    program._settings = {"SMTP_URL": "smtp://mail.example.org", "MAIL_FROM": "pool@example.org"}
    done = program.command("serve", "--training", "--region", str(program.region))
    assert done.returncode == 2
    assert "Een oefening mag geen echte mail sturen" in done.stderr
