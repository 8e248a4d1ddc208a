"""Closed cases: the last closed first, page by page, none twice and none left out."""

from dataclasses import replace
from datetime import timedelta

from crisispool.domain.handover import Handover, HandoverState, Outcome, Solved
from crisispool.services.handovers import ClosedMark
from crisispool.web.board.cases_closed import mark_of
from tests.support.night import Night

LATER = timedelta(minutes=1)


async def closed_cases(night: Night) -> list[str]:
    """Five cases of Ingelmunster, closed one after the other, the middle three in the same moment; ids, last first."""
    units = ("in-house", "in-studio", "iz-house", "iz-studio", "wi-flat")
    for n, unit in enumerate(units):
        await night.book(await night.request(adults=1, ages=(), expected_at=None, children=n % 2), unit)
    await night.until("2026-11-30 08:05")
    ids = sorted(each.id for each in await night.handovers())
    moments = dict(zip(ids, (0, 1, 1, 1, 2), strict=True))
    async with night.store.transaction() as tx:
        for row in await tx.find(Handover):
            at = night.clock.now() + LATER * moments[row.id]
            ended = replace(
                row, state=HandoverState.CLOSED, outcome=Outcome.HOTEL, solved=Solved.YES, closed_at=at
            )
            await tx.save(replace(ended, version=row.version + 1, next_action_at=None, next_step=None))
    return sorted(ids, key=lambda each: (-moments[each], each))


async def test_pages_follow_each_other_also_where_several_were_closed_in_one_moment(night: Night) -> None:
    wanted = await closed_cases(night)
    for by, most in (("worker_ingelmunster", 2), ("coordinator", 3), ("worker_caw", 50)):
        found: list[str] = []
        mark: ClosedMark | None = None
        for _ in range(len(wanted)):
            page = await night.app.handovers.closed(await night.actor(by), mark, most)
            found += [each.id for each in page]
            if len(page) < most or page[-1].closed_at is None:
                break
            mark = ClosedMark(page[-1].closed_at, page[-1].id)
        assert found == wanted, by
    assert await night.app.handovers.closed(await night.actor("worker_izegem"), None, 50) == []
    actor = await night.actor("worker_ingelmunster")
    first = await night.app.cases.closed(actor)
    assert (first.lines[0].handover.outcome, first.more) == ("hotel", None)
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-30", ""):
        assert mark_of({"after": text, "id": "x"}) is None, "no moment in which a case was closed"
    assert mark_of({"after": "2026-11-30T09:00:00.000001+01:00", "id": "x"}) is not None
    case = await night.app.cases.view(actor, wanted[0])
    assert [each.what for each in case.events][-1] == "handover.closed", "it can still be read"
