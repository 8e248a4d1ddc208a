"""What is wrong in a region file, with its place and its sentence."""

import unicodedata
from dataclasses import dataclass

from crisispool.texts.render import render


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a region file: where, what, and how to mend it. Never shows a confidential value."""

    file: str
    line: int
    key: str
    code: str
    what: str
    how: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.what}, {self.how}"


@dataclass(frozen=True, slots=True)
class RegionWarning(Mistake):
    """Something that a region can be loaded with, but that will hurt one night."""


class Notes:
    """Collects what is wrong while a file is read; `kind` is `Mistake` or `RegionWarning`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self.warnings: list[RegionWarning] = []

    def mistake(self, line: int, key: str, code: str, **facts: object) -> None:
        """Something that keeps the file from being loaded."""
        self.mistakes.append(Mistake(self.file, line, shown(key, 80), code, *_sentences(code, facts)))

    def warning(self, line: int, key: str, code: str, **facts: object) -> None:
        """Something worth knowing."""
        self.warnings.append(RegionWarning(self.file, line, shown(key, 80), code, *_sentences(code, facts)))


def _sentences(code: str, facts: dict[str, object]) -> tuple[str, str]:
    return render(f"region.{code}.what", facts), render(f"region.{code}.how", facts)


def shown(value: object, limit: int = 40) -> str:
    """A value from the file on one short line, without signs that move the cursor or turn the text."""
    text = "".join(
        "·" if unicodedata.category(sign)[0] in "CZ" and sign != " " else sign for sign in str(value)
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"
