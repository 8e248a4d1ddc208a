"""How far somebody is on the guided tour, from what is there."""

from dataclasses import replace
from datetime import UTC, date, datetime

from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.handover import Case, Handover, HandoverState
from crisispool.domain.request import Request, RequestKind, RequestState
from crisispool.domain.tour import COUNTED, SoFar, TourStep, next_step

NOW = datetime(2026, 11, 28, 1, 4, tzinfo=UTC)
FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)
REQUEST = Request(
    "r", "net", "R-1", RequestKind.FIRE_WATER_CLOSED, 1, 2, (), None, None, (), (), "police", None, "c", NOW, FRIDAY
)  # fmt: skip
BOOKING = Booking("b", "net", "k", "r", "u", "IZ-1", FRIDAY, MONDAY, BookingState.BOOKED, 1, "c", NOW)
CASE = Case("k", "net", "r", "IZ-1", FRIDAY, NOW, admitted=True, opened_at=NOW)
HANDOVER = Handover("h", "net", "k", HandoverState.DELIVERED, NOW, NOW, "caw")


def test_before_anybody_asked_it_must_be_night() -> None:
    assert next_step(SoFar(office_hours=True)) is TourStep.NIGHT
    assert next_step(SoFar(office_hours=False)) is TourStep.ASK


def test_each_thing_that_is_done_leads_to_the_next() -> None:
    booked = SoFar(False, replace(REQUEST, state=RequestState.BOOKED), BOOKING, CASE)
    inside = replace(booked, booking=replace(BOOKING, state=BookingState.CHECKED_IN))
    steps = [SoFar(False), SoFar(False, REQUEST), booked, inside]
    steps += [replace(inside, handover=replace(HANDOVER, state=state)) for state in HandoverState]
    assert [next_step(each) for each in steps] == [*COUNTED, TourStep.DONE]


def test_without_a_bed_or_when_they_left_early_the_morning_comes_all_the_same() -> None:
    refused = SoFar(False, replace(REQUEST, state=RequestState.REFUSED), None, replace(CASE, admitted=False))
    left = SoFar(False, replace(REQUEST, state=RequestState.BOOKED), None, CASE)
    assert [next_step(each) for each in (refused, left)] == [TourStep.MORNING] * 2


def test_who_lost_the_bed_chooses_anew() -> None:
    assert next_step(SoFar(False, REQUEST, None, CASE)) is TourStep.CHOOSE
