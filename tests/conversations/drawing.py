"""Draws the talks: which screen leads where by which choice. `make drawings` writes them to docs/talks.md."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from crisispool.conversations.engine import START
from crisispool.conversations.news import WAYS
from tests.conversations.exploring import Found, Way
from tests.conversations.worlds import explored

DRAWINGS: Final = Path(__file__).resolve().parents[2] / "docs" / "talks.md"

AT_MOST: Final = 4
"""Choices named on one arrow; of more it says how many."""

HEAD: Final = """\
# The talks, drawn

Made by `make drawings` from the tables of `src/crisispool/conversations`: every choice of every screen was tried, with
every answer that a service may give. A test fails when this file is not what the talks are.

An arrow says which choices lead there; the same choice on two arrows means that it depends on what was said before or
on what a service answers. A dashed box is a screen of another talk; "start" is the first screen of whoever talks.
*terug*, *opnieuw*, *stop* and *help* work as they say at every screen that offers them, *taal* at every screen;
they are not drawn.
"""


def drawn(found: Found) -> str:
    """All talks as one page of Markdown with Mermaid drawings."""
    talks: dict[str, set[Way]] = defaultdict(set)
    for way in found.ways:
        if not way.choice.startswith("message."):
            to_start = way.end in found.starts and _talk(way.end) != _talk(way.start)
            talks[_talk(way.start)].add(replace(way, end=START) if to_start else way)
    alone = {_talk(place) for place in found.places} - set(talks)
    parts = [HEAD, *(_drawing(talk, talks[talk]) for talk in sorted(talks)), _nowhere(sorted(alone))]
    return "\n".join([*parts, _messages(found)])


def _drawing(talk: str, ways: Iterable[Way]) -> str:
    arrows: dict[tuple[str, str], set[str]] = defaultdict(set)
    for way in ways:
        arrows[way.start, way.end].add(way.choice)
    others = sorted({end for _, end in arrows if _talk(end) != talk})
    lines = [f"## {talk}", "", "```mermaid", "stateDiagram-v2", "    classDef other stroke-dasharray: 4"]
    lines += [f"    {_name(other)}: {other}" for other in others]
    lines += [f"    class {_name(other)} other" for other in others]
    lines += [
        f"    {_name(start)} --> {_name(end)}: {_label(sorted(choices))}"
        for (start, end), choices in sorted(arrows.items())
    ]
    return "\n".join([*lines, "```", ""])


def _label(choices: Sequence[str]) -> str:
    if len(choices) <= AT_MOST:
        return ", ".join(choices)
    return f"{', '.join(choices[: AT_MOST - 1])} and {len(choices) - AT_MOST + 1} more"


def _nowhere(talks: Sequence[str]) -> str:
    named = ", ".join(f"`{talk}`" for talk in talks)
    return f"One screen that leads nowhere: {named}.\n" if talks else ""


def _messages(found: Found) -> str:
    """Where a tap on a message leads; what is done at once leaves the talk where it is."""
    led: dict[str, set[str]] = defaultdict(set)
    for way in found.ways:
        if way.choice.startswith("message."):
            led[way.choice].add(START if way.end in found.starts else way.end)
    rows = [
        f"| `{key}` | {way.code} | {_leads(way.does is not None, led[f'{key} {way.code}'])} |"
        for key, each in sorted(WAYS.items())
        for way in each
    ]
    return "\n".join(["## Messages", "", "| message | tap | leads to |", "|---|---|---|", *rows, ""])


def _leads(at_once: bool, places: Iterable[str]) -> str:
    return "done at once" if at_once else ", ".join(sorted(places))


def _talk(place: str) -> str:
    return place.partition(".")[0]


def _name(place: str) -> str:
    return place.replace(".", "_")


if __name__ == "__main__":
    DRAWINGS.parent.mkdir(exist_ok=True)
    DRAWINGS.write_text(drawn(explored()), encoding="utf-8")
