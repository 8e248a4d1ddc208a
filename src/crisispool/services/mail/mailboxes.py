"""Which mailbox a message goes to, and the deliveries of what was told to services since."""

from datetime import datetime, timedelta
from typing import Final

from crisispool.domain.errors import Conflict
from crisispool.domain.messenger import Channel, Delivery
from crisispool.domain.organisation import Organisation, OrganisationKind
from crisispool.domain.record import Message
from crisispool.domain.unit import Unit
from crisispool.ports import AtLeast, Ids, OneOf, Store, Transaction

SERVICES: Final = ("owner", "outreach")
"""Recipients that are a part of an organisation, not a colleague."""

LOOK_BACK: Final = timedelta(days=7)
"""Nothing stands still for longer; what is older was told, or is past."""


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


async def queue(store: Store, ids: Ids, now: datetime) -> None:
    """A delivery for every message to a service that has a mailbox, once."""
    async with store.reading() as tx:
        told = await tx.find(Message, recipient_kind=OneOf(SERVICES), at=AtLeast(now - LOOK_BACK))
        known = OneOf(tuple(message.id for message in told))
        queued = {each.message_id for each in await tx.find(Delivery, message_id=known, channel=Channel.MAIL)}
        services = OneOf(tuple({message.recipient_id for message in told}))
        readers = {each.id: each for each in await tx.find(Organisation, id=services)}
    for message in told:
        reader = readers.get(message.recipient_id)
        if message.id in queued or reader is None or not mailbox_of(reader, message.recipient_kind):
            continue
        try:
            async with store.transaction() as tx:
                await tx.add(
                    Delivery(
                        ids.new(), message.id, message.network_id, Channel.MAIL, reader.id,
                        message.urgent, message.at, next_try_at=now,
                    )
                )  # fmt: skip
        except Conflict:
            # Another process was first with the same message.
            continue
