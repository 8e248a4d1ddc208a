"""What happens with a handover when nobody acts."""

from datetime import date, datetime
from typing import Any

import pytest

from crisispool.domain.escalation import FIRST_STEP, backups_owed, late, next_step, step_after
from crisispool.domain.handover import (
    Handover,
    HandoverRecipient,
    HandoverState,
    HandoverStep,
    Outcome,
    Solved,
    accept,
    close,
    contacted,
    name_worker,
)
from tests.domain.examples import CALENDAR, MONDAY, POLICY, at

EIGHT = at("2026-11-30 08:00")
BACKUP, COORDINATOR, OVERDUE = HandoverStep.BACKUP, HandoverStep.COORDINATOR, HandoverStep.CONTACT_OVERDUE
FRESH = Handover("h1", "n", "c1", HandoverState.DELIVERED, EIGHT, EIGHT, "ocmw")
ACCEPTED = accept(FRESH, "an", EIGHT)
NAMED = name_worker(ACCEPTED, "worker", "an", EIGHT)
EVERYONE = frozenset({"ocmw", "caw"})


def a_recipient(organisation: str, **changes: Any) -> HandoverRecipient:
    standard: dict[str, Any] = {"deliver_on": MONDAY, "deliver_at": EIGHT, "delivered_at": EIGHT}
    return HandoverRecipient(organisation, "h1", organisation, organisation == "ocmw", **(standard | changes))


TOLD = (a_recipient("ocmw"), a_recipient("caw"))


def step(
    handover: Handover,
    start: HandoverStep | None = FIRST_STEP,
    told: tuple[HandoverRecipient, ...] = TOLD,
    with_backup: frozenset[str] = EVERYONE,
) -> tuple[HandoverStep, datetime] | None:
    return next_step(handover, told, with_backup, CALENDAR, POLICY, start)


def test_nobody_acts_and_backup_coordinator_and_noon_follow_each_other() -> None:
    walked = []
    start: HandoverStep | None = FIRST_STEP
    while found := step(FRESH, start):
        walked.append(found)
        start = step_after(found[0])
    assert walked == [
        (BACKUP, at("2026-11-30 09:15")),
        (COORDINATOR, at("2026-11-30 10:00")),
        (OVERDUE, at("2026-11-30 12:00")),
    ]


@pytest.mark.parametrize(
    ("handover", "expected"),
    [(FRESH, BACKUP), (ACCEPTED, COORDINATOR), (NAMED, OVERDUE), (contacted(NAMED, EIGHT), None)],
)
def test_what_was_done_in_time_is_not_owed(handover: Handover, expected: HandoverStep | None) -> None:
    found = step(handover)
    assert (found[0] if found else None) is expected


def test_a_service_without_backup_is_skipped_and_the_coordinator_comes_next() -> None:
    assert step(FRESH, with_backup=frozenset()) == (COORDINATOR, at("2026-11-30 10:00"))
    assert step(FRESH, with_backup=frozenset({"caw"})) == (BACKUP, at("2026-11-30 09:15"))


def test_only_services_that_have_it_get_their_backup_told_and_once() -> None:
    later = a_recipient("ocmw", delivered_at=None)
    done = a_recipient("caw", backup_told_at=EIGHT)
    assert backups_owed(TOLD, frozenset({"ocmw"})) == (TOLD[0],)
    assert backups_owed((later, done), EVERYONE) == ()
    assert step(FRESH, told=(later, done)) == (COORDINATOR, at("2026-11-30 10:00"))


def test_a_step_done_does_not_come_back_after_a_late_acceptance() -> None:
    late = accept(FRESH, "an", at("2026-11-30 10:30"))
    assert step(late, OVERDUE) == (OVERDUE, at("2026-11-30 12:00"))
    assert step(late, step_after(OVERDUE)) is None


def test_steps_whose_time_has_passed_keep_their_time_so_that_they_happen_at_once() -> None:
    delivered_late = Handover("h1", "n", "c1", HandoverState.DELIVERED, EIGHT, at("2026-12-02 11:00"), "ocmw")
    assert step(delivered_late) == (BACKUP, at("2026-11-30 09:15"))
    assert step(delivered_late, COORDINATOR) == (COORDINATOR, at("2026-11-30 10:00"))


def test_a_closed_handover_owes_nothing_even_without_contact() -> None:
    closed = close(ACCEPTED, Outcome.CONTACT_FAILED, Solved.NO, EIGHT)
    assert [step(closed, start) for start in (*HandoverStep, None)] == [None] * 4


@pytest.mark.parametrize("monday", [date(2027, 3, 29), date(2027, 11, 2)])
def test_steps_are_at_local_times_in_summer_and_winter(monday: date) -> None:
    due = CALENDAR.instant(monday, POLICY.handover_at)
    handover = Handover("h1", "n", "c1", HandoverState.DELIVERED, due, due, "ocmw")
    found = step(handover)
    assert found and CALENDAR.local(found[1]).time() == POLICY.backup_at
    assert CALENDAR.local(found[1]).date() == monday


def test_a_handover_is_late_for_what_nobody_did_in_time() -> None:
    def judged(handover: Handover, moment: str) -> HandoverStep | None:
        found = late(handover, CALENDAR, POLICY, at(f"2026-11-30 {moment}"))
        return found[0] if found else None

    assert [judged(FRESH, moment) for moment in ("09:14", "09:15", "10:00", "12:00")] == [
        None,
        BACKUP,
        COORDINATOR,
        OVERDUE,
    ]
    assert judged(ACCEPTED, "09:30") is None, "it was accepted"
    assert judged(ACCEPTED, "10:00") is COORDINATOR, "and nobody is named"
    assert judged(NAMED, "11:59") is None
    assert judged(NAMED, "12:00") is OVERDUE
    assert judged(contacted(NAMED, EIGHT), "23:00") is None
