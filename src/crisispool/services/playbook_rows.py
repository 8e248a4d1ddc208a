"""The playbook of a case started, inside a transaction of its caller."""

from datetime import datetime

from crisispool.domain.handover import Case
from crisispool.domain.playbook import CaseTask, PlaybookTask, playbook_of
from crisispool.domain.request import Request
from crisispool.ports import Ids, Transaction
from crisispool.services.facts import NetworkFacts


async def start_playbook(
    tx: Transaction, ids: Ids, case: Case, request: Request, network: NetworkFacts, by: str, now: datetime
) -> None:
    """The tasks as they stand now; a playbook that changes later changes nothing of this case."""
    nis = playbook_of(request.kind, request.origin, request.whereabouts, network.municipalities)
    if nis is None or await tx.find(CaseTask, case_id=case.id, limit=1):
        return
    tasks = await tx.find(PlaybookTask, network_id=case.network_id, nis=nis, order=("position",))
    await tx.add(
        *(
            CaseTask(ids.new(), case.network_id, case.id, position, each.task, each.owner, each.phone)
            for position, each in enumerate(tasks, start=1)
        )
    )
    if tasks:
        await tx.audit(by, "case.playbook_started", "case", case.id, now, {"tasks": len(tasks)})
