"""The next working day: every case one handover, to whom and when, around weekends, holidays and clock changes."""

import asyncio
from datetime import date

import pytest

from crisispool.domain.handover import Case, Handover, HandoverRecipient
from crisispool.domain.organisation import ClosingDay, Organisation
from crisispool.domain.request import Need
from crisispool.services.asks import ReassignAsk
from tests.support.night import MONDAY, Night, day, local, refusal
from tests.support.region import INGELMUNSTER, IZEGEM

IN_TANDEM = [("caw", "handover"), ("ocmw_ingelmunster", "handover")]


async def test_a_case_nobody_takes_goes_to_the_backups_the_coordinator_and_at_noon_again(
    night: Night,
) -> None:
    await night.check_in(await night.book(await night.request(), "iz-house"))
    keys = ("handover", "handover_backup", "handover_coordinator", "contact_overdue")
    told: dict[str, list[tuple[str, str]]] = {}
    seen = 0
    for moment in ("07:59", "08:00", "09:14", "09:15", "09:59", "10:00", "11:59", "12:00", "16:00"):
        await night.until(f"2026-11-30 {moment}")
        every = await night.told(*keys)
        told[moment], seen = every[seen:], len(every)
    assert {moment: each for moment, each in told.items() if each} == {
        "08:00": IN_TANDEM,
        "09:15": [("backup_caw", "handover_backup"), ("backup_ingelmunster", "handover_backup")],
        "10:00": [("coordinator", "handover_coordinator")],
        "12:00": [("coordinator", "contact_overdue")],
    }
    assert (await night.handovers())[0].next_step is None


async def test_a_service_without_a_name_still_goes_to_the_coordinator_and_contact_ends_it(
    night: Night,
) -> None:
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 08:30")
    [handover] = await night.handovers("worker_caw")
    await night.accept(handover, "worker_caw", named=False)
    await night.until("2026-11-30 10:30")
    assert await night.told("handover_backup", "handover_coordinator") == [
        ("coordinator", "handover_coordinator")
    ]
    await night.outcome(handover, "worker_caw", contacted=True)
    await night.until("2026-11-30 18:00")
    assert await night.told("contact_overdue") == []


async def test_who_accepts_first_is_the_contact_person_and_the_other_is_told(night: Night) -> None:
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 08:30")
    [handover] = await night.handovers()
    services = ("worker_caw", "worker_ingelmunster")
    done = await asyncio.gather(*(night.accept(handover, by) for by in services), return_exceptions=True)
    [no] = [each for each in done if isinstance(each, BaseException)]
    assert getattr(no, "code", no) == "already_accepted"
    [taken] = await night.handovers()
    loser = "ocmw_ingelmunster" if taken.accepted_by == "caw" else "caw"
    assert await night.told("accepted_by_other") == [(loser, "accepted_by_other")]
    assert taken.open_cases_of_worker == 1
    assert (await refusal(night.accept(handover, "worker_izegem"))).code == "not_there"


async def test_the_backup_that_was_told_sees_the_case_and_takes_it(night: Night) -> None:
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 09:00")
    [handover] = await night.handovers()
    assert await night.handovers("worker_backup") == []
    assert (await refusal(night.accept(handover, "worker_backup"))).code == "not_there"
    await night.until("2026-11-30 09:20")
    backup = await night.actor("worker_backup")
    assert [each.key for each in await night.app.messages.unseen(backup)] == ["message.handover_backup"]
    assert [each.id for each in await night.handovers("worker_backup")] == [handover.id]
    taken = await night.accept(handover, "worker_backup")
    assert (taken.accepted_by, taken.worker_id) == ("backup_ingelmunster", "worker_backup")
    assert len(taken.recipients) == 3
    await night.until("2026-11-30 10:30")
    assert await night.told("accepted_by_other", "handover_coordinator") == [
        ("caw", "accepted_by_other"), ("ocmw_ingelmunster", "accepted_by_other"),
    ]  # fmt: skip


async def test_an_outcome_needs_acceptance_and_closes_the_case(night: Night) -> None:
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 08:30")
    [handover] = await night.handovers()
    assert (await refusal(night.outcome(handover, "worker_caw", contacted=True))).code == "not_accepted"
    await night.accept(handover, "worker_caw")
    assert (await refusal(night.outcome(handover, "worker_caw", outcome="moon"))).code == "bad_input"
    assert (await refusal(night.outcome(handover, "worker_caw"))).code == "bad_input"
    ended = await night.outcome(handover, "worker_caw", outcome="hotel", solved="partly")
    assert (ended.state, ended.contacted_at) == ("closed", night.clock.now())
    assert (await night.rows(Case))[0].closed_at is not None
    assert (await refusal(night.accept(handover, "worker_caw"))).code == "handover_closed"
    assert (await night.app.handovers.list(await night.actor("worker_caw"))) == []


@pytest.mark.parametrize(
    ("origin", "needs", "services"),
    [
        (INGELMUNSTER, (), [("ocmw_ingelmunster", True), ("caw", False)]),
        (IZEGEM, (), [("caw", True), ("ocmw_izegem", False)]),
        (INGELMUNSTER, (Need.PREFERS_CAW,), [("caw", True)]),
        (None, (), [("caw", True)]),
        ("none", (), [("caw", True)]),
        ("outside", (), [("caw", True)]),
    ],
)
async def test_the_case_goes_to_the_ocmw_of_where_they_lived_never_of_where_the_bed_is(
    night: Night, origin: str | None, needs: tuple[Need, ...], services: list[tuple[str, bool]]
) -> None:
    await night.book(await night.request(origin=origin, needs=needs), "wi-house")
    await night.until("2026-11-30 08:00")
    [handover] = await night.handovers()
    assert [(each.organisation_id, each.leads) for each in handover.recipients] == services


async def test_an_ocmw_that_is_closed_gets_it_on_its_first_open_day_and_the_caw_leads(night: Night) -> None:
    await night.add(ClosingDay("closed", "net", "ocmw_ingelmunster", MONDAY, "brugdag"))
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 08:00")
    [handover] = await night.handovers()
    assert [(each.organisation_id, each.leads) for each in handover.recipients] == [
        ("caw", True), ("ocmw_ingelmunster", False),
    ]  # fmt: skip
    assert await night.told("handover") == [("caw", "handover")]
    assert await night.handovers("worker_ingelmunster") == []
    await night.accept(handover, "worker_caw")
    await night.until("2026-12-01 12:00")
    assert len(await night.handovers("worker_ingelmunster")) == 1
    assert await night.told("accepted_by_other", "handover_backup") == [
        ("ocmw_ingelmunster", "accepted_by_other")
    ]


async def test_a_closed_ocmw_joins_a_case_that_nobody_took_without_new_alarms(night: Night) -> None:
    await night.add(ClosingDay("closed", "net", "ocmw_ingelmunster", MONDAY, "brugdag"))
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 18:00")
    before = await night.told("handover_backup", "handover_coordinator", "contact_overdue")
    await night.until("2026-12-01 18:00")
    assert await night.told("handover_backup", "handover_coordinator", "contact_overdue") == before
    assert await night.told("handover") == [("caw", "handover"), ("ocmw_ingelmunster", "handover")]


@pytest.mark.parametrize("sweeps", [1, 2, 4])
async def test_the_job_part_off_until_monday_eleven_hands_over_all_at_once_and_once(
    night: Night, sweeps: int
) -> None:
    for unit_id in ("iz-house", "in-studio", "wi-flat"):
        await night.check_in(await night.book(await night.request(), unit_id))
    night.at("2026-11-30 11:00")
    processes = [night, *(night.another_process() for _ in range(sweeps - 1))]
    await asyncio.gather(*(process.app.sweep.run() for process in processes))
    await night.app.sweep.run()
    assert len(await night.handovers()) == 3
    assert [len(await night.rows(kind)) for kind in (Handover, HandoverRecipient)] == [3, 6]
    told = await night.told("handover", "handover_backup", "handover_coordinator", "contact_overdue")
    assert sorted(told) == sorted(
        [
            *IN_TANDEM,
            ("backup_caw", "handover_backup"),
            ("backup_ingelmunster", "handover_backup"),
            ("coordinator", "handover_coordinator"),
        ]
        * 3
    )
    assert {each.next_step for each in await night.handovers()} == {"contact_overdue"}
    await night.until("2026-11-30 12:00")
    assert len(await night.told("contact_overdue")) == 3


async def test_a_step_that_does_not_exist_is_skipped(night: Night) -> None:
    async with night.store.transaction() as tx:
        for service in await tx.find(Organisation):
            await tx.save(Organisation(service.id, "net", service.kind, service.name, service.nis))
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 10:00")
    assert await night.told("handover_backup", "handover_coordinator") == [
        ("coordinator", "handover_coordinator")
    ]


@pytest.mark.parametrize(
    ("call", "nights", "due"),
    [
        ("2026-11-28 02:04", ["2026-11-27", "2026-11-28", "2026-11-29"], "2026-11-30"),
        ("2026-11-28 07:00", ["2026-11-28", "2026-11-29"], "2026-11-30"),
        ("2026-11-30 02:00", ["2026-11-29"], "2026-11-30"),
        ("2026-11-30 07:00", ["2026-11-29"], "2026-11-30"),
        # Ascension, with a closed bridge day.
        ("2027-05-05 23:00", ["2027-05-05", "2027-05-06", "2027-05-07", "2027-05-08", "2027-05-09"], "2027-05-10"),
        ("2027-05-08 01:00", ["2027-05-07", "2027-05-08", "2027-05-09"], "2027-05-10"),
        # Summer time begins, and ends before All Saints on a Monday.
        ("2027-03-27 23:30", ["2027-03-27", "2027-03-28"], "2027-03-30"),
        ("2027-03-28 03:10", ["2027-03-27", "2027-03-28"], "2027-03-30"),
        ("2027-10-30 23:30", ["2027-10-30", "2027-10-31", "2027-11-01"], "2027-11-02"),
        ("2027-10-31 02:30", ["2027-10-30", "2027-10-31", "2027-11-01"], "2027-11-02"),
        # Christmas on a Friday.
        ("2026-12-24 20:00", ["2026-12-24", "2026-12-25", "2026-12-26", "2026-12-27"], "2026-12-28"),
    ],
)  # fmt: skip
async def test_the_right_nights_and_the_right_morning(
    night: Night, call: str, nights: list[str], due: str
) -> None:
    await night.add(ClosingDay("bridge", "net", None, date(2027, 5, 7), "brugdag"))
    if call.startswith("2027-03"):
        # Easter Monday is the day after.
        nights = [*nights, "2027-03-29"]
    night.at(call)
    booking = await night.book(await night.request(), "iz-house")
    assert [each.isoformat() for each in booking.nights] == nights
    assert booking.checkout == day(due)
    await night.until(f"{due} 07:59")
    assert await night.handovers() == []
    await night.until(f"{due} 08:00")
    [handover] = await night.handovers()
    assert handover.due_at == handover.delivered_at == local(f"{due} 08:00")
    await night.until(f"{due} 09:15")
    assert len(await night.told("handover_backup")) == 2


async def test_a_refusal_with_contact_is_a_case_and_one_without_is_none(night: Night) -> None:
    asked, declined = await night.request(), await night.request()
    answer = await night.refuse(asked, "no_unit", contact=True)
    assert (answer.unmet_demand, answer.contact_on) == (True, MONDAY)
    silent = await night.refuse(declined, "hotel", contact=False)
    assert (silent.unmet_demand, silent.case_id, silent.contact_on) == (False, None, None)
    await night.until("2026-11-30 08:00")
    [handover] = await night.handovers()
    assert (handover.reference, handover.admitted, handover.checkout) == (asked.reference, False, None)
    assert (handover.case_id, handover.arrival_unknown) == (answer.case_id, False)
    assert await night.told() == [("caw", "handover_contact"), ("ocmw_ingelmunster", "handover_contact")]


async def test_without_contact_the_bed_is_given_and_the_handover_exists(night: Night) -> None:
    await night.book(await night.request(contact_consent=False), "iz-house")
    await night.until("2026-11-30 08:00")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_caw")
    ended = await night.outcome(handover, "worker_caw", outcome="contact_declined")
    assert (ended.state, ended.contacted_at) == ("closed", None)


async def test_the_coordinator_moves_a_handover_to_another_service(night: Night) -> None:
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 10:30")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_caw")
    move = ReassignAsk("ocmw_izegem", "worker_izegem")
    reassign = night.app.handovers.reassign
    assert (await refusal(reassign(await night.actor("worker_caw"), night.op(), handover.id, move))).code == (
        "not_your_role"
    )
    moved = await reassign(await night.actor("coordinator"), night.op(), handover.id, move)
    assert (moved.accepted_by, moved.worker_id) == ("ocmw_izegem", "worker_izegem")
    await night.until("2026-11-30 10:31")
    assert len(await night.handovers("worker_izegem")) == 1
    assert ("ocmw_izegem", "handover") in await night.told("handover")


async def test_a_handover_moved_without_a_worker_waits_to_be_accepted_again(night: Night) -> None:
    await night.book(await night.request(), "iz-house")
    await night.until("2026-11-30 08:30")
    [handover] = await night.handovers()
    await night.accept(handover, "worker_caw")
    coordinator = await night.actor("coordinator")
    moved = await night.app.handovers.reassign(
        coordinator, night.op(), handover.id, ReassignAsk("ocmw_izegem", None)
    )
    assert (moved.accepted_by, moved.state) == (None, "delivered")
    await night.until("2026-11-30 10:01")
    assert ("ocmw_izegem", "handover") in await night.told("handover")
    assert await night.told("handover_coordinator")
