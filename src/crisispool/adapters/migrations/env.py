"""How Alembic runs: on the connection, and in the transaction, of whoever called it."""

from alembic import context

from crisispool.adapters.sql_tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
