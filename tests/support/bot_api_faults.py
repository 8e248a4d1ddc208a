"""What goes wrong with the Bot API: by plan, or by chance from one seed."""

import random
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one call. `after`: it is done first, and only its answer is lost. Without a status
    there is no answer at all."""

    status: int = 0
    retry_after: int = 0
    after: bool = False
    hangs: float = 0


def too_fast(seconds: int = 1) -> Fault:
    """429: nothing for so many seconds."""
    return Fault(429, retry_after=seconds)


def broken(status: int = 502) -> Fault:
    """A server error; nothing was done."""
    return Fault(status)


def forbidden() -> Fault:
    """403: as if they blocked the bot just now."""
    return Fault(403)


def revoked() -> Fault:
    """401: the token is not good any more."""
    return Fault(401)


def cut(hangs: float = 0) -> Fault:
    """Nothing was done, and the connection closes, or hangs first."""
    return Fault(hangs=hangs)


def lost(hangs: float = 0) -> Fault:
    """It is done, and then the connection closes, or hangs first."""
    return Fault(after=True, hangs=hangs)


@dataclass
class Chances:
    """How often what goes wrong, of 1, from one seed."""

    too_fast: float = 0
    broken: float = 0
    lost: float = 0
    duplicates: float = 0
    disorder: float = 0
    seed: int = 1
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311  # the same seed, the same run

    def fault(self) -> Fault | None:
        """What goes wrong with this call."""
        thrown = self.dice.random()
        for chance, fault in ((self.too_fast, too_fast()), (self.broken, broken()), (self.lost, lost())):
            if thrown < chance:
                return fault
            thrown -= chance
        return None

    def happens(self, chance: float) -> bool:
        """Whether something of this chance happens now."""
        return self.dice.random() < chance
