"""What is free now: proposals for a household, best first, and where to turn when there are none."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from crisispool.conversations.vocabulary import Say
from crisispool.domain.booking import UnitNight
from crisispool.domain.duty import FallbackPlace
from crisispool.domain.errors import BadInput, NotThere
from crisispool.domain.matching import propose, split_over_two, why_nothing
from crisispool.domain.organisation import Actor, Municipality, Role
from crisispool.domain.ranking import Candidate, Proposal
from crisispool.domain.request import HIDING_KINDS, Request, RequestState, Search
from crisispool.domain.unit import Unit
from crisispool.domain.wish import Wish, wish_of
from crisispool.ports import AtLeast, OneOf, Transaction
from crisispool.services.answers import AvailabilityAnswer, FallbackAnswer, ProposalAnswer
from crisispool.services.asks import SearchAsk
from crisispool.services.duty import at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.holds import check_nights
from crisispool.services.live_view import features_wanted
from crisispool.services.parts import Parts, require
from crisispool.services.sight import request_of

SEARCHERS = (Role.CALLTAKER, Role.COORDINATOR, Role.SUPPORT_WORKER)


class Availability:
    """Searches in the pool. Policy: proposals, section 6."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def search(self, actor: Actor, ask: SearchAsk) -> AvailabilityAnswer:
        """Ranked proposals, for one block unless `nights`. A search for a request is kept: one that finds nothing
        is unmet demand. Raises BadInput, NotThere."""
        require(actor, *SEARCHERS)
        check_nights(ask.nights)
        parts = self._parts
        async with parts.store.reading() as tx:
            actor = await at_work(tx, actor, parts.now(), *SEARCHERS)
            network = await parts.facts.network(tx, actor.network_id)
            request = await request_of(tx, actor, ask.request_id) if ask.request_id else None
            night, nights = await self._nights(tx, network, request, ask)
            wish = wish_of(request, night, nights) if request else _wish(ask, network, night, nights)
        found, slow = await self._propose(network, wish)
        if request is not None and request.state is RequestState.OPEN:
            await self._keep(request, wish, found, network)
        async with parts.store.reading() as tx:
            proposals = await _proposal_answers(tx, found)
            fallback = () if proposals else await self._fallback(tx, actor.network_id)
        return AvailabilityAnswer(night, nights, night + timedelta(days=nights), proposals, fallback, slow)

    async def for_request(
        self, network_id: str, request_id: str, nights: Sequence[date], persons: int | None = None
    ) -> tuple[Proposal, ...]:
        """The proposals for a known request and known nights, best first; for so many of its people, or all."""
        async with self._parts.store.reading() as tx:
            network = await self._parts.facts.network(tx, network_id)
            request = await tx.get(Request, request_id)
        if request is None:
            raise NotThere("request")
        if not nights:
            return ()
        found, _ = await self._propose(network, wish_of(request, nights[0], len(nights), persons))
        return found

    async def _nights(
        self, tx: Transaction, network: NetworkFacts, request: Request | None, ask: SearchAsk
    ) -> tuple[date, int]:
        """The nights to look for: those asked, else one block, of which a first admission gets five at most."""
        tonight = network.calendar.night_of(self._parts.now())
        night = ask.night or (max(request.night, tonight) if request else tonight)
        if night < tonight:
            raise BadInput("night", "past")
        if ask.nights is not None:
            return night, ask.nights
        return night, min(len(network.calendar.block(night)), 5)

    async def _propose(self, network: NetworkFacts, wish: Wish) -> tuple[tuple[Proposal, ...], bool]:
        """Proposals for a wish, and whether the live view was away.

        When the view knows of nothing the record is asked as well: nobody is turned away on a stale view.
        """
        view, now = self._parts.view, self._parts.now()
        avoid = wish.avoid | ({wish.origin} if wish.hiding and wish.origin else frozenset())
        network_id = network.network.id
        ids, slow = await view.find(network_id, wish.labels, features_wanted(wish), avoid, now)
        found = await self._rank(network, wish, ids)
        if not found:
            async with self._parts.store.reading() as tx:
                ids = await self._parts.facts.untaken(tx, network_id, wish.labels, now)
            found = await self._rank(network, wish, ids)
        return found, slow

    async def _rank(self, network: NetworkFacts, wish: Wish, unit_ids: Sequence[str]) -> tuple[Proposal, ...]:
        now = self._parts.now()
        async with self._parts.store.reading() as tx:
            facts = await self._parts.facts.units(tx, unit_ids, now)
            towns = network.municipalities | await _towns(tx, [unit.unit for unit in facts.values()])
            given = await self._given(tx, {unit.unit.owner_id for unit in facts.values()}, wish.night)
        candidates = [
            Candidate(
                facts=unit,
                given_nights_365=given[unit.unit.owner_id],
                agreed_places=membership.agreed_places or 0
                if (membership := network.memberships.get(unit.unit.nis))
                else 0,
            )
            for unit in facts.values()
        ]
        rules = (towns, now, network.calendar, network.policy)
        return propose(wish, candidates, *rules) or split_over_two(wish, candidates, *rules)

    async def _given(self, tx: Transaction, owner_ids: set[str], night: date) -> dict[str, int]:
        """Nights given in the last 365 days, by owner."""
        units = await tx.find(Unit, owner_id=OneOf(tuple(owner_ids)))
        owner = {unit.id: unit.owner_id for unit in units}
        since = AtLeast(night - timedelta(days=365))
        rows = await tx.find(UnitNight, unit_id=OneOf(tuple(owner)), night=since, hold_id=None)
        given = Counter(owner[row.unit_id] for row in rows if row.night < night)
        return {owner_id: given[owner_id] for owner_id in owner_ids}

    async def _keep(
        self, request: Request, wish: Wish, found: Sequence[Proposal], network: NetworkFacts
    ) -> None:
        """Every search for a request is kept; one without proposals says why the network fell short."""
        parts, now = self._parts, self._parts.now()
        async with parts.store.transaction() as tx:
            why = None
            if not found:
                ids = await parts.facts.untaken(tx, network.network.id, wish.labels, now)
                facts = (await parts.facts.units(tx, ids, now)).values()
                why = why_nothing(wish, [Candidate(unit) for unit in facts], now, network.calendar)
            asked = {
                "persons": wish.persons,
                "cots": wish.cots,
                "needs": sorted(wish.needs),
                "avoided": len(wish.avoid),
            }
            await tx.add(
                Search(
                    id=parts.ids.new(),
                    network_id=request.network_id,
                    request_id=request.id,
                    night=wish.night,
                    nights=wish.nights,
                    asked=asked,
                    found=len(found),
                    unmet=why,
                    at=now,
                )
            )

    async def _fallback(self, tx: Transaction, network_id: str) -> tuple[FallbackAnswer, ...]:
        places = await tx.find(FallbackPlace, network_id=network_id, order=("position",))
        return tuple(FallbackAnswer(place.kind, place.name, place.phone) for place in places)


async def _towns(tx: Transaction, units: Iterable[Unit]) -> dict[str, Municipality]:
    """The municipalities of these units: one that is shared may stand where only another network is."""
    places = OneOf(tuple({unit.nis for unit in units}))
    return {town.nis: town for town in await tx.find(Municipality, nis=places)}


async def _proposal_answers(tx: Transaction, proposals: Sequence[Proposal]) -> tuple[ProposalAnswer, ...]:
    units = {
        unit.id: unit
        for unit in await tx.find(Unit, id=OneOf(tuple(proposal.unit_id for proposal in proposals)))
    }
    towns = await _towns(tx, units.values())
    return tuple(_proposal_answer(units[proposal.unit_id], proposal, towns) for proposal in proposals)


def _proposal_answer(unit: Unit, proposal: Proposal, towns: Mapping[str, Municipality]) -> ProposalAnswer:
    return ProposalAnswer(
        unit_id=unit.id,
        label=unit.label,
        nis=unit.nis,
        municipality=towns[unit.nis].name,
        places=unit.places,
        confirmed=proposal.confirmed,
        confirmed_at=unit.confirmed_at,
        cleaned=proposal.cleaned,
        call_first=proposal.call_first,
        reasons=proposal.reasons,
        sentence=tuple(Say(f"proposal.{code}", proposal.facts) for code in proposal.reasons),
        with_unit_id=proposal.with_unit_id,
    )


def _wish(ask: SearchAsk, network: NetworkFacts, night: date, nights: int) -> Wish:
    for field, places in (
        ("avoid", ask.avoid),
        ("whereabouts", (ask.whereabouts,)),
        ("origin", (ask.origin,)),
    ):
        if not set(places) <= {None, *network.municipalities}:
            raise BadInput(field, "unknown_municipality")
    return Wish(
        night=night,
        nights=nights,
        persons=ask.persons,
        cots=ask.cots,
        needs=frozenset(ask.needs),
        avoid=frozenset(ask.avoid),
        origin=ask.origin,
        whereabouts=ask.whereabouts,
        hiding=ask.kind in HIDING_KINDS,
    )
