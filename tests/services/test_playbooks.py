"""The playbook of a municipality: started with the handover of a material crisis, done task by task."""

import pytest

from crisispool.domain.playbook import CaseTask, PlaybookTask, playbook_of
from crisispool.domain.record import AuditEntry
from crisispool.domain.request import RequestKind
from tests.support.night import Night, refusal
from tests.support.region import INGELMUNSTER, IZEGEM

TASKS = tuple(
    PlaybookTask(
        f"net:{INGELMUNSTER}:{n}", "net", INGELMUNSTER, n, task, "Technische dienst", "051 00 00 8" + str(n)
    )
    for n, task in ((2, "Spullen ophalen"), (1, "Gas afsluiten"))
)


@pytest.mark.parametrize(
    ("kind", "origin", "whereabouts", "town"),
    [
        (RequestKind.FIRE_WATER_CLOSED, INGELMUNSTER, IZEGEM, INGELMUNSTER),
        (RequestKind.FIRE_WATER_CLOSED, "outside", IZEGEM, IZEGEM),
        (RequestKind.FIRE_WATER_CLOSED, None, None, None),
        (RequestKind.CONFLICT, INGELMUNSTER, IZEGEM, None),
    ],
)
def test_a_material_crisis_starts_the_playbook_of_where_they_lived(
    kind: RequestKind, origin: str | None, whereabouts: str | None, town: str | None
) -> None:
    assert playbook_of(kind, origin, whereabouts, {INGELMUNSTER, IZEGEM}) == town


async def test_the_tasks_of_a_case_are_those_of_its_morning_in_their_order(night: Night) -> None:
    await night.add(*TASKS)
    await night.book(await night.request(), "in-house")
    await night.book(await night.request(adults=2, kind=RequestKind.CONFLICT), "iz-house")
    await night.until("2026-11-30 08:05")
    async with night.store.transaction() as tx:
        await tx.remove(*await tx.find(PlaybookTask))
    rows = await night.rows(CaseTask, order=("position",))
    assert [(each.position, each.task, each.done_at) for each in rows] == [
        (1, "Gas afsluiten", None),
        (2, "Spullen ophalen", None),
    ]
    assert len(await night.rows(AuditEntry, action="case.playbook_started")) == 1


async def test_a_task_is_done_once_and_can_be_opened_again_by_who_has_the_case(night: Night) -> None:
    await night.add(*TASKS)
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 08:05")
    [handover] = await night.handovers()
    [task, _] = await night.rows(CaseTask, order=("position",))

    async def say(by: str, *, done: bool, case: str = handover.id) -> str:
        actor = await night.actor(by)
        answer = await night.app.playbooks.say(actor, night.op(), case, task.id, done=done)
        return answer.done_by

    assert (await refusal(say("worker_izegem", done=True))).code == "not_there"
    assert (await refusal(say("calltaker", done=True))).code == "not_your_role"
    assert await say("worker_ingelmunster", done=True) == "worker_ingelmunster"
    night.later(minutes=5)
    assert await say("worker_caw", done=True) == "worker_ingelmunster", "who was first did it"
    assert await say("worker_caw", done=False) == ""
    actions = [each.action for each in await night.rows(AuditEntry, subject_id=task.case_id, order=("seq",))]
    assert actions == ["case.playbook_started", "case.task_done", "case.task_open"]
