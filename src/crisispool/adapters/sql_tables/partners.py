"""Tables of who takes part: networks and their rules, municipalities, organisations, colleagues, rosters."""

from sqlalchemy import Index

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.admission import Criterion
from crisispool.domain.duty import DutyShift, FallbackPlace, ShiftOffer
from crisispool.domain.organisation import (
    ApiToken,
    ClosingDay,
    Colleague,
    Membership,
    Municipality,
    Network,
    Organisation,
    PolicyVersion,
    RoleGrant,
    ServiceAccount,
)

# A network and its CAW name each other, so `caw_id` is no foreign key: neither could be written first.
table(Network, "networks")
table(
    PolicyVersion,
    "policy_versions",
    links={"network_id": "networks.id"},
    unique=[("network_id", "version")],
)
table(Municipality, "municipalities", key=["nis"])
# An organisation may stand in a municipality that is in no network: `nis` is no foreign key.
table(
    Organisation,
    "organisations",
    links={"network_id": "networks.id", "backup_id": "organisations.id"},
)
closing_days = table(
    ClosingDay,
    "closing_days",
    links={"network_id": "networks.id", "organisation_id": "organisations.id"},
)
# Two rules, because a unique rule takes two absent organisations for different ones.
Index(
    "uq_closing_days_network",
    closing_days.c.network_id,
    closing_days.c.day,
    unique=True,
    sqlite_where=closing_days.c.organisation_id.is_(None),
    postgresql_where=closing_days.c.organisation_id.is_(None),
)
Index(
    "uq_closing_days_organisation",
    closing_days.c.network_id,
    closing_days.c.organisation_id,
    closing_days.c.day,
    unique=True,
    sqlite_where=closing_days.c.organisation_id.is_not(None),
    postgresql_where=closing_days.c.organisation_id.is_not(None),
)
table(
    Membership,
    "memberships",
    links={"network_id": "networks.id", "nis": "municipalities.nis", "ocmw_id": "organisations.id"},
    unique=[("network_id", "nis")],
)
table(
    Colleague,
    "colleagues",
    links={"network_id": "networks.id", "organisation_id": "organisations.id"},
)
table(
    RoleGrant,
    "role_grants",
    links={"colleague_id": "colleagues.id"},
    unique=[("colleague_id", "role")],
)
table(
    ApiToken,
    "api_tokens",
    links={"colleague_id": "colleagues.id"},
    unique=[("digest",)],
)
table(
    ServiceAccount,
    "service_accounts",
    links={"id": "api_tokens.id", "colleague_id": "colleagues.id", "made_by": "colleagues.id"},
)
table(
    DutyShift,
    "duty_shifts",
    links={"network_id": "networks.id", "colleague_id": "colleagues.id"},
    index=[("network_id", "duty", "starts_at")],
    checks={"lasts": "ends_at > starts_at"},
)
table(
    ShiftOffer,
    "shift_offers",
    links={"network_id": "networks.id", "from_id": "colleagues.id", "to_id": "colleagues.id"},
    index=[("shift_id",), ("network_id", "state")],
    versioned=True,
)
table(FallbackPlace, "fallback_places", links={"network_id": "networks.id"})
table(
    Criterion,
    "criteria",
    links={"network_id": "networks.id"},
    unique=[("network_id", "version", "code")],
)
