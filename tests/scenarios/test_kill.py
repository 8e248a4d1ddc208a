"""Killed without a goodbye, anywhere in the talk: it goes on, nothing acknowledged is lost, nothing is doubled."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tests.scenarios.people import FIRE, Colleague, rows
from tests.support.program import Program
from tests.support.warm import Started, Warm

ANSWERS = (*FIRE, "Ja, aangekomen")
DONE_ONCE = [
    "request.made",
    "request.screened",
    "unit.held",
    "booking.made",
    "page.linked",
    "page.linked",
    "booking.check_in",
]
"""What the audit chain holds of an undisturbed fire case."""


def nothing_doubled(program: Program) -> None:
    """One of everything, as after a night in which nothing happened to the machine."""

    def count(table: str, where: str = "1") -> int:
        return int(rows(program, f"SELECT count(*) FROM {table} WHERE {where}")[0][0])  # noqa: S608

    once = (
        "requests",
        "screenings",
        "persons",
        "cases",
        "holds",
        "bookings",
        "booking_persons",
        "stay_decisions",
    )
    assert {table: count(table) for table in once} == dict.fromkeys(once, 1)
    assert count("unit_nights", "hold_id IS NOT NULL") == 0
    assert (count("unit_nights"), count("person_nights"), count("page_links")) == (3, 3, 2)
    assert rows(program, "SELECT state FROM bookings") == [("checked_in",)]
    assert [key for (key,) in rows(program, "SELECT key FROM outbox")] == ["message.booking_to_owner"]
    done = [action for (action,) in rows(program, "SELECT action FROM audit_entries ORDER BY seq")]
    assert [action for action in done if action not in ("region.loaded", "token.made")] == DONE_ONCE
    assert program.command("verify").returncode == 0


def test_after_every_single_answer_the_service_is_killed_and_the_talk_goes_on(program: Program) -> None:
    program.start()
    desk = Colleague(program, "calltaker")
    desk.say("")
    for answer in ANSWERS:
        seen = desk.say(answer)
        program.kill()
        program.start(load=False)
        assert desk.say("") == seen, answer
    assert desk.screen["key"] == "booking.arrived"
    nothing_doubled(program)


MOMENTS = (0.008, 0.02, 0.04)
"""Seconds between a tap and the end of the service."""


def test_killed_while_it_works_on_an_answer_that_is_then_given_again(program: Program) -> None:
    program.start()
    desk = Colleague(program, "calltaker")
    desk.say("")
    for answer in ANSWERS:
        if answer not in ("Niets bijzonders", "1", "Boek", "Ja, aangekomen"):
            desk.say(answer)
            continue
        before = desk.screen["key"]
        choice = next(c["id"] for n, c in enumerate(desk.own_choices(), 1) if answer in (c["label"], str(n)))
        for moment in MOMENTS:
            killed_in_the_middle(program, desk, choice, moment)
            program.start(load=False)
            if desk.say("")["key"] != before:
                break
        desk.screens = desk.call("POST", "/chat", {"choose": choice})
        assert desk.screen["key"] != before
    nothing_doubled(program)


def killed_in_the_middle(program: Program, desk: Colleague, choice: str, moment: float) -> None:
    """Tap, and so many seconds later the power fails, whatever the service was doing then."""

    def tap() -> None:
        with suppress(OSError):
            desk.ask("POST", "/chat", {"choose": choice})

    tapping = threading.Thread(target=tap)
    tapping.start()
    tapping.join(moment)
    program.kill()
    tapping.join()


class Typist:
    """Somebody who types in `crisispool chat --json` and waits for each answer."""

    def __init__(self, started: Started, keyboard: IO[str], out: Path) -> None:
        self.started = started
        self._keyboard = keyboard
        self._out = out
        self.seen = 0

    def next_screen(self) -> dict[str, Any]:
        """The next line that is printed."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            lines = self._out.read_text("utf-8").split("\n")[:-1] if self._out.exists() else []
            if len(lines) > self.seen:
                self.seen += 1
                screen: dict[str, Any] = json.loads(lines[self.seen - 1])
                return screen
            assert self.started.poll() is None, "the chat ended"
            time.sleep(0.005)
        raise AssertionError("no answer")

    def type(self, line: str) -> dict[str, Any]:
        """A line, and the screen that follows."""
        self._keyboard.write(f"{line}\n")
        self._keyboard.flush()
        return self.next_screen()


@contextmanager
def typing(program: Program, warm: Warm, folder: Path, name: str) -> Iterator[Typist]:
    """A chat of its own process on the data folder, killed at the end."""
    keyboard, out = folder / f"{name}.in", folder / f"{name}.out"
    os.mkfifo(keyboard)
    words = ("chat", "--as", "calltaker", "--json")
    started = warm.start(
        *words, env=program.environment(), heard=keyboard, out=out, errors=folder / f"{name}.err"
    )
    with keyboard.open("w", encoding="utf-8") as keys:
        typist = Typist(started, keys, out)
        yield typist
        started.send_signal(9)
        assert started.wait(10) == -9


def test_a_terminal_killed_in_the_middle_of_the_talk_goes_on_in_another_window(
    program: Program, warm: Warm, tmp_path: Path
) -> None:
    program.start()
    parts = (ANSWERS[:4], ANSWERS[4:12], ANSWERS[12:13], ANSWERS[13:14], ANSWERS[14:])
    shown: dict[str, Any] = {}
    for number, part in enumerate(parts):
        with typing(program, warm, tmp_path, f"window-{number}") as typist:
            first = typist.next_screen()
            assert not shown or first == shown
            for answer in part:
                shown = typist.type(answer)
    assert shown["key"] == "booking.arrived"
    nothing_doubled(program)
