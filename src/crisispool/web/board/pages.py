"""Every page of the board, one row each. How one is added stands in the package."""

from typing import Final

from crisispool.domain.organisation import Role
from crisispool.web.board import (
    access,
    account,
    audit,
    case_tasks,
    cases,
    cases_closed,
    daytime,
    duty,
    front,
    invited,
    night_list,
    oidc,
    on_paper,
    own_shift,
    papers,
    people,
    settings,
    sign_in,
    talk,
    tokens,
    tonight,
    tour,
    unit_door,
    unit_import,
    unit_page,
    units,
)
from crisispool.web.board.page import Page
from crisispool.web.call import Who

ANYBODY, SIGNED_IN = Who.EVERYONE, Who.SIGNED_IN
DESK = frozenset({Role.CALLTAKER, Role.COORDINATOR})
CALLTAKERS = frozenset({Role.CALLTAKER})
COORDINATORS = frozenset({Role.COORDINATOR})
OUTREACH = frozenset({Role.SUPPORT_WORKER, Role.COORDINATOR})
SEERS = frozenset({Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER, Role.UNIT_MANAGER})
NOTERS = frozenset({Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER})
DOORKEEPERS = frozenset({Role.COORDINATOR, Role.ADMIN})
KEEPERS = frozenset({Role.UNIT_MANAGER, Role.COORDINATOR})
GET, POST = "GET", "POST"

# fmt: off
PAGES: Final[tuple[Page, ...]] = (
    Page(GET, "/", "front", ANYBODY, front.shown),
    Page(POST, "/training/enter", "front", ANYBODY, front.entered, again=front.shown, training_only=True),
    Page(POST, "/training/tour", "front", ANYBODY, tour.begun, again=front.shown, training_only=True),
    Page(POST, "/training/tour/next", "front", ANYBODY, tour.gone_on, again=front.shown, training_only=True),
    Page(POST, "/training/tour/end", "front", ANYBODY, tour.ended, again=front.shown, training_only=True),
    Page(GET, "/sign-in", "sign_in", ANYBODY, sign_in.shown),
    Page(POST, "/sign-in/question", "sign_in", ANYBODY, sign_in.asked),
    Page(POST, "/sign-in", "sign_in", ANYBODY, sign_in.answered, again=sign_in.shown),
    Page(GET, "/sign-in/with/{organisation}", "sign_in", ANYBODY, oidc.begun, again=sign_in.shown),
    Page(GET, "/sign-in/with/{organisation}/back", "sign_in", ANYBODY, oidc.came_back, again=sign_in.shown),
    Page(POST, "/sign-out", "sign_in", ANYBODY, sign_in.signed_out),
    Page(GET, "/invited/{token}", "invited", ANYBODY, invited.shown),
    Page(GET, "/invited/{token}/with", "invited", ANYBODY, oidc.begun_with, again=invited.shown),
    Page(POST, "/invited/{token}/question", "invited", ANYBODY, invited.asked),
    Page(POST, "/invited/{token}", "invited", ANYBODY, invited.came_in, again=invited.shown),

    Page(GET, "/tonight", "tonight", SEERS, tonight.shown, menu=True),

    Page(GET, "/units", "units", KEEPERS, units.shown, menu=True),
    Page(POST, "/units/confirm", "units", KEEPERS, units.confirmed, again=units.shown),
    Page(GET, "/units/new", "unit_new", KEEPERS, unit_page.empty),
    Page(POST, "/units/new", "unit_new", KEEPERS, unit_page.made, again=unit_page.empty),
    Page(GET, "/units/import", "unit_import", KEEPERS, unit_import.empty),
    Page(GET, "/units/import/list.csv", "unit_import", KEEPERS, unit_import.listed),
    Page(POST, "/units/import", "unit_import", KEEPERS, unit_import.judged, again=unit_import.empty,
         largest=unit_import.LARGEST_BODY),
    Page(POST, "/units/import/store", "unit_import", KEEPERS, unit_import.stored, again=unit_import.not_stored,
         largest=unit_import.LARGEST_BODY),
    Page(GET, "/units/{id}", "unit", KEEPERS, unit_page.shown),
    Page(POST, "/units/{id}", "unit", KEEPERS, unit_page.changed, again=unit_page.shown),
    Page(GET, "/units/{id}/access", "unit_access", KEEPERS, unit_door.shown, fresh=True),
    Page(POST, "/units/{id}/access", "unit_access", KEEPERS, unit_door.changed, again=unit_door.shown, fresh=True),
    Page(POST, "/units/{id}/status", "units", KEEPERS, units.said, again=units.not_said),

    Page(GET, "/cases", "cases", OUTREACH, cases.listed, menu=True),
    Page(GET, "/cases/closed", "cases_closed", OUTREACH, cases_closed.shown),
    Page(GET, "/cases/{id}", "case", OUTREACH, cases.shown),
    Page(POST, "/cases/{id}/take", "case", OUTREACH, cases.taken, again=cases.taken_again),
    Page(POST, "/cases/{id}/contact", "case", OUTREACH, cases.contacted, again=cases.shown),
    Page(POST, "/cases/{id}/outcome", "case", OUTREACH, cases.ended, again=cases.shown),
    Page(POST, "/cases/{id}/hand", "case", OUTREACH, cases.handed, again=cases.shown),
    Page(POST, "/cases/{id}/extend", "case", OUTREACH, cases.extended, again=cases.shown),
    Page(POST, "/cases/{id}/ask", "case", OUTREACH, cases.asked, again=cases.shown),
    Page(POST, "/cases/{id}/tasks/{task}/done", "case", OUTREACH, case_tasks.done, again=cases.shown),
    Page(POST, "/cases/{id}/tasks/{task}/open", "case", OUTREACH, case_tasks.opened, again=cases.shown),
    Page(POST, "/cases/{id}/open", "case", OUTREACH, cases.opened, again=cases.shown),

    Page(GET, "/duty", "duty", DESK, duty.shown, menu=True),
    Page(POST, "/duty/shifts/{id}/offer", "duty", DESK, duty.offered, again=duty.shown),
    Page(POST, "/duty/offers/{id}/keep", "duty", DESK, duty.kept, again=duty.shown),
    Page(POST, "/duty/offers/{id}/take", "duty", DESK, duty.taken, again=duty.shown),
    Page(POST, "/duty/on", "duty", CALLTAKERS, own_shift.begun, again=duty.shown),
    Page(POST, "/duty/off", "duty", CALLTAKERS, own_shift.ended, again=duty.shown),
    Page(POST, "/duty/give", "duty", CALLTAKERS, own_shift.given, again=duty.shown),
    Page(POST, "/duty/shifts/{id}/substitute", "duty", COORDINATORS, own_shift.put_in, again=duty.shown),
    Page(POST, "/duty/gaps", "duty", COORDINATORS, duty.filled, again=duty.shown),
    Page(POST, "/duty/feed", "duty", DESK, duty.feed_made, again=duty.shown),
    Page(POST, "/duty/feed/end", "duty", DESK, duty.feed_ended),
    Page(GET, "/duty/feed/{token}", "duty", ANYBODY, duty.feed_read),

    Page(GET, "/talk", "talk", SIGNED_IN, talk.shown, menu=True),
    Page(POST, "/talk", "talk", SIGNED_IN, talk.answered, again=talk.shown),
    Page(POST, "/talk/news", "talk", SIGNED_IN, talk.told, again=talk.shown, by_itself=True),

    Page(GET, "/daytime", "daytime", NOTERS, daytime.shown, menu=True),
    Page(POST, "/daytime", "daytime", NOTERS, daytime.noted, again=daytime.shown),
    Page(POST, "/daytime/{id}/take-back", "daytime", NOTERS, daytime.taken_back, again=daytime.shown),

    Page(GET, "/night-list", "night_list", DESK, night_list.shown, menu=True),
    Page(GET, "/night-list.pdf", "night_list", DESK, night_list.as_pdf),
    Page(GET, "/on-paper", "on_paper", DESK, on_paper.shown),
    Page(POST, "/on-paper", "on_paper", DESK, on_paper.entered, again=on_paper.shown),
    Page(GET, "/papers", "papers", SEERS, papers.shown, menu=True),
    Page(GET, "/papers.pdf", "papers", SEERS, papers.as_pdf),

    Page(GET, "/people", "people", DOORKEEPERS, people.shown, menu=True, office=True),
    Page(GET, "/people/services/{id}", "people_service", DOORKEEPERS, people.service),
    Page(POST, "/people/services/{id}", "people_service", COORDINATORS, people.service_changed,
         again=people.service, fresh=True),
    Page(GET, "/people/{id}", "people_colleague", DOORKEEPERS, people.colleague),
    Page(POST, "/people/{id}/phone", "people_colleague", COORDINATORS, people.phone_changed,
         again=people.colleague, fresh=True),
    Page(GET, "/people/{id}/end", "people_end", DOORKEEPERS, people.leaving, fresh=True),
    Page(POST, "/people/{id}/end", "people_end", DOORKEEPERS, people.ended, again=people.leaving, fresh=True),

    Page(GET, "/settings", "settings", DOORKEEPERS, settings.shown, menu=True, office=True),
    Page(GET, "/settings/history", "settings_history", DOORKEEPERS, settings.history),
    Page(GET, "/settings/{name}", "setting", DOORKEEPERS, settings.one),
    Page(POST, "/settings/{name}", "setting", COORDINATORS, settings.changed, again=settings.one, fresh=True),

    Page(GET, "/audit", "audit", DOORKEEPERS, audit.shown, menu=True, office=True, fresh=True),
    Page(GET, "/audit.csv", "audit", DOORKEEPERS, audit.downloaded, fresh=True),
    Page(POST, "/audit/check", "audit", DOORKEEPERS, audit.checked),

    Page(GET, "/access", "access", DOORKEEPERS, access.shown, menu=True, office=True),
    Page(POST, "/access/invitations", "access", DOORKEEPERS, access.invited, again=access.shown, fresh=True),
    Page(POST, "/access/invitations/{id}/approve", "access", DOORKEEPERS, access.approved,
         again=access.shown, fresh=True),
    Page(POST, "/access/invitations/{id}/refuse", "access", DOORKEEPERS, access.refused,
         again=access.shown, fresh=True),
    Page(GET, "/access/{id}", "access", DOORKEEPERS, access.colleague),
    Page(POST, "/access/{id}/invite", "access", DOORKEEPERS, access.invited_colleague,
         again=access.colleague, fresh=True),

    Page(GET, "/tokens", "tokens", DOORKEEPERS, tokens.shown),
    Page(POST, "/tokens", "tokens", DOORKEEPERS, tokens.made, again=tokens.shown, fresh=True),
    Page(POST, "/tokens/{id}/end", "tokens", DOORKEEPERS, tokens.ended, again=tokens.shown, fresh=True),

    Page(GET, "/account", "account", SIGNED_IN, account.shown),
    Page(POST, "/account/language", "account", SIGNED_IN, account.language_chosen, again=account.shown),
    Page(POST, "/account/sessions/{id}/end", "account", SIGNED_IN, account.session_ended),
    Page(POST, "/account/sessions/end-others", "account", SIGNED_IN, account.others_ended),
    Page(POST, "/account/passkeys/question", "account", SIGNED_IN, account.passkey_asked, fresh=True),
    Page(POST, "/account/passkeys", "account", SIGNED_IN, account.passkey_added, again=account.shown, fresh=True),
    Page(POST, "/account/passkeys/{id}/remove", "account", SIGNED_IN, account.passkey_removed,
         again=account.shown, fresh=True),
    Page(POST, "/account/links/{id}/remove", "account", SIGNED_IN, account.link_removed,
         again=account.shown, fresh=True),
)
# fmt: on
"""The order of the menu. A change needs the token of its session, so each stands in a form of ours."""
