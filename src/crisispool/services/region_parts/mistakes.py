"""What is wrong in a region file, with its place and its sentence."""

import unicodedata
from dataclasses import dataclass

from crisispool.texts.render import render

MOST_TOLD = 1000
"""More mistakes than anyone mends in one go; a file of nothing but mistakes must not take minutes."""


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
        self.untold = 0

    @property
    def full(self) -> bool:
        """Whether there is so much wrong that the rest is only counted."""
        return len(self.mistakes) >= MOST_TOLD

    def told(self) -> list[Mistake]:
        """All mistakes by line; the last one says how many more there are."""
        told = sorted(self.mistakes, key=lambda mistake: mistake.line)
        if self.untold:
            what, how = _sentences("many_more", {"count": self.untold})
            told.append(Mistake(self.file, told[-1].line, "file", "many_more", what, how))
        return told

    def mistake(self, line: int, key: str, code: str, **facts: object) -> None:
        """Something that keeps the file from being loaded. Beyond `MOST_TOLD` they are only counted."""
        if self.full:
            self.untold += 1
            return
        self.mistakes.append(Mistake(self.file, line, shown(key, 80), code, *_sentences(code, facts)))

    def warning(self, line: int, key: str, code: str, **facts: object) -> None:
        """Something worth knowing."""
        self.warnings.append(RegionWarning(self.file, line, shown(key, 80), code, *_sentences(code, facts)))


def _sentences(code: str, facts: dict[str, object]) -> tuple[str, str]:
    """What and how. The facts `wanted` and `thing` are codes with words of their own."""
    said = dict(facts)
    for name in {"wanted", "thing"} & facts.keys():
        said[name] = render(f"region.{name}.{facts[name]}", {})
    return render(f"region.{code}.what", said), render(f"region.{code}.how", said)


def shown(value: object, limit: int = 40) -> str:
    """A value from the file on one short line, without signs that move the cursor or turn the text."""
    text = "".join(
        "·" if unicodedata.category(sign)[0] in "CZ" and sign != " " else sign for sign in str(value)
    )
    return text if len(text) <= limit else text[: limit - 1] + "…"
