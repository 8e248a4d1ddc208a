"""What a change of a booking means for its unit: the next version, and its owner told."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from crisispool.domain.booking import Booking
from crisispool.domain.unit import Turnover, Unit
from crisispool.ports import Ids, Transaction
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
