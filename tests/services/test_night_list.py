"""The night list: made at 16:30 of a working day, once, sealed; what it holds, who reads it, when it is gone."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import Connection, text

from crisispool.domain.duty import Duty, DutyShift
from crisispool.domain.errors import NotYourRole
from crisispool.domain.language import LANGUAGES
from crisispool.domain.night_list import NightList
from crisispool.domain.organisation import Network
from crisispool.domain.record import AuditEntry, Message
from crisispool.domain.secret import Secret
from crisispool.domain.unit import UnitAccess
from crisispool.services.night_lists import NightListAnswer
from crisispool.web.paper.night_list import night_list_sheet
from crisispool.web.paper.pdf import pdf_of
from tests.support.night import FRIDAY, SATURDAY, SUNDAY, Night, day, local, refusal
from tests.support.region import ADDRESS, KEY_CODE

KEY_PHONE, OWNER_PHONE = "051 00 00 91", "051 00 00 92"


async def newest(night: Night, who: str = "coordinator") -> NightListAnswer:
    found = await night.app.night_lists.newest(await night.actor(who), "page")
    assert found is not None
    return found


async def at_half_past_four(night: Night, on: str) -> NightListAnswer:
    night.at(f"{on} 16:00")
    await night.app.sweep.run()
    await night.until(f"{on} 16:30")
    return await newest(night)


def printed(seen: NightListAnswer, language: str = "nl") -> tuple[int, str]:
    """How many pages the PDF has, and its words."""
    pages = PdfReader(BytesIO(pdf_of(night_list_sheet(seen, seen.made_at, language)))).pages
    return len(pages), " ".join("\n".join(page.extract_text() for page in pages).split())


async def test_a_working_day_gives_the_list_of_one_night_and_friday_that_of_three(night: Night) -> None:
    thursday = await at_half_past_four(night, "2026-11-26")
    assert [each.night for each in thursday.content.nights] == [day("2026-11-26")]
    await night.until("2026-11-27 16:30")
    friday = await newest(night)
    assert friday.made_at == local("2026-11-27 16:30")
    assert [each.night for each in friday.content.nights] == [FRIDAY, SATURDAY, SUNDAY]
    assert str(friday.content.contact_day) == "2026-11-30"
    # On closed days there is none: Friday's goes on to Monday.
    await night.until("2026-11-30 08:00")
    assert len(await night.rows(NightList)) == 2
    assert (await newest(night)).day == FRIDAY


async def test_the_day_before_christmas_covers_all_nights_up_to_monday(night: Night) -> None:
    seen = await at_half_past_four(night, "2026-12-24")
    assert [str(each.night) for each in seen.content.nights] == [f"2026-12-{n}" for n in (24, 25, 26, 27)]
    first = seen.content.nights[0]
    assert (len(first.nights), str(first.checkout)) == (4, "2026-12-28")
    # Four nights of a long weekend after one make five; after two they would be six.
    assert [(each.used, each.allowed) for each in first.after] == [
        (1, True),
        (2, False),
        (3, False),
        (4, False),
    ]


async def test_what_can_be_given_has_its_address_and_what_is_taken_has_nothing_but_its_name(
    night: Night,
) -> None:
    async with night.store.transaction() as tx:
        for unit_id in ("iz-house", "in-house"):
            [access] = await tx.find(UnitAccess, unit_id=unit_id)
            key, owner = Secret(KEY_PHONE), Secret(OWNER_PHONE)
            address = Secret(f"{ADDRESS} {unit_id}")
            await tx.save(replace(access, address=address, backup_key_phone=key, night_contact=owner))
    night.at("2026-11-27 15:00")
    await night.book(await night.request(kind="violence", avoid=("36007",)), "iz-house")
    await night.say("wi-flat", "occupied", "coordinator", until=SATURDAY)
    await night.say("wi-house", "out_of_service", "coordinator")
    seen = await at_half_past_four(night, "2026-11-27")
    free = {(each.town, each.label): each for each in seen.content.units}
    assert set(free) == {("Ingelmunster", "Gezinswoning"), ("Ingelmunster", "Studio 2"), ("Izegem", "Kamer"),
                         ("Izegem", "Studio"), ("Wielsbeke", "Flat")}  # fmt: skip
    assert free["Wielsbeke", "Flat"].free == (False, True, True)
    assert {each.town: each.labels for each in seen.content.not_free} == {
        "Izegem": ("Huis",), "Wielsbeke": ("Groot huis",),
    }  # fmt: skip
    given = free["Ingelmunster", "Gezinswoning"]
    assert (given.address, given.key_phone, given.night_contact) == (
        f"{ADDRESS} in-house",
        KEY_PHONE,
        OWNER_PHONE,
    )
    for language in LANGUAGES:
        pages, words = printed(seen, language)
        assert pages <= 2
        assert f"{ADDRESS} in-house" in words
        assert KEY_PHONE in words
        assert "iz-house" not in words


async def test_no_key_code_is_on_the_list_or_in_a_message(night: Night) -> None:
    seen = await at_half_past_four(night, "2026-11-27")
    [kept] = await night.rows(NightList)
    messages = [each for each in await night.rows(Message) if each.key == "message.night_list"]
    assert {each.recipient_id for each in messages} == {"calltaker", "calltaker_2", "coordinator"}
    assert all(set(each.facts) == {"nights"} for each in messages)
    for words in (kept.content.reveal(), *(printed(seen, language)[1] for language in LANGUAGES)):
        assert KEY_CODE not in words
        assert ADDRESS in words
    # In the database nobody reads it.
    async with night.store._engine.connect() as raw:  # what a thief of the file would see
        [(content,)] = await raw.run_sync(Connection.execute, text("select content from night_lists"))
    assert ADDRESS not in content


async def test_a_half_past_four_that_was_missed_is_made_once_when_somebody_is_back(night: Night) -> None:
    night.at("2026-11-27 16:00")
    await night.app.sweep.run()
    night.at("2026-11-28 22:00")
    other = night.another_process()
    await asyncio.gather(night.app.sweep.run(), other.app.sweep.run())
    await asyncio.gather(other.app.sweep.run(), night.app.sweep.run())
    [kept] = await night.rows(NightList)
    # Friday's night is over by then.
    assert (kept.day, kept.first_night, kept.made_at) == (FRIDAY, SATURDAY, local("2026-11-28 22:00"))
    assert sorted(await night.told("night_list")) == [
        (who, "night_list") for who in ("calltaker", "calltaker_2", "coordinator")
    ]


async def test_two_processes_at_half_past_four_make_one(night: Night) -> None:
    night.at("2026-11-27 16:00")
    await night.app.sweep.run()
    night.at("2026-11-27 16:30")
    others = [night.another_process() for _ in range(2)]
    await asyncio.gather(*(each.app.sweep.run() for each in (night, *others)))
    assert len(await night.rows(NightList)) == 1
    assert len(await night.told("night_list")) == 3


async def test_after_monday_opens_a_missed_list_serves_nobody(night: Night) -> None:
    night.at("2026-11-27 16:00")
    await night.app.sweep.run()
    night.at("2026-11-30 08:30")
    await night.app.sweep.run()
    assert await night.rows(NightList) == []


async def test_the_older_list_stays_while_the_newer_could_not_be_made_and_says_so(night: Night) -> None:
    await at_half_past_four(night, "2026-11-27")
    night.at("2026-11-30 16:45")
    seen = await newest(night)
    assert (seen.day, seen.over, seen.missing) == (FRIDAY, True, True)
    words = " ".join(night_list_sheet(seen, night.clock.now(), "nl").lead)
    assert "Gemaakt vrijdag 27 november, 16.30 uur, 72 uur en 15 minuten geleden." in words
    assert "de lijst van maandag 30 november, 16.30 uur kon niet gemaakt worden" in words


async def test_it_is_for_the_coordinator_and_for_who_is_on_a_roster_in_its_nights(night: Night) -> None:
    await at_half_past_four(night, "2026-11-27")
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        [shift] = await tx.find(DutyShift, duty=Duty.BACKUP)
        await tx.remove(shift)
    for who in ("coordinator", "calltaker"):
        await newest(night, who)
    assert (await refusal(newest(night, "calltaker_2"))).code == "not_there"
    # On the roster from Saturday evening on: it is theirs to print on Friday.
    start = local("2026-11-28 20:00")
    await night.add(
        DutyShift("later", "net", Duty.CALLTAKER, "calltaker_2", start, start + timedelta(hours=10))
    )
    await newest(night, "calltaker_2")
    for who in ("referrer", "owner_izegem", "worker_caw", "council", "admin"):
        with pytest.raises(NotYourRole):
            await newest(night, who)
    looks = [each.actor for each in await night.rows(AuditEntry, action="page.night_list")]
    assert looks == ["coordinator", "coordinator", "calltaker", "calltaker_2"]


async def test_the_message_leads_to_a_page_for_this_colleague_alone_while_they_may_see_it(
    night: Night,
) -> None:
    await at_half_past_four(night, "2026-11-27")
    [kept] = await night.rows(NightList)
    pages, calltaker = night.app.pages, await night.actor("calltaker")
    link = await pages.link(calltaker, "op-link", "night_list", kept.id)
    assert ADDRESS not in repr(link)
    token, browser = link.url.rpartition("/")[2], "b" * 40
    await pages.bind(token, browser)
    content = await pages.view(token, browser)
    assert content.paper is not None and content.paper.day == FRIDAY
    looks = await night.rows(AuditEntry, action="page.viewed", subject_id=kept.id)
    assert [each.details["page"] for each in looks] == ["night_list"]
    for who, list_id in (("calltaker", "no-such-list"), ("coordinator", "no-such-list")):
        asked = pages.link(await night.actor(who), night.op(), "night_list", list_id)
        assert (await refusal(asked)).code == "not_there"
    for who in ("referrer", "owner_izegem", "worker_caw"):
        with pytest.raises(NotYourRole):
            await pages.link(await night.actor(who), night.op(), "night_list", kept.id)
    # The shift is over and somebody else has it.
    async with night.store.transaction() as tx:
        [network] = await tx.find(Network)
        await tx.save(replace(network, training=False))
        [shift] = await tx.find(DutyShift, duty=Duty.CALLTAKER)
        await tx.save(replace(shift, colleague_id="calltaker_2"))
    assert (await refusal(pages.view(token, browser))).code in ("not_there", "not_on_duty")


async def test_after_seven_days_it_is_gone(night: Night) -> None:
    await at_half_past_four(night, "2026-11-27")
    await night.until("2026-12-04 16:29")
    assert str(min(each.day for each in await night.rows(NightList))) == "2026-11-27"
    await night.until("2026-12-04 16:30")
    assert str(min(each.day for each in await night.rows(NightList))) == "2026-11-30"
