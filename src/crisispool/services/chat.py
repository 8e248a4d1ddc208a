"""The talks of the bot: one contact is one step, carried out, kept, and answered as screens."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakValueDictionary

from pydantic_core import to_jsonable_python

from crisispool.conversations.intents import LOOKS, Intent
from crisispool.conversations.news import Way, way_of
from crisispool.conversations.news import done as done_by
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
    Tapped,
)
from crisispool.domain.errors import Conflict, Outage, Refusal
from crisispool.domain.organisation import Actor
from crisispool.domain.record import ChatSession, Message
from crisispool.domain.secret import Secret
from crisispool.services.answers import ScreenAnswer, answer_of
from crisispool.services.contacts import Contact
from crisispool.services.duty import DutyDesk
from crisispool.services.errands import Errands
from crisispool.services.languages import language_of
from crisispool.services.messages import Messages
from crisispool.services.parts import Parts
from crisispool.services.situation import situation_of
from crisispool.texts.screens import heard

TRIES = 6
"""Contacts of one colleague in several processes at the same moment: each waits its turn by trying again."""

OWN_TABLES = ("chat_sessions", "messages_seen", "operations")
"""Where contacts of one colleague meet: who lost there tries again."""

OUTAGE = "talk.outage"
"""The screen of a talk that cannot go on now; it may be tried again."""

OF_A_MESSAGE = "m"
"""How the id of a choice of a message begins."""

Hears = Callable[[Session, str], Heard]
"""What counts as heard at this session, in this language."""


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
        return await self._answers(await self.said(actor, text, operation_id), actor)

    async def choose(self, actor: Actor, choice_id: str, operation_id: str = "") -> list[ScreenAnswer]:
        """One choice by its id; the same one twice changes nothing. Raises Outage."""
        return await self._answers(await self.chosen(actor, choice_id, operation_id), actor)

    async def language_of(self, actor: Actor) -> str:
        """The language that this colleague reads now."""
        async with self._parts.store.reading() as tx:
            return await language_of(tx, actor)

    async def said(
        self, actor: Actor, text: str, operation_id: str = "", *, messages: bool = True
    ) -> list[Screen]:
        """As `say`, in screens: keys and facts. `messages`: with the unseen ones before."""
        contact = Contact(self._parts, operation_id, {"say": text})
        return await self._contact(actor, _typed(text), contact, messages=messages)

    async def chosen(
        self, actor: Actor, choice_id: str, operation_id: str = "", *, messages: bool = True
    ) -> list[Screen]:
        """As `choose`, in screens. A choice of a message does its one thing and the talk stays where it is, or
        leads the talk there."""
        contact = Contact(self._parts, operation_id, {"choose": choice_id})
        heard: Heard = Chose(choice_id)
        of_a_message, _, rest = choice_id.partition(".")
        if of_a_message == OF_A_MESSAGE:
            message_id, _, code = rest.partition(".")
            async with self._parts.store.reading() as tx:
                message = await self._messages.told(tx, actor, message_id)
            way = way_of(message.key, code) if message else None
            if message is not None and way is not None:
                if way.does is not None:
                    return await self._at_once(actor, message, way, way.does(message.about_id), contact)
                heard = Tapped(code, message.key, message.about_id)
        return await self._contact(actor, lambda session, language: heard, contact, messages=messages)

    async def _at_once(
        self, actor: Actor, message: Message, way: Way, wanted: Intent, contact: Contact
    ) -> list[Screen]:
        """The one thing that a way of a message does, whatever the talk is at."""
        kept = await contact.kept()
        answered = contact.answer_of(kept) if kept else None
        if answered is not None:
            return answered
        try:
            operation_id = f"news:{message.id}:{way.code}:{actor.colleague_id}"
            done = await self._errands.carry_out(actor, operation_id, wanted)
        except Outage:
            return [Screen(OUTAGE, {"desk": (await situation_of(self._parts, self._duty, actor)).desk_phone})]
        except Refusal as refusal:
            facts: dict[str, object] = to_jsonable_python(refusal.facts)
            return [Screen(f"refusal.{refusal.code}", facts)]
        said = done_by(way, done)
        screens = [Screen(said.key, said.facts)]
        async with self._parts.store.transaction() as tx:
            answered = await contact.answered(tx)
            if answered is not None:
                return answered
            await self._messages.note(tx, message.id, said)
            await contact.keep(tx, screens)
        return screens

    async def _answers(self, screens: list[Screen], actor: Actor) -> list[ScreenAnswer]:
        """In the language of now: what was just said may have changed it."""
        language = await self.language_of(actor)
        return [answer_of(screen, language) for screen in screens]

    async def _contact(self, actor: Actor, hears: Hears, contact: Contact, *, messages: bool) -> list[Screen]:
        turn = self._turns.setdefault(actor.colleague_id, asyncio.Lock())
        async with turn:
            for _ in range(TRIES):
                try:
                    return await self._in_turn(actor, hears, contact, messages=messages)
                except Conflict as lost:
                    if lost.table not in OWN_TABLES:
                        raise
            raise Outage("record", "one talk was changed by many at once")

    async def _in_turn(self, actor: Actor, hears: Hears, contact: Contact, *, messages: bool) -> list[Screen]:
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
            news = await self._messages.show(tx, actor) if messages else []
            answer = [*news, *screens]
            if screens[0].key != OUTAGE:
                await contact.keep(tx, answer)
            return answer

    async def _once(self, actor: Actor, hears: Hears, contact: Contact) -> tuple[Screen, ...]:
        async with self._parts.store.reading() as tx:
            row = await tx.get(ChatSession, actor.colleague_id)
            language = await language_of(tx, actor)
        situation = await situation_of(self._parts, self._duty, actor)
        kept = Session.from_json(row.state.reveal()) if row else Session(opened=situation.now.isoformat())
        talk = _Talk(self._parts, self._errands, actor, situation, row.version if row else 0, contact)
        unfinished = kept.pending is not None
        said = hears(kept, language)
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


def _look(session: Session, language: str) -> Heard:
    return Said("")


def _typed(text: str) -> Hears:
    """What was typed counts for the screen it was first heard at, never for one that came since."""
    turns: list[int] = []

    def hears(session: Session, language: str) -> Heard:
        turns.append(session.turn)
        if session.turn != turns[0]:
            return Said("")
        return heard(session.shown, text, session.taken, language)

    return hears
