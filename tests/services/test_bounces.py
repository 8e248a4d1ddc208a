"""Mail that comes back: the right delivery is lost, whatever the server writes, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisispool.domain.messenger import Delivery, DeliveryState
from crisispool.services.mail.bounces import read
from tests.support.post import Post

ID = "k3" + "a" * 23

REPORT = """Return-Path: <>
From: MAILER-DAEMON@relay.example.org (Mail Delivery System)
To: bounces@crisis.example.org
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <20261130070000.4711@relay.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="limit"

--limit
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--limit
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.org
Arrival-Date: Mon, 30 Nov 2026 08:00:00 +0100

Final-Recipient: rfc822; opvang@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code} no such mailbox

--limit
Content-Type: {returned}

From: Crisisnetwerk <pool@crisis.example.org>
To: opvang@example.org
Message-ID: <{id}@crisis.example.org>
Subject: IZ-7F3K: wie neemt dit op?

--limit--
"""

PLAIN = """Return-Path: <>
From: MAILER-DAEMON@old.example.org
To: bounces@crisis.example.org
Subject: failure notice

Hi. This is the mail program at old.example.org.
I'm afraid I wasn't able to deliver your message.

<opvang@example.org>: no such mailbox

--- Below this line is a copy of the message.

Message-ID: <{id}@crisis.example.org>
Subject: IZ-7F3K: wie neemt dit op?
"""

HOLIDAY = """Return-Path: <opvang@example.org>
From: opvang@example.org
Auto-Submitted: auto-replied
In-Reply-To: <{id}@crisis.example.org>
References: <{id}@crisis.example.org>
Subject: Afwezig

Ik ben met verlof.
"""

PERSON = """From: opvang@example.org
In-Reply-To: <{id}@crisis.example.org>
Subject: Re: IZ-7F3K: wie neemt dit op?

Dat doen wij.
"""


def report(delivery_id: str = ID, action: str = "failed", returned: str = "text/rfc822-headers") -> bytes:
    code = "550" if action == "failed" else "450"
    status = "5.1.1" if action == "failed" else "4.2.0"
    words = {"action": action, "status": status, "code": code, "returned": returned, "id": delivery_id}
    return REPORT.format(**words).encode()


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_report_of_failure_names_the_mail(returned: str, end: bytes) -> None:
    found = read(report(returned=returned).replace(b"\n", end))
    assert (found.lost, found.ids) == (True, (ID,))


def test_a_report_in_plain_words_names_the_mail() -> None:
    assert read(PLAIN.format(id=ID).encode()) == read(report())
    broken = PLAIN.format(id=f"{ID[:9]}=\n{ID[9:]}").encode()
    assert read(broken).ids == (ID,)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_delay_is_no_loss(action: str) -> None:
    assert not read(report(action=action)).lost


@pytest.mark.parametrize("words", [HOLIDAY, PERSON])
def test_an_answer_is_no_loss(words: str) -> None:
    assert not read(words.format(id=ID).encode()).lost


def test_a_bounce_that_has_a_name_like_ours_is_not_taken_for_ours() -> None:
    named = PLAIN.replace("Subject: failure", f"Message-ID: <{'z' * 25}@old.example.org>\nSubject: failure")
    assert read(named.format(id=ID).encode()).ids == (ID,)


@given(st.binary(max_size=400))
def test_whatever_comes_in_is_read(raw: bytes) -> None:
    read(raw)
    read(b"Content-Type: multipart/report; boundary=limit\n\n--limit\n" + raw)
    read(b"From: " + raw + b"\n\n" + raw)


async def sent(post: Post) -> Delivery:
    """A mail to the owner in Izegem, which the server took."""
    await post.night.book(await post.night.request(), "iz-house")
    await post.round()
    [delivery] = await post.deliveries()
    assert delivery.state is DeliveryState.SENT
    return delivery


async def test_what_came_back_did_not_arrive_and_the_coordinators_know_once(post: Post) -> None:
    delivery = await sent(post)
    bounces = post.app.bounces
    assert [await bounces.take(report(delivery.id)) for _ in range(3)] == [1, 0, 0]
    [lost] = await post.deliveries()
    assert (lost.state, lost.reason) == (DeliveryState.FAILED, "bounced")
    assert await post.night.told("unreached") == [("coordinator", "unreached")]


async def test_what_is_not_ours_or_not_lost_changes_nothing(post: Post) -> None:
    delivery = await sent(post)
    bounces = post.app.bounces
    for raw in (
        report("z" * 25),
        report(delivery.id, action="delayed"),
        HOLIDAY.format(id=delivery.id).encode(),
        PERSON.format(id=delivery.id).encode(),
        b"",
    ):
        assert await bounces.take(raw) == 0
    assert await post.deliveries() == [delivery]
    assert await post.night.told("unreached") == []


async def test_a_mail_of_which_nobody_knew_is_not_sent_again_when_it_came_back(post: Post) -> None:
    await post.night.book(await post.night.request(), "iz-house")
    post.server.answers = ["451 4.3.0 try later"]
    assert await post.round() == 0
    [delivery] = await post.deliveries()
    assert await post.app.bounces.take(report(delivery.id)) == 1
    post.night.later(hours=2)
    assert await post.round() == 0
    assert post.server.taken == []
