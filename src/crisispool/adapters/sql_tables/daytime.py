"""The table of questions that come by day."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.daytime import DaytimeQuestion

table(
    DaytimeQuestion,
    "daytime_questions",
    links={"network_id": "networks.id"},
    index=[("network_id", "day")],
)
