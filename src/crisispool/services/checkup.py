"""The check-up before a bed, and the end of a request without one."""

from dataclasses import asdict, replace
from datetime import datetime

from crisispool.conversations.vocabulary import Say
from crisispool.domain.admission import Criterion, judge_admission
from crisispool.domain.errors import Refusal
from crisispool.domain.handover import Case, handover_due
from crisispool.domain.organisation import Actor
from crisispool.domain.request import (
    UNMET_DEMAND,
    Request,
    RequestNote,
    RequestRefusal,
    RequestState,
    Screening,
)
from crisispool.domain.secret import Secret
from crisispool.ports import Transaction
from crisispool.services.answers import RefusalAnswer, ScreeningAnswer
from crisispool.services.asks import RefusalAsk, ScreeningAsk
from crisispool.services.booking_rows import anew
from crisispool.services.duty import at_work
from crisispool.services.facts import NetworkFacts
from crisispool.services.intake import DESK, must_be_open
from crisispool.services.messages import tell
from crisispool.services.parts import Parts, require
from crisispool.services.sight import request_of
from crisispool.services.waiting import Wait, in_hand, paused


class CheckUp:
    """Screening and refusal. Policy: admission criteria and refusal codes, section 5."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def screen(
        self, actor: Actor, operation_id: str, request_id: str, ask: ScreeningAsk
    ) -> ScreeningAnswer:
        """Judge the check-up by the network's checklist and keep it with its version. Refusals: ``request_closed``,
        ``reason_missing`` (an override without a reason), ``override_not_allowed``."""
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> ScreeningAnswer:
            await at_work(tx, actor, now, *DESK)
            await tx.lock(Request, [request_id])
            request = await request_of(tx, actor, request_id)
            must_be_open(request)
            if ask.overridden and not ask.reason.strip():
                raise Refusal("reason_missing")
            network = await parts.facts.network(tx, request.network_id)
            every = await tx.find(Criterion, network_id=request.network_id, order=("version", "position"))
            version = max((criterion.version for criterion in every), default=0)
            criteria = tuple(criterion for criterion in every if criterion.version == version)
            verdict = judge_admission(
                criteria,
                ask.answers,
                request.kind,
                cold_weather=network.policy.cold_weather,
                now=now,
                calendar=network.calendar,
                overrides=frozenset(ask.overridden),
            )
            screening = Screening(
                id=parts.ids.new(),
                request_id=request.id,
                checklist_version=version,
                answers=dict(ask.answers),
                result=verdict.result,
                failed=tuple(verdict.failed),
                overridden=ask.overridden,
                policy_version=network.policy.version,
                by=actor.colleague_id,
                at=now,
                pause_until=verdict.pause_until,
            )
            await tx.add(screening)
            if verdict.pause_until is not None:
                await tx.save(paused(request, verdict.pause_until))
            elif request.next_step == Wait.CALL_BACK:
                await tx.save(in_hand(request, actor.colleague_id, network.policy, now))
            if ask.reason.strip():
                await tx.add(
                    RequestNote(
                        parts.ids.new(), request.id, "override", Secret(ask.reason), actor.colleague_id, now
                    )
                )
            await tx.audit(
                actor.colleague_id,
                "request.screened",
                "request",
                request.id,
                now,
                {"result": verdict.result, "checklist": version},
            )
            facts = {"until": verdict.pause_until.isoformat()} if verdict.pause_until else {}
            return ScreeningAnswer(
                request_id=request.id,
                result=verdict.result,
                failed=tuple(verdict.failed),
                refusal=verdict.refusal,
                pause_until=verdict.pause_until,
                sentence=(Say(f"screening.{verdict.result}", facts),),
            )

        content = {"request": request_id, **asdict(ask)}
        return await parts.operations.once(operation_id, "screen", content, now, ScreeningAnswer, work)

    async def refuse(
        self, actor: Actor, operation_id: str, request_id: str, ask: RefusalAsk
    ) -> RefusalAnswer:
        """End a request without a bed; when someone may make contact it becomes a case of the next working day.

        Refusals: ``request_closed``, ``named_place_missing`` (in cold weather nobody goes without a named place).
        """
        require(actor, *DESK)
        parts, now = self._parts, self._parts.now()

        async def work(tx: Transaction) -> RefusalAnswer:
            await at_work(tx, actor, now, *DESK)
            await tx.lock(Request, [request_id])
            request = await request_of(tx, actor, request_id)
            must_be_open(request)
            network = await parts.facts.network(tx, request.network_id)
            if network.policy.cold_weather and not ask.alternative.strip():
                raise Refusal("named_place_missing")
            await tx.add(
                RequestRefusal(
                    id=parts.ids.new(),
                    request_id=request.id,
                    code=ask.code,
                    alternative=ask.alternative,
                    tried=ask.tried,
                    contact_consent=ask.contact_consent,
                    policy_version=network.policy.version,
                    by=actor.colleague_id,
                    at=now,
                )
            )
            if ask.contact.strip():
                await tx.add(
                    RequestNote(
                        parts.ids.new(), request.id, "contact", Secret(ask.contact), actor.colleague_id, now
                    )
                )
            case = await self._case_for_contact(tx, request, network, now) if ask.contact_consent else None
            await tx.save(
                replace(
                    request,
                    state=RequestState.REFUSED,
                    contact_consent=ask.contact_consent,
                    closed_at=now,
                    next_step=None,
                    next_action_at=None,
                )
            )
            if request.created_by != actor.colleague_id:
                await tell(
                    tx,
                    parts.ids,
                    request.network_id,
                    ("colleague", request.created_by),
                    "message.refused",
                    {"request": request.reference},
                    ("request", request.id),
                    f"refused:{request.id}",
                    now,
                    urgent=True,
                )
            await tx.audit(
                actor.colleague_id,
                "request.refused",
                "request",
                request.id,
                now,
                {"code": ask.code, "contact": ask.contact_consent},
            )
            contact_on = network.calendar.local(case.handover_due_at).date() if case else None
            return RefusalAnswer(
                request.id, ask.code, case.id if case else None, contact_on, ask.code in UNMET_DEMAND
            )

        content = {"request": request_id, **asdict(ask)}
        return await parts.operations.once(operation_id, "refuse", content, now, RefusalAnswer, work)

    async def _case_for_contact(
        self, tx: Transaction, request: Request, network: NetworkFacts, now: datetime
    ) -> Case:
        """The case of a refused request: a fresh one, or the one of a bed that was cancelled."""
        found = await tx.find(Case, request_id=request.id)
        if found:
            case = await anew(tx, found[0], network, found[0].night, admitted=False)
            if not case.contact_consent:
                case = replace(case, contact_consent=True)
                await tx.save(case)
            return case
        case = Case(
            id=self._parts.ids.new(),
            network_id=request.network_id,
            request_id=request.id,
            reference=request.reference,
            night=request.night,
            handover_due_at=handover_due(request.night, network.calendar, network.policy),
            admitted=False,
            opened_at=now,
        )
        await tx.add(case)
        return case
