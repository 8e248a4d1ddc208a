"""Who takes part: networks, municipalities, organisations, colleagues and what each may do."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crisispool.domain.secret import Secret


class OrganisationKind(StrEnum):
    """What sort of partner an organisation is."""

    OCMW = "ocmw"
    CAW = "caw"
    POLICE = "police"
    HOSPITAL = "hospital"
    GP = "gp"
    CARE_HOME = "care_home"
    MUNICIPALITY = "municipality"
    OTHER = "other"


class Role(StrEnum):
    """What a colleague does in the network. Source: policy, section 8."""

    REFERRER = "referrer"
    CALLTAKER = "calltaker"
    UNIT_MANAGER = "unit_manager"
    SUPPORT_WORKER = "support_worker"
    COORDINATOR = "coordinator"
    COUNCIL = "council"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Network:
    """One regional crisis network. `reference_prefix` starts every booking reference, whatever the unit."""

    id: str
    name: str
    reference_prefix: str
    desk_phone: str
    caw_id: str
    policy_version: int
    training: bool = False


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a network's settings: what every decision remembers. `settings` is a `Policy` as JSON.

    `settles` names the settings that were decided with this version; empty: all of them. `decided_on` None:
    provisional. `entered_by` is who entered it, empty when it came with the region file.
    """

    id: str
    network_id: str
    version: int
    settings: dict[str, object]
    decided_by: str
    decided_on: date | None
    loaded_at: datetime
    entered_by: str = ""
    settles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosingDay:
    """A closed day that is no legal holiday. Without an organisation it is the outreach calendar's own.

    `entered_by` is who entered it; None when it came with the region file.
    """

    id: str
    network_id: str
    organisation_id: str | None
    day: date
    name: str
    entered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality by NIS code. `latitude`, `longitude` in degrees: the town centre, for "near"."""

    nis: str
    name: str
    inhabitants: int
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Membership:
    """A municipality in a network. `ocmw_id` is competent; `lead` is the kind that leads the tandem."""

    id: str
    network_id: str
    nis: str
    ocmw_id: str | None
    lead: OrganisationKind = OrganisationKind.OCMW
    agreed_places: int | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """A partner. Numbers on record are the only ones ever called back; `mailbox` is the shared morning mailbox.

    `owner_mailbox` is the one of the landlord's part, empty when that is the same; `language` is what both read.
    `opens` maps a weekday (``mon``…``sun``) to local hours ``["08:30-12:00", "13:00-17:00"]``.
    """

    id: str
    network_id: str
    kind: OrganisationKind
    name: str
    nis: str | None
    phone: str = ""
    night_phone: str = ""
    mailbox: str = ""
    backup_id: str | None = None
    opens: dict[str, list[str]] | None = None
    owner_mailbox: str = ""
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone who works with the tool. `name` is sealed; `label` is what others may see ("calltaker 2")."""

    id: str
    network_id: str
    organisation_id: str | None
    label: str
    name: Secret
    phone: Secret
    language: str = "nl"
    active: bool = True
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """One role of one colleague."""

    id: str
    colleague_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A bearer token, kept as a SHA-256 hex digest. When a person's was last used is not kept: a log of their night."""

    id: str
    colleague_id: str
    digest: str
    created_at: datetime
    revoked_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A program that calls the interface, with a colleague of its own. `id` is that of its token.

    `name` is what who made it calls it, `made_by` that colleague. `used_on`: the last day on which it called.
    """

    id: str
    colleague_id: str
    name: Secret
    made_by: str
    used_on: date | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, as far as decisions need it."""

    colleague_id: str
    network_id: str
    organisation_id: str | None
    organisation_kind: OrganisationKind | None
    roles: frozenset[Role]
    language: str = "nl"

    def is_(self, *roles: Role) -> bool:
        """Whether the actor has at least one of these roles."""
        return not self.roles.isdisjoint(roles)
