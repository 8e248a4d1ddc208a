"""What a change of a booking means for its unit: the next version, and its owner told."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from crisispool.domain.booking import Booking
from crisispool.domain.request import HIDING_KINDS, Request
from crisispool.domain.unit import Turnover, Unit
from crisispool.ports import Ids, Transaction
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell


async def next_version(tx: Transaction, unit_id: str, **changes: Any) -> Unit:
    """The unit, locked, changed, with its next version: owner, view and desk see one order of changes."""
    [unit] = await tx.lock(Unit, [unit_id])
    changed = replace(unit, version=unit.version + 1, **changes)
    await tx.save(changed)
    return changed


async def start_turnover(
    tx: Transaction,
    ids: Ids,
    unit_id: str,
    due: datetime,
    now: datetime,
    *,
    booking_id: str | None = None,
    key_code_must_change: bool = False,
) -> None:
    """The unit is to be made ready, once: what an earlier turnover still asks for goes on in this one."""
    for earlier in await tx.find(Turnover, unit_id=unit_id, done_at=None):
        key_code_must_change |= earlier.key_code_must_change
        await tx.save(replace(earlier, done_at=now))
    await tx.add(Turnover(ids.new(), unit_id, booking_id, now, due, key_code_must_change))


async def change_key_if_hid(
    tx: Transaction, ids: Ids, booking: Booking, network: NetworkFacts, now: datetime
) -> None:
    """Where somebody hid the unit is not free before its key code was changed, whatever is done with it meanwhile.
    Policy: violence, section 5."""
    request = await tx.get(Request, booking.request_id)
    if request is not None and request.kind in HIDING_KINDS:
        due = ready_by(network, now)
        unit_id, of = booking.unit_id, booking.id
        await start_turnover(tx, ids, unit_id, due, now, booking_id=of, key_code_must_change=True)


def ready_by(network: NetworkFacts, now: datetime) -> datetime:
    """When a unit that was left now is to be ready: the next working day, 16:00. Policy: status, section 6."""
    calendar = network.calendar
    day = calendar.next_working_day(calendar.local(now).date())
    return calendar.instant(day, network.policy.turnover_due_at)


async def tell_owner(
    tx: Transaction,
    ids: Ids,
    booking: Booking,
    key: str,
    now: datetime,
    more: dict[str, object] | None = None,
) -> None:
    """Tell the owner of the booking's unit: reference, unit and dates."""
    unit = await tx.get(Unit, booking.unit_id)
    if unit is None:
        return
    facts: dict[str, object] = {
        "reference": booking.reference,
        "unit": unit.label,
        "checkout": booking.checkout.isoformat(),
        **(more or {}),
    }
    await tell(
        tx,
        ids,
        booking.network_id,
        ("owner", unit.owner_id),
        key,
        facts,
        ("booking", booking.id),
        f"{key}:{booking.id}:{booking.version}",
        now,
        urgent=True,
    )
