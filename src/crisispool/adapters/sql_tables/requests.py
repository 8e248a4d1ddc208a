"""Tables of a question for a bed: the request, its people, its check-up, how it ended."""

from crisispool.adapters.sql_tables.declare import table
from crisispool.domain.household import Person, PersonIdentity, PersonMerge
from crisispool.domain.request import Request, RequestNote, RequestRefusal, Screening, Search

# `created_by`, `taken_by` and every `by` may also name the house itself, so they are no foreign keys.
table(
    Request,
    "requests",
    links={
        "network_id": "networks.id",
        "referrer_organisation_id": "organisations.id",
        "previous_request_id": "requests.id",
    },
    unique=[("network_id", "reference")],
    index=[("next_action_at",), ("network_id", "state"), ("network_id", "created_at")],
    checks={"household": "adults >= 0 AND children >= 0 AND adults + children > 0"},
)
table(RequestNote, "request_notes", links={"request_id": "requests.id"})
table(Screening, "screenings", links={"request_id": "requests.id"}, index=[("pause_until",)])
table(RequestRefusal, "request_refusals", links={"request_id": "requests.id"})
table(
    Search,
    "searches",
    links={"network_id": "networks.id", "request_id": "requests.id"},
    checks={"nights": "nights > 0"},
)
table(
    Person,
    "persons",
    links={"network_id": "networks.id", "request_id": "requests.id", "canonical_id": "persons.id"},
    index=[("network_id", "digest"), ("network_id", "coarse_digest")],
)
table(PersonIdentity, "person_identities", key=["person_id"], links={"person_id": "persons.id"})
table(
    PersonMerge,
    "person_merges",
    links={
        "person_id": "persons.id",
        "from_canonical_id": "persons.id",
        "to_canonical_id": "persons.id",
    },
    index=[("merge_id",)],
)
