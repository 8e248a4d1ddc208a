"""What is due reaches each chat: at least once, in order, as it is now, whatever fails on the way."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crisispool.conversations.vocabulary import Say, Screen
from crisispool.domain.messenger import Delivery, DeliveryState, LinkState
from crisispool.domain.organisation import Colleague, RoleGrant
from crisispool.domain.record import MessageState
from crisispool.services.messenger.blocking import heard_from
from crisispool.services.messenger.sending import TURN
from tests.support.bot_api import BotApi
from tests.support.bot_api_faults import Fault, broken, cut, forbidden, lost, revoked, too_fast
from tests.support.chats import Chats, chats_of, question
from tests.support.night import Night

FAULTS = (too_fast(7), broken(500), broken(503), cut(), lost(), revoked())


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi(patience=5) as served:
        yield served


@pytest.fixture
async def chats(night: Night, api: BotApi) -> AsyncIterator[Chats]:
    async with chats_of(night, api) as made:
        yield made


async def test_a_message_reaches_the_chat_with_its_buttons_and_is_told_then(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    message = await chats.tell("calltaker", urgent=True)
    await chats.run()
    [bubble] = calltaker.gets("IZ-7F3K: zijn ze binnen?")
    assert len(bubble.buttons) == 3 and bubble.protected and bubble.loud
    delivery = await chats.delivery(message)
    assert (delivery.state, delivery.external_id) == (DeliveryState.SENT, str(bubble.id))
    assert (await chats.message(message)).state is MessageState.SENT
    assert await chats.run() == 0, "nothing is due any more"


async def test_what_is_urgent_comes_first_and_then_the_oldest_at_most_one_a_second(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    for number, urgent in enumerate((False, True, False, True)):
        chats.night.clock.advance(timedelta(milliseconds=1))
        await chats.tell(
            "calltaker", reference=f"IZ-777{'ACDE'[number]}", urgent=urgent, about=("booking", str(number))
        )
    await chats.handing_out.run(chats.night.clock.now())
    await chats.sending.run(chats.night.clock.now())
    await chats.sending.run(chats.night.clock.now())
    assert len(calltaker.sees()) == 1, "no second one within the same second"
    for _ in range(3):
        await chats.run()
    assert [each.text[:8] for each in calltaker.reads()] == ["IZ-777C:", "IZ-777E:", "IZ-777A:", "IZ-777D:"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_costs_time_and_never_the_message(chats: Chats, fault: Fault) -> None:
    calltaker = await chats.linked("calltaker")
    chats.api.plan("sendMessage", fault)
    first = await chats.tell("calltaker")
    chats.night.clock.advance(timedelta(milliseconds=1))
    second = await chats.tell("calltaker", reference="IZ-2222", about=("booking", "b-2"))
    await chats.run()
    assert (await chats.delivery(first)).state is DeliveryState.QUEUED
    for _ in range(3):
        await chats.run(8)
    texts = [each.text[:7] for each in calltaker.reads()]
    assert texts[-2:] == ["IZ-7F3K", "IZ-2222"], "in the order in which they were told"
    # Done, and only its answer was lost: better twice than never.
    assert len(texts) == (3 if fault.after else 2)
    for message in (first, second):
        assert (await chats.message(message)).state is MessageState.SENT


async def test_who_is_too_fast_is_left_alone_for_so_long_and_no_other_chat_waits(chats: Chats) -> None:
    calltaker, nurse = await chats.linked("calltaker"), await chats.linked("nurse")
    chats.api.plan("sendMessage", too_fast(30))
    await chats.tell("calltaker", urgent=True)
    await chats.run()
    await chats.tell("nurse")
    await chats.run()
    await chats.run(20)
    assert nurse.reads() and not calltaker.sees()
    await chats.run(10)
    assert len(calltaker.reads()) == 1


async def test_when_three_chats_are_too_fast_all_wait(chats: Chats) -> None:
    people = [await chats.linked(name) for name in ("calltaker", "calltaker_2", "nurse", "coordinator")]
    chats.api.plan("sendMessage", *[too_fast(30)] * 3)
    for name in ("calltaker", "calltaker_2", "nurse"):
        await chats.tell(name)
    await chats.run()
    await chats.tell("coordinator")
    await chats.run(20)
    assert not any(person.sees() for person in people)
    await chats.run(11)
    assert all(len(person.reads()) == 1 for person in people)


async def test_pauses_grow_and_nothing_is_given_up_silently(chats: Chats) -> None:
    coordinator, calltaker = await chats.linked("coordinator"), await chats.linked("calltaker")
    chats.api.plan("sendMessage", *[broken()] * 5)
    message = await chats.tell("calltaker", urgent=True)
    tries = []
    for _ in range(16):
        await chats.run(1)
        tries.append((await chats.delivery(message)).tries)
    assert tries == [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5]
    chats.night.later(minutes=11)
    await chats.handing_out.look_after_late(chats.night.clock.now())
    assert (await chats.message(message)).state is MessageState.UNDER_WAY, "it goes on being tried"
    await chats.run()
    assert [each.text for each in calltaker.reads()] != []
    coordinator.gets("IZ-7F3K: een bericht aan calltaker kwam niet aan")


async def test_after_a_day_without_the_messenger_it_failed_with_a_reason(chats: Chats) -> None:
    await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    with chats.api.outage():
        await chats.run()
        chats.night.later(hours=25)
        await chats.run()
        await chats.run()
    delivery = await chats.delivery(message)
    assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "too_late")
    assert await chats.night.told("unreached_colleague") == [("coordinator", "unreached_colleague")]


async def test_who_blocks_the_bot_is_not_written_to_and_somebody_else_is_told(chats: Chats) -> None:
    coordinator, calltaker = await chats.linked("coordinator"), await chats.linked("calltaker")
    calltaker.blocks()
    first = await chats.tell("calltaker", urgent=True)
    chats.night.clock.advance(timedelta(milliseconds=1))
    second = await chats.tell("calltaker", reference="IZ-2222", about=("booking", "b-2"))
    await chats.run()
    for message in (first, second):
        delivery = await chats.delivery(message)
        assert (delivery.state, delivery.reason) == (DeliveryState.FAILED, "blocked")
        assert (await chats.message(message)).state is MessageState.FAILED
    assert (await chats.link("calltaker")).state is LinkState.BLOCKED
    for _ in range(3):
        await chats.run()
    coordinator.gets("IZ-7F3K: een bericht aan calltaker kwam niet aan", "IZ-2222: een bericht aan calltaker")
    assert sum(call.method == "sendMessage" and call.status == 403 for call in chats.api.calls) == 1

    calltaker.unblocks()
    link = await chats.link("calltaker")
    async with chats.night.store.transaction() as tx:
        opened = await heard_from(tx, link, chats.night.clock.now())
    assert opened.state is LinkState.ACTIVE
    await chats.tell("calltaker", reference="IZ-3333", about=("booking", "b-3"))
    await chats.run()
    assert [each.text[:7] for each in calltaker.reads()] == ["IZ-3333"]


async def test_one_who_blocks_at_this_moment_is_noticed_in_a_talk_too(chats: Chats) -> None:
    await chats.linked("calltaker")
    chats.api.plan("sendMessage", forbidden())
    await chats.wants("calltaker", question(1))
    await chats.run()
    assert (await chats.link("calltaker")).state is LinkState.BLOCKED
    assert (await chats.view("calltaker")).next_try_at is None


async def test_what_nobody_tried_yet_is_tried_however_old_it_is(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.tell("calltaker")
    chats.night.later(hours=30)
    await chats.run()
    assert len(calltaker.reads()) == 1


async def test_in_a_chat_that_was_left_what_stands_there_is_still_taken_back(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    await chats.run()
    calltaker.reads()
    waiting = await chats.tell("calltaker", about=("booking", "b-2"))
    await chats.handing_out.run(chats.night.clock.now())
    link, delivery = await chats.link("calltaker"), await chats.delivery(message)
    now = chats.night.clock.now()
    async with chats.night.store.transaction() as tx:
        await tx.save(replace(link, state=LinkState.ENDED, version=link.version + 1))
        over = replace(delivery, emptied_at=now, next_try_at=now, version=delivery.version + 1)
        await tx.save(over)
    await chats.run()
    calltaker.gets("Deze zaak is afgesloten.")
    assert len(calltaker.sees()) == 1
    assert (await chats.delivery(waiting)).reason == "unlinked"


async def test_in_a_chat_that_was_left_and_blocked_nothing_is_tried_for_ever(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    await chats.run()
    calltaker.reads()
    link, delivery = await chats.link("calltaker"), await chats.delivery(message)
    now = chats.night.clock.now()
    async with chats.night.store.transaction() as tx:
        await tx.save(replace(link, state=LinkState.ENDED, version=link.version + 1))
        over = replace(delivery, emptied_at=now, next_try_at=now, version=delivery.version + 1)
        await tx.save(over)
    calltaker.blocks()
    await chats.run()
    assert (await chats.delivery(message)).next_try_at is None
    assert (await chats.link("calltaker")).state is LinkState.ENDED


async def test_who_left_or_does_something_else_meanwhile_is_not_told_what_waited_for_them(
    chats: Chats,
) -> None:
    night = chats.night
    left, moved = await chats.linked("calltaker"), await chats.linked("worker_caw")
    with chats.api.outage():
        waits = [await chats.tell("calltaker"), await chats.tell("caw", kind="outreach")]
        await chats.run()
    async with night.store.transaction() as tx:
        for colleague in await tx.find(Colleague, id="calltaker"):
            await tx.save(replace(colleague, active=False))
        await tx.remove(*await tx.find(RoleGrant, colleague_id="worker_caw"))
    await chats.run(8)
    assert not left.sees() and not moved.sees()
    deliveries = [each for message in waits for each in await night.rows(Delivery, message_id=message.id)]
    assert [each.reason for each in deliveries] == ["not_theirs", "not_theirs"]


async def test_a_clock_that_is_put_back_keeps_no_chat_waiting(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    chats.api.plan("sendMessage", too_fast(30))
    await chats.wants("calltaker", question(1))
    await chats.run()
    assert not calltaker.sees()
    await chats.run(-3600)
    await chats.wants("calltaker", question(2))
    await chats.run()
    calltaker.gets("Is er nu gevaar")


async def test_who_is_told_to_stop_in_the_middle_leaves_the_turn_to_the_next(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    chats.api.plan("sendMessage", cut(hangs=30))
    await chats.tell("calltaker")
    await chats.handing_out.run(chats.night.clock.now())
    running = asyncio.create_task(chats.sending.run(chats.night.clock.now()))
    await asyncio.to_thread(chats.api.until, lambda: chats.api.faults == 1)
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    await chats.another(chats.night.another_process()).run(chats.night.clock.now())
    assert len(calltaker.reads()) == 1


# Views.


async def test_a_talk_is_one_bubble_that_is_edited_in_place(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.wants("calltaker", question(1), last_message=calltaker.chat.bubbles[-1].id)
    await chats.run()
    [first] = calltaker.gets("Is er nu gevaar")
    assert first.buttons == ["Nee", "Ja"] and len(first.keyboard) == 1, "short ones stand side by side"
    await chats.wants("calltaker", question(2, text="night_desk.danger_now"), last_message=first.id)
    await chats.run()
    [second] = calltaker.gets("Bel eerst 112")
    assert second.id == first.id
    view = await chats.view("calltaker")
    assert (view.wanted, view.shown, view.next_try_at) == (2, 2, None)


async def test_a_talk_goes_on_below_what_came_between_and_its_old_bubble_has_no_buttons(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.wants("calltaker", question(1))
    await chats.run()
    [old] = calltaker.gets("Is er nu gevaar")
    await chats.tell("calltaker")
    await chats.run()
    calltaker.gets("zijn ze binnen")
    await chats.wants("calltaker", question(2), last_message=old.id)
    await chats.run()
    assert [bool(each.buttons) for each in calltaker.sees()] == [False, True, True]
    assert calltaker.sees()[-1].text == old.text
    calltaker.reads()


async def test_a_bubble_that_somebody_deleted_is_written_anew(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.wants("calltaker", question(1))
    await chats.run()
    calltaker.reads()
    calltaker.chat.bubbles.pop()
    await chats.wants("calltaker", question(2))
    await chats.run()
    calltaker.gets("Is er nu gevaar")


@pytest.mark.parametrize("below", [False, True])
async def test_whatever_the_messenger_has_against_an_old_bubble_the_talk_goes_on_in_a_new_one(
    chats: Chats, below: bool
) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.wants("calltaker", question(1))
    await chats.run()
    [old] = calltaker.reads()
    chats.api.plan("editMessageReplyMarkup" if below else "editMessageText", Fault(400))
    await chats.wants(
        "calltaker", question(2, text="night_desk.danger_now"), last_message=old.id + 1 if below else old.id
    )
    await chats.run()
    [new] = calltaker.gets("Bel eerst 112")
    assert new.id > old.id


async def test_only_the_newest_of_several_wanted_screens_is_shown(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    for turn in (1, 2):
        await chats.wants("calltaker", question(turn))
    await chats.wants("calltaker", question(3, text="night_desk.danger_now"))
    await chats.run()
    assert [each.text[:13] for each in calltaker.reads()] == ["Bel eerst 112"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_edit_that_fails_or_of_which_the_answer_got_lost_is_done_once(
    chats: Chats, fault: Fault
) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.wants("calltaker", question(1))
    await chats.run()
    [bubble] = calltaker.reads()
    chats.api.plan("editMessageText", fault)
    await chats.wants("calltaker", question(2, text="night_desk.danger_now"))
    for _ in range(2):
        await chats.run(8)
    [same] = calltaker.gets("Bel eerst 112")
    assert same.id == bubble.id and same.edits == 1
    assert (await chats.view("calltaker")).shown == 2


async def test_what_is_wanted_while_an_edit_is_under_way_is_shown_after_it(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.wants("calltaker", question(1))
    turn = await chats.sending._claim("link-calltaker")
    assert turn is not None
    await chats.wants("calltaker", question(2, text="night_desk.danger_now"))
    await chats.sending._take(turn)
    calltaker.gets("Is er nu gevaar")
    assert (await chats.view("calltaker")).shown == 1
    await chats.run()
    calltaker.gets("Bel eerst 112")
    assert len(calltaker.sees()) == 1


# Messages that change.


async def test_what_was_tapped_stands_below_the_message_and_its_buttons_are_gone(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    await chats.run()
    calltaker.reads()
    async with chats.night.store.transaction() as tx:
        await chats.night.app.messages.note(tx, message.id, Say("news.inside", {"reference": "IZ-7F3K"}))
    await chats.run()
    [bubble] = calltaker.gets("ze zijn binnen")
    assert bubble.text.startswith("IZ-7F3K: zijn ze binnen?") and not bubble.buttons
    assert await chats.run() == 0


async def test_what_was_tapped_before_it_left_comes_with_it(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    await chats.handing_out.run(chats.night.clock.now())
    turn = await chats.sending._claim("link-calltaker")
    assert turn is not None
    async with chats.night.store.transaction() as tx:
        await chats.night.app.messages.note(tx, message.id, Say("news.inside", {"reference": "IZ-7F3K"}))
    await chats.sending._take(turn)
    await chats.run()
    [bubble] = calltaker.reads()
    assert "ze zijn binnen" in bubble.text and not bubble.buttons


async def test_of_one_series_a_reader_has_one_bubble(chats: Chats) -> None:
    owner = await chats.linked("worker_izegem")
    about = ("handover", "h-1")
    first = await chats.tell(
        "ocmw_izegem", "message.handover_backup", kind="outreach", about=about, reference="IZ-7F3K"
    )
    await chats.run()
    [bubble] = owner.gets("nog door niemand opgenomen")
    facts: dict[str, Any] = {"reference": "IZ-7F3K", "organisation": "CAW"}
    second = await chats.tell(
        "ocmw_izegem", "message.accepted_by_other", kind="outreach", about=about, **facts
    )
    await chats.run()
    [same] = owner.gets("opgenomen door CAW")
    assert same.id == bubble.id and not same.buttons
    assert (await chats.delivery(first)).state is DeliveryState.REPLACED
    assert (await chats.delivery(second)).state is DeliveryState.SENT


async def test_what_is_urgent_replaces_with_a_sound(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    for number in (1, 2):
        await chats.tell("calltaker", urgent=True)
        await chats.run()
        assert len(calltaker.sees()) == number
    await chats.run()
    assert [bool(each.buttons) for each in calltaker.sees()] == [False, True]
    assert [each.loud for each in calltaker.reads()] == [True, True]


async def test_what_did_not_leave_before_it_was_replaced_does_not_leave(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    first = await chats.tell("calltaker")
    with chats.api.outage():
        await chats.run()
        second = await chats.tell("calltaker")
        await chats.run()
    await chats.run(10)
    assert len(calltaker.reads()) == 1
    assert [(await chats.delivery(each)).state for each in (first, second)] == [
        DeliveryState.REPLACED,
        DeliveryState.SENT,
    ]
    assert (await chats.message(first)).state is MessageState.SENT


async def test_messages_about_the_same_that_are_no_series_stand_side_by_side(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.tell("calltaker")
    await chats.tell("calltaker", "message.extended", reference="IZ-7F3K", checkout="2026-12-01")
    for _ in range(2):
        await chats.run()
    assert len(calltaker.reads()) == 2


# Several processes, and processes that die.


async def test_who_dies_between_sending_and_noting_leaves_it_to_another(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    message = await chats.tell("calltaker")
    await chats.handing_out.run(chats.night.clock.now())
    dying = await chats.sending._claim("link-calltaker")
    assert dying is not None
    await chats.sending._bring(dying)

    other = chats.another(chats.night.another_process())
    now = chats.night.clock.now
    assert await other.run(now()) == 0, "it is not their turn yet"
    chats.night.clock.advance(TURN)
    assert await other.run(now()) == 1
    assert len(calltaker.reads()) == 2, "twice is better than never"
    assert (await chats.delivery(message)).state is DeliveryState.SENT


async def test_one_who_was_frozen_in_the_middle_takes_the_buttons_of_its_bubble_away(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.tell("calltaker")
    await chats.handing_out.run(chats.night.clock.now())
    frozen = await chats.sending._claim("link-calltaker")
    assert frozen is not None
    chats.night.clock.advance(TURN)
    await chats.another(chats.night.another_process()).run(chats.night.clock.now())
    await chats.sending._take(frozen)
    assert [bool(each.buttons) for each in calltaker.reads()] == [True, False]


async def test_two_senders_bring_everything_once(chats: Chats) -> None:
    people = {name: await chats.linked(name) for name in ("calltaker", "calltaker_2", "nurse", "coordinator")}
    senders = [chats.sending, *(chats.another(chats.night.another_process()) for _ in range(2))]
    for number in range(3):
        for name in people:
            await chats.tell(name, reference="IZ-2222", about=("booking", f"{number}"))
    for _ in range(5):
        now = chats.night.clock.advance(timedelta(seconds=1))
        await chats.handing_out.run(now)
        await asyncio.gather(*(sender.run(now) for sender in senders))
    assert {name: len(person.reads()) for name, person in people.items()} == dict.fromkeys(people, 3)


# Menus, and what is wrong with us.


async def test_the_menu_of_a_chat_is_that_of_its_role_and_language(chats: Chats) -> None:
    await chats.linked("calltaker", menu=True)
    nurse = await chats.linked("nurse", language="fr", menu=True)
    await chats.run()
    menus = {
        chat: {each["command"]: each["description"] for each in commands}
        for (_, chat, _), commands in chats.api.commands.items()
    }
    assert menus[nurse.number]["menu"] == "Demander un lit, suivre vos demandes"
    assert {len(menu) for menu in menus.values()} == {5}
    await chats.run(61)
    assert sum(call.method == "setMyCommands" for call in chats.api.calls) == 2, "once, not every minute"


async def test_what_may_not_travel_is_an_alarm_instead(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    message = await chats.tell("calltaker", reference="Jan Canary-Peeters")
    await chats.wants(
        "calltaker", Screen("desk.unit", {"unit": "Sterrenlaan 7", "town": "Izegem", "places": 2})
    )
    await chats.run()
    assert (await chats.delivery(message)).reason == "withheld"
    assert (await chats.message(message)).state is MessageState.FAILED
    calltaker.gets("Dit kunnen we hier niet tonen")
    assert "anary" not in chats.api.sent() and "Sterrenlaan" not in chats.api.sent()


async def test_a_screen_that_cannot_be_said_does_not_hold_up_the_chat(chats: Chats) -> None:
    calltaker = await chats.linked("calltaker")
    await chats.wants("calltaker", Screen("desk.unit", {"places": 2}))
    await chats.tell("calltaker")
    await chats.run()
    calltaker.gets("zijn ze binnen")


async def test_what_is_counted_tells_how_it_goes_and_nothing_about_anybody(chats: Chats) -> None:
    calltaker, nurse = await chats.linked("calltaker"), await chats.linked("nurse")
    nurse.blocks()
    await chats.tell("calltaker")
    await chats.tell("nurse")
    await chats.run()
    calltaker.reads()
    with chats.api.outage():
        await chats.tell("calltaker", about=("booking", "b-2"))
        await chats.run(90)
    counted = (await chats.night.app.delivery_figures.text()).decode()
    assert 'crisispool_deliveries_waiting{channel="messenger"} 1.0' in counted
    assert 'crisispool_deliveries_oldest_seconds{channel="messenger"} 90.0' in counted
    assert 'last_day{channel="messenger",reason="",state="sent"} 1.0' in counted
    assert 'last_day{channel="messenger",reason="blocked",state="failed"} 1.0' in counted
    assert "calltaker" not in counted and "b-2" not in counted and "IZ-" not in counted


async def test_who_else_was_asked_to_take_a_request_sees_who_has_it_and_no_button_any_more(
    chats: Chats,
) -> None:
    first, second = await chats.linked("calltaker"), await chats.linked("calltaker_2")
    night = chats.night
    request = await night.request("nurse")
    await night.app.sweep.run()
    night.later(minutes=5)
    await night.app.sweep.run()
    await chats.run()
    for phone in (first, second):
        assert any(request.reference in each.text and each.buttons for each in phone.reads())
    await night.app.intake.take(await night.actor("calltaker_2"), night.op(), request.id)
    for _ in range(3):
        await chats.run()
    [bubble] = [each for each in first.reads() if request.reference in each.text]
    assert f"{request.reference} is opgenomen door" in bubble.text and not bubble.buttons
    second.reads()


async def test_a_request_that_was_withdrawn_asks_nobody_any_more(chats: Chats) -> None:
    phone = await chats.linked("calltaker")
    night = chats.night
    request = await night.request("nurse")
    await night.app.sweep.run()
    await chats.run()
    phone.gets(request.reference)
    await night.withdraw(request, "nurse")
    await chats.run()
    [bubble] = [each for each in phone.reads() if request.reference in each.text]
    assert not bubble.buttons
