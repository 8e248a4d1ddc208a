"""Playbooks of municipalities and the tasks of cases; closed cases are found by when they were closed."""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision: str | None = "0061"


def upgrade() -> None:
    op.create_table(
        "playbook_tasks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("nis", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_playbook_tasks"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_playbook_tasks_network_id"),
        sa.ForeignKeyConstraint(["nis"], ["municipalities.nis"], name="fk_playbook_tasks_nis"),
    )
    op.create_index("ix_playbook_tasks_network_id_nis", "playbook_tasks", ["network_id", "nis"])
    op.create_index("ix_playbook_tasks_nis", "playbook_tasks", ["nis"])
    op.create_table(
        "case_tasks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("network_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_tasks"),
        sa.UniqueConstraint("case_id", "position", name="uq_case_tasks_case_id_position"),
        sa.ForeignKeyConstraint(["network_id"], ["networks.id"], name="fk_case_tasks_network_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_tasks_case_id"),
    )
    op.create_index("ix_case_tasks_network_id", "case_tasks", ["network_id"])
    op.drop_index("ix_handovers_network_id", "handovers")
    op.create_index("ix_handovers_network_id_closed_at", "handovers", ["network_id", "closed_at"])
