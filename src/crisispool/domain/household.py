"""The people who need a bed: references, identities, how two references turn out to be one person."""

from dataclasses import dataclass
from datetime import date, datetime

from crisispool.domain.secret import Secret


@dataclass(frozen=True, slots=True)
class Person:
    """One reference to one person of one request.

    `canonical_id` is the reference that carries the row lock: its own id until it is recognised as someone known.
    Nights are never rewritten; a run is computed over all references with the same `canonical_id`.
    `digest` is the keyed hash of the full identity, `coarse_digest` of first name, initial and birth year.
    `claimed_nights` are earlier nights that the caller told us of.
    """

    id: str
    network_id: str
    request_id: str
    canonical_id: str
    adult: bool
    position: int
    age: int | None = None
    digest: str | None = None
    coarse_digest: str | None = None
    claimed_nights: tuple[date, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonIdentity:
    """Who a person is: a row of its own, erased on its own."""

    person_id: str
    given_name: Secret
    surname: Secret
    birth_date: Secret
    phone: Secret
    language: str = ""


@dataclass(frozen=True, slots=True)
class PersonMerge:
    """Two references found to be one person. Undone by setting `undone_at`; nights stay where they were.

    `merge_id` is the same for all references that were moved by one decision.
    """

    id: str
    person_id: str
    from_canonical_id: str
    to_canonical_id: str
    by: str
    at: datetime
    undone_at: datetime | None = None
    merge_id: str | None = None
