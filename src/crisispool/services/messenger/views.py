"""What a chat must show: written here in the transaction of whatever changed it, brought to the chat by the sender."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crisispool.conversations.vocabulary import Screen
from crisispool.domain.messenger import ChatView, MessengerLink
from crisispool.domain.secret import Secret
from crisispool.ports import Transaction, Vault
from crisispool.services.contacts import with_secrets, without_secrets


async def want(
    tx: Transaction,
    link: MessengerLink,
    screens: Sequence[Screen],
    now: datetime,
    *,
    last_message: int = 0,
) -> None:
    """From now on the chat of this link must show these screens, the last one with its choices.

    `last_message` is the newest message of the chat that is known, when something came from there.
    """
    kept = Secret(json.dumps([await without_secrets(tx, screen) for screen in screens], ensure_ascii=False))
    found = await tx.lock(ChatView, [link.id])
    if not found:
        await tx.add(ChatView(link.id, kept, wanted=1, last_message_id=last_message, next_try_at=now))
        return
    [view] = found
    await tx.save(
        replace(
            view,
            screen=kept,
            wanted=view.wanted + 1,
            last_message_id=max(view.last_message_id, last_message),
            next_try_at=now,
            tries=0,
            version=view.version + 1,
        )
    )


async def say_anew(tx: Transaction, link_ids: Sequence[str], now: datetime) -> None:
    """The chats of these links show the same, in words that have changed."""
    for view in await tx.lock(ChatView, list(link_ids)):
        anew = replace(view, wanted=view.wanted + 1, next_try_at=now, tries=0, version=view.version + 1)
        await tx.save(anew)


def screens_of(vault: Vault, view: ChatView) -> list[Screen]:
    """The screens that a chat must show; links to pages with their secrets, which no row holds."""
    return [with_secrets(vault, plain) for plain in json.loads(view.screen.reveal())]
