"""The talks of the bot: one contact is one step, carried out, kept, and answered as screens."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from pydantic_core import to_jsonable_python

from crisispool.conversations.intents import LOOKS, Intent
from crisispool.conversations.talks import step
from crisispool.conversations.vocabulary import (
    Chose,
    Done,
    Heard,
    Outcome,
    Refused,
    Said,
    Say,
    Screen,
    Session,
    Situation,
    Step,
)
from crisispool.domain.errors import Conflict, Outage, Refusal
from crisispool.domain.organisation import Actor
from crisispool.domain.record import ChatSession
from crisispool.domain.secret import Secret
from crisispool.services.answers import ScreenAnswer
from crisispool.services.contacts import Contact
from crisispool.services.duty import DutyDesk
from crisispool.services.errands import Errands
from crisispool.services.messages import Messages
from crisispool.services.parts import Parts
from crisispool.services.situation import situation_of
from crisispool.texts.screens import heard, shown

TRIES = 6
"""Contacts of one colleague in several processes at the same moment: each waits its turn by trying again."""

OWN_TABLES = ("chat_sessions", "messages_seen", "operations")
"""Where contacts of one colleague meet: who lost there tries again."""

OUTAGE = "talk.outage"
"""The screen of a talk that cannot go on now; it may be tried again."""

Hears = Callable[[Session], Heard]


class Chat:
    """What a colleague says or taps, and what they see then. A session is one row per colleague.

    What is wanted of a service is kept before it is asked, with an operation id of its own; after a crash the
    next contact finishes it, once, and shows where the talk went on.
    """

    def __init__(self, parts: Parts, errands: Errands, duty: DutyDesk, messages: Messages) -> None:
        self._parts = parts
        self._errands = errands
        self._duty = duty
        self._messages = messages
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def say(self, actor: Actor, text: str, operation_id: str = "") -> list[ScreenAnswer]:
        """One line; empty: only look. The words of a choice count as that choice. Raises Outage.

        The same line under the same operation id gives the same answer, wherever the talk is by then.
        """
        contact = Contact(self._parts, operation_id, {"say": text})
        return await self._contact(actor, _typed(text), contact)

    async def choose(self, actor: Actor, choice_id: str, operation_id: str = "") -> list[ScreenAnswer]:
        """One choice by its id; the same one twice changes nothing. Raises Outage."""
        contact = Contact(self._parts, operation_id, {"choose": choice_id})
        return await self._contact(actor, lambda session: Chose(choice_id), contact)

    async def _contact(self, actor: Actor, hears: Hears, contact: Contact) -> list[ScreenAnswer]:
        turn = self._turns.setdefault(actor.colleague_id, asyncio.Lock())
        async with turn:
            for _ in range(TRIES):
                try:
                    return await self._in_turn(actor, hears, contact)
                except Conflict as lost:
                    if lost.table not in OWN_TABLES:
                        raise
            raise Outage("record", "one talk was changed by many at once")

    async def _in_turn(self, actor: Actor, hears: Hears, contact: Contact) -> list[ScreenAnswer]:
        kept = await contact.kept()
        if kept is not None:
            answered = contact.answer_of(kept)
            if answered is not None:
                return answered
            # It was heard, and its answer got lost with the process: what it led to is to be looked at.
            hears = _look
        screens = await self._once(actor, hears, contact)
        async with self._parts.store.transaction() as tx:
            answered = await contact.answered(tx)
            if answered is not None:
                return answered
            answer = [*await self._messages.show(tx, actor), *map(_answer, screens)]
            if screens[0].key != OUTAGE:
                await contact.keep(tx, answer)
            return answer

    async def _once(self, actor: Actor, hears: Hears, contact: Contact) -> tuple[Screen, ...]:
        async with self._parts.store.reading() as tx:
            row = await tx.get(ChatSession, actor.colleague_id)
        situation = await situation_of(self._parts, self._duty, actor)
        kept = Session.from_json(row.state.reveal()) if row else Session(opened=situation.now.isoformat())
        talk = _Talk(self._parts, self._errands, actor, situation, row.version if row else 0, contact)
        unfinished = kept.pending is not None
        said = hears(kept)
        # What was typed was meant for a screen that is gone once the unfinished step is done.
        first = Step(kept, (), kept.pending) if unfinished else step(kept, said, situation)
        try:
            taken = await talk.carry_on(first)
        except Outage:
            return (Screen(OUTAGE, {"desk": situation.desk_phone}),)
        if unfinished:
            await talk.keep(taken.session)
            finished = Say("talk.finished")
            return tuple(replace(each, notes=(finished, *each.notes)) for each in taken.screens)
        if said == Said("") and kept.shown is not None and kept.shown.looks_like(taken.session.shown):
            return (kept.shown,)
        if taken.session != kept:
            await talk.keep(taken.session)
        return taken.screens


class _Talk:
    """One contact: intents one after the other, the session kept before each change."""

    def __init__(
        self,
        parts: Parts,
        errands: Errands,
        actor: Actor,
        situation: Situation,
        version: int,
        contact: Contact,
    ) -> None:
        self._parts = parts
        self._errands = errands
        self._actor = actor
        self._situation = situation
        self._version = version
        self._contact = contact
        self._kept: Session | None = None

    async def carry_on(self, taken: Step) -> Step:
        """Do what is wanted until there is something to show. Raises Outage."""
        while taken.intent is not None:
            if not isinstance(taken.intent, LOOKS):
                await self.keep(taken.session)
            outcome = await self._carry_out(taken.session, taken.intent)
            taken = step(taken.session, outcome, self._situation)
        return taken

    async def _carry_out(self, session: Session, intent: Intent) -> Outcome:
        operation_id = f"chat:{self._actor.colleague_id}:{session.opened}:{session.turn}"
        try:
            return Done(await self._errands.carry_out(self._actor, operation_id, intent))
        except Conflict as lost:
            if lost.table in OWN_TABLES:
                raise
            # Somebody was first every time: a talk that is told so goes on, one that is not stands still.
            return Refused("lost_race", {})
        except Refusal as refusal:
            facts: dict[str, object] = to_jsonable_python(refusal.facts)
            return Refused(refusal.code, facts)

    async def keep(self, session: Session) -> None:
        """The session as a row of the next version. Conflict: another contact was first."""
        if session == self._kept:
            return
        row = ChatSession(
            self._actor.colleague_id, self._version + 1, Secret(session.to_json()), self._parts.now()
        )
        async with self._parts.store.transaction() as tx:
            await (tx.save(row) if self._version else tx.add(row))
            await self._contact.hear(tx)
        self._version += 1
        self._kept = session


def _look(_: Session) -> Heard:
    return Said("")


def _typed(text: str) -> Hears:
    """What was typed counts for the screen it was first heard at, never for one that came since."""
    turns: list[int] = []

    def hears(session: Session) -> Heard:
        turns.append(session.turn)
        return heard(session.shown, text, session.taken) if session.turn == turns[0] else Said("")

    return hears


def _answer(screen: Screen) -> ScreenAnswer:
    words = shown(screen)
    return ScreenAnswer(words.key, words.text, words.choices, words.links)
