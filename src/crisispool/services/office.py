"""Everything that the coordinator's office does, put together once."""

from dataclasses import dataclass

from crisispool.services.audit_trail import AuditTrail
from crisispool.services.invariants import Invariants
from crisispool.services.parts import Parts
from crisispool.services.policies import Policies


@dataclass(frozen=True)
class Office:
    """The settings of the network, and the audit."""

    policies: Policies
    audit: AuditTrail


def office_of(parts: Parts, invariants: Invariants) -> Office:
    """The office over these parts."""
    return Office(Policies(parts), AuditTrail(parts, invariants))
