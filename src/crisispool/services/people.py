"""The services of a network and who works there: as a coordinator keeps them."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from crisispool.domain.calendar_feed import CalendarFeed
from crisispool.domain.errors import BadInput, NotThere, Refusal
from crisispool.domain.messenger import LinkState, MessengerLink
from crisispool.domain.oidc import OidcLink
from crisispool.domain.organisation import (
    Actor,
    ApiToken,
    Colleague,
    Membership,
    Municipality,
    Network,
    Organisation,
    OrganisationKind,
    Role,
    RoleGrant,
)
from crisispool.domain.passkey import Passkey
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitNetwork
from crisispool.ports import OneOf, Transaction
from crisispool.services.accounts import people_in
from crisispool.services.parts import Parts, require
from crisispool.services.people_answers import (
    Kept,
    OrganisationAnswer,
    OrganisationAsk,
    OrganisationLine,
    PeopleAnswer,
    PersonAnswer,
    PersonLine,
)
from crisispool.services.region_parts.forms import MAIL, PHONE

KEEPERS: Final = (Role.COORDINATOR, Role.ADMIN)
PHONES: Final = ("phone", "night_phone")
MAILBOXES: Final = ("mailbox", "owner_mailbox")
FEWEST_DIGITS, MOST_DIGITS = 3, 15


@dataclass
class _About:
    """What is known of everybody, by id."""

    roles: dict[str, list[Role]] = field(default_factory=dict)
    passkeys: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    links: dict[str, LinkState] = field(default_factory=dict)

    def line(self, each: Colleague) -> PersonLine:
        return PersonLine(
            each.id,
            each.label,
            tuple(self.roles.get(each.id, ())),
            self.passkeys[each.id],
            self.accounts[each.id],
            self.links.get(each.id),
            each.active,
        )


class People:
    """Reading and keeping the list. Who comes in is `Invitations`; who goes is `Leaving`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def all(self, actor: Actor) -> PeopleAnswer:
        """Everybody."""
        require(actor, *KEEPERS)
        async with self._parts.store.reading() as tx:
            rows = await tx.find(Organisation, network_id=actor.network_id, order=("name",))
            found = await tx.find(Colleague, network_id=actor.network_id, order=("label",))
            colleagues = await people_in(tx, found)
            lines = await _lines(tx, actor.network_id, rows)
            about = await _about(tx, colleagues)
        kinds = list(OrganisationKind)
        there: dict[str | None, list[PersonLine]] = {}
        for each in colleagues:
            if each.active:
                there.setdefault(each.organisation_id, []).append(about.line(each))
        return PeopleAnswer(
            tuple(
                (line, tuple(there.get(line.id, ())))
                for line in sorted(lines, key=lambda each: kinds.index(each.kind))
            ),
            tuple(there.get(None, ())),
            tuple(about.line(each) for each in colleagues if not each.active),
        )

    async def former(self, actor: Actor) -> tuple[PersonLine, ...]:
        """Who does not work here any more, by label."""
        require(actor, *KEEPERS)
        async with self._parts.store.reading() as tx:
            found = await tx.find(Colleague, network_id=actor.network_id, active=False, order=("label",))
            gone = await people_in(tx, found)
            about = await _about(tx, gone)
        return tuple(about.line(each) for each in gone)

    async def organisation(self, actor: Actor, organisation_id: str) -> OrganisationAnswer:
        """One service with who works there now. Raises NotThere."""
        require(actor, *KEEPERS)
        async with self._parts.store.reading() as tx:
            record = await _organisation(tx, actor, organisation_id)
            [line] = await _lines(tx, actor.network_id, [record])
            backup = await tx.get(Organisation, record.backup_id) if record.backup_id else None
            found = await tx.find(Colleague, organisation_id=record.id, active=True, order=("label",))
            people = await people_in(tx, found)
            about = await _about(tx, people)
        return OrganisationAnswer(
            line,
            record,
            backup.name if backup else "",
            tuple(about.line(each) for each in people),
            self._mark(record),
        )

    async def person(self, actor: Actor, colleague_id: str) -> PersonAnswer:
        """One colleague, also one who does not work here any more. Raises NotThere."""
        require(actor, *KEEPERS)
        async with self._parts.store.reading() as tx:
            each = await colleague_of(tx, actor, colleague_id)
            about = await _about(tx, [each])
            home = await tx.get(Organisation, each.organisation_id) if each.organisation_id else None
            tokens = await tx.find(ApiToken, colleague_id=each.id, revoked_at=None)
            feeds = await tx.find(CalendarFeed, colleague_id=each.id, ended_at=None)
        line = about.line(each)
        mailboxes = {Role.UNIT_MANAGER: home and (home.owner_mailbox or home.mailbox)}
        mailboxes[Role.SUPPORT_WORKER] = home and home.mailbox
        return PersonAnswer(
            line,
            home.id if home else None,
            home.name if home else "",
            each.phone.reveal() if actor.is_(Role.COORDINATOR) else "",
            each.language,
            len(tokens),
            len(feeds),
            any(mailboxes.get(role) for role in line.roles),
            each.created_at,
        )

    async def change_organisation(
        self, actor: Actor, operation_id: str, organisation_id: str, ask: OrganisationAsk
    ) -> Kept:
        """How a service is reached. Refusals: ``not_there``, ``bad_input``, ``version_passed``, ``nothing_changed``."""
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()
        said: dict[str, Any] = dict(_checked(ask))

        async def work(tx: Transaction) -> Kept:
            await tx.lock(Organisation, [organisation_id])
            before = await _organisation(tx, actor, organisation_id)
            if self._mark(before) != ask.seen:
                raise Refusal("version_passed")
            after = replace(before, **said)
            fields = sorted(name for name in said if getattr(before, name) != getattr(after, name))
            if not fields:
                raise Refusal("nothing_changed")
            await tx.save(after)
            about, details = ("organisation", before.id), {"fields": fields}
            await tx.audit(actor.colleague_id, "organisation.changed", *about, now, details)
            return Kept(before.id)

        content = [organisation_id, asdict(ask)]
        return await parts.operations.once(operation_id, "organisation.change", content, now, Kept, work)

    async def change_phone(self, actor: Actor, operation_id: str, colleague_id: str, phone: str) -> Kept:
        """On which number the desk reaches a colleague. Refusals: ``not_there``, ``bad_input``, ``nothing_changed``."""
        require(actor, Role.COORDINATOR)
        parts, now = self._parts, self._parts.now()
        number = _phone("phone", phone)

        async def work(tx: Transaction) -> Kept:
            await tx.lock(Colleague, [colleague_id])
            each = await colleague_of(tx, actor, colleague_id)
            if not each.active:
                raise NotThere("colleague")
            if each.phone.reveal() == number:
                raise Refusal("nothing_changed")
            await tx.save(replace(each, phone=Secret(number)))
            await tx.audit(actor.colleague_id, "colleague.changed", "colleague", each.id, now)
            return Kept(each.id)

        content = [colleague_id, number]
        return await parts.operations.once(operation_id, "colleague.change", content, now, Kept, work)

    def _mark(self, record: Organisation) -> str:
        return self._parts.operations.mark("organisation", record)[:32]


async def colleague_of(tx: Transaction, actor: Actor, colleague_id: str) -> Colleague:
    """A colleague of the asker's network, no program. Raises NotThere."""
    found = await tx.get(Colleague, colleague_id)
    if found is None or found.network_id != actor.network_id or not await people_in(tx, [found]):
        raise NotThere("colleague")
    return found


async def _organisation(tx: Transaction, actor: Actor, organisation_id: str) -> Organisation:
    found = await tx.get(Organisation, organisation_id)
    if found is None or found.network_id != actor.network_id:
        raise NotThere("organisation")
    return found


async def _lines(
    tx: Transaction, network_id: str, organisations: Iterable[Organisation]
) -> list[OrganisationLine]:
    rows = list(organisations)
    ids = OneOf(tuple(each.id for each in rows))
    network = await tx.get(Network, network_id)
    members = await tx.find(Membership, network_id=network_id)
    towns = {
        each.nis: each.name for each in await tx.find(Municipality, nis=OneOf(tuple(m.nis for m in members)))
    }
    offered = {row.unit_id for row in await tx.find(UnitNetwork, network_id=network_id)}
    units = Counter(unit.owner_id for unit in await tx.find(Unit, owner_id=ids) if unit.id in offered)
    return [
        OrganisationLine(
            each.id,
            each.kind,
            each.name,
            each.phone,
            each.night_phone,
            each.mailbox,
            tuple(sorted(towns[m.nis] for m in members if m.ocmw_id == each.id)),
            network is not None and network.caw_id == each.id,
            units[each.id],
        )
        for each in rows
    ]


async def _about(tx: Transaction, colleagues: Iterable[Colleague]) -> _About:
    ids = OneOf(tuple(each.id for each in colleagues))
    about = _About()
    for grant in await tx.find(RoleGrant, colleague_id=ids, order=("role",)):
        about.roles.setdefault(grant.colleague_id, []).append(grant.role)
    about.passkeys = Counter(
        key.colleague_id for key in await tx.find(Passkey, colleague_id=ids) if key.colleague_id
    )
    about.accounts = Counter(
        each.colleague_id for each in await tx.find(OidcLink, colleague_id=ids) if each.colleague_id
    )
    for link in await tx.find(MessengerLink, colleague_id=ids):
        if link.state is not LinkState.ENDED and link.colleague_id is not None:
            about.links[link.colleague_id] = link.state
    return about


def _checked(ask: OrganisationAsk) -> dict[str, str]:
    """The fields as they are kept. Raises BadInput of the first that cannot be."""
    phones = {name: _phone(name, getattr(ask, name)) for name in PHONES}
    mailboxes = {name: _written(name, getattr(ask, name), MAIL) for name in MAILBOXES}
    return {**phones, **mailboxes, "language": ask.language}


def _phone(name: str, text: str) -> str:
    number = _written(name, text, PHONE)
    if number and not FEWEST_DIGITS <= sum(mark.isdigit() for mark in number) <= MOST_DIGITS:
        raise BadInput(name, "not_a_phone")
    return number


def _written(name: str, text: str, form: re.Pattern[str]) -> str:
    plain = " ".join(text.split())
    if plain and not form.fullmatch(plain):
        raise BadInput(name, "not_a_phone" if form is PHONE else "not_a_mailbox")
    return plain
