"""Messages about one thing of which the newest is enough: a reader has one bubble of them, not a stream."""

from typing import Final

from crisispool.domain.messenger import ARRIVED, Channel, Delivery, DeliveryState
from crisispool.domain.record import Message
from crisispool.ports import OneOf, Transaction

SERIES: Final[dict[str, str]] = {
    f"message.{key}": name
    for name, keys in {
        "request": "request_desk request_backup request_coordinator request_told_backup request_told_coordinator "
        "request_fallback request_bed request_call_back request_undecided request_overdue decide_stay accepted "
        "refused",
        "arrival": "arrival_question",
        "handover": "handover handover_stays handover_left handover_contact handover_backup handover_coordinator "
        "accepted_by_other contact_overdue",
        "care": "care_ask care_again care_overdue",
        "checkout": "checkout_question checkout_question_owner checkout_unanswered overstay",
        "weekend": "weekend_list weekend_list_open",
    }.items()
    for key in keys.split()
}
"""The series of a message by its key. One without a series neither replaces anything nor is replaced: a question
about arrival must not vanish because the stay was extended."""


async def older_in_series(
    tx: Transaction, message: Message, channel: Channel, reader_id: str
) -> list[Delivery]:
    """What this reader was told before, or is to be told, in the series of this message; the newest first."""
    series = SERIES.get(message.key)
    if series is None:
        return []
    about = await tx.find(Message, about_id=message.about_id, about_kind=message.about_kind)
    older = [
        each
        for each in about
        if each.id != message.id
        and SERIES.get(each.key) == series
        and _order(each) <= _order(message)
        and not _of_another_part(each, message)
    ]
    if not older:
        return []
    return await tx.find(
        Delivery,
        order=("-at",),
        message_id=OneOf(tuple(each.id for each in older)),
        channel=channel,
        reader_id=reader_id,
        state=OneOf((DeliveryState.QUEUED, *ARRIVED)),
    )


def _of_another_part(one: Message, other: Message) -> bool:
    """What the landlord is asked is not what outreach is asked, also where one mailbox or one person reads both."""
    return {one.recipient_kind, other.recipient_kind} == {"owner", "outreach"}


def _order(message: Message) -> tuple[object, str]:
    return message.at, message.id
