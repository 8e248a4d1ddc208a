"""What a unit offers: made and changed, inside a transaction of its caller."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from crisispool.domain.availability import UnitFacts
from crisispool.domain.errors import BadInput
from crisispool.domain.organisation import Actor, Organisation, Role
from crisispool.domain.secret import Secret
from crisispool.domain.unit import StatusEvent, Unit, UnitAccess, UnitKind, UnitNetwork, UnitSource
from crisispool.ports import Ids, Transaction
from crisispool.services.asks import UnitAsk
from crisispool.services.facts import NetworkFacts
from crisispool.services.owners_word import CONFIRMED, must_be_in_nobodys_way

CHANGEABLE = (
    "label",
    "places",
    "cots",
    "rooms",
    "step_free",
    "pets",
    "staffed",
    "family",
    "mandate",
    "free_until",
    "joined_on",
    "leaves_on",
    "rota_weeks",
)
"""What an owner may change of a unit; owner, municipality and source stay."""

CLEARABLE = frozenset({"free_until", "joined_on", "leaves_on"})
"""Dates that can be taken away."""


def new_unit(actor: Actor, unit_id: str, ask: UnitAsk, network: NetworkFacts, now: datetime) -> Unit:
    """A unit that is offered from now on. Raises BadInput."""
    _check(ask)
    owner_id = ask.owner_id if actor.is_(Role.COORDINATOR) and ask.owner_id else actor.organisation_id
    if owner_id is None:
        raise BadInput("owner_id", "missing")
    if ask.nis not in network.municipalities:
        raise BadInput("nis", "unknown_municipality")
    if not ask.label or ask.places is None:
        raise BadInput("label" if not ask.label else "places", "missing")
    kind = ask.kind or UnitKind.EMERGENCY_DWELLING
    if kind not in set(UnitKind):
        raise BadInput("kind", "unknown")
    unit = Unit(
        id=unit_id,
        owner_id=owner_id,
        nis=ask.nis or "",
        label=ask.label,
        kind=UnitKind(kind),
        source=UnitSource.POOL,
        places=ask.places,
        confirmed_at=now,
    )
    return _in_order(replace(unit, **_given(ask)))


async def add_unit(tx: Transaction, ids: Ids, actor: Actor, unit: Unit, now: datetime) -> None:
    """Put it in the network, confirmed by making it. Raises BadInput, Conflict when it is there."""
    owner = await tx.get(Organisation, unit.owner_id)
    if owner is None or owner.network_id != actor.network_id:
        raise BadInput("owner_id", "unknown_organisation")
    await tx.add(unit, UnitNetwork(ids.new(), unit.id, actor.network_id))
    nothing = Secret("")
    await tx.add(UnitAccess(unit.id, nothing, nothing, nothing, nothing, nothing))
    await tx.add(StatusEvent(ids.new(), unit.id, CONFIRMED, None, actor.colleague_id, now))
    await tx.audit(actor.colleague_id, "unit.made", "unit", unit.id, now)


def changed_unit(facts: UnitFacts, ask: UnitAsk, network: NetworkFacts, now: datetime) -> Unit:
    """The unit as it is offered from now on, of the same version. Raises BadInput, Refusal ``held_until``,
    ``booked_until``."""
    if not set(ask.clear) <= CLEARABLE:
        raise BadInput("clear", "unknown")
    _check(ask)
    if ask.rota_weeks is not None and facts.unit.source is not UnitSource.ROTA:
        raise BadInput("rota_weeks", "not_a_rota_unit")
    given = _given(ask) | dict.fromkeys(ask.clear)
    changed = _in_order(replace(facts.unit, **given))
    if changed.free_until is not None and changed.free_until != facts.unit.free_until:
        # Promised to somebody from that day on: not when people are there until later.
        must_be_in_nobodys_way(facts, changed.free_until, None, now, network)
    return changed


def _given(ask: UnitAsk) -> dict[str, Any]:
    return {
        name: value
        for name in CHANGEABLE
        if name not in ask.clear and (value := getattr(ask, name)) is not None
    }


def _in_order(unit: Unit) -> Unit:
    if unit.joined_on and unit.leaves_on and unit.leaves_on <= unit.joined_on:
        raise BadInput("leaves_on", "until_before_from")
    return unit


def _check(ask: UnitAsk) -> None:
    if any(monday.weekday() for monday in ask.rota_weeks or ()):
        raise BadInput("rota_weeks", "not_a_monday")
    for name, least in (("places", 1), ("cots", 0), ("rooms", 1)):
        given = getattr(ask, name)
        if given is not None and given < least:
            raise BadInput(name, "too_small")
