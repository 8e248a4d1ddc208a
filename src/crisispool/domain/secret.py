"""A text that may be shown to a few and is never printed by accident."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """An address, key instruction, name or free text: `reveal` is the only way to its content.

    Printing, logging or formatting one gives ``•••``.
    """

    _text: str

    def reveal(self) -> str:
        """The text itself; whoever calls this has checked who is asking."""
        return self._text

    def __repr__(self) -> str:
        return "•••"

    def __str__(self) -> str:
        return "•••"

    def __format__(self, spec: str) -> str:
        return "•••"

    def __bool__(self) -> bool:
        return bool(self._text)
