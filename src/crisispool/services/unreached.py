"""What reached nobody: a person hears of it, once, with whom to call."""

from datetime import datetime
from typing import Final

from crisispool.domain.organisation import Organisation, Role
from crisispool.domain.record import Message
from crisispool.ports import Ids, Transaction
from crisispool.services.messages import tell_role

KEY: Final = "message.unreached"

NAMED_BY: Final = ("reference", "request", "unit")
"""Facts by which people know what a message is about."""


async def escalate(tx: Transaction, ids: Ids, message: Message, reader: Organisation, now: datetime) -> None:
    """The coordinators hear that this message did not reach a service, and the number to call instead."""
    if message.key.startswith(KEY):
        # Whom nobody reaches is not told that nobody reaches them.
        return
    facts: dict[str, object] = {
        "organisation": reader.name,
        "phone": reader.phone or reader.night_phone or "–",
    }
    about = next((message.facts[name] for name in NAMED_BY if name in message.facts), None)
    key = KEY if about else f"{KEY}_other"
    subject, mark = (message.about_kind, message.about_id), f"unreached:{message.id}"
    role, said = Role.COORDINATOR, {**facts, "reference": about} if about else facts
    await tell_role(tx, ids, message.network_id, role, key, said, subject, mark, now, urgent=True)
