"""Everything that the coordinator's office does, put together once."""

from dataclasses import dataclass

from crisispool.services.audit_trail import AuditTrail
from crisispool.services.handover_rows import HandoverRows
from crisispool.services.invariants import Invariants
from crisispool.services.leaving import Leaving
from crisispool.services.parts import Parts
from crisispool.services.people import People
from crisispool.services.policies import Policies


@dataclass(frozen=True)
class Office:
    """The people of the network, who leaves, its settings, and the audit."""

    people: People
    leaving: Leaving
    policies: Policies
    audit: AuditTrail


def office_of(parts: Parts, rows: HandoverRows, invariants: Invariants) -> Office:
    """The office over these parts."""
    return Office(People(parts), Leaving(parts, rows), Policies(parts), AuditTrail(parts, invariants))
