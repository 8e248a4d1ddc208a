"""Everything that the coordinator's office does, put together once."""

from dataclasses import dataclass

from crisispool.services.parts import Parts
from crisispool.services.policies import Policies


@dataclass(frozen=True)
class Office:
    """The settings of the network."""

    policies: Policies


def office_of(parts: Parts) -> Office:
    """The office over these parts."""
    return Office(Policies(parts))
