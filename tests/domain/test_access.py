"""Who may see address and key: every role, relation and state."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from crisispool.domain.access import (
    GIVEN,
    AccessCode,
    AccessFacts,
    may_know_place,
    may_see_access,
    may_see_door,
)
from crisispool.domain.booking import BookingState
from crisispool.domain.handover import Handover, HandoverState
from crisispool.domain.organisation import Actor, OrganisationKind, Role
from crisispool.domain.request import RequestKind
from tests.domain.examples import POLICY, SATURDAY_NIGHT_CALL, a_booking, a_request, at

NOW = SATURDAY_NIGHT_CALL + timedelta(minutes=30)
OVER = (BookingState.CHECKED_OUT, BookingState.CANCELLED, BookingState.NO_SHOW)
EIGHT = at("2026-11-30 08:00")
HANDOVER = Handover("h1", "n", "c1", HandoverState.ACCEPTED, EIGHT, EIGHT, "ocmw", accepted_by="worker")


def an_actor(colleague: str, *roles: Role, organisation: str = "elsewhere", network: str = "n") -> Actor:
    return Actor(colleague, network, organisation, OrganisationKind.OTHER, frozenset(roles))


OFFICER = an_actor("officer", Role.REFERRER, organisation="police")
CALLTAKER = an_actor("calltaker", Role.CALLTAKER)
LANDLORD = an_actor("landlord", Role.UNIT_MANAGER, organisation="ocmw-izegem")
WORKER = an_actor("worker", Role.SUPPORT_WORKER, organisation="caw")
COLLEAGUE = an_actor("other_worker", Role.SUPPORT_WORKER, organisation="caw")
COORDINATOR = an_actor("coordinator", Role.COORDINATOR)


def the_facts(kind: RequestKind = RequestKind.FIRE_WATER_CLOSED, **changes: Any) -> AccessFacts:
    booking = a_booking(**{k: changes.pop(k) for k in ("state", "arrival_known") if k in changes})
    made_by = changes.pop("created_by", "officer")
    standard: dict[str, Any] = {
        "booking": booking,
        "request": a_request(kind=kind, created_by=made_by),
        "owner_id": "ocmw-izegem",
        "handover": HANDOVER,
        "service_ids": frozenset({"ocmw", "caw"}),
        "on_shift": True,
    }
    return AccessFacts(**(standard | changes))


def see(actor: Actor, when: datetime = NOW, **changes: Any) -> str:
    verdict = may_see_access(actor, the_facts(**changes), when, POLICY)
    assert verdict.allowed is (verdict.code in GIVEN)
    return verdict.code


def test_each_role_sees_it_in_its_own_relation() -> None:
    assert see(OFFICER) == "referrer"
    assert see(CALLTAKER) == "calltaker"
    assert see(LANDLORD) == "unit_manager"
    assert see(WORKER) == see(COLLEAGUE) == "support_worker"
    assert see(COORDINATOR) == "coordinator"


@pytest.mark.parametrize("role", list(Role))
def test_no_role_alone_is_enough_but_the_coordinator_of_the_network(role: Role) -> None:
    stranger = an_actor("stranger", role)
    assert see(stranger) == ("coordinator" if role is Role.COORDINATOR else "not_yours")
    assert see(replace(stranger, network_id="other")) == "not_yours"


@pytest.mark.parametrize("role", [Role.COUNCIL, Role.ADMIN])
def test_council_and_admin_never_see_it_whatever_they_did(role: Role) -> None:
    for colleague, organisation in product(
        ("officer", "calltaker", "worker"), ("police", "ocmw-izegem", "caw")
    ):
        assert see(an_actor(colleague, role, organisation=organisation)) == "not_yours"


def test_a_relation_without_its_role_is_not_enough() -> None:
    assert see(an_actor("officer", Role.SUPPORT_WORKER)) == "not_yours"
    assert see(an_actor("calltaker", Role.UNIT_MANAGER)) == "not_yours"
    assert see(an_actor("x", Role.REFERRER, organisation="ocmw-izegem")) == "not_yours"
    assert see(an_actor("worker", Role.REFERRER, organisation="caw")) == "not_yours"


def test_another_officer_of_the_same_service_does_not_see_it() -> None:
    assert see(an_actor("other", Role.REFERRER, organisation="police")) == "not_yours"


def test_a_referrer_sees_it_until_arrival_and_for_three_hours_at_most() -> None:
    booked_at = SATURDAY_NIGHT_CALL
    assert see(OFFICER, booked_at + timedelta(hours=3, seconds=-1)) == "referrer"
    assert see(OFFICER, booked_at + timedelta(hours=3)) == "too_late"
    assert see(OFFICER, arrival_known=True) == "arrived"
    assert see(OFFICER, state=BookingState.CHECKED_IN) == "arrived"
    for state in OVER:
        assert see(OFFICER, state=state) == "booking_over"


def test_a_calltaker_sees_the_booking_made_while_on_shift_and_while_it_lives() -> None:
    assert see(CALLTAKER, state=BookingState.CHECKED_IN) == "calltaker"
    assert see(CALLTAKER, on_shift=False) == "off_shift"
    assert see(an_actor("calltaker_2", Role.CALLTAKER)) == "not_yours"
    for state in OVER:
        assert see(CALLTAKER, state=state) == "booking_over"


def test_a_landlord_sees_the_own_unit_whatever_happens_in_it() -> None:
    for kind, state in product(RequestKind, BookingState):
        assert see(LANDLORD, kind=kind, state=state) == "unit_manager"


def test_a_service_sees_its_case_from_the_handover_until_it_is_closed() -> None:
    assert see(WORKER, handover=None, service_ids=frozenset()) == "not_yours"
    assert see(WORKER, handover=replace(HANDOVER, state=HandoverState.CLOSED)) == "booking_over"
    assert see(WORKER, service_ids=frozenset({"ocmw"})) == "not_yours"


@pytest.mark.parametrize("kind", [RequestKind.VIOLENCE, RequestKind.BARRING_ORDER])
def test_violence_narrows_to_who_transports_the_key_holder_and_the_accepted_worker(kind: RequestKind) -> None:
    assert see(OFFICER, kind=kind) == "referrer"
    assert see(LANDLORD, kind=kind) == "unit_manager"
    assert see(WORKER, kind=kind) == "support_worker"
    assert see(COLLEAGUE, kind=kind) == "hiding"
    assert see(CALLTAKER, kind=kind) == "hiding"
    named = replace(HANDOVER, worker_id="other_worker")
    assert see(COLLEAGUE, kind=kind, handover=named) == "support_worker"


def test_a_coordinator_gives_a_reason_in_a_case_of_violence() -> None:
    assert see(COORDINATOR, kind=RequestKind.VIOLENCE) == "reason_needed"
    assert see(COORDINATOR, kind=RequestKind.VIOLENCE, reason_given=True) == "coordinator"


def test_a_calltaker_who_took_the_request_by_phone_calls_back_who_transports() -> None:
    by_phone: dict[str, Any] = {"kind": RequestKind.VIOLENCE, "created_by": "calltaker"}
    assert see(CALLTAKER, **by_phone) == "referrer"
    assert see(CALLTAKER, on_shift=False, **by_phone) == "off_shift"
    assert see(CALLTAKER, arrival_known=True, **by_phone) == "arrived"


def test_where_people_hide_the_unit_is_known_to_who_may_see_the_address_and_who_gave_it() -> None:
    def knows(actor: Actor, **changes: Any) -> bool:
        return may_know_place(actor, the_facts(**changes), NOW, POLICY)

    second = an_actor("calltaker_2", Role.CALLTAKER)
    everybody = (OFFICER, CALLTAKER, second, LANDLORD, WORKER, COLLEAGUE, COORDINATOR)
    assert all(knows(each) for each in everybody)
    for kind in (RequestKind.VIOLENCE, RequestKind.BARRING_ORDER):
        told = [each.colleague_id for each in everybody if knows(each, kind=kind)]
        assert told == ["officer", "calltaker", "landlord", "worker"]
        assert knows(COORDINATOR, kind=kind, reason_given=True)
        assert not knows(OFFICER, kind=kind, arrival_known=True)


def test_several_roles_are_judged_by_the_best_of_them() -> None:
    both = an_actor("officer", Role.REFERRER, Role.UNIT_MANAGER, organisation="ocmw-izegem")
    assert see(both, arrival_known=True) == "unit_manager"
    made = an_actor("calltaker", Role.CALLTAKER, Role.COORDINATOR)
    assert see(made, kind=RequestKind.VIOLENCE) == "reason_needed"


def test_every_code_is_either_given_or_not() -> None:
    assert {code.value for code in GIVEN} == {
        "referrer", "calltaker", "unit_manager", "support_worker", "coordinator",
    }  # fmt: skip
    assert list(AccessCode)[: len(GIVEN)] == [code for code in AccessCode if code in GIVEN]


@pytest.mark.parametrize("slept_in", [True, False])
@pytest.mark.parametrize("same_network", [True, False])
def test_the_door_of_a_unit_is_for_who_keeps_it_and_a_coordinator_while_nobody_sleeps_there(
    same_network: bool, slept_in: bool
) -> None:
    def seen(actor: Actor) -> str:
        verdict = may_see_door(actor, "ocmw-izegem", same_network=same_network, slept_in=slept_in)
        assert verdict.allowed is (verdict.code in GIVEN)
        return verdict.code

    assert seen(LANDLORD) == "unit_manager"
    assert seen(an_actor("landlord", Role.UNIT_MANAGER, organisation="ocmw-tielt")) == "not_yours"
    by_booking = AccessCode.REASON_NEEDED if slept_in else AccessCode.COORDINATOR
    assert seen(COORDINATOR) == (by_booking if same_network else "not_yours")
    for role in set(Role) - {Role.UNIT_MANAGER, Role.COORDINATOR}:
        assert seen(an_actor("somebody", role, organisation="ocmw-izegem")) == "not_yours"
