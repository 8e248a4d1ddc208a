"""A sheet: headings, sentences and tables in the words of one language, for page and PDF alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """Rows of cells; a line break in a cell begins a new line. `widths` are parts of the whole.

    `name` says which one it is. `to_write_in`: its empty cells are for a pen.
    """

    name: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    to_write_in: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """A part of a sheet. `lines` are to be written on, each after its own words."""

    heading: str
    words: tuple[str, ...] = ()
    table: Table | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Sheet:
    """A whole paper. `lead` stands under the title, `foot` at the bottom of each page. `large`: for who reads it
    far from a desk."""

    language: str
    title: str
    lead: tuple[str, ...]
    parts: tuple[Part, ...]
    foot: str
    large: bool = False
