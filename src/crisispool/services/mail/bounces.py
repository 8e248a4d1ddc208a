"""Mail that comes back: which of ours it was, and whether it is lost for good."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Part
from typing import Final

from crisispool.domain.messenger import Channel, Delivery, DeliveryState
from crisispool.services.mail.sending import fail
from crisispool.services.parts import Parts

LARGEST: Final = 1024 * 1024
"""Bytes that are read of a mail that came back; what says which one it was stands early."""

REASON: Final = "bounced"

_OURS: Final = re.compile(r"<([a-z0-9]{25})@")
_SERVERS: Final = re.compile(r"(?i)mailer-daemon|postmaster|mail delivery (sub)?system")
_OUTCOME: Final = re.compile(r"(?im)^action:\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail that came in. `lost`: a server says that it did not and will not arrive; `ids` may be deliveries."""

    lost: bool
    ids: tuple[str, ...]


class Bounces:
    """What came back, brought to its delivery."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def take(self, raw: bytes) -> int:
        """How many deliveries turn out not to have arrived; the coordinators hear of each, once."""
        returned = read(raw)
        found = 0
        for delivery_id in returned.ids if returned.lost else ():
            async with self._parts.store.transaction() as tx:
                for delivery in await tx.lock(Delivery, [delivery_id]):
                    if delivery.channel is Channel.MAIL and delivery.state is not DeliveryState.FAILED:
                        await fail(tx, self._parts, delivery, REASON)
                        found += 1
        return found


def read(raw: bytes) -> Returned:
    """What a mail that came in says. An answer of a person or of a holiday is no bounce, nor is a delay."""
    message = email.message_from_bytes(raw)
    if message.get_content_type() == "multipart/report":
        outcomes = {outcome.lower() for part in message.walk() for outcome in _outcomes(part)}
        lost = "failed" in outcomes
    else:
        answer = _head(message, "Auto-Submitted").lower().startswith("auto-replied")
        path = _head(message, "Return-Path")
        lost = not answer and bool(path == "<>" or _SERVERS.search(f"{_head(message, 'From')} {path}"))
    # The name of the bounce itself is not one of ours, whatever it looks like; lines may be broken in the middle.
    text = raw.decode("ascii", "replace").replace("=\r\n", "").replace("=\n", "")
    own = _OURS.findall(_head(message, "Message-ID"))
    return Returned(lost, tuple(dict.fromkeys(each for each in _OURS.findall(text) if each not in own)))


def _head(message: Part, name: str) -> str:
    return str(message.get(name, "")).strip()


def _outcomes(part: Part) -> Iterator[str]:
    """What a server says of each recipient. RFC 3464: the fields stand in a part of their own."""
    if part.get_content_type() == "message/delivery-status":
        yield from _OUTCOME.findall(part.as_string())
