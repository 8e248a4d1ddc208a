"""Pages of services: programs that open links change nothing, the button does its one thing once, for the service."""

import asyncio
import re
from datetime import timedelta

from crisispool.domain.booking import Booking, BookingState
from crisispool.domain.handover import Handover
from crisispool.domain.messenger import Channel, Delivery, LinkState, MessengerLink
from crisispool.domain.record import AuditEntry, Message, Operation, PageLink
from crisispool.domain.secret import Secret
from crisispool.domain.unit import StatusEvent
from crisispool.services.page_links import token_of
from tests.support.mail_server import Received
from tests.support.post import Post, page
from tests.support.region import ADDRESS

GONE = "Deze link werkt niet meer"
BUTTON = "<button>Wij nemen dit op</button>"
ALL_RIGHT = "<button>Ja, alles klopt</button>"
LEFT = "<button>Ja, vertrokken</button>"


async def handed_over(post: Post) -> Received:
    """A case on Monday morning; the mail of Ingelmunster about it."""
    night = post.night
    await night.check_in(await night.book(await night.request(), "in-house"))
    await post.monday("08:12")
    await post.round()
    [mail] = [mail for mail in post.to("ocmw_ingelmunster") if "wie neemt dit op" in mail.message["Subject"]]
    return mail


async def handover(post: Post) -> Handover:
    [row] = await post.night.rows(Handover)
    return row


async def asked_whether_they_left(post: Post) -> Received:
    """The mail to the owner in Ingelmunster; outreach is asked in one of its own."""
    await post.round()
    [mail] = [each for each in post.to("ocmw_ingelmunster") if "“Ja, vertrokken”" in each.part("plain")]
    return mail


async def asked(post: Post) -> Received:
    """The afternoon question to the owner in Ingelmunster; its mail."""
    await post.monday("15:30")
    await post.round()
    [mail] = [each for each in post.to("ocmw_ingelmunster") if "vannacht?" in str(each.message["Subject"])]
    return mail


async def test_programs_that_open_every_link_change_nothing(post: Post) -> None:
    mail = await handed_over(post)
    before = {
        kind: await post.night.rows(kind) for kind in (Handover, PageLink, Delivery, AuditEntry, Operation)
    }
    for opened in post.server.taken:
        robot = await post.browser()
        for _ in range(2):
            await page(
                await robot.get(opened.path, headers={"Purpose": "prefetch", "Sec-Purpose": "prefetch"})
            )
        assert (await robot.head(opened.path)).status == 200
        assert (await robot.options(opened.path)).status == 405
        assert (await robot.put(opened.path)).status == 405
    assert BUTTON in await page(await (await post.browser()).get(mail.path))
    assert {kind: await post.night.rows(kind) for kind in before} == before


async def test_one_press_takes_the_case_for_the_service(post: Post) -> None:
    mail = await handed_over(post)
    browser = await post.browser()
    said = await page(await browser.post(mail.path))
    assert "Opgenomen door OCMW Ingelmunster, maandag 30 november, 8.12 uur." in said
    assert "<button>" not in said
    row = await handover(post)
    assert (row.accepted_by, row.worker_id) == ("ocmw_ingelmunster", None)
    [entry] = await post.night.rows(AuditEntry, action="handover.acknowledge")
    assert entry.actor == "organisation:ocmw_ingelmunster"
    assert await post.night.told("accepted_by_other") == [("caw", "accepted_by_other")]
    # Nobody is named yet, so the coordinator still hears at ten.
    await post.monday("10:00")
    assert await post.night.told("handover_coordinator") == [("coordinator", "handover_coordinator")]


async def test_pressing_again_says_the_same_and_does_nothing_more(post: Post) -> None:
    mail = await handed_over(post)
    browsers = [await post.browser() for _ in range(4)]
    said = await asyncio.gather(*(browser.post(mail.path) for browser in browsers))
    pages = {await page(each) for each in said}
    assert len(pages) == 1
    post.night.later(hours=2)
    assert {
        await page(await browsers[0].post(mail.path)),
        await page(await browsers[1].get(mail.path)),
    } == pages
    assert len(await post.night.rows(AuditEntry, action="handover.acknowledge")) == 1


async def test_after_another_service_took_it_the_page_says_who_and_when(post: Post) -> None:
    mail = await handed_over(post)
    [other] = post.to("caw")
    await page(await (await post.browser()).post(other.path))
    for said in (
        await page(await (await post.browser()).get(mail.path)),
        await page(await (await post.browser()).post(mail.path)),
    ):
        assert "Opgenomen door CAW, maandag 30 november, 8.12 uur." in said
        assert "<button>" not in said
    assert (await handover(post)).accepted_by == "caw"


async def test_two_services_that_press_at_once_hear_the_same_of_who_was_first(post: Post) -> None:
    mail = await handed_over(post)
    [other] = post.to("caw")
    browsers = [await post.browser(), await post.browser()]
    done = await asyncio.gather(browsers[0].post(mail.path), browsers[1].post(other.path))
    said = {re.findall(r"Opgenomen door ([^,]+),", await page(each))[0] for each in done}
    assert len(said) == 1


async def test_what_was_done_in_the_chat_stands_on_the_page(post: Post) -> None:
    mail = await handed_over(post)
    [row] = await post.night.handovers("worker_ingelmunster")
    await post.night.accept(row, "worker_ingelmunster")
    said = await page(await (await post.browser()).get(mail.path))
    assert "Opgenomen door OCMW Ingelmunster" in said
    assert "worker" not in said


async def test_what_was_done_on_the_page_takes_the_buttons_away_in_the_chats(post: Post) -> None:
    mail = await handed_over(post)
    night, now = post.night, post.night.clock.now()
    [message] = await night.rows(Message, key="message.handover", recipient_id="ocmw_ingelmunster")
    link = MessengerLink(
        "link", "net", "account", Secret("7"), LinkState.ACTIVE, "nl", now, "worker_ingelmunster"
    )
    shown = Delivery("chat", message.id, "net", Channel.MESSENGER, "link", True, now)
    await night.add(link)
    await night.add(shown)
    await page(await (await post.browser()).post(mail.path))
    [chat] = await night.rows(Delivery, channel=Channel.MESSENGER)
    assert chat.answer is not None
    assert chat.answer["key"] == "news.accept"
    # A mail that went out is not sent once more because of that, and waits for nothing.
    assert {each.next_try_at for each in await night.rows(Delivery, channel=Channel.MAIL)} == {None}
    night.later(hours=1)
    count = len(post.to("ocmw_ingelmunster"))
    await post.round()
    assert len(post.to("ocmw_ingelmunster")) == count


async def test_the_owner_says_that_they_left_and_only_when_the_stay_is_over(post: Post) -> None:
    night = post.night
    await night.check_in(await night.book(await night.request(), "in-house"))
    await post.monday("10:00")
    mail = await asked_whether_they_left(post)
    browser = await post.browser()
    assert LEFT in await page(await browser.get(mail.path))
    said = await page(await browser.post(mail.path))
    assert "Vertrek genoteerd door OCMW Ingelmunster, maandag 30 november, 10 uur." in said
    [booking] = await night.rows(Booking)
    assert booking.state is BookingState.CHECKED_OUT
    assert await page(await browser.post(mail.path)) == said
    assert len(await night.rows(AuditEntry, action="booking.check_out")) == 1


async def test_the_rules_still_say_no_and_the_page_says_why(post: Post) -> None:
    night = post.night
    booking = await night.check_in(await night.book(await night.request(), "in-house"))
    await post.monday("10:00")
    mail = await asked_whether_they_left(post)
    await night.extend(booking, by="coordinator")
    said = await page(await (await post.browser()).post(mail.path))
    assert 'role="alert"' in said
    assert "dinsdag 1 december" in said
    assert LEFT in said
    [row] = await night.rows(Booking)
    assert row.state is BookingState.CHECKED_IN


async def test_the_owner_confirms_all_units_by_one_press(post: Post) -> None:
    mail = await asked(post)
    browser = await post.browser()
    shown = await page(await browser.get(mail.path))
    assert ALL_RIGHT in shown
    for words in ("<dt>Gezinswoning</dt>", "<dt>Studio 2</dt>", "<dd>vrij</dd>"):
        assert words in shown
    # Only the own ones, and nothing of where they are.
    for other in ("Kamer", "Flat", ADDRESS):
        assert other not in shown
    said = await page(await browser.post(mail.path))
    assert "Alles is bevestigd, maandag 30 november, 15.30 uur." in said
    for _ in range(2):
        assert await page(await browser.post(mail.path)) == said
    events = await post.night.rows(StatusEvent, said="confirmed", by="organisation:ocmw_ingelmunster")
    assert sorted(event.unit_id for event in events) == ["in-house", "in-studio"]


async def test_an_owner_says_yes_to_a_unit_that_is_held_while_it_is_held(post: Post) -> None:
    night = post.night
    await night.change_unit("in-house", mandate=False)
    request = await night.request()
    await night.hold(request, "in-house")
    await post.round()
    [mail] = post.to("ocmw_ingelmunster")
    browser = await post.browser()
    for _ in range(2):
        said = await page(await browser.post(mail.path))
        assert "Bedankt, de permanentie weet het." in said
        assert "<button>" not in said
    assert await night.told("owner_yes") == [("calltaker", "owner_yes")]


async def test_an_owner_who_says_yes_too_late_hears_so(post: Post) -> None:
    night = post.night
    await night.change_unit("in-house", mandate=False)
    await night.hold(await night.request(), "in-house")
    await post.round()
    [mail] = post.to("ocmw_ingelmunster")
    night.later(minutes=11)
    said = await page(await (await post.browser()).post(mail.path))
    assert 'role="alert"' in said
    assert await night.told("owner_yes") == []


async def test_yesterdays_question_confirms_nothing_today(post: Post) -> None:
    mail = await asked(post)
    await post.night.until("2026-12-01 09:00")
    said = await page(await (await post.browser()).post(mail.path))
    assert 'role="alert"' in said
    assert await post.night.rows(StatusEvent, said="confirmed") == []


async def test_a_page_works_for_seven_days_in_any_browser_and_then_says_no_more_than_a_wrong_one(
    post: Post,
) -> None:
    mail = await handed_over(post)
    browser = await post.browser()
    post.night.later(days=6, hours=23, minutes=59)
    await page(await browser.get(mail.path))
    post.night.later(minutes=1)
    gone = {await page(await browser.get(mail.path), 404), await page(await browser.post(mail.path), 404)}
    wrong = mail.path[:-1] + ("0" if mail.path[-1] != "0" else "1")
    gone |= {await page(await browser.get(wrong), 404), await page(await browser.post(wrong), 404)}
    assert len(gone) == 1
    assert GONE in gone.pop()
    assert (await handover(post)).accepted_by is None


async def test_a_button_on_a_page_of_another_site_does_nothing(post: Post) -> None:
    mail = await handed_over(post)
    browser = await post.browser()
    await page(await browser.post(mail.path, headers={"Sec-Fetch-Site": "cross-site"}), 404)
    assert (await handover(post)).accepted_by is None


async def test_a_link_of_a_service_never_becomes_somebodys_page(post: Post) -> None:
    mail = await handed_over(post)
    token = mail.path.rpartition("/")[2]
    browser = await post.browser()
    form = {"operation": "x" * 24, "text": "0470 00 00 00"}
    assert "Opgenomen" in await page(await browser.post(mail.path, data=form))
    [link] = [each for each in await post.night.rows(PageLink) if token_of(post.app.vault, each.id) == token]
    assert (link.colleague_id, link.organisation_id, link.bound_digest) == (None, "ocmw_ingelmunster", None)
    assert link.expires_at - link.created_at == timedelta(days=7)
    assert token not in repr(await post.night.rows(PageLink)) + repr(await post.night.rows(Operation))


async def test_the_page_says_nothing_personal_and_lets_nothing_in(post: Post) -> None:
    night = post.night
    await night.book(await night.request_of_jan(), "in-house")
    await post.monday("10:00")
    await post.round()
    for mail in post.server.taken:
        response = await (await post.browser()).get(mail.path)
        said = await page(response)
        for canary in ("Jan", "Canary", "canary", "1980", ADDRESS, "Sterrenlaan"):
            assert canary not in said
        assert "<script" not in said
        assert re.findall(r'(?:src|href|action)="(?!/static/page\.css)[^"]*"', said) == []
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "set-cookie" not in response.headers


async def test_without_units_or_role_a_message_only_tells(post: Post) -> None:
    night = post.night
    await night.book(await night.request(), "in-house")
    await post.round()
    [mail] = post.to("ocmw_ingelmunster")
    browser = await post.browser()
    shown = await page(await browser.get(mail.path))
    assert "<button>" not in shown
    assert await page(await browser.post(mail.path)) == shown
