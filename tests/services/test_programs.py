"""Programs with a token beside people: what only somebody who answers can take on, they do not get."""

from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.organisation import Actor, Role
from crisispool.services.asks import AcknowledgeAsk, ReassignAsk
from crisispool.services.service_accounts import ServiceAccountAsk
from tests.support.night import MONDAY, Night, refusal


async def program(night: Night, role: Role, organisation_id: str | None = None) -> Actor:
    """A program of this role."""
    ask = ServiceAccountAsk("Canary dispatch", role, MONDAY, organisation_id)
    made = await night.app.service_accounts.make(await night.actor("coordinator"), night.op(), ask)
    actor = await night.app.accounts.actor_of_token(made.token)
    assert actor is not None
    return actor


async def test_a_program_is_never_who_answers_at_night(night: Night) -> None:
    dispatch = await program(night, Role.CALLTAKER)
    [shift] = await night.rows(DutyShift, duty=Duty.CALLTAKER)
    offer = await night.app.rosters.offer(await night.actor("calltaker"), night.op(), shift.id)
    for asked in (
        night.app.shifts.go_on(dispatch, night.op()),
        night.app.rosters.accept(dispatch, night.op(), offer.id),
    ):
        assert (await refusal(asked)).code == "not_your_role"
    assert [each.colleague_id for each in await night.rows(DutyShift, duty=Duty.CALLTAKER)] == ["calltaker"]


async def test_a_program_takes_a_case_for_its_service_and_is_nobodys_contact(night: Night) -> None:
    records = await program(night, Role.SUPPORT_WORKER, "caw")
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 08:05")
    [handover] = await night.handovers()

    async def take(ask: AcknowledgeAsk) -> str | None:
        answer = await night.app.handovers.acknowledge(records, night.op(), handover.id, ask)
        return answer.worker_id

    assert (await refusal(take(AcknowledgeAsk()))).code == "not_there"
    given = ReassignAsk(worker_id=records.colleague_id)
    worker = await night.actor("worker_caw")
    again = night.app.handovers.reassign(worker, night.op(), handover.id, given)
    assert (await refusal(again)).code == "not_there"
    assert await take(AcknowledgeAsk(named=False)) is None
    assert await take(AcknowledgeAsk("worker_caw")) == "worker_caw"
