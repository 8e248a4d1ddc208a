"""The page behind the link of a mail: what a message said, and its button, pressed by a service as a service."""

from dataclasses import dataclass, replace
from typing import Final

from crisispool.conversations.news import Way, done
from crisispool.conversations.vocabulary import Say
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.messenger import Delivery
from crisispool.domain.organisation import Actor, Network, Organisation, Role
from crisispool.domain.record import Message, PageLink
from crisispool.services.errands import Errands
from crisispool.services.mail.composing import button_of, said_in, subject_of
from crisispool.services.mail.letters import way_in
from crisispool.services.mail.standing import SERVICE, Done, done_of
from crisispool.services.messages import PARTS, Messages
from crisispool.services.page_links import living
from crisispool.services.parts import Parts
from crisispool.services.units import Units
from crisispool.texts.render import render
from crisispool.texts.screens import refusal_sentence, sentence

ROLES: Final = {part: role for role, part in PARTS.items()}
"""As what a service acts, by which part of it was told."""


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit of the owner as the tool shows it: its label, its status in words."""

    label: str
    status: str


@dataclass(frozen=True, slots=True)
class ServicePage:
    """A page in words: the references and numbers of a message, nothing personal, for anybody who has the mail.

    `done` says that it is done, by which service and when; `no` why it could not be done now. `button` is empty
    when there is nothing (left) to do.
    """

    language: str
    subject: str
    said: str
    button: str
    until: str
    help: str
    done: str = ""
    no: str = ""
    units: tuple[UnitLine, ...] = ()


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a link leads to, as the record now stands."""

    link: PageLink
    message: Message
    service: Organisation
    network: Network
    way: Way | None
    done: Done | None


class ServicePages:
    """Pages of services. A link works in any browser, for a mailbox is read by several people in turn."""

    def __init__(self, parts: Parts, errands: Errands, messages: Messages, units: Units) -> None:
        self._parts = parts
        self._errands = errands
        self._messages = messages
        self._units = units

    async def open(self, token: str) -> ServicePage:
        """The page; changes nothing, so that whoever looks into mails may open its link. Raises NotThere."""
        return await self._page(await self._open(token))

    async def press(self, token: str) -> ServicePage:
        """Do what the button says, once, however often it is pressed. Raises NotThere, Outage."""
        opened = await self._open(token)
        way, message = opened.way, opened.message
        if way is None or way.does is None or opened.done is not None:
            return await self._page(opened)
        language = opened.service.language
        try:
            intent = way.does(message.about_id)
            answer = await self._errands.carry_out(_actor(opened), f"mail:{opened.link.id}", intent)
        except Refusal as refusal:
            page = await self._page(await self._open(token))
            no = refusal_sentence(refusal.code, refusal.facts, language)
            return page if page.done else replace(page, no=no)
        said = done(way, answer)
        await self._note(message, said)
        page = await self._page(await self._open(token))
        return page if page.done else replace(page, done=sentence(said, language), button="")

    async def _open(self, token: str) -> _Opened:
        async with self._parts.store.reading() as tx:
            link = await living(tx, token, self._parts.now())
            message = await tx.get(Message, link.subject_id)
            service = await tx.get(Organisation, link.organisation_id) if link.organisation_id else None
            network = await tx.get(Network, link.network_id)
            if message is None or service is None or network is None:
                raise NotThere("page")
            way = way_in(message)
            found = await done_of(tx, way.code, message) if way else None
            return _Opened(link, message, service, network, way, found)

    async def _page(self, opened: _Opened) -> ServicePage:
        message, language = opened.message, opened.service.language
        return ServicePage(
            language=language,
            subject=sentence(subject_of(message), language),
            said=said_in(message, language),
            button="" if opened.done else button_of(message, language),
            until=render("mail.page.until", {"until": opened.link.expires_at}, language),
            help=render("mail.page.help", {"phone": opened.network.desk_phone}, language),
            done=_said(opened.done, language) if opened.done else "",
            units=await self._own_units(opened) if opened.way and opened.way.code == "all_right" else (),
        )

    async def _own_units(self, opened: _Opened) -> tuple[UnitLine, ...]:
        language = opened.service.language
        units = await self._units.all(_actor(opened))
        return tuple(
            UnitLine(unit.label, render(f"unit.status.{unit.status}", {}, language))
            for unit in sorted(units, key=lambda each: each.label)
        )

    async def _note(self, message: Message, said: Say) -> None:
        """In the chats of the service the message loses its buttons too."""
        async with self._parts.store.transaction() as tx:
            if any(each.answer is None for each in await tx.find(Delivery, message_id=message.id)):
                await self._messages.note(tx, message.id, said)


def _actor(opened: _Opened) -> Actor:
    """The service itself: in the audit chain it stands by its own name, for nobody knows who pressed."""
    role: Role | None = ROLES.get(opened.message.recipient_kind)
    return Actor(
        colleague_id=f"{SERVICE}{opened.service.id}",
        network_id=opened.message.network_id,
        organisation_id=opened.service.id,
        organisation_kind=opened.service.kind,
        roles=frozenset({role}) if role else frozenset(),
        language=opened.service.language,
    )


def _said(found: Done, language: str) -> str:
    key = f"mail.done.{found.way}" if found.by or found.way == "all_right" else "mail.done.already"
    return render(key, {"organisation": found.by, "done_at": found.at}, language)
