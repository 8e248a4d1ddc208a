"""Rounds: rows that come due at a local time of certain days; the sweep finds them and has them done, once."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import structlog

from crisispool.domain.calendar import DAY, LONGEST_CLOSURE
from crisispool.domain.errors import Conflict, Outage
from crisispool.domain.organisation import Membership, Network
from crisispool.domain.rounds import Round, RoundKind, moments, next_moment, still_makes_sense
from crisispool.ports import OneOf, Transaction
from crisispool.services.care_calls import CareCalls
from crisispool.services.facts import NetworkFacts
from crisispool.services.handover_rows import SYSTEM
from crisispool.services.night_list_making import NightListMaking
from crisispool.services.parts import Parts
from crisispool.services.roster_round import RosterRound
from crisispool.services.units_rounds import UnitsRounds
from crisispool.services.weekend_lines import WeekendLines

log = structlog.get_logger(__name__)

Work = Callable[[Transaction, NetworkFacts, date, datetime], Awaitable[None]]


async def retime(tx: Transaction, network_id: str, now: datetime) -> None:
    """The calendar or the policy of this network changed: the next sweep works its rounds' moments out anew.

    A round that the change makes due today, at an hour that has passed, is then done at once.
    """
    known = await tx.find(Round, network_id=network_id)
    for each in await tx.lock(Round, [each.id for each in known]):
        if each.due_at > now:
            await tx.save(replace(each, due_at=now))


async def list_again(tx: Transaction, network: NetworkFacts, days: Collection[date], now: datetime) -> None:
    """A day among the closed days at hand changed after their list was made: the next sweep goes through it again.

    Whoever is without a bed because of it gets a line, and who must decide hears it.
    """
    calendar = network.calendar
    kinds = OneOf((RoundKind.WEEKEND_LIST, RoundKind.WEEKEND_LIST_OPEN))
    known = await tx.find(Round, network_id=network.network.id, kind=kinds)
    for each in await tx.lock(Round, [each.id for each in known]):
        rules = (now, calendar, network.policy)
        passed = moments(each.kind, now - LONGEST_CLOSURE * DAY, *rules)
        if not passed or passed[-1] > each.since or not still_makes_sense(each.kind, passed[-1], *rules):
            continue
        listed = calendar.local(passed[-1]).date()
        if any(listed < day < calendar.next_working_day(listed) for day in days):
            await tx.save(replace(each, since=passed[-1] - timedelta(seconds=1)))


class Rounds:
    """Makes the rounds of every network that has members, and does those that are due."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._calls = CareCalls(parts)
        self._lines = WeekendLines(parts)
        self._owners = UnitsRounds(parts)
        self._gaps = RosterRound(parts)
        self._papers = NightListMaking(parts)

    async def missing(self, tx: Transaction) -> dict[str, list[RoundKind]]:
        """What is to be made of each network that has members and not all its rounds, by its id."""
        known = {(each.network_id, each.kind) for each in await tx.find(Round)}
        missing: dict[str, list[RoundKind]] = {}
        for network in await tx.find(Network):
            kinds = [kind for kind in RoundKind if (network.id, kind) not in known]
            if not kinds:
                continue
            if await tx.find(Membership, network_id=network.id, limit=1):
                missing[network.id] = kinds
        return missing

    async def make(self, missing: Mapping[str, Collection[RoundKind]], now: datetime) -> None:
        """Give every network what is `missing`; what was due before now is not made up for."""
        for network_id, kinds in missing.items():
            try:
                async with self._parts.store.transaction() as tx:
                    facts = await self._parts.facts.network(tx, network_id)
                    rules = (facts.calendar, facts.policy)
                    await tx.add(
                        *(
                            Round(
                                f"{network_id}:{kind}", network_id, kind, now, next_moment(kind, now, *rules)
                            )
                            for kind in kinds
                        )
                    )
            except Conflict:
                # Another process made them meanwhile.
                continue
            except Outage:
                raise
            except Exception as failed:  # noqa: BLE001  # one network that fails holds up no other
                log.error("sweep_failed", kind="Round", id=network_id, error=type(failed).__name__)

    async def step(self, tx: Transaction, round_id: str, now: datetime) -> int:
        """Do a round that is due. Several moments that passed are one round; what no longer serves is not done."""
        [due] = await tx.lock(Round, [round_id])
        if due.due_at > now:
            return 0
        network = await self._parts.facts.network(tx, due.network_id)
        rules = (network.calendar, network.policy)
        passed = list(moments(due.kind, due.since, now, *rules))
        if passed:
            if still_makes_sense(due.kind, passed[-1], now, *rules):
                await self._work(due.kind)(tx, network, self._day(network, passed.pop()), now)
                await tx.audit(SYSTEM, f"round.{due.kind}", "round", due.id, now)
            if passed and due.kind is RoundKind.CARE:
                days = [self._day(network, moment) for moment in passed]
                await self._calls.missed(tx, network, days, now)
            due = replace(due, since=now)
        await tx.save(replace(due, due_at=next_moment(due.kind, due.since, *rules)))
        return 1

    def _work(self, kind: RoundKind) -> Work:
        return {
            RoundKind.CARE: self._calls.open,
            RoundKind.WEEKEND_LIST: self._lines.make,
            RoundKind.WEEKEND_LIST_OPEN: self._lines.tell_open,
            RoundKind.UNITS: self._owners.ask,
            RoundKind.ROSTER: self._gaps.tell,
            RoundKind.NIGHT_LIST: self._papers.make,
        }[kind]

    def _day(self, network: NetworkFacts, moment: datetime) -> date:
        return network.calendar.local(moment).date()
