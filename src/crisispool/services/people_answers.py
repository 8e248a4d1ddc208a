"""What is told and asked about services and colleagues."""

from dataclasses import dataclass
from datetime import datetime

from crisispool.domain.messenger import LinkState
from crisispool.domain.organisation import Organisation, OrganisationKind, Role


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A colleague in a list: label, roles, and what they come in with; `accounts`: of their organisation."""

    id: str
    label: str
    roles: tuple[Role, ...]
    passkeys: int
    accounts: int
    messenger: LinkState | None
    active: bool


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """A service in a list. `towns`: of which municipalities it is the competent OCMW; `caw`: it is the network's;
    `units`: how many of its dwellings are offered here."""

    id: str
    kind: OrganisationKind
    name: str
    phone: str
    night_phone: str
    mailbox: str
    towns: tuple[str, ...]
    caw: bool
    units: int


@dataclass(frozen=True, slots=True)
class PeopleAnswer:
    """All services by kind and name, each with who works there; who works for the network itself, and who does not
    work here any more."""

    organisations: tuple[tuple[OrganisationLine, tuple[PersonLine, ...]], ...]
    of_network: tuple[PersonLine, ...]
    former: tuple[PersonLine, ...]


@dataclass(frozen=True, slots=True)
class OrganisationAnswer:
    """One service. `seen` stands for how it was when it was looked at."""

    line: OrganisationLine
    record: Organisation
    backup: str
    people: tuple[PersonLine, ...]
    seen: str


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """One colleague. `phone` is empty for who may not know it; `tokens`, `feeds`: programs and calendars that read
    along; `reads`: the language; `mailbox`: whether their service gets mail for their roles."""

    line: PersonLine
    organisation_id: str | None
    organisation: str
    phone: str
    reads: str
    tokens: int
    feeds: int
    mailbox: bool
    since: datetime | None


@dataclass(frozen=True, slots=True)
class OrganisationAsk:
    """How a service is reached from now on; an empty text: not at all. `seen`: from the answer that was looked at."""

    phone: str
    night_phone: str
    mailbox: str
    owner_mailbox: str
    language: str
    seen: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Which one was changed."""

    id: str
