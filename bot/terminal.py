"""The chat on a terminal: a translator between lines and screens; it decides nothing."""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from shutil import get_terminal_size
from textwrap import wrap
from typing import TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import print_formatted_text

from bot.transport import Answer, Transport, Unreachable
from crisispool.conversations import engine
from crisispool.settings import environment
from crisispool.texts.render import render

WIDEST = 92
POLL_SECONDS = 3.0
NEWS = ("message.", "news.", "refusal.")
"""How the keys begin of what is told beside the talk: the screen before it still waits for its answer."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
EVERYWHERE = tuple(f".{way}" for way in engine.EVERYWHERE)
"""How the ids end of what may be done at every screen: shown as words, without a number."""

BETWEEN_FIGURES = re.compile(r"(?<=\d) (?=\d)")
NO_BREAK = "\N{NO-BREAK SPACE}"

Piece = tuple[str, str]
"""A style and some text."""

Show = Callable[[Sequence[Answer]], None]


class Terminal:
    """One colleague at one terminal. `current` is the screen that an answer is about.

    What can be tapped on messages has a letter: `offered` are the ids of the newest by their letters.
    """

    def __init__(self, transport: Transport, out: TextIO, *, as_json: bool = False) -> None:
        self._transport = transport
        self._out = out
        self._as_json = as_json
        self.current: Answer | None = None
        self.offered: dict[str, str] = {}
        self._letters = 0

    async def look(self) -> list[Answer]:
        """Where the talk is now, after messages that came."""
        return self._seen(await self._transport.say(""))

    async def answer(self, line: str) -> list[Answer]:
        """One line typed: the number or the words of a choice, a number of people, or nothing to look."""
        choice_id = self.offered.get(line.strip().rstrip(")").casefold()) or chosen(self.current, line)
        if choice_id is not None:
            return self._seen(await self._transport.choose(choice_id))
        return self._seen(await self._transport.say(line.strip()))

    async def poll(self) -> list[Answer]:
        """Messages that came; the talk stays where it is."""
        return self._seen(await self._transport.poll())

    def _seen(self, answers: list[Answer]) -> list[Answer]:
        for answer in answers:
            if not answer.key.startswith(NEWS):
                self.current = answer
            for choice in answer.choices if _told(answer) else ():
                self.offered[LETTERS[self._letters % len(LETTERS)]] = choice["id"]
                self._letters += 1
        return answers

    def text(self, key: str) -> str:
        """A sentence of the terminal itself, in the language of who talks."""
        return render(f"terminal.{key}", {}, self._transport.language)

    def letter(self, choice_id: str) -> str:
        """The letter of what can be tapped on a message."""
        return next((letter for letter, offered in self.offered.items() if offered == choice_id), "-")

    def pieces(self, answer: Answer, width: int) -> list[Piece]:
        """An answer as styled text: what is said, the choices with their numbers or letters, the links."""
        told = _told(answer)
        said: list[Piece] = [("bold", f"✉ {self.text('new')}\n")] if told else []
        said += [("", "\n".join(_wrapped(line, width) for line in answer.text.split("\n")) + "\n")]
        own = [choice for choice in answer.choices if not choice["id"].endswith(EVERYWHERE)]
        for number, choice in enumerate(own, 1):
            mark = f"{self.letter(choice['id']) if told else number}) "
            lines = _lines(choice["label"], width - len(mark))
            said += [("ansicyan bold", mark), ("", f"\n{' ' * len(mark)}".join(lines) + "\n")]
        for link in answer.links:
            label = "\n".join(_lines(f"↗ {link['label']}:", width))
            # An address is never cut: it must stay one thing to click or copy.
            apart = "\n" if len(label) + 1 + len(link["url"]) > width else " "
            said += [("bold", label + apart), ("underline", link["url"]), ("", "\n")]
        words = [choice["label"].lower() for choice in answer.choices if choice["id"].endswith(EVERYWHERE)]
        if words:
            said.append(("ansibrightblack", _wrapped(" · ".join(words), width) + "\n"))
        return said

    def write(self, answers: Sequence[Answer]) -> None:
        """Print answers as plain lines."""
        for answer in answers:
            if self._as_json:
                line = json.dumps(asdict(answer), ensure_ascii=False)
            else:
                line = "".join(text for _, text in self.pieces(answer, WIDEST))
            print(line, file=self._out, flush=True)


def chosen(screen: Answer | None, line: str) -> str | None:
    """The id of the choice that was typed, by its number or its words in any case; None when it is no choice."""
    if screen is None:
        return None
    typed = " ".join(line.split()).casefold()
    own = [choice for choice in screen.choices if not choice["id"].endswith(EVERYWHERE)]
    number = typed.removesuffix(")").removesuffix(".")
    if number.isascii() and number.isdigit() and len(number) < 4 and 1 <= int(number) <= len(own):
        return own[int(number) - 1]["id"]
    same = (
        choice["id"] for choice in screen.choices if " ".join(choice["label"].split()).casefold() == typed
    )
    return next(same, None)


def _told(answer: Answer) -> bool:
    return answer.key.startswith("message.")


def _wrapped(line: str, width: int) -> str:
    return "\n".join(_lines(line, width, "  " if line.startswith("• ") else ""))


def _lines(line: str, width: int, hang: str = "") -> list[str]:
    """Lines within the width, broken between words only: a reference keeps its hyphen, a number its figures."""
    whole = BETWEEN_FIGURES.sub(NO_BREAK, line)
    lines = wrap(whole, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)
    return [each.replace(NO_BREAK, " ") for each in lines]


async def run(
    transport: Transport,
    *,
    as_json: bool = False,
    interactive: bool = False,
    source: TextIO | None = None,
    out: TextIO | None = None,
) -> int:
    """Talk until the input ends; the exit code: 0, or 1 when the talk could not be reached.

    `interactive`: a person at a real terminal. Else plain lines from `source`, answers to `out`.
    """
    terminal = Terminal(transport, out or sys.stdout, as_json=as_json)
    if interactive and not as_json:
        return await _by_hand(terminal)
    return await _by_lines(terminal, source or sys.stdin)


async def _by_lines(terminal: Terminal, source: TextIO) -> int:
    try:
        terminal.write(await terminal.look())
        while line := await asyncio.to_thread(source.readline):
            terminal.write(await terminal.answer(line))
    except Unreachable as trouble:
        print(trouble, file=sys.stderr, flush=True)
        return 1
    return 0


async def _by_hand(terminal: Terminal) -> int:
    """A prompt that stays at the bottom, while messages appear above it."""
    depth = ColorDepth.DEPTH_1_BIT if environment().get("NO_COLOR") else None
    prompt: PromptSession[str] = PromptSession(history=InMemoryHistory(), color_depth=depth)

    def show(answers: Sequence[Answer]) -> None:
        for answer in answers:
            shown = FormattedText([("", "\n"), *terminal.pieces(answer, _width())])
            print_formatted_text(shown, color_depth=depth, output=prompt.output, end="")

    with patch_stdout(raw=True):
        code = await _first_look(terminal, show)
        if code is not None:
            return code
        listening = asyncio.create_task(_listen(terminal, show))
        try:
            return await _converse(terminal, prompt, show)
        finally:
            listening.cancel()
            show([Answer("terminal.goodbye", terminal.text("goodbye"))])


def _width() -> int:
    return min(WIDEST, max(20, get_terminal_size().columns - 1))


async def _first_look(terminal: Terminal, show: Show) -> int | None:
    try:
        show(await terminal.look())
    except Unreachable as trouble:
        show([Answer("terminal.unreachable", str(trouble))])
        return 1
    return None


async def _converse(terminal: Terminal, prompt: PromptSession[str], show: Show) -> int:
    def toolbar() -> str:
        return _wrapped(terminal.text("toolbar"), _width())

    while True:
        try:
            line = await prompt.prompt_async(terminal.text("prompt"), bottom_toolbar=toolbar)
        except EOFError:
            return 0
        except KeyboardInterrupt:
            continue
        try:
            show(await terminal.answer(line))
        except Unreachable as trouble:
            show([Answer("terminal.unreachable", str(trouble))])
            if trouble.final:
                return 1


async def _listen(terminal: Terminal, show: Show) -> None:
    """Messages that come while someone thinks. Trouble is told at the next answer, not again and again."""
    while True:
        await asyncio.sleep(POLL_SECONDS)
        try:
            show(await terminal.poll())
        except Unreachable:
            continue
