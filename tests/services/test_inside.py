"""Pages opened inside the messenger: for who it vouches for, once, soon, and nobody else."""

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from bot.buttons import button_data, choice_in
from crisispool.adapters.crypto import Keys
from crisispool.app import assemble
from crisispool.domain.messenger import LinkState, MessengerLink, UsedSignature
from crisispool.domain.organisation import Colleague, Role
from crisispool.domain.secret import Secret
from crisispool.services.messenger.inbox import KEPT_FOR
from crisispool.services.messenger.signatures import AHEAD, GOOD_FOR, signed_by
from crisispool.settings import Settings
from tests.services.phones import Phone
from tests.support.databases import keys_for_tests
from tests.support.night import Night, local
from tests.support.region import ADDRESS
from tests.web.edge import Client, started

TOKEN = "4242:token-of-nobody"
NOW = local("2026-11-28 02:04")


def init_data(account: int = 7, now: datetime = NOW, token: str = TOKEN, **fields: str) -> str:
    """What the messenger gives to a page that this account opened."""
    user = json.dumps({"id": account, "first_name": "Jan & Co", "language_code": "nl"}, separators=(",", ":"))
    content = {"auth_date": str(int(now.timestamp())), "query_id": "AAE", "signature": "x-Y_z", "user": user}
    content |= fields
    lines = "\n".join(f"{name}={content[name]}" for name in sorted(content))
    key = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    return urlencode({**content, "hash": hmac.digest(key, lines.encode(), hashlib.sha256).hex()})


def test_what_the_messenger_signed_says_who_it_is() -> None:
    signed = signed_by(init_data(7), TOKEN, NOW)
    assert signed is not None and signed.account == 7
    again = signed_by(init_data(7), TOKEN, NOW)
    assert again == signed


@pytest.mark.parametrize(
    ("age", "good"),
    [
        (timedelta(), True),
        (GOOD_FOR, True),
        (GOOD_FOR + timedelta(seconds=1), False),
        (-AHEAD, True),
        (-AHEAD - timedelta(seconds=1), False),
        (timedelta(days=400), False),
    ],
)
def test_a_signature_is_good_for_minutes_and_not_before_it_was_made(age: timedelta, *, good: bool) -> None:
    assert (signed_by(init_data(now=NOW - age), TOKEN, NOW) is not None) is good


def unlike(right: str, dice: random.Random) -> str:
    """Something that is nearly what the messenger signed."""
    pairs = dict(parse_qsl(right))
    bent: tuple[Callable[[], str], ...] = (
        lambda: init_data(token=f"{dice.randrange(10**6)}:token-of-nobody"),
        lambda: init_data(token=TOKEN[:-1]),
        lambda: urlencode({**pairs, "user": pairs["user"].replace('"id":', f'"id":{dice.randrange(1, 9)}')}),
        lambda: urlencode({**pairs, "auth_date": str(int(pairs["auth_date"]) + dice.randrange(1, 99))}),
        lambda: urlencode({**pairs, "hash": f"{dice.getrandbits(256):064x}"}),
        lambda: urlencode({**pairs, "hash": f" {pairs['hash']}"}),
        lambda: urlencode({**pairs, "hash": ""}),
        lambda: urlencode({name: value for name, value in pairs.items() if name != dice.choice(list(pairs))}),
        lambda: urlencode({**pairs, f"more{dice.randrange(99)}": "1"}),
        lambda: f"{right}&user={quote(pairs['user'])}",
        lambda: f"{right}&hash={pairs['hash']}",
        lambda: _one_bit_off(right, dice),
        lambda: right[: dice.randrange(len(right))],
        lambda: "".join(chr(dice.randrange(1, 0x2FF)) for _ in range(dice.randrange(200))),
        lambda: init_data(user=dice.choice(["", "{", "7", "[]", '{"id":"7"}', '{"id":true}', '{"id":-7}', '{"id":0}'])),
        lambda: init_data(user='{"id":7,"is_bot":true}'),
        lambda: init_data(auth_date=dice.choice(["", "0", "-1", "1e9", "٣", "9" * 400, str(2**63)])),
        lambda: init_data(now=NOW - GOOD_FOR - timedelta(seconds=dice.randrange(1, 10**6))),
        lambda: init_data(now=NOW + AHEAD + timedelta(seconds=dice.randrange(1, 10**6))),
        lambda: right + "&a=1" * dice.randrange(20, 5000),
    )  # fmt: skip
    return dice.choice(bent)()


def _one_bit_off(text: str, dice: random.Random) -> str:
    place = dice.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ (1 << dice.randrange(7))) + text[place + 1 :]


def test_of_ten_thousand_that_are_forged_altered_or_late_none_is_taken() -> None:
    dice = random.Random(28)  # noqa: S311  # the same seed, the same run
    tried = 0
    while tried < 10_000:
        right = init_data(dice.randrange(1, 2**50))
        bent = unlike(right, dice)
        # One bit may change the notation alone: `%2b` for `%2B` says the same.
        if parse_qsl(bent, keep_blank_values=True) != parse_qsl(right, keep_blank_values=True):
            assert signed_by(bent, TOKEN, NOW) is None, bent
            tried += 1


def test_of_ten_thousand_buttons_that_are_forged_or_of_others_none_is_taken() -> None:
    dice, keys = random.Random(28), keys_for_tests()  # noqa: S311  # the same seed, the same run
    mine, other = (
        MessengerLink(name, "net", name, Secret("7"), LinkState.ACTIVE, "nl", NOW)
        for name in ("mine", "other")
    )
    strangers = Keys.of(
        Settings.from_env(
            {"CRISISPOOL_SECRET_KEYS": "digest:" + "A" * 43 + "=,k:" + "A" * 43 + "="}
        ).secret_keys
        or ()
    )
    for _ in range(10_000):
        choice = dice.choice(
            (f"{dice.randrange(500)}.{dice.randrange(9)}", "12.stop", f"m.{'a' * 25}.accept")
        )
        right = button_data(keys, mine, choice)
        assert choice_in(keys, mine, right) == choice
        forged = dice.choice(
            (
                button_data(keys, other, choice),
                button_data(strangers, mine, choice),
                f"{dice.randrange(500, 900)}.1:{right.rpartition(':')[2]}",
                _one_bit_off(right, dice),
                right[: dice.randrange(len(right))],
                right + "A",
                f"{choice}:",
                f":{right.rpartition(':')[2]}",
                choice,
            )
        )
        assert choice_in(keys, mine, forged) is None, forged


# The page itself.


@dataclass
class Page:
    """A page of the calltaker, whose chat it is linked in, and somebody who opens it."""

    night: Night
    client: Client
    path: str

    async def opens(self, given: str, *, path: str = "", **headers: str) -> int:
        """The status of opening it inside the messenger."""
        answer = await self.client.post(
            path or self.path, data={"init_data": given}, headers=headers, allow_redirects=False
        )
        return answer.status

    async def sees(self) -> str:
        """The page as it is in this browser."""
        return await (await self.client.get(self.path.replace("/app/", "/p/"))).text()

    def now(self, account: int = 1) -> str:
        """A fresh signature of this account."""
        self.night.later(seconds=1)
        return init_data(account, self.night.clock.now())


@pytest.fixture
async def page(night: Night) -> AsyncIterator[Page]:
    settings = Settings.from_env({"CRISISPOOL_TELEGRAM_TOKEN": TOKEN})
    night.app = assemble(settings, night.store, night.app.pool, night.clock, night.keys)
    await Phone(night, 1).linked("calltaker", Role.CALLTAKER)
    await Phone(night, 2).linked("calltaker_2", Role.CALLTAKER)
    booking = await night.book(await night.request(), "iz-studio")
    link = await night.app.pages.link(await night.actor("calltaker"), "op-page", "access", booking.id)
    client: Any = await started(night.app)  # type: ignore[arg-type]  # the whole app instead of a stand-in
    yield Page(night, client, link.url.removeprefix(settings.public_url).replace("/p/", "/app/"))
    await client.close()


async def test_a_page_opens_at_once_for_who_the_messenger_vouches_for(page: Page) -> None:
    assert ADDRESS not in await page.sees()
    assert await page.opens(page.now()) == 303
    assert ADDRESS in await page.sees()
    # Closed, and opened once more from the same chat.
    assert await page.opens(page.now()) == 303
    assert ADDRESS in await page.sees()


async def test_nobody_else_opens_it_and_all_hear_the_same(page: Page) -> None:
    once = page.now()
    assert await page.opens(once) == 303
    gone = await page.client.get("/app/" + "a" * 40)
    for given in (once, page.now(2), page.now(3), "", init_data(1, page.night.clock.now(), "1:other")):
        answer = await page.client.post(page.path, data={"init_data": given}, allow_redirects=False)
        assert answer.status == 404
        assert await answer.text() == await gone.text()
    assert await page.opens(page.now(), path="/app/" + "a" * 40) == 404
    assert await page.opens(page.now(), **{"Sec-Fetch-Site": "cross-site"}) == 404


async def test_one_signature_that_comes_many_times_at_once_opens_once(page: Page) -> None:
    once = page.now()
    assert sorted(await asyncio.gather(*(page.opens(once) for _ in range(6)))) == [303, *[404] * 5]
    assert len(await page.night.rows(UsedSignature)) == 1
    page.night.later(seconds=KEPT_FOR.total_seconds())
    await page.night.app.inbox.tidy()
    assert not await page.night.rows(UsedSignature)


async def test_a_colleague_who_left_opens_nothing(page: Page) -> None:
    async with page.night.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id="calltaker")
        await tx.save(replace(colleague, active=False))
    assert await page.opens(page.now()) == 404


async def test_looking_at_the_way_in_changes_nothing_and_only_the_messengers_web_client_may_frame_it(
    page: Page,
) -> None:
    front = await page.client.get(page.path)
    text, policy = await front.text(), front.headers["Content-Security-Policy"]
    assert front.status == 200 and ADDRESS not in text
    assert "frame-ancestors https://web.telegram.org" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy and "telegram-web-app" not in text
    assert await page.opens(page.now()) == 303
    shown = await page.client.get(page.path.replace("/app/", "/p/"))
    assert "frame-ancestors 'none'" in shown.headers["Content-Security-Policy"]
    script = await page.client.get("/static/inside.js")
    assert script.status == 200 and script.content_type == "text/javascript"


async def test_without_a_bot_there_is_no_such_page(night: Night) -> None:
    booking = await night.book(await night.request(), "iz-studio")
    link = await night.app.pages.link(await night.actor("calltaker"), "op-page", "access", booking.id)
    path = link.url.removeprefix(night.app.settings.public_url).replace("/p/", "/app/")
    client: Any = await started(night.app)  # type: ignore[arg-type]  # the whole app instead of a stand-in
    assert (await client.get(path)).status == 404
    assert (await client.post(path, data={"init_data": init_data()}, allow_redirects=False)).status == 404
    await client.close()
