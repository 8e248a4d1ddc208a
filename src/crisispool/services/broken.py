"""A rule that does not hold, as `verify` tells of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that does not hold, and for what: ids only."""

    rule: str
    about: str
