"""The talks of the bot as a page: a translator between forms and screens, as the terminal is; it decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from crisispool.conversations.engine import EVERYWHERE
from crisispool.conversations.vocabulary import Expects, Say, Screen
from crisispool.domain.errors import Refusal
from crisispool.domain.organisation import Role
from crisispool.services.answers import ScreenAnswer, answer_of
from crisispool.texts.screens import labels, sentence
from crisispool.web import html
from crisispool.web.board.page import Visit
from crisispool.web.schemas import ChatBody

HERE: Final = "/talk"
NEWS: Final = ("message.", "news.", "refusal.")
"""How the keys begin of what is told beside the talk: the question before it still waits for its answer."""


@dataclass(frozen=True)
class Asked:
    """A screen in words, part by part.

    `more` is what the question says below its first line. `own` and `ways` are pairs of id and label: the answers, and
    what may be done at every screen. `number`: the least and the most, where a number is asked.
    """

    key: str
    notes: tuple[str, ...]
    question: str
    more: str
    lines: tuple[str, ...]
    progress: str
    own: tuple[tuple[str, str], ...]
    ways: tuple[tuple[str, str], ...]
    links: tuple[dict[str, str], ...]
    number: tuple[int, int] | None


def asked(screen: Screen, language: str) -> Asked:
    """The screen as the page shows it."""
    said = Say("talk.progress", {"done": screen.done, "total": screen.total})
    pairs = tuple(
        (choice.code in EVERYWHERE, choice.id, label)
        for choice, label in zip(screen.choices, labels(screen, language), strict=True)
    )
    question, _, more = _said(Say(screen.key, screen.facts), language).partition("\n")
    return Asked(
        key=screen.key,
        notes=tuple(_said(each, language) for each in screen.notes),
        question=question,
        more=more,
        lines=tuple(_said(each, language) for each in screen.lines),
        progress=_said(said, language) if screen.total else "",
        own=tuple((choice_id, label) for everywhere, choice_id, label in pairs if not everywhere),
        ways=tuple((choice_id, label) for everywhere, choice_id, label in pairs if everywhere),
        links=answer_of(screen, language).links,
        number=(screen.at_least, screen.at_most) if screen.expects is Expects.NUMBER else None,
    )


def _said(say: Say, language: str) -> str:
    return html.whole(sentence(say, language))


async def shown(visit: Visit) -> web.StreamResponse:
    """Where the talk is now."""
    return await _page(visit, await _look(visit))


async def answered(visit: Visit) -> web.StreamResponse:
    """One choice or one line. A choice that comes twice, or late, changes nothing: its id knows its question."""
    given, chat = visit.given(ChatBody), visit.app.chat
    try:
        if given.choose is not None:
            screens = await chat.chosen(visit.actor, given.choose, visit.operation_id, messages=False)
        else:
            screens = await chat.said(visit.actor, given.say or "", visit.operation_id, messages=False)
    except Refusal as refusal:
        if refusal.code != "operation_reused":
            raise
        # Two answers to one question: the first one counted, and here is where it led.
        screens = await _look(visit)
    language = await chat.language_of(visit.actor)
    if language != visit.language:
        # Everything around the talk is read in the new language too.
        if visit.by_htmx:
            return web.Response(headers={"HX-Redirect": HERE})
        return visit.go(HERE)
    beside = [answer_of(each, language) for each in screens if each.key.startswith(NEWS)]
    asked_now = [each for each in screens if not each.key.startswith(NEWS)]
    if visit.by_htmx or beside or await _said_once(visit, asked_now):
        return await _page(visit, asked_now, beside)
    # A page that one can look at again, and come back to.
    return visit.go(HERE)


async def _said_once(visit: Visit, screens: Sequence[Screen]) -> bool:
    """Whether something is said that who looks again does not see: help, or why what was typed is no answer."""
    notes = screens[-1].notes if screens else ()
    return bool(notes) and notes != (await _look(visit))[-1].notes


async def told(visit: Visit) -> web.StreamResponse:
    """Messages that came. The same form shows the same ones again, so that none is lost on its way."""
    beside = await visit.app.messages.fresh(visit.actor, visit.operation_id)
    if not visit.by_htmx:
        return await _page(visit, await _look(visit), beside)
    if not beside:
        return web.Response(status=204)
    return visit.show("board/talk.html", block="told", beside=_in_lines(beside))


def _in_lines(beside: Sequence[ScreenAnswer]) -> list[ScreenAnswer]:
    return [replace(each, text=html.whole(each.text)) for each in beside]


async def _look(visit: Visit) -> list[Screen]:
    return await visit.app.chat.said(visit.actor, "", messages=False)


async def _page(
    visit: Visit, screens: Sequence[Screen], beside: Sequence[ScreenAnswer] = ()
) -> web.StreamResponse:
    """The question of now, and what was told beside it."""
    current = (screens or await _look(visit))[-1]
    return visit.show(
        "board/talk.html",
        block="step",
        asked=asked(current, visit.language),
        beside=_in_lines(beside),
        waiting=0 if visit.by_htmx else await visit.app.messages.waiting(visit.actor),
        desk="" if visit.actor.is_(Role.CALLTAKER) else (await visit.app.duty.who(visit.actor)).desk_phone,
    )
