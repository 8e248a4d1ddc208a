"""Tables of playbooks: what municipalities do after a material crisis, and the tasks of each case."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.playbook import CaseTask, PlaybookTask

table(
    PlaybookTask,
    "playbook_tasks",
    links={"network_id": "networks.id", "nis": "municipalities.nis"},
    index=[("network_id", "nis")],
)
table(
    CaseTask,
    "case_tasks",
    links={"network_id": "networks.id", "case_id": "cases.id"},
    unique=[("case_id", "position")],
    versioned=True,
)
