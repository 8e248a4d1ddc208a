"""What something that came in leads to: what the chat must show then, and what changes in the same transaction."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crisispool.conversations.vocabulary import Screen, Session
from crisispool.domain.messenger import ChatView, InboxUpdate, MessengerLink
from crisispool.domain.organisation import Actor
from crisispool.domain.record import ChatSession
from crisispool.ports import Transaction
from crisispool.services.chat import OF_A_MESSAGE, OUTAGE, Chat
from crisispool.services.messenger import incoming as i
from crisispool.services.messenger import newcomers, own_screens
from crisispool.services.messenger.links import Known, end_link
from crisispool.services.messenger.own_screens import noted
from crisispool.services.messenger.views import screens_of
from crisispool.services.parts import Parts

SAID_BY_COMMAND: Final = {
    "start": "",
    **{word: word for word in ("menu", "stop", "help", "taal", "langue", "language", "rol", "role")},
}
"""What a command is in the words of the talks."""

SHOWN_BY_COMMAND: Final = {"unlink": own_screens.UNLINK_ASKED}

COMMANDS: Final = (*SAID_BY_COMMAND, *SHOWN_BY_COMMAND)
"""Every command that means something; another one is answered as help."""

NEWS: Final = "news."
"""How the key of what a tap on a message did begins: the message itself says so, and the talk stays as it is."""

Change = Callable[[Transaction], Awaitable[Sequence[Screen] | None]]


@dataclass(frozen=True, slots=True)
class Reply:
    """`screens`: what the chat must show; None: what it shows. `change` is done in the transaction that notes the
    update as done, and may have other screens. Not `settled`: a part is away, so it is to be tried again."""

    screens: Sequence[Screen] | None
    change: Change | None = None
    settled: bool = True


class Replies:
    """Answers what came in. Repeating it for the same update does nothing twice."""

    def __init__(self, parts: Parts, chat: Chat) -> None:
        self._parts = parts
        self._chat = chat

    async def to(self, who: Known, update: InboxUpdate) -> Reply:
        """The reply to this update of this account. Raises Outage, Refusal."""
        content = json.loads(update.content.reveal())
        own = await self._own(who, content, f"telegram:{update.id}")
        if own is not None:
            return own
        if who.actor is None:
            return Reply([await self._waiting(who.link)])
        screens = await self._talk(who.actor, content, f"telegram:{update.id}")
        return Reply(screens, settled=not screens or screens[-1].key != OUTAGE)

    async def after_failure(self, who: Known) -> Sequence[Screen]:
        """What someone sees of whom an update was set aside: that it did not work, and where they are."""
        async with self._parts.store.reading() as tx:
            row = await tx.get(ChatSession, who.actor.colleague_id) if who.actor else None
        shown = Session.from_json(row.state.reveal()).shown if row else None
        return noted([shown], own_screens.WENT_WRONG.key) if shown else [own_screens.WENT_WRONG]

    # The screens that belong to no talk.

    async def _own(self, who: Known, content: dict[str, Any], operation_id: str) -> Reply | None:
        """The reply of a screen that belongs to no talk; None when this is for the talks."""
        match content:
            case {"hear": i.COMMAND, "name": name} if name in SHOWN_BY_COMMAND:
                return Reply([SHOWN_BY_COMMAND[name]])
            case {"hear": i.CHOICE, "choice": choice} if choice.startswith(own_screens.OWN):
                return await self._own_choice(who, choice, operation_id)
            case {"hear": i.TOKEN, "digest": digest} if who.actor is not None:
                return await self._invitation(who.link, who.actor, digest, operation_id)
        return None

    async def _own_choice(self, who: Known, choice: str, operation_id: str) -> Reply:
        here = await self._here(who, operation_id)
        if choice not in [each.id for each in await self._shown(who.link)]:
            return Reply(noted(here, "bot.stale_button"))
        if choice == own_screens.UNLINK:
            return Reply(None, self._unlinked(who))
        return Reply(here)

    async def _invitation(self, link: MessengerLink, actor: Actor, digest: str, operation_id: str) -> Reply:
        here = await self._here(Known(link, actor), operation_id)

        async def used(tx: Transaction) -> Sequence[Screen]:
            now = self._parts.now()
            what = await newcomers.use_as_colleague(tx, self._parts, digest, link, actor, now)
            asked = await newcomers.asked_with(tx, link.id) if what == newcomers.USED else None
            return [own_screens.role_asked(asked.code)] if asked else noted(here, f"bot.invitation_{what}")

        return Reply(here, used)

    def _unlinked(self, who: Known) -> Change:
        by = who.actor.colleague_id if who.actor else newcomers.BY_ITSELF

        async def unlinked(tx: Transaction) -> None:
            await end_link(tx, who.link.id, by, self._parts.now())

        return unlinked

    async def _shown(self, link: MessengerLink) -> Sequence[Any]:
        """The choices that the chat of this link shows now."""
        async with self._parts.store.reading() as tx:
            view = await tx.get(ChatView, link.id)
        return screens_of(self._parts.vault, view)[-1].choices if view else ()

    async def _here(self, who: Known, operation_id: str) -> list[Screen]:
        """Where someone is, as if they came to look."""
        if who.actor is None:
            return [await self._waiting(who.link)]
        return await self._chat.said(who.actor, "", f"{operation_id}:look", messages=False)

    async def _waiting(self, link: MessengerLink) -> Screen:
        async with self._parts.store.reading() as tx:
            asked = await newcomers.asked_with(tx, link.id)
        return own_screens.waiting(asked.code if asked else "")

    # The talks.

    async def _talk(self, actor: Actor, content: dict[str, Any], operation_id: str) -> list[Screen] | None:
        match content:
            case {"hear": i.CHOICE, "choice": choice}:
                return await self._chosen(actor, choice, operation_id)
            case {"hear": i.TYPED, "text": text, "turn": turn}:
                return await self._typed(actor, text, turn, operation_id)
            case {"hear": i.COMMAND, "name": name}:
                said = SAID_BY_COMMAND.get(name, "help")
                screens = await self._chat.said(actor, said, operation_id, messages=False)
                return noted(screens, "bot.commands") if said == "help" else screens
        here = await self._chat.said(actor, "", f"{operation_id}:look", messages=False)
        note = {i.PROSE: "bot.prose", i.STALE: "bot.stale_button"}.get(content["hear"])
        return noted(here, note) if note else here

    async def _chosen(self, actor: Actor, choice: str, operation_id: str) -> list[Screen] | None:
        screens = await self._chat.chosen(actor, choice, operation_id, messages=False)
        if not choice.startswith(f"{OF_A_MESSAGE}.") or screens[-1].choices or screens[-1].key == OUTAGE:
            return screens
        if screens[-1].key.startswith(NEWS):
            return None
        # Refused: that is said, and the talk goes on where it was.
        here = await self._chat.said(actor, "", f"{operation_id}:look", messages=False)
        return [*screens, *here]

    async def _typed(self, actor: Actor, text: str, turn: int, operation_id: str) -> list[Screen]:
        """A number or a word counts for the screen it was typed at: what waited here for another one does not."""
        async with self._parts.store.reading() as tx:
            row = await tx.get(ChatSession, actor.colleague_id)
        now = Session.from_json(row.state.reveal()).turn if row else 0
        if now != turn and await self._parts.operations.kept(operation_id) is None:
            here = await self._chat.said(actor, "", f"{operation_id}:look", messages=False)
            return noted(here, "talk.stale")
        return await self._chat.said(actor, text, operation_id, messages=False)
