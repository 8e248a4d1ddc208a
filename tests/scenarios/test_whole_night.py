"""A whole night with the program as people use it, on a quiet night and in bad weather."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.night_by_messenger import PUBLIC, Night, with_messenger_and_mail
from tests.scenarios.people import rows
from tests.scenarios.story_of_a_night import a_whole_night
from tests.support.bot_api import BotApi
from tests.support.bot_api_faults import Chances
from tests.support.mail_beside import Beside
from tests.support.program import Program
from tests.support.warm import Warm

KILL_EVERY = 20
"""Updates after which the program is killed."""


LEAST_FAULTS, LEAST_KILLS = 20, 3
"""Else the sun was shining."""

BEDS = [
    ("ingelmunster-03", "2026-11-27", "2026-11-30", "checked_out", "ocmw-ingelmunster",
     "support_worker_ingelmunster", "own_network", "yes"),
    ("izegem-11", "2026-11-27", "2026-11-30", "checked_out", "caw-de-regio",
     "support_worker", "own_network", "yes"),
]  # fmt: skip
"""What the night comes to, whatever the weather: each case once, with one handover."""


def weather(seed: int) -> Chances:
    """Of all that is tapped a fifth comes twice and a fifth too late; of all calls one in eight fails."""
    return Chances(too_fast=0.04, broken=0.04, lost=0.04, duplicates=0.2, disorder=0.2, seed=seed)


@pytest.fixture
def post() -> Iterator[Beside]:
    made = Beside()
    yield made
    made.close()


class InBadWeather(Night):
    """The program is killed now and then, the police block the bot a while, Telegram and mail are away for hours."""

    updates = kills = 0

    def after_each_update(self) -> None:
        """Killed while it is at what was just tapped."""
        self.updates += 1
        if self.updates % KILL_EVERY == 0:
            self.kills += 1
            self.program.kill()
            self.program.start(load=False)
            self.later(minutes=2)

    def happens(self, what: str) -> None:
        """What the weather does at this point of the story."""
        match what:
            case "asked":
                self.police.phone.blocks()
            case "taken":
                self.later(minutes=3)
                self.kaat.hears("een bericht aan aanmelder politie kwam niet aan")
                # The coordinator calls them.
                self.police.phone.unblocks()
                self.police.walks(("Kijk hoe het staat", "is opgenomen door de permanentie"))
            case "2026-11-29":
                with self.api.outage():
                    self.goes_on_to("2026-11-29 15:45")
                    self.later(minutes=120)
            case "the round":
                self.post.stop()
                self.goes_on_to("2026-11-30 15:30")
                self.api.until(self.mail_is_away)
                self.later(minutes=120)
                self.post.start()
                self.later(minutes=10)

    def mail_is_away(self) -> bool:
        """A mail was tried in vain."""
        return bool(rows(self.program, "SELECT 1 FROM deliveries WHERE reason = 'server_away'"))

    def rests(self) -> None:
        """What failed is tried again after pauses; who tapped long ago does not wait for its answer any more."""
        self.passes_until_nothing_waits(minutes=1)
        self.api.forget_taps()
        for each in self.all.values():
            each.phone.reads()


def all_is_well(night: Night) -> None:
    """Every invariant holds, every message arrived or was said to somebody else, and each case was handed over once."""
    checked = night.program.command("verify")
    assert checked.returncode == 0, checked.stdout
    assert night.waits() == []
    assert night.cases() == BEDS
    for table in ("requests", "bookings", "cases", "handovers"):
        assert rows(night.program, f"SELECT count(*) FROM {table}") == [(len(BEDS),)]  # noqa: S608


@pytest.fixture
def api() -> Iterator[BotApi]:
    # A process that was killed keeps its turn for some seconds, and a busy machine is slow.
    with BotApi(patience=60) as made:
        yield made


@pytest.fixture
def program(tmp_path: Path, warm: Warm, api: BotApi, post: Beside) -> Iterator[Program]:
    settings = with_messenger_and_mail(api, post, PUBLIC_URL=PUBLIC)
    made = Program(tmp_path / "data", warm=warm, settings=settings)
    yield made
    made.close()


def letters(night: Night) -> list[tuple[str, str]]:
    """Mails that nobody expected."""
    return [(mail.to, str(mail.message["Subject"])) for mail in night.unread()]


@pytest.mark.timeout(300)
def test_a_quiet_night_in_which_every_message_is_expected(
    program: Program, api: BotApi, post: Beside
) -> None:
    night = Night(program, api, post)
    night.begins()
    a_whole_night(night)
    all_is_well(night)
    assert letters(night) == []
    api.check()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [28112026])
def test_the_same_night_in_bad_weather_comes_to_the_same(
    seed: int, program: Program, api: BotApi, post: Beside
) -> None:
    night = InBadWeather(program, api, post)
    night.begins()
    api.chances = weather(seed)
    # What waits for another try, or for the turn of a process that was killed, waits by the clock of the training.
    api.idle = lambda: night.later(seconds=2)
    a_whole_night(night)
    all_is_well(night)
    assert api.faults >= LEAST_FAULTS and night.kills >= LEAST_KILLS, (api.faults, night.kills)
