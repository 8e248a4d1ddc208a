"""Whom the bot does not know: one sentence, seldom, so that a flood of them costs nothing."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

ONCE_IN: Final = timedelta(minutes=1)
MOST: Final = 500
"""Strangers that are answered in a minute; beyond them there is silence."""


class Strangers:
    """Who was answered when, in the memory of this process alone."""

    def __init__(self) -> None:
        self._answered: OrderedDict[int, datetime] = OrderedDict()

    def may_be_answered(self, account: int, now: datetime) -> bool:
        """Whether this account is to be answered now; asking counts as answering."""
        while self._answered and next(iter(self._answered.values())) + ONCE_IN <= now:
            self._answered.popitem(last=False)
        if account in self._answered or len(self._answered) >= MOST:
            return False
        self._answered[account] = now
        return True
