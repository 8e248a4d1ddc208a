"""What must hold of people: nobody beyond the limit unseen, every reference leads to one person."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from crisispool.domain.booking import Booking, PersonNight, StayAlert, StayDecision
from crisispool.domain.household import Person
from crisispool.domain.organisation import Network, PolicyVersion
from crisispool.domain.stay import StayPolicy
from crisispool.ports import Transaction
from crisispool.services.broken import Broken
from crisispool.services.facts import POLICY, Facts
from crisispool.services.stay_alerts import broken_runs, is_excused


async def people_rules(tx: Transaction, facts: Facts) -> list[Broken]:
    """``stay_limit`` and ``person_links`` over the whole record. Policy: how long someone may stay, section 4."""
    persons = await tx.find(Person)
    found = list(_links(persons))
    for network in await tx.find(Network, order=("id",)):
        own = [person for person in persons if person.network_id == network.id]
        if own:
            found += await _over_the_limit(tx, facts, network, own)
    return found


def _links(persons: Sequence[Person]) -> Iterator[Broken]:
    by_id = {person.id: person for person in persons}
    for person in persons:
        canonical = by_id[person.canonical_id]
        if canonical.canonical_id != canonical.id or canonical.network_id != person.network_id:
            yield Broken("person_links", person.id)


async def _over_the_limit(
    tx: Transaction, facts: Facts, network: Network, persons: Sequence[Person]
) -> list[Broken]:
    """A decision remembers its rule: a run may be as long as any policy allows that one of its bookings had."""
    calendar = await facts.calendar(tx, network.id)
    bookings = {booking.id: booking for booking in await tx.find(Booking, network_id=network.id)}
    alerts = await tx.find(StayAlert, network_id=network.id)
    overrides = await tx.find(StayDecision, overridden=True)
    policies: dict[int, StayPolicy] = {
        version.version: POLICY.validate_python(version.settings).stay_policy
        for version in await tx.find(PolicyVersion, network_id=network.id)
    }
    references: dict[str, list[Person]] = defaultdict(list)
    canonical = {}
    for person in persons:
        references[person.canonical_id].append(person)
        canonical[person.id] = person.canonical_id
    nights: dict[str, list[PersonNight]] = defaultdict(list)
    for row in await tx.find(PersonNight):
        if row.person_id in canonical:
            nights[canonical[row.person_id]].append(row)
    found = []
    for who, rows in nights.items():
        if not any(person.adult for person in references[who]):
            continue
        had = {policies[bookings[row.booking_id].policy_version] for row in rows}
        requests = {bookings[row.booking_id].request_id for row in rows}
        given = [decision for decision in overrides if decision.request_id in requests]
        for run, doubled in broken_runs(references[who], rows, calendar, had):
            inside = [row for row in rows if row.night in run]
            if not is_excused(
                run, inside, {each.id for each in references[who]}, alerts, given, doubled=doubled
            ):
                found.append(Broken("stay_limit", who))
    return found
