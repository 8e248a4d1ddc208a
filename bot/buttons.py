"""What a button carries: which choice it is, bound to one account by a signature. Nothing that tells anything."""

import base64
import hmac
from typing import Final

from crisispool.domain.messenger import MessengerLink
from crisispool.ports import Vault

LONGEST: Final = 64
"""Bytes that the messenger lets a button carry."""

_PURPOSE: Final = "messenger_button"
_SIGNED_BYTES: Final = 15
_BETWEEN: Final = ":"


def button_data(vault: Vault, link: MessengerLink, choice_id: str) -> str:
    """What the button of this choice carries in the chat of this link.

    The choice names its turn of the talk, or its message: a button is of one person, one chat and one version.
    Raises ValueError when the choice is too long for a button.
    """
    data = f"{choice_id}{_BETWEEN}{_signature(vault, link, choice_id)}"
    if len(data.encode()) > LONGEST:
        raise ValueError(f"the choice {choice_id!r} is too long for a button")
    return data


def choice_in(vault: Vault, link: MessengerLink, data: str) -> str | None:
    """The choice of a button that was tapped by this account; None when the button was never made for it."""
    if not data.isascii():
        return None
    choice_id, _, signature = data.rpartition(_BETWEEN)
    right = _signature(vault, link, choice_id)
    return choice_id if hmac.compare_digest(right.encode(), signature.encode()) else None


def _signature(vault: Vault, link: MessengerLink, choice_id: str) -> str:
    whole = bytes.fromhex(vault.digest(_PURPOSE, f"{link.id}{_BETWEEN}{choice_id}"))
    return base64.urlsafe_b64encode(whole[:_SIGNED_BYTES]).decode()
