"""Mail to the mailboxes of services: to whom, when, what it says, and what happens when a server does not want it."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import pytest

from crisispool.conversations.news import WAYS
from crisispool.domain.household import PersonIdentity
from crisispool.domain.messenger import Channel, DeliveryState
from crisispool.domain.organisation import Organisation
from crisispool.domain.record import Message
from crisispool.domain.request import RequestKind
from crisispool.services.mail.letters import BARE, LETTERS, OTHERS
from crisispool.services.messages import tell
from crisispool.texts.render import fact_names, has
from tests.support.night import JAN
from tests.support.post import FROM, Post, mailbox
from tests.support.region import ADDRESS, KEY_CODE


async def booked(post: Post) -> None:
    """One household, in a house of Izegem since the night of Friday."""
    night = post.night
    await night.check_in(await night.book(await night.request(), "iz-house"))


async def test_a_service_reads_what_to_do_and_finds_one_link(post: Post) -> None:
    await booked(post)
    await post.monday()
    await post.round()
    [mail] = post.to("ocmw_ingelmunster")
    [booking] = await post.night.rows(Message, key="message.booking_to_owner")
    reference = booking.facts["reference"]
    head = mail.message
    assert head["Subject"] == f"OEFENING: {reference}: wie neemt dit op?"
    assert head["From"] == f"Crisisnetwerk <{FROM}>"
    for kind in ("plain", "html"):
        words = " ".join(mail.part(kind).split())
        assert f"{reference}: 1 volwassene kreeg de voorbije nachten een bed" in words
        assert "druk daar op de knop “Wij nemen dit op”" in words
        assert "De link werkt tot maandag 7 december, 8 uur" in words
    assert len(mail.links) == 1
    assert mail.part("html").count("href=") == 1
    assert mail.part("plain").count("http") == 1


async def test_the_html_is_readable_by_ear_and_loads_nothing(post: Post) -> None:
    await booked(post)
    await post.round()
    [mail] = post.server.taken
    page = mail.part("html")
    assert '<html lang="nl">' in page
    assert re.findall(r"<h1[^>]*>([^<]+)</h1>", page)
    for absent in ("<img", "<script", "<link", "src=", "url(", "<table"):
        assert absent not in page


async def test_nothing_personal_is_in_any_mail(post: Post) -> None:
    night = post.night
    request = await night.request_of_jan(kind=RequestKind.VIOLENCE, adults=1)
    await night.book(request, "iz-house")
    await post.monday("16:00")
    assert await night.rows(PersonIdentity)
    await post.round()
    assert len(post.server.taken) > 4
    for mail in post.server.taken:
        said = mail.raw.decode("ascii") + mail.part("plain") + mail.part("html")
        for canary in (
            JAN.given_name,
            JAN.surname,
            "1980",
            ADDRESS,
            KEY_CODE,
            "canary",
            "geweld",
            "violence",
        ):
            assert not re.search(rf"\b{re.escape(canary)}\b", said), canary


async def test_the_landlord_does_not_read_what_outreach_is_told(post: Post) -> None:
    await post.change("ocmw_izegem", owner_mailbox="woningen@example.org")
    night = post.night
    await night.check_in(await night.book(await night.request(origin="36008"), "iz-house"))
    await post.monday()
    await post.round()
    to_owner = [
        str(mail.message["Subject"]) for mail in post.server.taken if mail.to == "woningen@example.org"
    ]
    to_outreach = [str(mail.message["Subject"]) for mail in post.to("ocmw_izegem")]
    assert to_owner and not any("wie neemt dit op" in subject for subject in to_owner)
    assert to_outreach and all("wie neemt dit op" in subject for subject in to_outreach)


@pytest.mark.parametrize(
    ("language", "subject", "button"),
    [
        ("fr", "qui prend ce dossier ?", "Nous"),
        ("en", "who takes this case?", "We"),
    ],
)
async def test_a_service_reads_its_own_language(post: Post, language: str, subject: str, button: str) -> None:
    await post.change("ocmw_ingelmunster", language=language)
    await booked(post)
    await post.monday()
    await post.round()
    [mail] = post.to("ocmw_ingelmunster")
    assert subject in str(mail.message["Subject"])
    assert mail.message["Content-Language"] == language
    assert f'<html lang="{language}">' in mail.part("html")
    assert button in mail.part("plain")
    assert "volwassene" not in mail.part("plain") + mail.part("html")
    page = await (await (await post.browser()).get(mail.path)).text()
    assert f'<html lang="{language}">' in page
    assert subject in page


async def test_without_a_mailbox_no_mail_is_made(post: Post) -> None:
    await post.change("ocmw_izegem", mailbox="")
    await booked(post)
    assert await post.round() == 0
    assert await post.deliveries() == []


async def test_landlord_and_outreach_are_both_asked_where_they_read_one_mailbox(post: Post) -> None:
    night = post.night
    await night.check_in(await night.book(await night.request(), "in-house"))
    await post.monday("10:00")
    await post.round()
    asked = [mail for mail in post.to("ocmw_ingelmunster") if "vertrokken?" in str(mail.message["Subject"])]
    buttons = sorted("“Ja, vertrokken”" in mail.part("plain") for mail in asked)
    assert buttons == [False, True]


async def test_what_is_urgent_goes_first(post: Post) -> None:
    await booked(post)
    await post.monday()
    await post.round()
    urgent = {each.external_id: each.urgent for each in await post.deliveries()}
    order = [urgent[mail.message["Message-ID"]] for mail in post.server.taken]
    assert order == sorted(order, reverse=True)
    assert len(set(order)) == 2


async def test_an_outage_of_two_hours_costs_a_delay_and_each_mail_comes_once(post: Post) -> None:
    await booked(post)
    await post.monday()
    await post.server.stop()
    for _ in range(24):
        assert await post.round() in (-1, 0)
        post.night.later(minutes=5)
    late = await post.night.told("unreached")
    assert late == [("coordinator", "unreached")] * 2
    await post.server.start()
    assert await post.round() == len(post.server.taken) == 4
    assert await post.round() == 0
    assert len({mail.message["Message-ID"] for mail in post.server.taken}) == 4
    assert {each.state for each in await post.deliveries()} == {DeliveryState.SENT}
    assert await post.night.told("unreached") == late


async def test_when_the_server_is_away_it_is_asked_once_a_minute(post: Post) -> None:
    await booked(post)
    await post.monday()
    post.server.answers = ["421 4.3.2 going down"] * 2
    assert [await post.round(), await post.round()] == [-1, 0]
    assert len(post.server.answers) == 1
    post.night.later(seconds=60)
    assert [await post.round(), await post.round()] == [-1, 0]
    post.night.later(seconds=60)
    assert await post.round() == 4


async def test_a_mailbox_that_is_full_is_tried_again_later_and_keeps_nobody_waiting(post: Post) -> None:
    await booked(post)
    await post.monday()
    post.server.to_mailbox[mailbox("caw")] = "452 4.2.2 full"
    assert await post.round() == 3
    tried = []
    for minute in range(60):
        [waiting] = await post.deliveries(reader_id="caw")
        tried.append((minute, waiting.tries))
        post.night.later(minutes=1)
        await post.round()
    changes = [
        minute for (minute, tries), (_, before) in zip(tried[1:], tried, strict=False) if tries != before
    ]
    assert changes == [1, 6, 21, 51]
    post.server.to_mailbox.clear()
    post.night.later(hours=1)
    assert await post.round() == 1
    [done] = await post.deliveries(reader_id="caw")
    assert (done.state, done.reason) == (DeliveryState.SENT, None)


async def test_a_mailbox_that_does_not_exist_is_told_to_the_coordinators_once(post: Post) -> None:
    await booked(post)
    await post.monday()
    post.server.to_mailbox[mailbox("caw")] = "550 5.1.1 no such mailbox"
    assert await post.round() == 3
    for _ in range(3):
        post.night.later(hours=1)
        assert await post.round() == 0
    [lost] = await post.deliveries(reader_id="caw")
    assert (lost.state, lost.reason, lost.next_try_at) == (DeliveryState.FAILED, "refused:550", None)
    [message] = await post.night.rows(Message, key="message.unreached")
    assert message.recipient_id == "coordinator"
    assert message.facts["organisation"] == "CAW"
    assert message.facts["phone"] == "051 00 00 30"
    assert message.about_kind == "handover"


async def test_what_nobody_takes_for_two_days_is_given_up_and_told(post: Post) -> None:
    await booked(post)
    post.server.to_mailbox[mailbox("ocmw_izegem")] = "450 4.2.0 greylisted"
    for _ in range(51):
        await post.round()
        post.night.later(hours=1)
    [lost] = await post.deliveries()
    assert (lost.state, lost.reason) == (DeliveryState.FAILED, "given_up")
    assert await post.night.told("unreached") == [("coordinator", "unreached")]


async def test_a_mail_of_which_nobody_knows_goes_again_as_the_same_mail(post: Post) -> None:
    await booked(post)
    await post.hand_out()
    sending = asyncio.create_task(post.rounds.run())
    post.server.silent, post.server.on_taken = True, sending.cancel
    with pytest.raises(asyncio.CancelledError):
        await sending
    post.server.silent, post.server.on_taken = False, None
    assert await post.round() == 0
    [waiting] = await post.deliveries()
    assert waiting.state is DeliveryState.QUEUED
    post.night.later(minutes=2)
    assert await post.round() == 1
    first, second = post.server.taken
    assert first == second
    [done] = await post.deliveries()
    assert done.external_id == second.message["Message-ID"] == f"<{done.id}@crisis.example.org>"


async def test_processes_that_look_at_the_same_moment_send_each_mail_once(post: Post) -> None:
    await booked(post)
    await post.monday()
    await post.hand_out()
    senders = [post.process(post.night.another_process()).mail for _ in range(3)]
    sent = await asyncio.gather(*(sender.run() for sender in senders if sender))
    assert sum(sent) == len(post.server.taken) == 4
    assert len({mail.raw for mail in post.server.taken}) == 4


async def test_what_was_done_in_the_chat_meanwhile_is_not_mailed_any_more(post: Post) -> None:
    await booked(post)
    await post.monday()
    await post.server.stop()
    assert await post.round() == -1
    [waiting] = await post.deliveries(reader_id="caw")
    async with post.night.store.transaction() as tx:
        said: dict[str, object] = {"key": "news.accept", "facts": {"reference": "IZ-7F3K"}}
        await tx.save(replace(waiting, answer=said, version=waiting.version + 1))
    await post.server.start()
    post.night.later(minutes=1)
    assert await post.round() == 3
    assert [each.state for each in await post.deliveries(reader_id="caw")] == [DeliveryState.REPLACED]


async def test_a_message_that_cannot_be_written_is_told_and_keeps_nobody_waiting(post: Post) -> None:
    await booked(post)
    async with post.night.store.transaction() as tx:
        await tell(
            tx, post.app.ids, "net", ("owner", "ocmw_izegem"), "message.left", {"reference": "IZ-7F3K"},
            ("booking", "b"), "broken", post.night.clock.now(), urgent=True,
        )  # fmt: skip
    assert await post.round() == 1
    assert [each.reason for each in await post.deliveries(state=DeliveryState.FAILED)] == ["not_written"]
    assert await post.night.told("unreached") == [("coordinator", "unreached")]


async def test_a_service_that_was_taken_out_meanwhile_keeps_no_other_mail_waiting(post: Post) -> None:
    night = post.night
    [known] = await night.rows(Organisation, id="ocmw_izegem")
    gone = replace(known, id="gone", mailbox="weg@example.org")
    await night.add(gone)
    async with night.store.transaction() as tx:
        told, about, now = ("outreach", "gone"), ("booking", "b"), night.clock.now()
        facts = {"reference": "IZ-7F3K"}
        await tell(tx, post.app.ids, "net", told, "message.overstay", facts, about, "gone", now, urgent=True)
    await post.app.handing_out.run(now)
    async with night.store.transaction() as tx:
        await tx.remove(gone)
    await booked(post)
    assert await post.round() == 1
    assert [each.reason for each in await post.deliveries(reader_id="gone")] == ["nobody"]


async def test_a_mailbox_that_was_taken_away_meanwhile_is_told(post: Post) -> None:
    await booked(post)
    await post.server.stop()
    assert await post.round() == -1
    await post.change("ocmw_izegem", mailbox="")
    await post.server.start()
    post.night.later(minutes=1)
    assert await post.round() == 0
    [lost] = await post.deliveries(channel=Channel.MAIL)
    assert lost.reason == "no_mailbox"
    assert await post.night.told("unreached") == [("coordinator", "unreached")]


def letters() -> Iterator[tuple[str, str]]:
    return ((key, f"mail.subject.{letter.subject}") for key, letter in LETTERS.items())


def test_every_subject_says_only_what_its_message_knows() -> None:
    for language in ("nl", "fr", "en"):
        for key, subject in letters():
            assert has(key, language), key
            assert fact_names(subject, language) <= fact_names(key, language), (key, language)
        for fact, letter in OTHERS.items():
            assert fact_names(f"mail.subject.{letter.subject}", language) == {fact}
        assert fact_names(f"mail.subject.{BARE.subject}", language) == frozenset()


def test_every_button_of_a_letter_is_a_way_of_its_message_that_does_one_thing() -> None:
    for key, letter in LETTERS.items():
        if letter.way:
            assert [way.code for way in WAYS[key] if way.does and way.code == letter.way], key
    buttons = {letter.way for letter in LETTERS.values() if letter.way}
    doing = {way.code for way in chain(*WAYS.values()) if way.does}
    assert buttons <= doing


async def test_a_referrer_without_an_account_hears_in_the_mailbox_of_the_service(post: Post) -> None:
    night = post.night
    await night.request("referrer")
    await post.monday("04:00")
    await post.round()
    said = [str(mail.message["Subject"]) for mail in post.to("police")]
    assert any("de permanentie antwoordt niet" in subject for subject in said), said
    for mail in post.to("police"):
        shown = await (await (await post.browser()).get(mail.path)).text()
        assert "<button>" not in shown


async def test_a_subject_says_no_more_than_may_be_carried(post: Post) -> None:
    told, about, now = ("outreach", "caw"), ("booking", "b-1"), post.night.clock.now()
    facts = {"reference": f"{JAN.given_name} {JAN.surname}"}
    async with post.night.store.transaction() as tx:
        # Its words do not name what it is about, its subject would.
        await tell(tx, post.app.ids, "net", told, "message.cold_weather_on", facts, about, "subject", now)
    assert await post.round() == 0
    assert {each.reason for each in await post.deliveries()} == {"withheld"}
    assert post.server.taken == []
