"""For whom an invitation is: somebody new of a role at a service, or a colleague who is there."""

from dataclasses import dataclass

from crisispool.domain.errors import BadInput, NotThere
from crisispool.domain.organisation import Colleague, Role, RoleGrant
from crisispool.ports import Transaction
from crisispool.services.accounts import home_of, loaded_network, without_programs


@dataclass(frozen=True, slots=True)
class ForWhom:
    """What an invitation is bound to."""

    network_id: str
    role: Role
    organisation_id: str | None


async def bound_to(
    tx: Transaction,
    network_id: str | None,
    role: Role | None,
    organisation_id: str | None,
    colleague_id: str | None,
) -> ForWhom:
    """Of this network, or of any for who looks after the machine. Refusals: as `Invitations.invite`."""
    if colleague_id is not None:
        return await _colleague(tx, network_id, role, organisation_id, colleague_id)
    if role is None:
        raise BadInput("role", "missing")
    organisation = await home_of(tx, role, organisation_id)
    if organisation is None:
        return ForWhom(network_id or await loaded_network(tx), role, None)
    if network_id not in (None, organisation.network_id):
        raise NotThere("organisation")
    return ForWhom(organisation.network_id, role, organisation.id)


async def _colleague(
    tx: Transaction,
    network_id: str | None,
    role: Role | None,
    organisation_id: str | None,
    colleague_id: str,
) -> ForWhom:
    colleague = await tx.get(Colleague, colleague_id)
    if colleague is None or not colleague.active or network_id not in (None, colleague.network_id):
        raise NotThere("colleague")
    if not await without_programs(tx, [colleague_id]):
        raise NotThere("colleague")
    if organisation_id not in (None, colleague.organisation_id):
        raise BadInput("organisation_id", "of_another_service")
    grants = await tx.find(RoleGrant, colleague_id=colleague_id, order=("role",))
    role = role or (grants[0].role if grants else None)
    if role is None:
        raise BadInput("role", "missing")
    return ForWhom(colleague.network_id, role, colleague.organisation_id)
