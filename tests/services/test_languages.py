"""Everybody reads their own language, from the next word on, and a whole night goes on in French."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.conversations.vocabulary import Screen
from crisispool.domain.booking import Booking
from crisispool.domain.errors import BadInput
from crisispool.domain.messenger import ChatView, LinkState, MessengerLink
from crisispool.domain.organisation import Colleague
from crisispool.domain.record import AuditEntry
from crisispool.domain.secret import Secret
from crisispool.services.messenger.views import want
from tests.services.talking import FIRE, NOW, Desk, desk
from tests.texts.test_languages import DUTCH

FEU = (
    "nouvelle demande", "police", "non", "parent + 2 enfants", "Ingelmunster",
    "incendie, eau ou logement fermé", "non", "rien de tout cela", "dans la même commune", "non", "lit et contact",
    "rien de particulier", "1", "réserver",
)  # fmt: skip


@pytest.fixture
async def talk(store: SqlStore, keys: Keys, live_pool: RedisPool) -> Desk:
    """The network with three free units."""
    return await desk(store, keys, live_pool, units=3)


async def language_in_the_record(talk: Desk, name: str) -> str:
    [colleague] = await talk.every(Colleague, id=name)
    return str(colleague.language)


async def choose_french(talk: Desk, name: str) -> None:
    await talk.say(name, "taal", "Français")
    assert await language_in_the_record(talk, name) == "fr"


async def test_the_answer_to_the_choice_is_in_the_new_language_already(talk: Desk) -> None:
    asked = await talk.say("calltaker", "taal")
    assert [choice["label"] for choice in asked.choices][:3] == ["Nederlands", "Français", "English"]
    screen = await talk.say("calltaker", "français")
    assert screen.key == "desk.menu" and screen.text.startswith("Désormais en français.")
    assert "Nuit de vendredi à samedi 28 novembre" in screen.text


async def test_an_asker_that_came_in_before_the_choice_is_answered_in_the_new_language_too(
    talk: Desk,
) -> None:
    before = await talk.actor("calltaker")
    await choose_french(talk, "calltaker")
    [screen] = await talk.chat.say(before, "nouvelle demande")
    assert screen.text.startswith("Avec qui parlez-vous ?")


async def test_the_fire_case_in_french_has_not_a_word_of_dutch(talk: Desk) -> None:
    await choose_french(talk, "calltaker")
    screen = await talk.say("calltaker")
    for line in FEU:
        screen = await talk.say("calltaker", line)
        said = " ".join((screen.text, *(choice["label"] for choice in screen.choices))).replace("Woning", "")
        assert not DUTCH.search(said), said
    assert screen.key == "booking.booked"
    assert "jusqu’au lundi 30 novembre, 10 h" in screen.text
    [booking] = await talk.every(Booking)
    assert screen.links[0]["label"] == f"Adresse et clé, {booking.reference}"
    assert (await talk.say("calltaker", "oui, ils sont arrivés")).key == "booking.arrived"


async def test_two_at_one_desk_read_each_their_own(talk: Desk) -> None:
    await choose_french(talk, "calltaker")
    french, dutch = await talk.say("calltaker", "aide"), await talk.say("calltaker_2", "help")
    assert "Partout, vous pouvez taper" in french.text and "Overal kan je typen" in dutch.text


async def test_what_was_kept_is_said_in_the_language_that_is_read_now(talk: Desk) -> None:
    """The refusal of the stay rule and the reasons of proposals are kept as keys and facts."""
    await talk.say("calltaker", *(line for line in FIRE[:-2]))
    proposals = await talk.say("calltaker")
    assert "de enige die nu past" in proposals.text or "even geschikt" in proposals.text
    again = await talk.say("calltaker", "language", "English")
    assert "In Izegem: " in again.text and not DUTCH.search(again.text.replace("Woning", ""))


async def test_the_same_choice_twice_is_one_change_and_one_line_in_the_log(talk: Desk) -> None:
    calltaker = await talk.actor("calltaker")
    for _ in range(2):
        await talk.errands.languages.read(calltaker, "op-1", "fr")
    await talk.errands.languages.read(calltaker, "op-2", "fr")
    entries = [each for each in await talk.every(AuditEntry) if each.action == "colleague.language"]
    assert [each.details for each in entries] == [{"language": "fr"}]


async def test_a_language_without_texts_is_refused(talk: Desk) -> None:
    with pytest.raises(BadInput):
        await talk.errands.languages.read(await talk.actor("calltaker"), "op-1", "de")
    assert await language_in_the_record(talk, "calltaker") == "nl"


async def test_the_messenger_follows_and_an_account_that_ended_does_not(talk: Desk) -> None:
    link = MessengerLink(
        "l-1", "net", "a", Secret("1"), LinkState.ACTIVE, "nl", NOW, colleague_id="calltaker"
    )
    ended = replace(link, id="l-2", account=None, state=LinkState.ENDED)
    others = replace(link, id="l-3", account="b", colleague_id="calltaker_2")
    async with talk.store.transaction() as tx:
        await tx.add(link, ended, others)
    await choose_french(talk, "calltaker")
    read = {each.id: (each.language, each.version) for each in await talk.every(MessengerLink)}
    assert read == {"l-1": ("fr", 2), "l-2": ("nl", 1), "l-3": ("nl", 1)}


async def test_the_handover_is_told_to_each_in_their_own_language(talk: Desk) -> None:
    await choose_french(talk, "support_worker")
    await talk.say("calltaker", *FIRE)
    talk.clock.set(datetime(2026, 11, 30, 7, 0, tzinfo=UTC))
    await talk.sweep.run(talk.clock.now())
    french = await talk.chat.say(await talk.actor("support_worker"), "")
    assert "1 adulte et 2 enfants ont reçu un lit ces dernières nuits" in french[0].text


async def test_what_a_chat_shows_is_said_anew_when_the_language_was_chosen_elsewhere(talk: Desk) -> None:
    link = MessengerLink(
        "l-1", "net", "a", Secret("1"), LinkState.ACTIVE, "nl", NOW, colleague_id="calltaker"
    )
    async with talk.store.transaction() as tx:
        await tx.add(link)
        await want(tx, link, [Screen("desk.menu", {"desk": "051"})], NOW)
    [before] = await talk.every(ChatView)
    await choose_french(talk, "calltaker")
    [after] = await talk.every(ChatView)
    assert (after.wanted, after.next_try_at) == (before.wanted + 1, NOW)
    assert after.screen.reveal() == before.screen.reveal()
    await choose_french(talk, "calltaker")
    assert (await talk.every(ChatView))[0].wanted == after.wanted
