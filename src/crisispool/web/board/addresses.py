"""Addresses that come from a browser and where people may be sent on to."""

import re
from urllib.parse import urlsplit

_OURS = re.compile(r"/(?!/)[A-Za-z0-9._~/?=&%:+,-]{0,500}")


def back_to(address: str, otherwise: str) -> str:
    """The address when it is one of ours, and not one that only takes forms."""
    path = urlsplit(address).path if _OURS.fullmatch(address) else ""
    return address if path and ".." not in path else otherwise
