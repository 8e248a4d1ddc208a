"""Nights already given that turn out to be too many: an alert for the coordinator, and nobody is put out."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from crisispool.domain.booking import (
    LIVE_STATES,
    AlertCause,
    Booking,
    PersonNight,
    StayAlert,
    StayDecision,
)
from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.household import Person
from crisispool.domain.organisation import Role
from crisispool.domain.stay import StayPolicy, runs, within_limit
from crisispool.ports import Ids, OneOf, Transaction
from crisispool.services.facts import NetworkFacts
from crisispool.services.messages import tell_role


async def judge_again(
    tx: Transaction,
    ids: Ids,
    network: NetworkFacts,
    canonical_ids: Collection[str],
    cause: AlertCause,
    now: datetime,
) -> list[Booking]:
    """Judge every run of these people anew, over all their references; the bookings that got an alert.

    What a coordinator gave beyond the limit, or was alerted of before, raises none. Adults only: children never
    limit. The people must be locked. Policy: how long someone may stay, section 4.
    """
    alerted = []
    for canonical_id in sorted(canonical_ids):
        references = await tx.find(Person, canonical_id=canonical_id)
        if not any(person.adult for person in references):
            continue
        nights = await tx.find(PersonNight, person_id=OneOf(tuple(each.id for each in references)))
        bookings = {
            booking.id: booking
            for booking in await tx.find(Booking, id=OneOf(tuple({row.booking_id for row in nights})))
        }
        who = {each.id for each in references}
        alerts = await tx.find(StayAlert, booking_id=OneOf(tuple(bookings)))
        alerts += await tx.find(StayAlert, person_id=OneOf(tuple(who)))
        requests = OneOf(tuple({booking.request_id for booking in bookings.values()}))
        given = await tx.find(StayDecision, request_id=requests, overridden=True)
        for run, doubled in broken_runs(references, nights, network.calendar, [network.policy.stay_policy]):
            inside = [row for row in nights if row.night in run]
            if is_excused(run, inside, who, alerts, given, doubled=doubled):
                continue
            about = _last(bookings[row.booking_id] for row in inside)
            person_id = next(row.person_id for row in inside if row.booking_id == about.id)
            alert = StayAlert(ids.new(), about.network_id, about.id, person_id, cause, run, now)
            alerts.append(alert)
            await tx.add(alert)
            await _tell(tx, ids, about, run, now)
            alerted.append(about)
    return alerted


def broken_runs(
    references: Iterable[Person],
    nights: Iterable[PersonNight],
    calendar: NetworkCalendar,
    policies: Iterable[StayPolicy],
) -> list[tuple[tuple[date, ...], bool]]:
    """The runs of one person that are beyond the limit under all these policies; and, marked True, the nights in a
    row on which two references sleep in two bookings. Two of one booking are one person counted twice, in one bed.

    Nights that a caller told of belong to a run; a run of nothing else is nobody's mistake.
    """
    times = Counter(night for _, night in {(row.booking_id, row.night) for row in nights})
    told = {night for person in references for night in person.claimed_nights}
    beyond = [
        (run, False)
        for run in runs(times.keys() | told)
        if not times.keys().isdisjoint(run)
        and not any(within_limit(run, calendar, policy) for policy in policies)
    ]
    return beyond + [(run, True) for run in runs([night for night, beds in times.items() if beds > 1])]


def is_excused(
    run: tuple[date, ...],
    nights: Sequence[PersonNight],
    who: Collection[str],
    alerts: Iterable[StayAlert],
    given: Iterable[StayDecision],
    *,
    doubled: bool,
) -> bool:
    """Whether a coordinator already gave these nights beyond the limit, or was alerted of a run that holds them.

    `nights` are those of the run, `who` all references to the person: an alert is about them also when they moved
    to another unit since. `given` are the overrides of their requests; none gives two beds on one night.
    """
    bookings = {row.booking_id for row in nights}
    told = (alert for alert in alerts if alert.booking_id in bookings or alert.person_id in who)
    if any(set(run) <= set(alert.run) for alert in told):
        return True
    if doubled:
        return False
    wanted = {night.isoformat() for night in run}
    runs_given = (decision.facts.get("run") for decision in given)
    return any(isinstance(said, list) and wanted <= set(said) for said in runs_given)


def _last(bookings: Iterable[Booking]) -> Booking:
    """The booking that an alert is about: where they are now, else the last one they were in."""
    return max(bookings, key=lambda each: (each.state in LIVE_STATES, each.night, each.at, each.id))


async def _tell(tx: Transaction, ids: Ids, booking: Booking, run: Collection[date], now: datetime) -> None:
    await tell_role(
        tx,
        ids,
        booking.network_id,
        Role.COORDINATOR,
        "message.stay_alert",
        {"reference": booking.reference, "checkout": booking.checkout.isoformat()},
        ("booking", booking.id),
        f"stay_alert:{booking.id}:{min(run)}:{max(run)}",
        now,
        urgent=True,
    )
