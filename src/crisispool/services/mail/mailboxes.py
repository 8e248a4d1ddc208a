"""Which mailbox a message goes to."""

from crisispool.domain.organisation import Organisation, OrganisationKind
from crisispool.domain.unit import Unit
from crisispool.ports import Transaction


def mailbox_of(organisation: Organisation, recipient_kind: str) -> str:
    """Where this part of an organisation reads its mail, empty when nobody said so.

    The landlord's part reads another one where there is one: it does not read what outreach is told.
    """
    if recipient_kind == "owner" and organisation.owner_mailbox:
        return organisation.owner_mailbox
    return organisation.mailbox


async def without_mailbox(tx: Transaction) -> list[str]:
    """Names of the organisations that are told things in a mailbox and have none: outreach, and owners of units."""
    owners = {owner_id for (owner_id,) in await tx.pick(Unit, "owner_id")}
    return [
        each.name
        for each in await tx.find(Organisation, order=("name",))
        if not mailbox_of(each, "owner" if each.id in owners else "outreach")
        and (each.id in owners or each.kind in (OrganisationKind.OCMW, OrganisationKind.CAW))
    ]
