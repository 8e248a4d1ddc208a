"""What an account did in the messenger, and what of it may be kept: choices, numbers and known words, never prose."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from crisispool.conversations.counting import number_in, people_in
from crisispool.conversations.engine import WORDS
from crisispool.conversations.vocabulary import Chose, Screen, Session
from crisispool.domain.messenger import InboxUpdate, MessengerLink
from crisispool.domain.secret import Secret
from crisispool.ports import Transaction
from crisispool.services.messenger.own_screens import OWN
from crisispool.texts.screens import heard

LONGEST_ANSWER: Final = 40
"""Letters of the longest answer that is a number of people in words."""

LARGEST_NUMBER: Final = 2**31 - 1

CHOICE, TYPED, PROSE, STALE = "choice", "typed", "prose", "stale"
COMMAND, TOKEN, LOOK = "command", "token", "look"
"""What is kept of an update: which of these it is."""

Opened = Callable[[MessengerLink, str], str | None]
"""The choice of a button that was tapped by the account of this link; None when it was never made for it."""

_MENU_NUMBER = re.compile(r"[0-9]{1,2}[).]{0,2}")
_LONG_NUMBER = re.compile(r"[0-9]{3}")
"""As in a telephone number, a year or a house number: no number of people and of no choice."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing that somebody did in a private chat, as it came in. `typed` may be anything: it goes no further.

    `data` is what a tapped button carried, `tap_id` what the messenger calls the tap. A command is without its
    slash, `argument` what stood after it.
    """

    number: int
    account: int
    chat: int
    message_id: int
    language: str
    data: Secret | None = None
    tap_id: str = ""
    command: str = ""
    argument: Secret | None = None
    typed: Secret | None = None


def message_of(update: InboxUpdate) -> int:
    """The message of the chat that this came from; 0 when it came from none."""
    number: int = json.loads(update.content.reveal()).get("message", 0)
    return number


def row_of(
    number: int, account: str, content: dict[str, Any], now: datetime, *, name: str | None = None
) -> InboxUpdate:
    """What is kept of an update."""
    return InboxUpdate(
        id=name or str(number),
        number=min(number, LARGEST_NUMBER),
        account=account,
        content=Secret(json.dumps(content)),
        received_at=now,
        next_try_at=now,
    )


async def look_again(tx: Transaction, link: MessengerLink, name: str, now: datetime) -> None:
    """As if this account came to look: its chat shows where it is now. Once for each name."""
    if link.account is None or await tx.get(InboxUpdate, name) is not None:
        return
    latest = await tx.find(InboxUpdate, account=link.account, order=("-number",), limit=1)
    number = latest[0].number if latest else 0
    await tx.add(row_of(number, link.account, {"hear": LOOK}, now, name=name))


def tapped(choice_id: str | None) -> dict[str, Any]:
    """What is kept of a tap."""
    return {"hear": STALE} if choice_id is None else {"hear": CHOICE, "choice": choice_id}


def typed(text: str, session: Session, shown: Screen | None, language: str) -> dict[str, Any]:
    """What is kept of typed words: the choice that they are the words of, else a number or a known word.

    They count for the screen that was there when they came, so with numbers and words its turn is kept. All
    else is prose: only that there was some.
    """
    text = " ".join(text.split())
    if len(text) <= LONGEST_ANSWER:
        own = _numbered(text, shown)
        if own is not None:
            return {"hear": CHOICE, "choice": own}
        if _is_answer(text):
            return {"hear": TYPED, "text": text, "turn": session.turn}
        meant = heard(shown or session.shown, text, session.taken, language)
        if isinstance(meant, Chose):
            return {"hear": CHOICE, "choice": meant.choice_id}
    return {"hear": PROSE}


def _numbered(text: str, shown: Screen | None) -> str | None:
    """The choice with this number on a screen that belongs to no talk: the talks would take it for theirs."""
    choices = shown.choices if shown else ()
    if not choices or not choices[0].id.startswith(OWN) or not _MENU_NUMBER.fullmatch(text):
        return None
    number = int(text.rstrip(").")) - 1
    return choices[number].id if 0 <= number < len(choices) else None


def _is_answer(text: str) -> bool:
    plain = text.casefold()
    if _LONG_NUMBER.search(plain):
        return False
    return (
        plain in WORDS
        or _MENU_NUMBER.fullmatch(plain) is not None
        or number_in(plain) is not None
        or people_in(plain) is not None
    )
