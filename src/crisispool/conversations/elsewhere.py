"""The other places of a network: which of them fit why there is no bed, in the order of the policy."""

from collections.abc import Iterable
from typing import Any

from crisispool.conversations.vocabulary import Fallback

ORDER = ("reserve", "hotel", "night_shelter")
"""Who has no bed here is sent on in this order; any other kind comes after. Policy: nothing is free, section 5."""

ONLY_FOR = {
    "youth_crisis_line": frozenset({"minor_alone"}),
    "hospital": frozenset({"medical", "psychiatric", "intoxicated"}),
    "psychiatric": frozenset({"psychiatric"}),
}
"""Kinds that help after these refusals and after no other."""


def listed(places: Iterable[Fallback]) -> list[dict[str, Any]]:
    """Places in the form in which a talk remembers them."""
    return [{"kind": place.kind, "name": place.name, "phone": place.phone} for place in places]


def fitting(places: Iterable[dict[str, Any]], refusal: str) -> list[dict[str, Any]]:
    """The places that fit this refusal, best first."""
    fit = [place for place in places if refusal in ONLY_FOR.get(place["kind"], {refusal})]
    return sorted(fit, key=lambda place: ORDER.index(place["kind"]) if place["kind"] in ORDER else len(ORDER))
