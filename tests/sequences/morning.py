"""The next working day in the model: a case is handed over once, on the right day, to the right services."""

from datetime import date, datetime

from tests.sequences.kept import CAW, COUNTING, LED_BY_CAW, OCMW, SERVICE, Case, Handover
from tests.sequences.rules import DAY, at, local_date
from tests.sequences.world import World


def due(w: World, case: Case) -> datetime:
    """08:00 on the first working day after the night of a case, by the days as they are now."""
    return case.handover.due if case.handover else at(w.days.next_working(case.night), 8)


def begin_case(w: World, request: str, night: date) -> None:
    """A request has its first booking or, after all others were cancelled, a first one again."""
    case = w.cases.setdefault(request, Case(request, night))
    if not _given(w, case) and case.handover is None:
        case.night, case.over = night, False


def sweep(w: World) -> None:
    """Everything due is done."""
    for hold in w.holds.values():
        if hold.ended is None and hold.until <= w.now:
            hold.ended = w.now
    for case in w.cases.values():
        if not case.over and case.handover is None and due(w, case) <= w.now:
            _hand_over(w, case)
        if (handover := case.handover) is not None:
            handover.delivered |= {to for to, day in handover.deliveries.items() if at(day, 8) <= w.now}


def replan(w: World) -> None:
    """A service that does not have a handover yet gets it on its first open day, as the days are now."""
    for case in w.cases.values():
        if case.handover and not case.handover.closed:
            for service in case.handover.deliveries.keys() - case.handover.delivered:
                case.handover.deliveries[service] = _open_day(w, service, local_date(case.handover.due))


def service_of(who: str, handover: Handover) -> str:
    """For which service somebody acts: the own one, the coordinator for the one that has it or leads."""
    return SERVICE.get(who) or handover.accepted_by or handover.lead


def _given(w: World, case: Case) -> bool:
    return any(b.request == case.request and b.state in COUNTING for b in w.bookings.values())


def _hand_over(w: World, case: Case) -> None:
    """One handover; a case without a bed or a wish for contact ends."""
    asked = w.requests[case.request]
    if not _given(w, case) and not (asked.state == "refused" and asked.contact):
        case.over = True
        return
    moment = due(w, case)
    due_on, ocmw = local_date(moment), OCMW.get(asked.origin or "")
    if ocmw is None or asked.caw_only:
        # Outreach is guaranteed: alone, the CAW has it on the day itself.
        case.handover = Handover(moment, CAW, {CAW: due_on})
        return
    days = {service: _open_day(w, service, due_on) for service in (CAW, ocmw)}
    if days[ocmw] > due_on:
        case.handover = Handover(moment, CAW, {**days, CAW: due_on})
        return
    caw_leads = ocmw in LED_BY_CAW and days[CAW] == due_on
    case.handover = Handover(moment, CAW if caw_leads else ocmw, days)


def _open_day(w: World, service: str, day: date) -> date:
    """The first working day from `day` on that this service is not closed."""
    while (service, day) in w.closed_services or not w.days.works(day):
        day += DAY
    return day
