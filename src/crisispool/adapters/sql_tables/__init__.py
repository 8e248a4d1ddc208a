"""The tables of the record, one for each kind of record of the domain, with the rules between rows."""

from crisispool.adapters.sql_tables import (
    beds,
    daytime,
    doors,
    house,
    messenger,
    partners,
    playbook,
    requests,
    rounds,
    units,
)
from crisispool.adapters.sql_tables.declare import METADATA, TABLES

__all__ = [
    "METADATA",
    "TABLES",
    "beds",
    "daytime",
    "doors",
    "house",
    "messenger",
    "partners",
    "playbook",
    "requests",
    "rounds",
    "units",
]
