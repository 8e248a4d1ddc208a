"""Files of spreadsheets, also odd ones: read as text, or refused in words; never run."""

import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook

from crisispool.domain.errors import BadInput
from crisispool.web.board.sheets import as_csv, sheet_of


def xlsx(*rows: list[Any]) -> bytes:
    """A file with these rows."""
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The same file with these parts in it; ``__`` stands for the dot of a name."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        named = {f"xl/{name.replace('__', '.')}": data for name, data in parts.items()}
        for name, data in ({each: old.read(each) for each in old.namelist()} | named).items():
            new.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_csv_is_read_with_or_without_a_mark_and_with_any_of_three_separators(
    delimiter: str, bom: str
) -> None:
    text = bom + delimiter.join(["Naam", "Plaatsen"]) + "\r\n\r\n" + delimiter.join(["'t Huis é", " 4 "])
    assert sheet_of(text.encode(), 5) == [(1, ["Naam", "Plaatsen"]), (3, ["'t Huis é", "4"])]


def test_a_quoted_cell_may_hold_the_separator_and_a_line() -> None:
    assert sheet_of(b'a;b\n"x;1\ny";"2"""\n', 5)[1] == (2, ["x;1\ny", '2"'])


def test_a_spreadsheet_is_read_as_text_days_and_whole_numbers() -> None:
    content = xlsx(
        ["Naam", None, "Dag"],
        [],
        ["Huis", 4.0, datetime.combine(date(2026, 12, 1), time())],
        [True, 1.5, date(2026, 12, 2)],
    )
    assert sheet_of(content, 5) == [
        (1, ["Naam", "", "Dag"]),
        (3, ["Huis", "4", "2026-12-01"]),
        (4, ["true", "1.5", "2026-12-02"]),
    ]


def test_text_that_looks_like_a_formula_is_text_and_comes_back_as_it_was() -> None:
    odd = ["=1+1", "+32 51", "-4", "@x", "'quoted"]
    assert sheet_of((";".join(odd)).encode(), 5) == [(1, odd)]
    written = as_csv([odd]).decode()
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in written.strip("\ufeff").split(";"))
    assert sheet_of(written.encode(), 5) == [(1, odd)]
    book = Workbook()
    book.active["A1"] = "=1+1"
    book.active["A1"].data_type = "s"
    out = io.BytesIO()
    book.save(out)
    assert sheet_of(out.getvalue(), 5) == [(1, ["=1+1"])]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "missing"),
        (b" \n\n", "missing"),
        (b";;\n;", "missing"),
        ("Café".encode("latin-1"), "not_utf8"),
        (b"a;b\x00", "not_a_sheet"),
        (b'a;"b\n', "not_a_sheet"),
        (b'"' + b"x" * 200_000 + b'"', "not_a_sheet"),
        (b";".join([b"x"] * 41), "not_a_sheet"),
        (b"x" * (1024 * 1024 + 1), "too_large"),
        (b"x\n" * 7, "too_many_rows"),
        (b"\n" * 5_001 + b"x", "too_many_rows"),
        (b"PK\x03\x04 and nothing more", "not_a_sheet"),
        (xlsx(["Naam"], ["=SUM(1,2)"]), "formula"),
        (xlsx(*[["x"]] * 7), "too_many_rows"),
        (repacked(xlsx(["Naam"]), vbaProject__bin=b"Sub"), "macro"),
        (repacked(xlsx(["Naam"]), more__xml=b"\x00" * (21 * 1024 * 1024)), "too_large"),
        (repacked(xlsx(["Naam"]), workbook__xml=b"<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>"), "not_a_sheet"),
    ],
)
def test_a_file_that_is_no_plain_list_is_refused_with_its_reason(content: bytes, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        sheet_of(content, 5)
    assert refused.value.facts == {"field": "file", "problem": problem}
