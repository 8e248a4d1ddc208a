"""One-time pages: what never travels through the chat is shown and given here. Policy: section 8."""

from dataclasses import dataclass
from datetime import datetime

from crisispool.conversations.vocabulary import Say
from crisispool.domain.errors import BadInput, NotThere
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.record import PageLink
from crisispool.domain.request import RequestNote
from crisispool.domain.secret import Secret
from crisispool.ports import Transaction
from crisispool.services.accounts import actor_in
from crisispool.services.answers import LinkAnswer
from crisispool.services.asks import IdentityAsk
from crisispool.services.duty import at_work
from crisispool.services.identities import WRITERS, Identities
from crisispool.services.night_lists import list_of
from crisispool.services.page_contents import (
    PageContent,
    access_code,
    content_of,
    must_be_given,
)
from crisispool.services.page_links import (
    PURPOSES,
    SERVICE,
    PageFront,
    bind,
    bound,
    living,
    new_link,
    reader_of,
    token_of,
)
from crisispool.services.parts import Parts, require
from crisispool.services.sight import ACCESS_REASON, booking_of, handover_of, request_of
from crisispool.services.told import Told


@dataclass(frozen=True, slots=True)
class _Made:
    """What is kept of a link: never its secret."""

    link_id: str


class Pages:
    """Links to pages, and what the pages show and take. `public_url` is where people reach the web server."""

    def __init__(self, parts: Parts, identities: Identities, public_url: str) -> None:
        self._parts = parts
        self._identities = identities
        self._public_url = public_url

    async def link(self, actor: Actor, operation_id: str, purpose: str, subject_id: str) -> LinkAnswer:
        """A link for this colleague alone, good for a day. Refusals: ``not_there``, ``access_<code>``."""
        if purpose not in PURPOSES:
            raise BadInput("purpose", "not_a_choice")
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> _Made:
            asker = await at_work(tx, actor, now, *Role)
            await self._may_ask(tx, asker, purpose, subject_id, now)
            link_id = parts.ids.new()
            await new_link(tx, parts.vault, link_id, actor, purpose, subject_id, now)
            await tx.audit(
                actor.colleague_id, "page.linked", PURPOSES[purpose], subject_id, now, {"page": purpose}
            )
            return _Made(link_id)

        content = {"purpose": purpose, "subject": subject_id}
        made = await parts.operations.once(operation_id, "page.link", content, now, _Made, work)
        url = f"{self._public_url}/p/{token_of(parts.vault, made.link_id)}"
        return LinkAnswer((Say(f"link.{purpose}"),), url)

    async def open(self, token: str) -> PageFront:
        """What a link leads to; changes nothing. Raises NotThere."""
        async with self._parts.store.reading() as tx:
            link = await living(tx, token, self._parts.now())
            return PageFront(link.purpose, link.expires_at, await reader_of(tx, link))

    async def bind(self, token: str, browser: str) -> None:
        """Bind the link to the browser that has this secret. NotThere when it belongs to another."""
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            link = await living(tx, token, now)
            if link.purpose == SERVICE:
                raise NotThere("page")
            policy = (await self._parts.facts.network(tx, link.network_id)).policy
            await bind(tx, token, browser, now, policy.page_bound_for)

    async def view(self, token: str, browser: str) -> PageContent:
        """The content as its colleague may see it now; every look is audited. Raises NotThere."""
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            link = await bound(tx, token, browser, now)
            actor = await _actor(tx, link)
            content = await content_of(tx, self._parts, link, actor, now)
            await tx.audit(
                actor.colleague_id,
                "page.viewed",
                PURPOSES[link.purpose],
                link.subject_id,
                now,
                {"page": link.purpose, "result": content.result},
            )
        return content

    async def identify(
        self, token: str, browser: str, operation_id: str, person_id: str, ask: IdentityAsk
    ) -> Told:
        """Who a person of the booking is; what is said of what that led to. Raises NotThere, Refusal."""
        link, actor = await self._visit(token, browser, "identity")
        answer = await self._identities.put(actor, operation_id, link.subject_id, person_id, ask)
        return answer.sentence

    async def write(self, token: str, browser: str, operation_id: str, text: str) -> None:
        """Free text, sealed: how to reach someone, or why an address is opened. Raises NotThere."""
        if not text.strip():
            raise BadInput("text", "missing")
        link, actor = await self._visit(token, browser, "contact", "access")
        parts, now = self._parts, self._parts.now()
        purpose = ACCESS_REASON if link.purpose == "access" else "contact"

        async def work(tx: Transaction) -> _Made:
            await at_work(tx, actor, now, *Role)
            request_id = link.subject_id
            if link.purpose == "access":
                if not actor.is_(Role.COORDINATOR):
                    raise NotThere("page")
                request_id = (await booking_of(tx, actor, link.subject_id)).request_id
            request = await request_of(tx, actor, request_id)
            note_id = parts.ids.new()
            note = RequestNote(note_id, request.id, purpose, Secret(text.strip()), actor.colleague_id, now)
            await tx.add(note)
            await tx.audit(actor.colleague_id, f"note.{purpose}", "request", request.id, now)
            return _Made(note_id)

        content = {"link": link.id, "text": text.strip()}
        await parts.operations.once(operation_id, "page.write", content, now, _Made, work)

    async def _visit(self, token: str, browser: str, *purposes: str) -> tuple[PageLink, Actor]:
        async with self._parts.store.reading() as tx:
            link = await bound(tx, token, browser, self._parts.now())
            if link.purpose not in purposes:
                raise NotThere("page")
            return link, await _actor(tx, link)

    async def _may_ask(
        self, tx: Transaction, actor: Actor, purpose: str, subject_id: str, now: datetime
    ) -> None:
        match purpose:
            case "access":
                booking = await booking_of(tx, actor, subject_id)
                must_be_given(await access_code(tx, self._parts, actor, booking, now))
            case "identity":
                require(actor, *WRITERS)
                await booking_of(tx, actor, subject_id)
            case "contact":
                await request_of(tx, actor, subject_id)
            case "night_list":
                await list_of(tx, self._parts, actor, subject_id, now)
            case _:
                await handover_of(tx, actor, subject_id)


async def _actor(tx: Transaction, link: PageLink) -> Actor:
    actor = await actor_in(tx, link.colleague_id) if link.colleague_id else None
    if actor is None:
        raise NotThere("page")
    return actor
