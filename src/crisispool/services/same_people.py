"""Two requests that may be of the same people. Only the desk hears of it: to anyone else it says who is known here."""

from collections.abc import Sequence
from datetime import datetime

from crisispool.domain.duty import Duty
from crisispool.domain.request import Request, RequestState
from crisispool.ports import AtLeast, Ids, OneOf, Transaction
from crisispool.services.facts import NetworkFacts
from crisispool.services.reaching import reach


async def same_household(tx: Transaction, request: Request, network: NetworkFacts) -> tuple[str, ...]:
    """References of requests around this one that may be the same people. Policy: section 5."""
    if request.whereabouts is None:
        return ()
    recent = await tx.find(
        Request,
        network_id=request.network_id,
        whereabouts=request.whereabouts,
        adults=request.adults,
        children=request.children,
        state=OneOf((RequestState.OPEN, RequestState.BOOKED)),
        created_at=AtLeast(request.created_at - network.policy.same_household_within),
    )
    return tuple(sorted(other.reference for other in recent if other.id != request.id))


async def tell_desk(tx: Transaction, ids: Ids, request: Request, alike: Sequence[str], now: datetime) -> None:
    """Whoever is reachable hears that a request may be of people who asked already."""
    if not alike:
        return
    facts = {"request": request.reference, "references": list(alike)}
    about, mark = ("request", request.id), f"alike:{request.id}"
    whose, key = request.network_id, "message.request_alike"
    await reach(tx, ids, whose, Duty.CALLTAKER, key, facts, about, mark, now)
