"""One operation, one effect, the same answer: at once, later, from another process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from crisispool.domain.booking import Booking, Hold, StayDecision
from crisispool.domain.handover import Case
from crisispool.domain.record import AuditEntry, Message, Operation
from crisispool.domain.request import Request, RequestRefusal, Screening
from crisispool.services.asks import IdentityAsk, ScreeningAsk
from tests.support.night import JAN, Night, refusal

KINDS: tuple[type[Any], ...] = (
    Request, Screening, RequestRefusal, Hold, Booking, StayDecision, Case, Message, AuditEntry, Operation,
)  # fmt: skip

Doing = Callable[[Night], Awaitable[Any]]


async def counts(night: Night) -> list[int]:
    """How many records of each kind there are."""
    return [len(await night.rows(kind)) for kind in KINDS]


async def sent_five_times(night: Night, doing: Doing) -> Any:
    """Five times at once from three processes, and once more a day later: one effect, one answer."""
    processes = [night, night.another_process(), night.another_process(), night, night]
    answers = await asyncio.gather(*(doing(process) for process in processes))
    after = await counts(night)
    night.later(hours=24)
    answers.append(await doing(night))
    night.later(hours=-24)
    assert all(answer == answers[0] for answer in answers)
    assert await counts(night) == after
    return answers[0]


async def test_everything_the_desk_does_happens_once_however_often_it_is_sent(night: Night) -> None:
    request = await sent_five_times(night, lambda at: at.request(op="request", children=1))
    desk = await night.actor("calltaker")
    answers = ScreeningAsk({"danger": "no"})
    await sent_five_times(night, lambda at: at.app.checkup.screen(desk, "screen", request.id, answers))
    hold = await sent_five_times(night, lambda at: at.hold(request, "in-house", op="hold"))
    booking = await sent_five_times(night, lambda at: at.book_held(hold, op="book"))
    await sent_five_times(night, lambda at: at.app.stays.check_in(desk, "in", booking.id))
    moved = await sent_five_times(night, lambda at: at.move(booking, op="move"))
    known = await sent_five_times(
        night, lambda at: at.app.identities.put(desk, "who", moved.id, moved.persons[0], JAN)
    )
    assert not known.known
    await sent_five_times(night, lambda at: at.say("iz-room", "turnover", op="say"))
    assert [len(await night.rows(kind)) for kind in (Request, Hold, Case)] == [1, 1, 1]
    assert len(await night.rows(Booking)) == 2
    night.at("2026-11-30 09:00")
    longer = await sent_five_times(night, lambda at: at.extend(moved, "coordinator", op="extend"))
    assert len(longer.nights) == 4
    await sent_five_times(night, lambda at: at.app.stays.check_out(desk, "out", moved.id))


async def test_a_request_refused_or_withdrawn_many_times_is_so_once(night: Night) -> None:
    request, other = await night.request(), await night.request()
    desk = await night.actor("calltaker")
    await sent_five_times(night, lambda at: at.app.intake.withdraw(desk, "withdraw", other.id))
    booking = await night.book(request, "in-house")
    await sent_five_times(night, lambda at: at.app.stays.cancel(desk, "cancel", booking.id))


async def test_the_same_id_with_other_content_is_refused_and_changes_nothing(night: Night) -> None:
    request, other = await night.request(op="one"), await night.request()
    hold = await night.hold(request, "in-house", op="two")
    booking = await night.book_held(hold, op="three")
    desk, before = await night.actor("calltaker"), await counts(night)
    for doing in (
        night.request(op="one", adults=2),
        night.hold(other, "in-house", op="two"),
        night.hold(request, "in-studio", op="two"),
        night.book(other, "in-studio", op="three"),
        night.request(op="three"),
        night.app.stays.cancel(desk, "three", booking.id),
        night.move(booking, op="one"),
    ):
        assert (await refusal(doing)).code == "operation_reused"
    assert await counts(night) == before


async def test_a_refused_operation_may_be_tried_again_under_the_same_id(night: Night) -> None:
    request, other = await night.request(), await night.request()
    first = await night.book(request, "in-studio")
    assert (await refusal(night.book(other, "in-studio", op="again"))).code == "unit_booked"
    await night.cancel(first)
    assert (await night.book(other, "in-studio", op="again")).state == "booked"


@pytest.mark.parametrize("name", ["Jan", "Canary-Peeters", "1980"])
async def test_what_is_kept_of_an_operation_tells_nobody_who_it_was_about(night: Night, name: str) -> None:
    request = await night.request_of_jan()
    booking = await night.book(request, "in-studio")
    await night.identify(booking, replace(JAN, phone="0470 12 34 56"))
    await night.identify(booking, IdentityAsk("Jan", "Canary-Peeters", birth_year=1980))
    for row in await night.rows(Operation):
        assert name not in repr(row)
