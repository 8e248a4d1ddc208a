"""Mail on PostgreSQL, where processes do run side by side: one of them sends, one service takes a case."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_engine import make_engine
from crisispool.domain.messenger import DeliveryState
from crisispool.domain.record import AuditEntry
from tests.support.clock import SteppingClock
from tests.support.databases import postgres_copy
from tests.support.mail_server import MailServer
from tests.support.night import Night, local
from tests.support.post import Post, page
from tests.support.postgres import PostgresServer
from tests.support.region import load_region

pytestmark = pytest.mark.postgres


@pytest.fixture
async def post(postgres: PostgresServer, keys: Keys, live_pool: RedisPool) -> AsyncIterator[Post]:
    """Monday morning after a night with three cases, four processes."""
    url = await asyncio.to_thread(postgres_copy, postgres)
    engines = [make_engine(url) for _ in range(4)]
    night = Night(engines.copy(), keys, live_pool, SteppingClock(local("2026-11-29 20:00")))
    await load_region(night.store)
    server = MailServer()
    await server.start()
    made = Post(night, server)
    await made.open()
    for unit in ("iz-house", "in-house", "wi-house"):
        await night.check_in(await night.book(await night.request(), unit))
    await made.monday("08:00")
    yield made
    await made.close()
    await server.stop()
    for engine in engines:
        await engine.dispose()


async def test_of_four_processes_one_sends_each_mail(post: Post) -> None:
    await post.hand_out()
    senders = [post.process(post.night.another_process()).mail for _ in range(4)]
    sent = await asyncio.gather(*(sender.run() for sender in senders if sender))
    names = Counter(str(mail.message["Message-ID"]) for mail in post.server.taken)
    deliveries = await post.deliveries()
    assert sum(sent) == len(deliveries) == len(names) == 12
    assert set(names.values()) == {1}
    assert {each.state for each in deliveries} == {DeliveryState.SENT}


async def test_every_press_at_once_on_every_case_takes_each_once(post: Post) -> None:
    await post.round()
    asked = [mail for mail in post.server.taken if "wie neemt dit op" in str(mail.message["Subject"])]
    assert len(asked) == 6
    browser = await post.browser()
    said = await asyncio.gather(*(browser.post(mail.path) for mail in asked for _ in range(4)))
    takers = Counter(re.findall(r"Opgenomen door ([^,]+),", " ".join([await page(each) for each in said])))
    assert sum(takers.values()) == 24
    taken = await post.night.rows(AuditEntry, action="handover.acknowledge")
    assert len(taken) == len({entry.subject_id for entry in taken}) == 3
