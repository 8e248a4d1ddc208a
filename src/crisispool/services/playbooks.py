"""The tasks of a case: shown with the case, and marked as done by whoever has it."""

from dataclasses import dataclass, replace
from datetime import datetime

from crisispool.domain.errors import NotThere
from crisispool.domain.handover import Handover
from crisispool.domain.organisation import Actor, Colleague
from crisispool.domain.playbook import CaseTask
from crisispool.ports import OneOf, Transaction
from crisispool.services.handovers import WORKERS
from crisispool.services.parts import Parts, require
from crisispool.services.sight import handover_of


@dataclass(frozen=True, slots=True)
class TaskAnswer:
    """One task in its order: what, which service does it, its number; `done_by` the label of who said that it is."""

    id: str
    position: int
    task: str
    owner: str
    phone: str
    done_at: datetime | None
    done_by: str


class Playbooks:
    """Tasks of cases. Policy: the next working day, section 7."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def say(
        self, actor: Actor, operation_id: str, handover_id: str, task_id: str, *, done: bool
    ) -> TaskAnswer:
        """A task is done, or it is not after all. Said again it stays as it was. Raises NotThere."""
        require(actor, *WORKERS)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> TaskAnswer:
            handover = await handover_of(tx, actor, handover_id)
            [*found] = await tx.lock(CaseTask, [task_id])
            if not found or found[0].case_id != handover.case_id:
                raise NotThere("task")
            task = found[0]
            if (task.done_at is not None) is not done:
                by = actor.colleague_id
                said = {"done_at": now, "done_by": by} if done else {"done_at": None, "done_by": None}
                task = replace(task, version=task.version + 1, **said)
                await tx.save(task)
                word = "task_done" if done else "task_open"
                details = {"task": task.position}
                await tx.audit(by, f"case.{word}", "case", handover.case_id, now, details)
            [answer] = await _answers(tx, [task])
            return answer

        content = {"handover": handover_id, "task": task_id, "done": done}
        return await parts.operations.once(operation_id, "task", content, now, TaskAnswer, work)


async def tasks_of(tx: Transaction, handover: Handover) -> tuple[TaskAnswer, ...]:
    """The tasks of the case of this handover, in order."""
    return tuple(await _answers(tx, await tx.find(CaseTask, case_id=handover.case_id, order=("position",))))


async def _answers(tx: Transaction, tasks: list[CaseTask]) -> list[TaskAnswer]:
    known = OneOf(tuple({each.done_by for each in tasks if each.done_by}))
    labels = {each.id: each.label for each in await tx.find(Colleague, id=known)}
    return [
        TaskAnswer(
            each.id,
            each.position,
            each.task,
            each.owner,
            each.phone,
            each.done_at,
            labels.get(each.done_by or "", ""),
        )
        for each in tasks
    ]
