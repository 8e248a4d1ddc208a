"""Tables of how people come in with a browser."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.web_session import WebSession

table(
    WebSession,
    "web_sessions",
    links={"colleague_id": "colleagues.id"},
    unique=[("digest",)],
    index=[("made_at",)],
)
