"""What leaves the record says nothing personal: messages, operations, the audit chain, the live view, logs."""

import logging
from dataclasses import replace

import pytest

from crisispool.adapters.redis_pool import RedisPool
from crisispool.domain.record import AuditEntry, Message, Operation
from crisispool.domain.request import RefusalCode, RequestKind, RequestNote
from crisispool.services.asks import IdentityAsk, PersonAsk, RefusalAsk, RequestAsk, ScreeningAsk
from crisispool.texts.render import render
from tests.support.night import Night, day, refusal
from tests.support.region import INGELMUNSTER, WIELSBEKE

WHO = IdentityAsk(
    "Canaryvoornaam", "O'Canaryachternaam", day("1971-02-03"), phone="0499 91 91 91", language="nl"
)
KINDS = ("violence", "barring")
"""What happened to people: a code in the record, and nowhere else."""

CANARIES = ("canary", "1971-02-03", "1971, 2, 3", "91 91 91", "sterrenlaan")
"""Beginnings and parts of whatever is personal or secret in this file and in the region, in small letters."""


async def a_week(night: Night) -> None:
    """Everything that makes the services speak, with something personal in every place that takes it."""
    hiding = await night.request(
        "referrer", kind=RequestKind.VIOLENCE, avoid=(WIELSBEKE,), persons=(PersonAsk(identity=WHO),)
    )
    desk = await night.actor("calltaker")
    await night.app.checkup.screen(
        desk,
        night.op(),
        hiding.id,
        ScreeningAsk({"unsafe": "aggressive"}, ("aggression",), "canary-reason-screening"),
    )
    await night.search(hiding)
    first = await night.book_held(await night.hold(hiding, "iz-studio"))
    await night.until("2026-11-28 04:00")
    moved = await night.move(first, "someone_inside", "referrer")
    await night.check_in(moved)
    late = await night.book(await night.request("nurse"), "in-studio")
    await night.identify(late, WHO)
    await night.cancel(late)
    refused = await night.request("nurse", origin=None)
    ask = RefusalAsk(RefusalCode.NO_UNIT, True, contact="canary-contact 0499 91 91 91")
    await night.app.checkup.refuse(desk, night.op(), refused.id, ask)
    await night.no_show(await night.book(await night.request("nurse"), "wi-flat"))
    family = await night.request(
        children=2, ages=(6, 9), persons=(PersonAsk(identity=replace(WHO, surname="Canaryx")),)
    )
    await night.book(family, "in-house")
    await night.request("nurse")
    await night.until("2026-11-30 13:00")
    await night.extend(moved, "coordinator", reason="canary-reason-override", nights=2)
    [handover, *_] = await night.handovers("worker_caw")
    await night.accept(handover, "worker_caw")
    await night.outcome(handover, "worker_caw", outcome="safe_house")
    await night.until("2026-12-02 11:00")
    again = await night.request("referrer", persons=(PersonAsk(identity=WHO),))
    no = await refusal(night.book(again, "iz-house"))
    assert not canaries_in(repr(no.facts))
    await night.check_out(moved)
    for unit_id in ("iz-studio", "in-studio", "wi-flat", "in-house"):
        await night.say(unit_id, "confirmed", "coordinator")


def canaries_in(text: str) -> list[str]:
    """The canaries that got out."""
    return [each for each in CANARIES if each in text.casefold()]


def reasons_in(text: str) -> list[str]:
    """What happened to people, where it got out."""
    return [each for each in KINDS if each in text.casefold()]


async def test_a_week_in_which_nothing_personal_leaves_the_record_and_nobody_is_told_twice(
    night: Night, live_pool: RedisPool, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    await a_week(night)
    assert len(await night.rows(RequestNote)) == 3
    messages = await night.rows(Message)
    rows = [*messages, *await night.rows(Operation), *await night.rows(AuditEntry)]
    assert len(rows) > 100
    assert [row for row in rows if canaries_in(repr(row))] == []
    assert [row for row in messages if reasons_in(repr(row))] == []
    client = live_pool._client
    dump = [key + (await client.dump(key) or b"") async for key in client.scan_iter()]
    said = repr(b"".join(dump)) + caplog.text + "".join(capsys.readouterr())
    assert dump and not canaries_in(said) and not reasons_in(said)

    for message in messages:
        sentence = render(message.key, message.facts)
        assert "{" not in sentence and not canaries_in(sentence) and not reasons_in(sentence)
    assert len({message.key for message in messages}) >= 16
    every_day = (
        "care_ask",
        "care_overdue",
        "checkout_question",
        "checkout_question_owner",
        "checkout_unanswered",
    )
    again = {
        "message.arrival_question", "message.request_overdue", "message.request_undecided",
        *(f"message.{key}" for key in every_day),
    }  # fmt: skip
    told = [(m.recipient_kind, m.recipient_id, m.key, m.about_id) for m in messages if m.key not in again]
    assert len(told) == len(set(told))
    for name in ("calltaker", "owner_izegem", "worker_ingelmunster", "coordinator", "referrer"):
        actor = await night.actor(name)
        assert await night.app.messages.unseen(actor)
        assert await night.app.messages.unseen(actor) == []


async def test_the_landlord_and_the_support_worker_of_one_ocmw_hear_each_their_own(night: Night) -> None:
    await night.book(await night.request(), "in-house")
    await night.until("2026-11-30 08:00")
    heard = {
        name: [each.key for each in await night.app.messages.unseen(await night.actor(name))]
        for name in ("owner_ingelmunster", "worker_ingelmunster", "council")
    }
    assert heard == {
        "owner_ingelmunster": ["message.booking_to_owner", "message.owner_morning"],
        "worker_ingelmunster": ["message.handover"],
        "council": [],
    }


async def test_what_was_refused_tells_no_more_than_was_asked(night: Night) -> None:
    ask = RequestAsk(
        RequestKind.CONFLICT, 1, origin="canary-town", whereabouts=INGELMUNSTER, referrer="police",
        persons=(PersonAsk(identity=WHO),),
    )  # fmt: skip
    no = await refusal(night.app.intake.request(await night.actor("calltaker"), "op", ask))
    assert not canaries_in(repr(no.facts)) and not canaries_in(str(no))
