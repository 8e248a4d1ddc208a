"""How a page of our own is opened from a chat: inside Telegram where that is possible, else in the browser."""

from typing import Final
from urllib.parse import urlsplit

from bot.rendering import OpensPage, outside
from crisispool.ports import Button
from crisispool.set_up import LOOPBACK
from crisispool.settings import Settings

PAGE: Final = "/p/"
INSIDE: Final = "/app/"


def page_button(settings: Settings) -> OpensPage:
    """From the label and the address of a page to its button.

    Inside Telegram the page knows by Telegram's signature who opens it. Its address is a one-time link all the
    same, for Telegram on the web. Telegram opens only https addresses there.
    """
    at = urlsplit(settings.public_url)
    if at.scheme != "https" or at.hostname in LOOPBACK:
        return outside

    def opens(label: str, url: str) -> Button:
        whole = f"{settings.public_url}{PAGE}"
        if not url.startswith(whole):
            return outside(label, url)
        return Button(label, url=f"{settings.public_url}{INSIDE}{url.removeprefix(whole)}", inside=True)

    return opens
