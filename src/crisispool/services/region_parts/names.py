"""What things in a region file are called, and what a slip of the pen probably meant."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

LONGEST = 40
"""Signs of an id."""

MOST_COMPARED = 100
"""Options to compare with; a file with thousands of slips must still be checked in seconds."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the tables of one kind are called. What is wrong with a name is reported where it stands.

    `nameless`: one has no name, or that of another.
    """

    there: frozenset[str]
    malformed: tuple[str, ...]
    nameless: bool

    def may_mean(self, value: str) -> bool:
        """Whether a reference may be right once the names are mended; then it is no mistake of its own."""
        return self.nameless or bool(like(value.lower(), [name.lower() for name in self.malformed]))

    @classmethod
    def of(cls, names: Collection[str], form: re.Pattern[str]) -> "Names":
        """The names as they stand, empty where there is none; `form` is what they should look like."""
        likely = [name for name in names if name.isprintable() and 0 < len(name) <= LONGEST]
        return cls(
            there=frozenset(names) - {""},
            malformed=tuple(name for name in likely if not form.fullmatch(name)),
            nameless=len(set(likely)) < len(names),
        )


def like(value: str, options: Collection[str]) -> str:
    """The option that was probably meant; empty when none is near, or when there are too many to compare."""
    if len(value) > LONGEST or len(options) > MOST_COMPARED:
        return ""
    return next(iter(get_close_matches(value, sorted(options), n=1, cutoff=0.6)), "")
