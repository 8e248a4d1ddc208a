"""Every page of the board, one row each. How one is added stands in the package."""

from typing import Final

from crisispool.domain.organisation import Role
from crisispool.web.board import account, front, invited, night_list, papers, sign_in, tonight
from crisispool.web.board.page import Page
from crisispool.web.call import Who

ANYBODY, SIGNED_IN = Who.EVERYONE, Who.SIGNED_IN
DESK = frozenset({Role.CALLTAKER, Role.COORDINATOR})
SEERS = frozenset({Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER, Role.UNIT_MANAGER})
GET, POST = "GET", "POST"

# fmt: off
PAGES: Final[tuple[Page, ...]] = (
    Page(GET, "/", "front", ANYBODY, front.shown),
    Page(POST, "/training/enter", "front", ANYBODY, front.entered, again=front.shown, training_only=True),
    Page(GET, "/sign-in", "sign_in", ANYBODY, sign_in.shown),
    Page(POST, "/sign-in/question", "sign_in", ANYBODY, sign_in.asked),
    Page(POST, "/sign-in", "sign_in", ANYBODY, sign_in.answered, again=sign_in.shown),
    Page(POST, "/sign-out", "sign_in", ANYBODY, sign_in.signed_out),
    Page(GET, "/invited/{token}", "invited", ANYBODY, invited.shown),
    Page(POST, "/invited/{token}/question", "invited", ANYBODY, invited.asked),
    Page(POST, "/invited/{token}", "invited", ANYBODY, invited.came_in, again=invited.shown),

    Page(GET, "/tonight", "tonight", SEERS, tonight.shown, menu=True),

    Page(GET, "/night-list", "night_list", DESK, night_list.shown, menu=True),
    Page(GET, "/night-list.pdf", "night_list", DESK, night_list.as_pdf),
    Page(GET, "/papers", "papers", SEERS, papers.shown, menu=True),
    Page(GET, "/papers.pdf", "papers", SEERS, papers.as_pdf),

    Page(GET, "/account", "account", SIGNED_IN, account.shown),
    Page(POST, "/account/language", "account", SIGNED_IN, account.language_chosen, again=account.shown),
    Page(POST, "/account/sessions/{id}/end", "account", SIGNED_IN, account.session_ended),
    Page(POST, "/account/sessions/end-others", "account", SIGNED_IN, account.others_ended),
    Page(POST, "/account/passkeys/question", "account", SIGNED_IN, account.passkey_asked, fresh=True),
    Page(POST, "/account/passkeys", "account", SIGNED_IN, account.passkey_added, again=account.shown, fresh=True),
    Page(POST, "/account/passkeys/{id}/remove", "account", SIGNED_IN, account.passkey_removed,
         again=account.shown, fresh=True),
)
# fmt: on
"""The order of the menu. A change needs the token of its session, so each stands in a form of ours."""
