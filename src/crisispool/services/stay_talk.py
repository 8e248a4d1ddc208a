"""A stay that only a coordinator may give: calling the coordinator, and what there is to choose from."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

from crisispool.conversations.vocabulary import Say
from crisispool.domain.calendar import DAY
from crisispool.domain.duty import Duty
from crisispool.domain.granting import landing_options
from crisispool.domain.household import Person
from crisispool.domain.organisation import Actor, Role
from crisispool.domain.request import Request
from crisispool.ports import Transaction
from crisispool.services import stay_desk
from crisispool.services.answers import AskedAnswer
from crisispool.services.duty import DutyDesk, at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.intake import DESK, must_be_open
from crisispool.services.messages import tell, tell_role
from crisispool.services.parts import Parts, require
from crisispool.services.sight import request_of
from crisispool.services.stay_desk import coordinator_silent
from crisispool.texts.stay import said_of_household


class StayTalk:
    """What the talk about the stay limit needs. Policy: who decides, section 4."""

    def __init__(self, parts: Parts, duty: DutyDesk) -> None:
        self._parts = parts
        self._duty = duty

    async def ask_coordinator(self, actor: Actor, operation_id: str, request_id: str) -> AskedAnswer:
        """Tell the coordinators on call, else all of them, once a night for each request.

        Who is not answered in time may give one night within the limit. Refusals: ``request_closed``.
        """
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> AskedAnswer:
            await at_work(tx, actor, now, *DESK)
            await tx.lock(Request, [request_id])
            request = await request_of(tx, actor, request_id)
            must_be_open(request)
            network = await parts.facts.network(tx, actor.network_id)
            tonight = network.calendar.night_of(now)
            asked = request.coordinator_asked_at
            if asked is None or network.calendar.night_of(asked) != tonight:
                asked = now
                await tx.save(replace(request, coordinator_asked_at=now))
            facts: dict[str, object] = {"request": request.reference}
            about, mark = ("request", request.id), f"decide_stay:{request.id}:{tonight}"
            key, network_id = "message.decide_stay", actor.network_id
            present = await self._duty.on_duty(tx, network_id, Duty.COORDINATOR, now)
            for colleague_id in present:
                recipient = ("colleague", colleague_id)
                await tell(tx, parts.ids, network_id, recipient, key, facts, about, mark, now, urgent=True)
            if not present:
                role = Role.COORDINATOR
                await tell_role(tx, parts.ids, network_id, role, key, facts, about, mark, now, urgent=True)
            await tx.audit(actor.colleague_id, "request.coordinator_asked", "request", request.id, now)
            return AskedAnswer(request.id, request.reference, asked + network.policy.coordinator_silent_after)

        return await parts.operations.once(
            operation_id, "ask_coordinator", request_id, now, AskedAnswer, work
        )

    async def one_night(self, tx: Transaction, actor: Actor, request: Request, network: NetworkFacts) -> bool:
        """Whether the desk may give one night now, because no coordinator answered in time."""
        now = self._parts.now()
        persons = await tx.find(Person, request_id=request.id)
        if not coordinator_silent(request, actor, network, now) or not any(each.adult for each in persons):
            return False
        night = max(request.night, network.calendar.night_of(now))
        return (await stay_desk.judge(tx, self._parts, network, persons, night, 1)).verdict.allowed

    async def options(self, actor: Actor, request_id: str) -> list[dict[str, Any]]:
        """The stays a coordinator may give from tonight on, best first: ``{choice, checkout, nights, run_nights}``."""
        require(actor, Role.COORDINATOR)
        async with self._parts.store.reading() as tx:
            request = await request_of(tx, actor, request_id)
            network = await self._parts.facts.network(tx, actor.network_id)
            adults = await tx.find(Person, request_id=request.id, adult=True)
            used = await self._parts.facts.used_nights(tx, adults)
        night = max(request.night, network.calendar.night_of(self._parts.now()))
        policy = network.policy
        # The strictest adult governs: who has the longest run behind them.
        strictest = max(used.values(), key=lambda nights: nights_before(night, nights), default=frozenset())
        found = landing_options(
            night,
            strictest,
            network.calendar,
            policy.stay_policy,
            landing=policy.landing,
            override_nights=policy.override_nights,
        )
        return [
            {
                "choice": option.choice.value,
                "checkout": option.checkout.isoformat(),
                "nights": option.nights,
                "run_nights": option.run_nights,
            }
            for option in found
        ]

    async def beyond_the_desk(
        self, tx: Transaction, request: Request, network: NetworkFacts
    ) -> tuple[Say, ...]:
        """What the rule says when tonight's block is a coordinator's to decide on; empty when it is not."""
        night = max(request.night, network.calendar.night_of(self._parts.now()))
        persons = await tx.find(Person, request_id=request.id)
        if not any(person.adult for person in persons):
            return ()
        household = await stay_desk.judge(tx, self._parts, network, persons, night, None)
        verdict = household.verdict
        if verdict.allowed and (verdict.lands or verdict.shortened):
            return ()
        return said_of_household(household, planned_end=network.policy.checkout_at)


def nights_before(night: date, used: Collection[date]) -> int:
    """How long the run is that ends just before this night."""
    return next(n for n in count() if night - DAY * (n + 1) not in used)
