"""What everybody may know of the networks: their names, municipalities and which policy holds."""

from dataclasses import dataclass

from crisispool.domain.organisation import Actor, OrganisationKind
from crisispool.services.parts import Parts


@dataclass(frozen=True, slots=True)
class MunicipalityAnswer:
    """A municipality of a network, and who leads the outreach there."""

    nis: str
    name: str
    lead: OrganisationKind


@dataclass(frozen=True, slots=True)
class RegionAnswer:
    """A network, its desk, its municipalities by name, and the version of its policy."""

    id: str
    name: str
    desk_phone: str
    policy_version: int
    municipalities: tuple[MunicipalityAnswer, ...]


class Networks:
    """The networks as a list."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def list(self, actor: Actor) -> list[RegionAnswer]:
        """The networks that the asker works in."""
        async with self._parts.store.reading() as tx:
            facts = await self._parts.facts.network(tx, actor.network_id)
        municipalities = sorted(
            (
                MunicipalityAnswer(nis, facts.municipalities[nis].name, membership.lead)
                for nis, membership in facts.memberships.items()
            ),
            key=lambda municipality: municipality.name,
        )
        network = facts.network
        return [
            RegionAnswer(
                network.id, network.name, network.desk_phone, facts.policy.version, tuple(municipalities)
            )
        ]
