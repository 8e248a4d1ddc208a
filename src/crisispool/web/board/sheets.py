"""Files of spreadsheets read as rows of text: CSV, or XLSX without formulas or macros."""

import csv
import io
import zipfile
from datetime import date, datetime
from typing import Any, Final

from openpyxl import load_workbook

from crisispool.domain.errors import BadInput

LARGEST_FILE: Final = 1024 * 1024
LARGEST_UNPACKED: Final = 20 * LARGEST_FILE
MOST_COLUMNS: Final = 40
LOOKED_AT: Final = 5_000
"""Lines of a file that are read at most, empty ones too."""
FORMULA_MARKS: Final = ("=", "+", "-", "@")

Sheet = list[tuple[int, list[str]]]
"""Rows that hold anything: the number that the program of a spreadsheet shows, and the cells."""


def sheet_of(content: bytes, most_rows: int) -> Sheet:
    """The rows of the first sheet, the one with the names of the columns included.

    Raises BadInput of ``file``: missing, too_large, too_many_rows, not_a_sheet, not_utf8, formula, macro.
    """
    if not content.strip():
        raise BadInput("file", "missing")
    if len(content) > LARGEST_FILE:
        raise BadInput("file", "too_large")
    rows = _of_xlsx(content) if content.startswith(b"PK\x03\x04") else _of_csv(content)
    if len(rows) > most_rows + 1:
        raise BadInput("file", "too_many_rows")
    if not rows:
        raise BadInput("file", "missing")
    return rows


def as_csv(rows: list[list[str]], *, first: bool = True) -> bytes:
    """Rows as a spreadsheet opens them here; text that a spreadsheet would take for a formula stays text.

    `first`: the file begins with them.
    """
    out = io.StringIO()
    out.write("\ufeff" if first else "")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows(
        [["'" + cell if cell.startswith(FORMULA_MARKS) else cell for cell in row] for row in rows]
    )
    return out.getvalue().encode()


def _of_csv(content: bytes) -> Sheet:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("file", "not_utf8") from None
    if "\x00" in text:
        raise BadInput("file", "not_a_sheet")
    first = text.lstrip().partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    rows: Sheet = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for number, row in enumerate(reader, start=1):
            _keep(rows, number, [_plain(cell) for cell in row])
    except csv.Error:
        raise BadInput("file", "not_a_sheet") from None
    return rows


def _of_xlsx(content: bytes) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise BadInput("file", "too_large")
        if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
            raise BadInput("file", "macro")
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        rows: Sheet = []
        for number, row in enumerate(
            book.worksheets[0].iter_rows(max_row=LOOKED_AT, max_col=MOST_COLUMNS + 1), start=1
        ):
            _keep(rows, number, [_cell(cell) for cell in row])
    except BadInput:
        raise
    except Exception:  # noqa: BLE001  # the library says in many ways that a file is none
        raise BadInput("file", "not_a_sheet") from None
    return rows


def _keep(rows: Sheet, number: int, cells: list[str]) -> None:
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise BadInput("file", "not_a_sheet")
    if number > LOOKED_AT:
        raise BadInput("file", "too_many_rows")
    if cells:
        rows.append((number, cells))


def _cell(cell: Any) -> str:
    """What stands in a cell as text; a formula is refused, text that looks like one is text."""
    if cell.data_type == "f":
        raise BadInput("file", "formula")
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _plain(str(value))


def _plain(cell: str) -> str:
    """The text of a cell without the mark that keeps a formula from being one."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_MARKS) else cell
