"""A whole night with the program as people use it, on a quiet night and in bad weather."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.night_by_messenger import FROM, PUBLIC, Night
from tests.scenarios.story_of_a_night import a_whole_night
from tests.support.bot_api import TOKEN, BotApi
from tests.support.mail_beside import Beside
from tests.support.program import Program
from tests.support.warm import Warm

BEDS = [
    ("ingelmunster-03", "2026-11-27", "2026-11-30", "checked_out", "ocmw-ingelmunster",
     "support_worker_ingelmunster", "own_network", "yes"),
    ("izegem-11", "2026-11-27", "2026-11-30", "checked_out", "caw-de-regio",
     "support_worker", "own_network", "yes"),
]  # fmt: skip
"""What the night comes to, whatever the weather: each case once, with one handover."""


@pytest.fixture
def post() -> Iterator[Beside]:
    made = Beside()
    yield made
    made.close()


def program_beside(api: BotApi, post: Beside, folder: Path, warm: Warm) -> Program:
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": api.url,
        "PUBLIC_URL": PUBLIC,
        "SMTP_URL": post.server.url,
        "MAIL_FROM": FROM,
    }
    return Program(folder / "data", warm=warm, settings=settings)


def all_is_well(night: Night) -> None:
    """Every invariant holds, every message arrived or was said to somebody else, and each case was handed over once."""
    checked = night.program.command("verify")
    assert checked.returncode == 0, checked.stdout
    assert night.waits() == []
    assert night.cases() == BEDS


@pytest.mark.timeout(300)
def test_a_quiet_night_in_which_every_message_is_expected(tmp_path: Path, warm: Warm, post: Beside) -> None:
    with BotApi(patience=60) as api:
        program = program_beside(api, post, tmp_path, warm)
        try:
            night = Night(program, api, post)
            night.begins()
            a_whole_night(night)
            all_is_well(night)
            assert [(mail.to, str(mail.message["Subject"])) for mail in night.unread()] == []
        finally:
            program.close()
