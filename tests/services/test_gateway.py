"""What may never travel is refused whatever fact it hides in; what the talks and the messages say passes."""

import base64
import random
from datetime import date, timedelta
from functools import cache
from itertools import product

import pytest

from crisispool.conversations.vocabulary import Choice, Link, Say, Screen
from crisispool.domain.record import Message
from crisispool.domain.request import RequestKind
from crisispool.services.messages import screen_of
from crisispool.services.messenger.allowed import ALLOWED, BOTH, Kind, kinds_of
from crisispool.services.messenger.gateway import Gateway, Leak
from crisispool.texts.render import fact_names, keys
from tests.support.night import JAN, Night
from tests.support.region import ADDRESS, KEY_CODE

PUBLIC = "https://pool.example.org"
NOT_CARRIED = {
    "board",
    "command",
    "region",
    "set_up",
    "problem",
    "page",
    "terminal",
    "mail",
    "start",
    "welcome",
    "serve",
}
"""Texts of pages and commands; what a mail says around its message is made by the mail alone."""

SAID_ELSEWHERE = {"refusal.id_of_other_network", "refusal.paper_entered"}
SENTENCES = {"sentence", "people", "parts", "split", "duty", "asker", "kind"}
"""Facts that are sentences themselves."""

CANARIES = (
    "Jan Canary-Peeters",
    "jan",
    "PEETERS",
    ADDRESS,
    "Sterrenlaan 7, Izegem",
    KEY_CODE,
    "4711",
    4711,
    1980,
    "1980-05-17",
    "1980-05-17T00:00:00+00:00",
    date(1980, 5, 17),
    "85.07.30-033.28",
    "05.07.30 033.28",
    "07/05/1980",
    "1430",
    "20261128",
    "geweld",
    "Ze zit in de kelder en durft niet naar buiten.",
    base64.b64encode(b"Jan Canary-Peeters").decode(),
    b"Jan".hex(),
    "Izegem\nJan",
    "Izegem, Jan",
    "Jan, Izegem",
    3.5,
    None,
    {"name": "Jan"},
    {"key": "no.such_text", "facts": {}},
    {"key": "choice.name", "facts": {"name": "Jan Canary-Peeters"}},
    {"key": "choice.name", "facts": {"name": "Izegem"}, "note": "Jan"},
    ["Izegem", "Jan"],
)


def gateway(night: Night) -> Gateway:
    return Gateway(night.clock, PUBLIC)


async def passes(night: Night, *screens: Screen, by: Gateway | None = None) -> None:
    async with night.store.reading() as tx:
        await (by or gateway(night)).screens(tx, screens)


async def leaks(night: Night, screen: Screen, by: Gateway | None = None) -> bool:
    try:
        await passes(night, screen, by=by)
    except Leak:
        return True
    return False


@cache
def saying(name: str) -> str:
    """A sentence of the talks or messages that says a fact of this name."""
    return next(key for key in keys() if key.split(".")[0] not in NOT_CARRIED and name in fact_names(key))


def test_every_fact_of_talks_and_messages_is_in_the_table() -> None:
    unknown = {
        name: key
        for key in keys()
        if key.split(".")[0] not in NOT_CARRIED and key not in SAID_ELSEWHERE
        for name in fact_names(key)
        if not kinds_of(name) and name not in SENTENCES
    }
    assert unknown == {}


def test_no_fact_is_in_the_table_that_nobody_says() -> None:
    said = {name for key in keys() for name in fact_names(key)}
    assert {*ALLOWED, *BOTH} - said - {"code", "entry_code"} == set()


async def test_no_canary_passes_in_any_fact(night: Night) -> None:
    by = gateway(night)
    names = {*ALLOWED, *BOTH} & {name for key in keys() for name in fact_names(key)}
    for name, canary in product(sorted(names), CANARIES):
        if Kind.ENTRY_CODE in kinds_of(name) and isinstance(canary, str) and canary.isdigit():
            continue
        for screen in (
            Screen(saying(name), {name: canary}),
            Screen("talk.help", lines=(Say(saying(name), {name: [canary]}),)),
            Screen("talk.help", choices=(Choice("x", saying(name), {name: canary}),)),
        ):
            assert await leaks(night, screen, by), (name, canary)


async def test_the_alarm_itself_tells_nothing(night: Night) -> None:
    with pytest.raises(Leak) as alarm:
        await passes(night, Screen("desk.unit", {"unit": ADDRESS, "town": "Izegem", "places": 2}))
    assert str(alarm.value) == "desk.unit: unit"


@pytest.mark.parametrize("number", ["051 00 00 03", "0470/12.34.56", "+32 51 00 00 00", "112", "1712", "–"])
async def test_the_number_of_a_service_passes(night: Night, number: str) -> None:
    await passes(night, Screen(saying("desk"), {"desk": number}))


async def test_a_fact_that_the_sentence_does_not_say_travels_nowhere(night: Night) -> None:
    await passes(night, Screen("message.refused", {"request": "R-4KTM", "address": ADDRESS}))


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/p/abcdef",
        f"{PUBLIC}/p/abc?name=Jan",
        f"{PUBLIC}/api/v1/units",
        f"{PUBLIC}.example.com/p/abc",
        "javascript:alert(1)",
        "",
    ],
)
async def test_no_link_leads_elsewhere(night: Night, url: str) -> None:
    assert await leaks(night, Screen("talk.help", links=(Link("link.case", url),)))


async def test_a_link_to_a_page_of_our_own_passes(night: Night) -> None:
    await passes(night, Screen("talk.help", links=(Link("link.case", f"{PUBLIC}/p/abc123"),)))


async def test_what_is_known_once_is_not_asked_again_and_what_is_unknown_stays_so(night: Night) -> None:
    by = gateway(night)
    unit = Screen("desk.unit", {"unit": "Studio 2, Ingelmunster", "town": "Ingelmunster", "places": 2})
    for _ in range(2):
        await passes(night, unit, by=by)
    assert await leaks(night, Screen("desk.unit", {"unit": "Studio 3"}), by)


async def test_every_message_of_a_whole_week_passes(night: Night) -> None:
    request = await night.request(kind=RequestKind.FIRE_WATER_CLOSED, children=2, ages=(6, 9))
    second = await night.request_of_jan("nurse")
    booking = await night.book(request, "in-house")
    other = await night.book(second, "iz-studio", by="calltaker_2")
    await night.identify(booking, JAN)
    await night.move(other)
    await night.until("2026-11-30 12:30")
    [first, *_] = await night.handovers()
    await night.accept(first, "worker_caw")
    await night.until("2026-12-04 20:00")
    messages = await night.rows(Message)
    assert len({message.key for message in messages}) >= 12
    by = gateway(night)
    for message in messages:
        await passes(night, screen_of(message), by=by)


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 8))]
)
async def test_whoever_taps_whatever_every_screen_passes(night: Night, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # the same seed, the same taps
    by = Gateway(night.clock, night.app.settings.public_url)
    names = ("referrer", "calltaker", "owner_izegem", "worker_caw", "coordinator", "admin", "council")
    for _ in range(90):
        actor = await night.actor(dice.choice(("calltaker", "calltaker", *names)))
        screens = await night.app.chat.said(actor, "", night.op())
        choices = [choice.id for screen in screens for choice in screen.choices]
        if choices:
            screens = await night.app.chat.chosen(actor, dice.choice(choices), night.op())
        elif dice.random() < 0.5:
            screens = await night.app.chat.said(actor, str(dice.randint(1, 4)), night.op())
        await passes(night, *screens, by=by)
        night.clock.advance(timedelta(minutes=dice.randint(0, 20)))
        await night.app.sweep.run()
