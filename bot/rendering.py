"""Screens of the talks as one bubble of a chat: words, and buttons that only its own account can use."""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from bot.buttons import button_data
from crisispool.domain.messenger import MessengerLink
from crisispool.ports import Bubble, Button, Vault
from crisispool.services.messenger.gateway import Passed
from crisispool.texts.render import render
from crisispool.texts.screens import Shown, shown

LONGEST_TEXT: Final = 4096
"""What one bubble holds, counted in UTF-16 as the messenger counts."""

SHORT_LABEL: Final = 16
"""Letters of a label that leave room for another one beside it on a telephone."""

MOST_BUTTONS: Final = 96

OpensPage = Callable[[str, str], Button]
"""From the label and the address of a page of our own to the button that opens it."""


def outside(label: str, url: str) -> Button:
    """A button that opens a page in the browser."""
    return Button(label, url=url)


def bubble_of(vault: Vault, link: MessengerLink, passed: Passed, opens: OpensPage = outside) -> Bubble:
    """What passed the gateway, in the language of this link; the last screen has the choices.

    A page that the messenger would not open, because only this machine knows its address, is named in the text.
    """
    screens = [shown(screen, link.language) for screen in passed.screens]
    links = [each for screen in screens for each in screen.links]
    hidden = [f"{each['label']}: {each['url']}" for each in links if not _reachable(each["url"])]
    pages = [opens(each["label"], each["url"]) for each in links if _reachable(each["url"])]
    choices = [
        Button(each["label"], data=button_data(vault, link, each["id"]))
        for each in (screens[-1].choices if screens else ())
    ]
    text = _fitting("\n\n".join([*_words(screens), *hidden]), link.language)
    return Bubble(text, (*((page,) for page in pages), *_rows(choices[: MOST_BUTTONS - len(pages)])))


def _words(screens: Iterable[Shown]) -> list[str]:
    return [screen.text.strip() for screen in screens if screen.text.strip()]


def _rows(buttons: Sequence[Button]) -> list[tuple[Button, ...]]:
    """Two short ones that follow each other stand side by side, in the order in which they are read."""
    rows: list[tuple[Button, ...]] = []
    for button in buttons:
        last = rows[-1] if rows else ()
        if len(last) == 1 and all(len(each.label) <= SHORT_LABEL for each in (*last, button)):
            rows[-1] = (*last, button)
        else:
            rows.append((button,))
    return rows


def _fitting(text: str, language: str) -> str:
    """The text, or as many of its lines as there is room for, and that there is more."""
    if _length(text) <= LONGEST_TEXT:
        return text
    more = render("bubble.more", {}, language)
    room = LONGEST_TEXT - _length(more) - 1
    kept: list[str] = []
    for line in text.split("\n"):
        room -= _length(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, more])


def _length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _reachable(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host
