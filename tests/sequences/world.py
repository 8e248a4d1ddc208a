"""The model: who has which unit on which night, and what each person has slept."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.sequences.kept import COUNTING, SERVICE, Booking, Case, Hold, Person, Request, Unit
from tests.sequences.rules import DAY, Days, at, chains, local_date, within


@dataclass
class World:
    """Everything that the model knows, and the questions that the rules ask of it."""

    now: datetime
    units: dict[str, Unit]
    days: Days = field(default_factory=Days)
    closed_services: set[tuple[str, date]] = field(default_factory=set)
    requests: dict[str, Request] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    slept: dict[tuple[str, date], str] = field(default_factory=dict)
    merges: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    entered: dict[str, tuple[date, str | None]] = field(default_factory=dict)
    reopened: set[str] = field(default_factory=set)

    @property
    def tonight(self) -> date:
        """The label of tonight."""
        return self.days.night_of(self.now)

    @property
    def today(self) -> date:
        """The date on the local clock."""
        return local_date(self.now)

    # Units.

    def bookings_of(self, unit: str) -> Iterator[Booking]:
        """The bookings of a unit whose nights count."""
        return (each for each in self.bookings.values() if each.unit == unit and each.state in COUNTING)

    def holds_of(self, unit: str) -> Iterator[Hold]:
        """The holds of a unit that have not ended or lapsed."""
        return (each for each in self.holds.values() if each.unit == unit and self.holding(each))

    def holding(self, hold: Hold) -> bool:
        """Whether a hold still keeps its unit."""
        return hold.ended is None and hold.until > self.now

    def why_not_free(
        self, unit_id: str, nights: Collection[date], hold: Hold | None = None, own: str | None = None
    ) -> set[str]:
        """Why a unit may not be given for these nights: all reasons; a booking's own `hold` is in nobody's way."""
        unit, why = self.units[unit_id], set()
        for night in nights:
            if night < self.tonight:
                why.add("unit_night_past")
            if unit.closed:
                why.add("unit_out_of_service")
            if unit.turnover:
                why.add("unit_turnover")
            if any(use.covers(night) for use in unit.uses):
                why.add("unit_occupied")
            for booking in self.bookings_of(unit_id):
                # Nobody is presumed gone on the morning of the check-out.
                still_inside = booking.live and night == max(booking.checkout, self.tonight)
                if night in booking.nights or (still_inside and booking.label != own):
                    why.add("unit_booked")
            held = hold is not None and self.holding(hold) and night in hold.nights
            if any(night in other.nights for other in self.holds_of(unit_id) if other is not hold):
                why.add("unit_held")
            if not held and (reason := unit.offered(night)):
                why.add(reason)
        return why | ({"no_longer_free"} if why & {"unit_booked", "unit_held"} else set())

    def in_the_way(self, unit_id: str, since: date, until: date | None) -> bool:
        """Whether a hold, a live booking or people who did not leave yet stand before the owner's own use."""
        taken = {night for each in self.bookings_of(unit_id) for night in each.nights}
        taken |= {night for each in self.holds_of(unit_id) for night in each.nights}
        taken |= {self.tonight for b in self.bookings_of(unit_id) if b.live and b.checkout <= self.tonight}
        return any(night >= since and (until is None or night < until) for night in taken)

    def status(self, unit_id: str) -> str:
        """What a unit is tonight, first match. Policy: section 6."""
        unit, tonight = self.units[unit_id], self.tonight
        if unit.closed:
            return "out_of_service"
        if any(use.covers(tonight) for use in unit.uses):
            return "occupied"
        if any(booking.live and booking.nights[0] <= tonight for booking in self.bookings_of(unit_id)):
            return "booked"
        if any(tonight in hold.nights for hold in self.holds_of(unit_id)):
            return "held"
        return "turnover" if unit.turnover else "free"

    def safe(self, unit_id: str, request: Request) -> bool:
        """Whether the place is not one to avoid; who hides never sleeps in the own municipality."""
        nis = self.units[unit_id].nis
        return nis not in request.avoid and not (request.hiding and nis == request.origin)

    # People.

    def references(self, group: str) -> list[Person]:
        """All references to one person."""
        return [person for person in self.persons.values() if person.group == group]

    def used(self, person: str) -> frozenset[date]:
        """The nights of the person behind a reference, recorded and told."""
        behind = {each.label: each for each in self.references(self.persons[person].group)}
        told = {night for each in behind.values() for night in each.claimed}
        return frozenset(told | {night for label, night in self.slept if label in behind})

    def broken_runs(self, group: str) -> list[list[date]]:
        """Runs of a person beyond the limit or with a night in two beds; of told nights alone there is none."""
        labels = {each.label for each in self.references(group)}
        recorded = [
            night for _, night in {(of, n) for (label, n), of in self.slept.items() if label in labels}
        ]
        told = {night for each in self.references(group) for night in each.claimed}
        beyond = [
            run
            for run in chains({*recorded, *told})
            if set(run) & set(recorded) and not within(run, self.days)
        ]
        return beyond + chains({night for night in recorded if recorded.count(night) > 1})

    def recognise(self, label: str, identity: int) -> None:
        """A full identity links a reference to the earliest one with the same."""
        earlier = next(
            (p for p in self.persons.values() if p.identity == identity and p.label != label), None
        )
        person = self.persons[label]
        person.identity = identity
        if earlier is not None:
            # Whoever was found to be the same person comes along.
            for same in self.references(person.group):
                same.group = earlier.group

    def no_readmission(self, sleepers: Collection[str], wanted: tuple[date, ...]) -> bool:
        """Whether outreach said no in a run that these nights would be part of."""
        adults = [person for person in sleepers if self.persons[person].adult]
        run: set[date] = set()
        for person in adults:
            used = self.used(person)
            run |= {n for chain in chains(used | set(wanted)) if wanted[0] in chain for n in chain} & used
        groups = {self.persons[person].group for person in sleepers}
        bookings = {
            of for (label, night), of in self.slept.items()
            if night in run and self.persons[label].group in groups
        }  # fmt: skip
        return any(self.bookings[each].no_readmission for each in bookings)

    def not_seen(self, who: str, booking: Booking) -> set[str]:
        """What somebody hears who has nothing to do with a booking. Policy: section 8."""
        role, _, of = who.partition("_")
        if role == "owner":
            return set() if self.units[booking.unit].owner == f"ocmw_{of}" else {"not_there"}
        if role == "referrer":
            own = self.requests[booking.request].by == who and not self.follows(booking)
            return set() if own else {"not_there"}
        return self.not_with(who, booking.request)

    def follows(self, booking: Booking) -> bool:
        """Whether people were inside another unit before: who brought them there does not bring them here."""
        return any(
            (other.arrived is not None and other.arrived <= booking.made)
            or (other.first < booking.first and other.state in COUNTING)
            for other in self.bookings.values()
            if other.request == booking.request and other is not booking
        )

    def past(self, who: str, booking: Booking) -> bool:
        """Whether somebody only asked for a bed in which people are or were: then it is no more of theirs, and they
        are not told whether anybody still stays."""
        return who == "referrer" and self.inside(booking)

    def inside(self, booking: Booking) -> bool:
        """Whether people are or were there: who said nothing until 06:00 is presumed so."""
        to_come = booking.state == "booked" and self.now < at(booking.first + DAY, 6)
        never = booking.state in ("cancelled", "no_show")
        return booking.known or not (to_come or never)

    def not_with(self, who: str, request: str) -> set[str]:
        """What a support worker hears whose service does not have the case."""
        if not who.startswith("worker"):
            return set()
        handover = self.cases[request].handover
        return set() if handover and SERVICE[who] in handover.deliveries else {"not_there"}

    # Bookings.

    def take(self, booking: Booking, nights: tuple[date, ...], sleepers: Collection[str]) -> None:
        """These nights count from now on, for the unit and for who sleeps there."""
        booking.nights = tuple(sorted({*booking.nights, *nights}))
        for person in sleepers:
            self.slept |= {(person, night): booking.label for night in nights}

    def drop(self, booking: Booking, first: date) -> None:
        """The nights from `first` on count for nobody any more."""
        booking.nights = tuple(night for night in booking.nights if night < first)
        self.slept = {key: of for key, of in self.slept.items() if of != booking.label or key[1] < first}

    def beside(self, booking: Booking) -> Booking | None:
        """The second unit of the household, where nobody of its own sleeps."""
        others = [b for b in self.bookings.values() if b.request == booking.request and b.live]
        return next((b for b in others if b is not booking and not b.persons), None)
