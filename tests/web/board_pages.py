"""One line a page of the board: who may see it, and the kinds of the ids in its path (`tests/web/calls.py`, OTHERS).

A new page gets a line here, or `tests/web/test_board.py` fails.
"""

from dataclasses import dataclass
from typing import Final

ALL: Final = "rcmskna"
"""Every role, by its letter."""
ANYBODY: Final = f"{ALL}-"
"""Who is not signed in too."""


@dataclass(frozen=True)
class Seen:
    """Who may see a page. `ids` names the kind of each id in its path, a path of secrets has none here;
    `status`: what they then get, mostly 200."""

    who: str
    ids: tuple[str, ...] = ()
    status: int = 200


LINES: Final = {
    "GET /": Seen(ANYBODY),
    "GET /sign-in": Seen(ANYBODY),
    "GET /invited/{token}": Seen(ANYBODY, status=404),
    "GET /account": Seen(ALL),
    "GET /tonight": Seen("cmsk"),
    "GET /night-list": Seen("ck"),
    "GET /night-list.pdf": Seen("ck", status=404),
    "GET /papers": Seen("cmsk"),
    "GET /papers.pdf": Seen("cmsk"),
}
"""Every page that is looked at."""

CHANGES: Final = {
    "POST /training/enter": ANYBODY,
    "POST /sign-in": ANYBODY,
    "POST /sign-in/question": ANYBODY,
    "POST /sign-out": ANYBODY,
    "POST /invited/{token}": ANYBODY,
    "POST /invited/{token}/question": ANYBODY,
    "POST /account/language": ALL,
    "POST /account/sessions/{id}/end": ALL,
    "POST /account/sessions/end-others": ALL,
    "POST /account/passkeys": ALL,
    "POST /account/passkeys/question": ALL,
    "POST /account/passkeys/{id}/remove": ALL,
}
"""Every change, and who may make it. Whom it is refused to gets the page that is not there."""
