"""A sheet as PDF: A4, with title and language, its text selectable."""

from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from crisispool.web.paper.sheet import Part, Sheet, Table

MARGIN: Final = 12 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
FRAME: Final = MARGIN - 6
"""The margin without what reportlab leaves free inside it."""
FONT, BOLD = "Helvetica", "Helvetica-Bold"
PEN: Final = 7.5 * mm
"""The height of a row that is written in."""
LINE: Final = 10 * mm
NO_PADDING: Final = (("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 3))


class _Styles:
    """The sizes of a sheet: small for a desk that knows where to look, large for a wall."""

    def __init__(self, *, large: bool) -> None:
        size = 12.0 if large else 7.8
        self.words = ParagraphStyle("words", fontName=FONT, fontSize=size, leading=size * 1.2,
                                    spaceAfter=size * (0.5 if large else 0.15))  # fmt: skip
        self.strong = ParagraphStyle("strong", parent=self.words, fontName=BOLD)
        self.cell = ParagraphStyle("cell", parent=self.words, spaceAfter=0)
        self.head = ParagraphStyle("head", parent=self.cell, fontName=BOLD)
        self.title = ParagraphStyle("title", parent=self.strong, fontSize=size * 1.7, leading=size * 2.1)
        self.heading = ParagraphStyle("heading", parent=self.strong, fontSize=size * 1.2, leading=size * 1.4,
                                      spaceBefore=size * (0.9 if large else 0.7), spaceAfter=size * 0.25)  # fmt: skip


def pdf_of(sheet: Sheet) -> bytes:
    """The sheet as a PDF."""
    out, styles = BytesIO(), _Styles(large=sheet.large)
    made = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=FRAME, rightMargin=FRAME, topMargin=FRAME, bottomMargin=FRAME + 4 * mm,
        title=sheet.title, lang=sheet.language, author="", subject="", creator="crisispool",
    )  # fmt: skip

    def foot(canvas: Canvas, page: Any) -> None:
        canvas.setFont(FONT, 7)
        canvas.drawString(MARGIN, MARGIN * 0.8, sheet.foot)
        canvas.drawRightString(MARGIN + WIDTH, MARGIN * 0.8, str(page.page))

    story: list[Any] = [Paragraph(_marked(sheet.title), styles.title)]
    story += [Paragraph(_marked(each), styles.words) for each in sheet.lead]
    for part in sheet.parts:
        story += _part(part, styles)
    made.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _part(part: Part, styles: _Styles) -> list[Any]:
    top: list[Any] = [Paragraph(_marked(part.heading), styles.heading)] if part.heading else []
    top += [Paragraph(_marked(each), styles.words) for each in part.words]
    for each in part.lines:
        top += [Spacer(1, LINE * 0.4), _line(each, styles)]
    grid = [_grid(part.table, styles)] if part.table else []
    return [KeepTogether([*top, *grid])]


def _line(words: str, styles: _Styles) -> Grid:
    """Words, and after them a line to write on."""
    style: list[Any] = [
        *NO_PADDING,
        ("LINEBELOW", (1, 0), (1, 0), 0.5, colors.black),
        ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
    ]
    return Grid(
        [[Paragraph(_marked(words), styles.cell), ""]], colWidths=[WIDTH * 0.48, WIDTH * 0.52], style=style
    )


def _grid(table: Table, styles: _Styles) -> Grid:
    cells = [[Paragraph(_marked(each), styles.head) for each in table.head]]
    cells += [[Paragraph(_marked(cell), styles.cell) for cell in row] for row in table.rows]
    whole = sum(table.widths)
    style: list[Any] = [
        *NO_PADDING,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.8),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.grey),
    ]
    if table.to_write_in:
        style += [("GRID", (0, 0), (-1, -1), 0.4, colors.black), ("LEFTPADDING", (0, 0), (-1, -1), 2)]
    heights = [None, *[PEN] * len(table.rows)] if table.to_write_in else None
    widths = [WIDTH * each / whole for each in table.widths]
    return Grid(cells, colWidths=widths, rowHeights=heights, repeatRows=1, style=style)


def _marked(words: str) -> str:
    """Words as reportlab takes them: nothing in them is a mark but a line break."""
    return escape(words).replace("\n", "<br/>")
