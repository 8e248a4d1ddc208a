"""People with the messenger on their telephone: what they do comes in, and what their chat must show is looked up."""

from functools import partial
from itertools import count
from typing import Any

from bot.buttons import button_data, choice_in
from crisispool.conversations.vocabulary import Screen
from crisispool.domain.messenger import ChatView, InboxUpdate, MessengerLink, UpdateState
from crisispool.domain.organisation import Role
from crisispool.domain.secret import Secret
from crisispool.services.messenger.incoming import Incoming
from crisispool.services.messenger.invitations import InviteAsk
from crisispool.services.messenger.links import account_of
from crisispool.services.messenger.reception import Receipt
from crisispool.services.messenger.views import screens_of
from tests.support.night import Night


class Phone:
    """One account in its private chat with the bot."""

    _numbers = count(7_000_000)
    _messages = count(100)

    def __init__(self, night: Night, account: int, language: str = "nl") -> None:
        self.night, self.account, self.language = night, account, language

    # What they do.

    async def opens(self, token: str, *, at: Night | None = None) -> Receipt:
        """They open an invitation."""
        return await self.comes(at=at, command="start", argument=Secret(token))

    async def commands(self, name: str) -> Receipt:
        """They type a command."""
        return await self.comes(command=name)

    async def types(self, text: str) -> Receipt:
        """They type something."""
        return await self.comes(typed=Secret(text))

    async def taps(self, code: str, **with_: Any) -> Receipt:
        """They tap the choice with this code."""
        choice = next(each for each in (await self.screens())[-1].choices if each.code == code)
        return await self.taps_choice(choice.id, **with_)

    async def taps_choice(self, choice_id: str, **with_: Any) -> Receipt:
        """They tap a button of theirs."""
        return await self.taps_data(button_data(self.night.keys, await self.link(), choice_id), **with_)

    async def taps_data(self, data: str, **with_: Any) -> Receipt:
        """They tap something that carries this."""
        return await self.comes(data=Secret(data), tap_id="q", **with_)

    async def comes(self, *, number: int | None = None, at: Night | None = None, **what: Any) -> Receipt:
        """Something of theirs comes in, at this process."""
        process = at or self.night
        came = Incoming(
            number or next(self._numbers),
            self.account,
            self.account,
            next(self._messages),
            self.language,
            **what,
        )
        return await process.app.reception.receive(came, partial(choice_in, self.night.keys))

    # What they see.

    async def screens(self) -> list[Screen]:
        """What their chat must show."""
        link = await self.link()
        [view] = await self.night.rows(ChatView, id=link.id)
        return screens_of(self.night.keys, view)

    async def sees(self) -> str:
        """The key of the last screen."""
        return (await self.screens())[-1].key

    async def notes(self) -> list[str]:
        """What stands before the last screen."""
        return [note.key for note in (await self.screens())[-1].notes]

    async def link(self) -> MessengerLink:
        """Their link, also when it has ended."""
        account = account_of(self.night.keys, self.account)
        living = await self.night.rows(MessengerLink, account=account)
        every = await self.night.rows(MessengerLink, order=("made_at",))
        return (living or [each for each in every if each.chat == Secret(str(self.account))])[-1]

    # What has to be there first.

    async def invited(self, role: Role, organisation: str | None = None, *, person: str | None = None) -> str:
        """A coordinator invites them; the id of the invitation, after they opened it."""
        coordinator = await self.night.actor("coordinator")
        ask = InviteAsk(role, organisation, person)
        made = await self.night.app.invitations.invite(coordinator, self.night.op(), ask)
        assert await self.opens(made.token) is Receipt.KEPT
        await handled(self.night)
        return made.id

    async def linked(self, person: str, role: Role) -> "Phone":
        """They are this colleague from now on."""
        invitation = await self.invited(role, person=person)
        await self.night.app.invitations.approve(
            await self.night.actor("coordinator"), self.night.op(), invitation
        )
        await handled(self.night)
        return self


async def handled(night: Night) -> int:
    """Everything that came in and is due is handled; how many that were."""
    number = 0
    while await night.app.inbox.work():
        number += 1
    return number


async def waiting(night: Night) -> list[InboxUpdate]:
    """What came in and is not handled."""
    return await night.rows(InboxUpdate, state=UpdateState.WAITING)
