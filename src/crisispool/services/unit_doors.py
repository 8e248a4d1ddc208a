"""Address, key and contacts of a unit: shown to few, every look audited. Policy: who may see what, section 8."""

from dataclasses import asdict, dataclass, replace

from crisispool.domain.access import AccessCode, AccessVerdict, may_see_door
from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.organisation import Actor, Organisation
from crisispool.domain.secret import Secret
from crisispool.domain.unit import Unit, UnitAccess, UnitNetwork
from crisispool.ports import OneOf, Transaction
from crisispool.services.asks import DoorAsk
from crisispool.services.owners_word import OWNERS
from crisispool.services.parts import Parts, require
from crisispool.services.unit_changes import next_version

PAGE = "unit_access"
TEXTS = ("address", "key_instructions", "backup_key_phone", "night_contact", "cleaning_contact")


@dataclass(frozen=True, slots=True, repr=False)
class Door:
    """What the asker may see of it now: `door`, or else `refused`, the code of why not."""

    unit_id: str
    label: str
    door: DoorAsk | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a change: never what it was about."""

    unit_id: str


class UnitDoors:
    """The confidential side of units, outside any booking."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def view(self, actor: Actor, unit_id: str) -> Door:
        """Address, key and contacts as they are. Raises NotThere."""
        require(actor, *OWNERS)
        now = self._parts.now()
        async with self._parts.store.transaction() as tx:
            unit = await _unit(tx, unit_id)
            verdict = await _judged(tx, actor, unit)
            details = {"page": PAGE, "result": "shown" if verdict.allowed else verdict.code}
            await tx.audit(actor.colleague_id, "page.viewed", "unit", unit.id, now, details)
            if not verdict.allowed:
                return Door(unit.id, unit.label, None, verdict.code)
            known = self._as_it_is(unit, await _access(tx, unit.id))
        return Door(unit.id, unit.label, known)

    async def change(self, actor: Actor, operation_id: str, unit_id: str, ask: DoorAsk) -> None:
        """From now on they are these.

        Raises NotThere, Refusal ``access_reason_needed``, ``version_passed`` (an older key would come back).
        """
        require(actor, *OWNERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> _Kept:
            await tx.lock(Unit, [unit_id])
            unit = await _unit(tx, unit_id)
            verdict = await _judged(tx, actor, unit)
            if not verdict.allowed:
                raise Refusal(f"access_{verdict.code}")
            if self._as_it_is(unit, await _access(tx, unit.id)).seen != ask.seen:
                raise Refusal("version_passed")
            await next_version(tx, unit.id, inspection_until=ask.inspection_until)
            texts = {name: Secret(getattr(ask, name)) for name in TEXTS}
            await tx.save(UnitAccess(unit.id, **texts, house_agreement=ask.house_agreement))
            await tx.audit(actor.colleague_id, "unit.access_changed", "unit", unit.id, now)
            return _Kept(unit.id)

        content = {"unit": unit_id, **asdict(ask)}
        await parts.operations.once(operation_id, "unit.access", content, now, _Kept, work)
        await parts.view.refresh([unit_id], now)

    def _as_it_is(self, unit: Unit, access: UnitAccess) -> DoorAsk:
        texts = {name: getattr(access, name).reveal() for name in TEXTS}
        known = DoorAsk(
            **texts, house_agreement=access.house_agreement, inspection_until=unit.inspection_until
        )
        return replace(known, seen=self._parts.operations.mark(f"door:{unit.id}", known)[:32])


async def _unit(tx: Transaction, unit_id: str) -> Unit:
    unit = await tx.get(Unit, unit_id)
    if unit is None:
        raise NotThere("unit")
    return unit


async def _access(tx: Transaction, unit_id: str) -> UnitAccess:
    access = await tx.get(UnitAccess, unit_id)
    if access is None:
        raise NotThere("unit")
    return access


async def _judged(tx: Transaction, actor: Actor, unit: Unit) -> AccessVerdict:
    """Whether the asker may see it now. NotThere when they may not know of the unit at all."""
    owner = await tx.get(Organisation, unit.owner_id)
    same_network = owner is not None and owner.network_id == actor.network_id
    here = await tx.find(UnitNetwork, unit_id=unit.id, network_id=actor.network_id)
    inside = await tx.find(Booking, unit_id=unit.id, state=OneOf(tuple(LIVE_STATES)), limit=1)
    verdict = may_see_door(actor, unit.owner_id, same_network=same_network, slept_in=bool(inside))
    if not here or verdict.code is AccessCode.NOT_YOURS:
        raise NotThere("unit")
    return verdict
