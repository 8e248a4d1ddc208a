"""A whole night by messenger and mail: who takes part, in short verbs, and the story from the call to the last case."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.scenarios.people import Browser, Colleague, rows
from tests.scenarios.test_bot import settled
from tests.support.bot_api import TOKEN, BotApi
from tests.support.bot_api_chats import Bubble
from tests.support.mail_beside import Beside
from tests.support.mail_server import Received
from tests.support.night import local
from tests.support.program import Program

PUBLIC = "https://pool.example.org"
FROM = "pool@crisis.example.org"

PEOPLE = {
    "police": "referrer",
    "cas": "calltaker",
    "dina": "calltaker_2",
    "eef": "unit_manager",
    "fons": "unit_manager_izegem",
    "gust": "unit_manager_wielsbeke",
    "hanne": "support_worker",
    "ine": "support_worker_ingelmunster",
    "jef": "support_worker_izegem",
    "kaat": "coordinator",
    "lou": "coordinator_2",
}
"""By the names that the story gives them: the demo people who have the messenger on their telephone."""

Step = tuple[str, str]
"""A button, and words of what it leads to."""


class Somebody:
    """A colleague with a telephone; `label` is how the program speaks of them to others."""

    def __init__(self, night: "Night", colleague_id: str, label: str) -> None:
        self.night, self.label = night, label
        self.phone = night.api.person(night.called or colleague_id)

    def hears(self, *words: str) -> str:
        """What says the first of these words, once everything is there; who blocked the bot hears nothing."""
        if self.phone.chat.blocked:
            return ""
        return self.phone.gets(*words)[0].text

    def taps(self, label: str, about: str = "") -> None:
        """The newest button with these words, or that begins with them, on what says `about`."""

        def found() -> list[tuple[Bubble, str]]:
            shown = [(each, words) for each in reversed(self.phone.sees()) for words in each.buttons]
            right = [each for each in shown if about in each[0].text and each[1].startswith(label)]
            return sorted(right, key=lambda each: each[1] != label)

        api = self.night.api
        api.until(lambda: bool(found()), lambda: f"{self.label}: no {label!r} in {self.sees()}")
        with api.lock:
            bubble, words = found()[0]
            button = bubble.button(words)
            assert button is not None
            self.phone.taps_data(button["callback_data"], bubble)
        self.night.after_each_update()

    def walks(self, *steps: Step, about: str = "") -> str:
        """Tap after tap, each when the one before led where it should; what the last one led to."""
        text = ""
        for label, words in steps:
            self.taps(label, about)
            text = self.hears(words)
        return text

    def sees_one_of(self, *words: str) -> str:
        """Which of these came first; it stays unread."""

        def seen() -> list[str]:
            fresh = self.phone.unread()
            return [each for each in words if any(each in bubble.text for bubble in fresh)]

        self.night.api.until(lambda: bool(seen()), lambda: f"{self.label}: none of {words} in {self.sees()}")
        return seen()[0]

    def goes_to_the_menu(self, words: str) -> None:
        """They type it."""
        self.phone.types("/menu")
        self.night.after_each_update()
        self.hears(words)

    def opens(self, label: str) -> str:
        """The page behind a button, opened inside the messenger, which vouches for who they are."""
        url = self.phone.opens(label)
        assert url.startswith(f"{PUBLIC}/app/"), url
        signed = self.night.api.init_data(self.phone, at=int(self.night.now().timestamp()))
        status, page = Browser().press(self.night.here(url), init_data=signed)
        assert status == 200, page
        return page

    def sees(self) -> list[tuple[str, list[str]]]:
        """Everything that stands in their chat."""
        return [(bubble.text, bubble.buttons) for bubble in self.phone.sees()]


class Night:
    """The program, its messenger and its mail server. `called`: the name that everybody has on the telephone."""

    def __init__(self, program: Program, api: BotApi, post: Beside, called: str = "") -> None:
        self.program, self.api, self.post, self.called = program, api, post, called
        self._read: set[str] = set()
        self.all = {name: Somebody(self, colleague_id, colleague_id) for name, colleague_id in PEOPLE.items()}

    def __getattr__(self, name: str) -> Somebody:
        if name in PEOPLE:
            return self.all[name]
        raise AttributeError(name)

    def begins(self) -> None:
        """Everybody opens their invitation and is let in. What they read at that is another story."""
        self.program.start()
        self._clock = Colleague(self.program, "admin")
        self.api.until(lambda: rows(self.program, "SELECT 1 FROM set_up WHERE key = 'bot_name'") == [(1,)])
        office = Colleague(self.program, "coordinator")
        for colleague_id, each in zip(PEOPLE.values(), self.all.values(), strict=True):
            made = office.call("POST", "/invitations", {"colleague_id": colleague_id})
            each.phone.starts(made["token"])
        for each in self.all.values():
            each.hears("Welkom. Je code is")
        for invitation in office.call("GET", "/invitations"):
            office.call("POST", f"/invitations/{invitation['id']}/approve", {})
        # The coordinators are told of everybody, one message a second.
        self.passes_until_nothing_waits(seconds=1)
        for each in self.all.values():
            assert each.phone.reads()
        for colleague_id, label in rows(self.program, "SELECT id, label FROM colleagues"):
            for each in self.all.values():
                each.label = label if each.label == colleague_id else each.label

    # What a scenario of bad weather changes.

    def after_each_update(self) -> None:
        """Somebody just tapped or typed something."""

    def happens(self, what: str) -> None:
        """The story is so far."""

    # Time and mail.

    def now(self) -> datetime:
        """The time of this night."""
        clock: Any = self._clock.call("GET", "/training/clock")
        return datetime.fromisoformat(clock["now"])

    def goes_on_to(self, moment: str) -> None:
        """It gets as late as this in Brussels, when it is not yet."""
        if self.now() < local(moment):
            self._move_to(local(moment))

    def later(self, **by: float) -> None:
        """So much later."""
        self._move_to(self.now() + timedelta(**by))

    def _move_to(self, moment: datetime) -> None:
        self._clock.call("POST", "/training/clock", {"now": moment.isoformat()})

    def passes_until_nothing_waits(self, **by: float) -> None:
        """So much later again and again."""

        def nothing_waits() -> bool:
            if settled(self.program) and not self.waits():
                return True
            self.later(**by)
            return False

        self.api.until(nothing_waits, lambda: str(self.waits()))

    def letter(self, mailbox: str, words: str) -> Received:
        """The mail with these words in its subject that came to this mailbox; it is read then."""
        found: list[Received] = []

        def came() -> bool:
            found[:] = [
                mail
                for mail in self.unread()
                if mail.to.startswith(f"{mailbox}@") and words in _subject(mail)
            ]
            return bool(found)

        self.api.until(came, lambda: f"no {words!r} for {mailbox} in {[_subject(m) for m in self.unread()]}")
        self._read.add(_name(found[0]))
        return found[0]

    def unread(self) -> list[Received]:
        """Mails that nobody expected yet. One that came twice has the same name."""
        return [mail for mail in list(self.post.server.taken) if _name(mail) not in self._read]

    def presses(self, letter: Received, button: str) -> str:
        """The page behind the one link of a mail, after its button."""
        [link] = letter.links
        browser = Browser()
        status, page = browser.get(self.here(link))
        assert (status, button in page) == (200, True), page
        status, page = browser.press(self.here(link))
        assert status == 200, page
        return page

    def here(self, url: str) -> str:
        """Where an address of ours is served."""
        return self.program.url + url.removeprefix(PUBLIC)

    def rests(self) -> None:
        """Nothing is under way any more."""
        self.api.until(lambda: settled(self.program) and not self.waits(), lambda: str(self.waits()))
        self.api.until(lambda: not self.api.unanswered())

    def waits(self) -> list[Any]:
        """What is still to be told, handed out or not."""
        return rows(
            self.program,
            "SELECT 'message', key FROM outbox WHERE state IN ('queued', 'under_way') "
            "UNION ALL SELECT channel, state FROM deliveries WHERE state = 'queued' OR next_try_at IS NOT NULL",
        )

    def cases(self) -> list[Any]:
        """Where people slept, until when, who took them over and how it ended: a row for each handover."""
        return rows(
            self.program,
            "SELECT b.unit_id, b.night, b.checkout, b.state, h.accepted_by, h.worker_id, h.outcome, h.solved "
            "FROM handovers h JOIN bookings b ON b.case_id = h.case_id ORDER BY b.unit_id",
        )


def with_messenger_and_mail(api: BotApi, post: Beside, **more: str) -> dict[str, str]:
    """Settings of a program beside these two."""
    both = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": api.url,
        "SMTP_URL": post.server.url,
        "MAIL_FROM": FROM,
    }
    return {**both, **more}


def _subject(mail: Received) -> str:
    return str(mail.message["Subject"])


def _name(mail: Received) -> str:
    return str(mail.message["Message-ID"])


def reference_in(text: str) -> str:
    """The reference of a request or a booking."""
    found = re.search(r"\b(?:R|IZ)-[0-9A-Z]{4}\b", text)
    assert found is not None, text
    return found[0]
