"""The morning: when a handover is due, who gets it, and what may become of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.errors import Refusal
from crisispool.domain.handover import (
    WITHOUT_CONTACT,
    Delivery,
    Handover,
    HandoverState,
    HandoverStep,
    Outcome,
    OutreachService,
    Solved,
    accept,
    close,
    competent_ocmw,
    contacted,
    handover_due,
    name_worker,
    recipients,
)
from crisispool.domain.organisation import Membership, OrganisationKind
from crisispool.domain.request import NO_FIXED_ADDRESS, OUTSIDE_REGION
from tests.domain.examples import CALENDAR, DAY, INGELMUNSTER, IZEGEM, MONDAY, POLICY, at, day

OCMW, CAW = OutreachService("ocmw"), OutreachService("caw")
EIGHT = at("2026-11-30 08:00")


def a_handover(**changes: Any) -> Handover:
    return replace(
        Handover(
            id="h1",
            network_id="n",
            case_id="c1",
            state=HandoverState.DELIVERED,
            due_at=EIGHT,
            delivered_at=EIGHT,
            lead_organisation_id="ocmw",
            next_step=HandoverStep.BACKUP,
            next_action_at=at("2026-11-30 09:15"),
        ),
        **changes,
    )


def delivered(
    ocmw: OutreachService | None = OCMW,
    caw: OutreachService = CAW,
    *,
    prefers_caw: bool = False,
    lead: OrganisationKind = OrganisationKind.OCMW,
    due_on: date = MONDAY,
) -> list[tuple[str, bool, date]]:
    found = recipients(
        due_on, ocmw, caw, prefers_caw=prefers_caw, lead=lead, calendar=CALENDAR, policy=POLICY
    )
    assert all(d.deliver_at == CALENDAR.instant(d.deliver_on, POLICY.handover_at) for d in found)
    assert sum(d.leads for d in found) == 1 and found[0].leads
    return [(d.organisation_id, d.leads, d.deliver_on) for d in found]


@pytest.mark.parametrize(
    ("night", "due"),
    [
        ("2026-11-27", "2026-11-30 08:00"),  # Friday: the fire
        ("2026-11-29", "2026-11-30 08:00"),
        ("2026-11-30", "2026-12-01 08:00"),
        ("2026-11-10", "2026-11-12 08:00"),  # the eve of a holiday
        ("2026-12-24", "2026-12-28 08:00"),
        ("2027-03-26", "2027-03-30 08:00"),  # summer time, and Easter Monday
        ("2027-10-30", "2027-11-02 08:00"),  # winter time, and All Saints on Monday
    ],
)
def test_a_case_is_due_at_eight_on_the_first_working_day_after_its_night(night: str, due: str) -> None:
    assert handover_due(day(night), CALENDAR, POLICY) == at(due)


def test_a_closed_bridge_day_of_outreach_moves_the_handover() -> None:
    closed = NetworkCalendar(CALENDAR.legal_holidays, frozenset({day("2027-05-07")}))
    assert handover_due(day("2027-05-05"), CALENDAR, POLICY) == at("2027-05-07 08:00")
    assert handover_due(day("2027-05-05"), closed, POLICY) == at("2027-05-10 08:00")


def test_ocmw_and_caw_get_it_in_tandem_and_one_of_them_leads() -> None:
    assert delivered() == [("ocmw", True, MONDAY), ("caw", False, MONDAY)]
    assert delivered(lead=OrganisationKind.CAW) == [("caw", True, MONDAY), ("ocmw", False, MONDAY)]


def test_a_person_may_prefer_the_caw_alone() -> None:
    assert delivered(prefers_caw=True) == [("caw", True, MONDAY)]


def test_without_a_competent_ocmw_the_caw_starts_alone() -> None:
    assert delivered(None) == [("caw", True, MONDAY)]


def test_a_closed_ocmw_gets_it_on_its_first_open_day_and_the_caw_leads() -> None:
    closed = OutreachService("ocmw", frozenset({MONDAY, MONDAY + DAY}))
    wednesday = MONDAY + 2 * DAY
    assert delivered(closed) == [("caw", True, MONDAY), ("ocmw", False, wednesday)]
    before_weekend = OutreachService("ocmw", frozenset({day("2026-12-04")}))
    assert delivered(before_weekend, due_on=day("2026-12-04"))[1] == ("ocmw", False, day("2026-12-07"))


def test_a_closed_caw_leaves_the_lead_to_the_ocmw() -> None:
    closed = OutreachService("caw", frozenset({MONDAY}))
    assert delivered(caw=closed, lead=OrganisationKind.CAW) == [
        ("ocmw", True, MONDAY),
        ("caw", False, MONDAY + DAY),
    ]


def test_outreach_is_guaranteed_when_everybody_says_to_be_closed() -> None:
    closed = frozenset({MONDAY})
    everyone = OutreachService("ocmw", closed), OutreachService("caw", closed)
    assert delivered(*everyone) == [("caw", True, MONDAY), ("ocmw", False, MONDAY + DAY)]
    assert delivered(None, everyone[1]) == [("caw", True, MONDAY)]


def test_a_delivery_is_at_eight_local_time() -> None:
    [alone] = recipients(
        MONDAY, None, CAW, prefers_caw=False, lead=OrganisationKind.OCMW, calendar=CALENDAR, policy=POLICY
    )
    assert alone == Delivery("caw", True, MONDAY, EIGHT)


def test_the_competent_ocmw_is_that_of_where_they_lived() -> None:
    izegem = Membership("m1", "n", IZEGEM, "ocmw-izegem")
    without = Membership("m2", "n", INGELMUNSTER, None)
    assert competent_ocmw(IZEGEM, [without, izegem]) == izegem
    for origin in (None, OUTSIDE_REGION, NO_FIXED_ADDRESS, "99999", INGELMUNSTER):
        assert competent_ocmw(origin, [without, izegem]) is None


def test_who_accepts_first_is_the_contact_person() -> None:
    accepted = accept(a_handover(), "an", EIGHT)
    assert (accepted.state, accepted.accepted_by, accepted.accepted_at) == (
        HandoverState.ACCEPTED,
        "an",
        EIGHT,
    )
    assert accepted.version == 2
    with pytest.raises(Refusal, match="already_accepted"):
        accept(accepted, "bo", EIGHT)
    assert accept(accepted, "an", EIGHT + timedelta(hours=1)) is accepted


def test_naming_a_worker_accepts_it_and_another_worker_may_be_named() -> None:
    named = name_worker(a_handover(), "worker", "an", EIGHT)
    assert (named.state, named.accepted_by, named.worker_id) == (HandoverState.ACCEPTED, "an", "worker")
    again = name_worker(named, "other", "bo", EIGHT + timedelta(hours=1))
    assert (again.worker_id, again.accepted_by, again.version) == ("other", "an", 3)
    assert name_worker(again, "other", "bo", EIGHT) is again
    spoken = name_worker(contacted(named, EIGHT), "other", "an", EIGHT)
    assert spoken.state is HandoverState.CONTACTED


def test_first_contact_ends_what_was_owed() -> None:
    spoken = contacted(accept(a_handover(), "an", EIGHT), EIGHT + timedelta(hours=1))
    assert (spoken.state, spoken.next_step, spoken.next_action_at) == (HandoverState.CONTACTED, None, None)
    assert spoken.contacted_at == EIGHT + timedelta(hours=1)
    assert contacted(spoken, EIGHT + timedelta(hours=2)) is spoken
    with pytest.raises(Refusal, match="not_accepted"):
        contacted(a_handover(), EIGHT)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_an_outcome_without_contact_needs_no_contact(outcome: Outcome) -> None:
    accepted = accept(a_handover(), "an", EIGHT)
    spoken = contacted(accepted, EIGHT)
    assert close(spoken, outcome, Solved.PARTLY, EIGHT).state is HandoverState.CLOSED
    if outcome in WITHOUT_CONTACT:
        closed = close(accepted, outcome, Solved.NO, EIGHT)
        assert (closed.outcome, closed.next_action_at, closed.closed_at) == (outcome, None, EIGHT)
    else:
        with pytest.raises(Refusal, match="not_contacted"):
            close(accepted, outcome, Solved.NO, EIGHT)
    with pytest.raises(Refusal, match="not_accepted"):
        close(a_handover(), outcome, Solved.NO, EIGHT)


def test_nothing_happens_to_a_closed_handover_any_more() -> None:
    closed = close(contacted(accept(a_handover(), "an", EIGHT), EIGHT), Outcome.HOTEL, Solved.YES, EIGHT)
    assert close(closed, Outcome.HOTEL, Solved.YES, EIGHT) is closed
    changes: list[Callable[[], Handover]] = [
        lambda: accept(closed, "an", EIGHT),
        lambda: name_worker(closed, "worker", "an", EIGHT),
        lambda: contacted(closed, EIGHT),
        lambda: close(closed, Outcome.OTHER, Solved.YES, EIGHT),
    ]
    for change in changes:
        with pytest.raises(Refusal, match="handover_closed"):
            change()
