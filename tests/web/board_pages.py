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
    "GET /cases": Seen("sk"),
    "GET /cases/closed": Seen("sk"),
    "GET /cases/{id}": Seen("sk", ("handover",)),
    "GET /talk": Seen(ALL),
    "GET /duty": Seen("ck"),
    "GET /duty/feed/{token}": Seen(ANYBODY, status=404),
    "GET /sign-in": Seen(ANYBODY),
    "GET /sign-in/with/{organisation}": Seen(ANYBODY, status=404),
    "GET /sign-in/with/{organisation}/back": Seen(ANYBODY, status=404),
    "GET /invited/{token}/with": Seen(ANYBODY, status=404),
    "GET /invited/{token}": Seen(ANYBODY, status=404),
    "GET /access": Seen("ka"),
    "GET /access/{id}": Seen("ka", ("invited",)),
    "GET /tokens": Seen("ka"),
    "GET /people": Seen("ka"),
    "GET /people/services/{id}": Seen("ka", ("workplace",)),
    "GET /people/{id}": Seen("ka", ("invited",)),
    "GET /people/{id}/end": Seen("ka", ("invited",)),
    "GET /audit": Seen("ka"),
    "GET /audit.csv": Seen("ka"),
    "GET /settings": Seen("ka"),
    "GET /settings/history": Seen("ka"),
    "GET /settings/{name}": Seen("ka", ("setting",)),
    "GET /units": Seen("mk"),
    "GET /units/new": Seen("mk"),
    "GET /units/import": Seen("mk"),
    "GET /units/import/list.csv": Seen("mk"),
    "GET /units/{id}": Seen("mk", ("unit",)),
    "GET /units/{id}/access": Seen("mk", ("unit",)),
    "GET /account": Seen(ALL),
    "GET /tonight": Seen("cmsk"),
    "GET /night-list": Seen("ck"),
    "GET /night-list.pdf": Seen("ck", status=404),
    "GET /daytime": Seen("cks"),
    "GET /on-paper": Seen("ck"),
    "GET /papers": Seen("cmsk"),
    "GET /papers.pdf": Seen("cmsk"),
}
"""Every page that is looked at."""

CHANGES: Final = {
    "POST /training/enter": ANYBODY,
    "POST /training/tour": ANYBODY,
    "POST /training/tour/next": ANYBODY,
    "POST /training/tour/end": ANYBODY,
    "POST /sign-in": ANYBODY,
    "POST /sign-in/question": ANYBODY,
    "POST /sign-out": ANYBODY,
    "POST /cases/{id}/take": "sk",
    "POST /cases/{id}/contact": "sk",
    "POST /cases/{id}/outcome": "sk",
    "POST /cases/{id}/hand": "sk",
    "POST /cases/{id}/extend": "sk",
    "POST /cases/{id}/ask": "sk",
    "POST /cases/{id}/open": "sk",
    "POST /cases/{id}/tasks/{task}/done": "sk",
    "POST /cases/{id}/tasks/{task}/open": "sk",
    "POST /daytime": "cks",
    "POST /daytime/{id}/take-back": "cks",
    "POST /on-paper": "ck",
    "POST /talk": ALL,
    "POST /duty/shifts/{id}/offer": "ck",
    "POST /duty/offers/{id}/keep": "ck",
    "POST /duty/offers/{id}/take": "ck",
    "POST /duty/on": "c",
    "POST /duty/off": "c",
    "POST /duty/give": "c",
    "POST /duty/shifts/{id}/substitute": "k",
    "POST /duty/gaps": "k",
    "POST /duty/feed": "ck",
    "POST /duty/feed/end": "ck",
    "POST /talk/news": ALL,
    "POST /invited/{token}": ANYBODY,
    "POST /invited/{token}/question": ANYBODY,
    "POST /access/invitations": "ka",
    "POST /access/invitations/{id}/approve": "ka",
    "POST /access/invitations/{id}/refuse": "ka",
    "POST /access/{id}/invite": "ka",
    "POST /tokens": "ka",
    "POST /tokens/{id}/end": "ka",
    "POST /people/services/{id}": "k",
    "POST /people/{id}/phone": "k",
    "POST /people/{id}/end": "ka",
    "POST /audit/check": "ka",
    "POST /settings/{name}": "k",
    "POST /units/confirm": "mk",
    "POST /units/new": "mk",
    "POST /units/import": "mk",
    "POST /units/import/store": "mk",
    "POST /units/{id}": "mk",
    "POST /units/{id}/access": "mk",
    "POST /units/{id}/status": "mk",
    "POST /account/language": ALL,
    "POST /account/sessions/{id}/end": ALL,
    "POST /account/sessions/end-others": ALL,
    "POST /account/passkeys": ALL,
    "POST /account/passkeys/question": ALL,
    "POST /account/passkeys/{id}/remove": ALL,
    "POST /account/links/{id}/remove": ALL,
}
"""Every change, and who may make it. Whom it is refused to gets the page that is not there."""
