"""What a talk shows besides what the services answer: labels of units and colleagues, moments, whose it is."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pydantic_core import to_jsonable_python

from crisispool.conversations.vocabulary import Say
from crisispool.domain.booking import LIVE_STATES, Booking
from crisispool.domain.organisation import Actor, Colleague, Municipality, Organisation
from crisispool.domain.request import Request
from crisispool.domain.unit import Unit
from crisispool.ports import OneOf, Transaction
from crisispool.services.answers import AvailabilityAnswer, BookingAnswer, HandoverAnswer, RequestAnswer
from crisispool.services.parts import Parts
from crisispool.services.referring import call_back

Plain = dict[str, Any]

HIDDEN_UNIT = Say("booking.hidden_unit")
"""Stands where the label of a unit may not be told."""


async def whose_requests(tx: Transaction, actor: Actor, answers: list[RequestAnswer]) -> list[Plain]:
    """Each with `asked_at`, and `whose`: nobody, mine or other (then `taken_label`, never a name)."""
    rows = await _by_id(tx, Request, [answer.id for answer in answers])
    label = await _labels(tx, [answer.taken_by for answer in answers])
    return [
        {
            **_plain(answer),
            "asked_at": rows[answer.id].created_at.isoformat(),
            "whose": _whose(actor, answer.taken_by),
            "taken_label": label.get(answer.taken_by or "", ""),
        }
        for answer in answers
    ]


async def who_asked(tx: Transaction, request: Request) -> Plain | None:
    """The service that asked for a bed and the number on record at which it is called back; None: not known."""
    service = await tx.get(Organisation, request.referrer_organisation_id)
    number = await call_back(tx, request.referrer_organisation_id)
    return (
        {"request": request.reference, "organisation": service.name, "call_back": number}
        if service and number
        else None
    )


async def whose_bookings(tx: Transaction, actor: Actor, answers: list[BookingAnswer]) -> list[Plain]:
    """Each with the label of its unit, `mine`, and `by`: the label of who booked it."""
    rows = await _by_id(tx, Booking, [answer.id for answer in answers])
    units = await _by_id(tx, Unit, [answer.unit_id for answer in answers if answer.unit_id])
    label = await _labels(tx, [row.by for row in rows.values()])
    return [
        {
            **_plain(answer),
            "unit": units[answer.unit_id].label if answer.unit_id else HIDDEN_UNIT.plain(),
            "mine": rows[answer.id].by == actor.colleague_id,
            "by": label.get(rows[answer.id].by, ""),
        }
        for answer in answers
    ]


async def with_beds(tx: Transaction, parts: Parts, answers: Sequence[HandoverAnswer]) -> list[Plain]:
    """Each with `beds`: of who is there now the booking, and whether the stay is `over`."""
    cases, live = OneOf(tuple(answer.case_id for answer in answers)), OneOf(tuple(LIVE_STATES))
    found = await tx.find(Booking, case_id=cases, state=live, order=("case_id", "id"))
    today = {
        network_id: (await parts.facts.calendar(tx, network_id)).local(parts.now()).date()
        for network_id in {booking.network_id for booking in found}
    }
    beds: dict[str, list[Plain]] = defaultdict(list)
    for booking in found:
        over = booking.checkout <= today[booking.network_id]
        beds[booking.case_id].append({"id": booking.id, "reference": booking.reference, "over": over})
    return [{**_plain(answer), "beds": beds[answer.case_id]} for answer in answers]


async def named_pairs(tx: Transaction, answer: AvailabilityAnswer) -> Plain:
    """The proposals; one of two units says in `together_with` which the second one is."""
    units = await _by_id(tx, Unit, [each.with_unit_id for each in answer.proposals if each.with_unit_id])
    towns = {town.nis: town.name for town in await tx.find(Municipality)}
    plain = _plain(answer)
    for proposal in plain["proposals"]:
        if proposal["with_unit_id"]:
            other = units[proposal["with_unit_id"]]
            proposal["together_with"] = {
                "unit": other.label,
                "town": towns.get(other.nis, ""),
                "places": other.places,
            }
    return plain


def _plain(answer: object) -> Plain:
    plain: Plain = to_jsonable_python(answer)
    return plain


def _whose(actor: Actor, taken_by: str | None) -> str:
    if taken_by is None:
        return "nobody"
    return "mine" if taken_by == actor.colleague_id else "other"


async def _by_id(tx: Transaction, kind: type[Any], ids: list[str]) -> dict[str, Any]:
    return {row.id: row for row in await tx.find(kind, id=OneOf(tuple(dict.fromkeys(ids))))}


async def _labels(tx: Transaction, ids: list[str | None]) -> dict[str, str]:
    known = [each for each in ids if each]
    return {each: colleague.label for each, colleague in (await _by_id(tx, Colleague, known)).items()}
