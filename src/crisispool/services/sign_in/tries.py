"""How often somebody may try to sign in from where they are."""

from collections import Counter, deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from crisispool.domain.errors import Refusal
from crisispool.ports import Clock

WITHIN: Final = timedelta(minutes=1)
FROM_ONE: Final = 30
"""A service has one address for everybody there, and shifts change at once."""


class Tries:
    """The tries of the last minute, in this process alone: an address is written down nowhere.

    There is no limit for all together: whoever used it up would keep the night desk out.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: deque[tuple[datetime, str]] = deque()
        self._from: Counter[str] = Counter()

    def one_more(self, address: str) -> None:
        """Count one. Refusal ``too_many_tries``."""
        now, here = self._clock.now(), _household(address)
        while self._tries and self._tries[0][0] + WITHIN <= now:
            _, gone = self._tries.popleft()
            self._from[gone] -= 1
            if not self._from[gone]:
                del self._from[gone]
        if self._from[here] >= FROM_ONE:
            raise Refusal("too_many_tries")
        self._tries.append((now, here))
        self._from[here] += 1


def _household(address: str) -> str:
    """What one connection to the internet has: one address, or of the newer sort a whole range."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, 64), strict=False))
    return address
