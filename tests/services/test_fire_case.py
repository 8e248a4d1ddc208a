"""The fire case on the services, from the call to the outcome, with every message it leads to."""

from crisispool.domain.request import RequestKind
from crisispool.texts.render import told
from tests.support.night import FRIDAY, MONDAY, SATURDAY, SUNDAY, Night


async def test_the_fire_case_from_the_call_to_the_outcome(night: Night) -> None:
    request = await night.request(kind=RequestKind.FIRE_WATER_CLOSED, children=2, ages=(6, 9))
    assert (request.night, request.state, len(request.persons)) == (FRIDAY, "open", 1)
    checked = await night.screen(request, danger="no", unsafe="none")
    assert (checked.result, checked.failed) == ("ok", ())
    found = await night.search(request)
    assert (found.night, found.nights, found.checkout, found.slow) == (FRIDAY, 3, MONDAY, False)
    assert found.proposals[0].unit_id == "in-house"

    hold = await night.hold(request, "in-house")
    assert (hold.night, hold.nights, hold.checkout) == (FRIDAY, 3, MONDAY)
    assert (await night.unit("in-house")).status == "held"
    night.later(minutes=2)
    booking = await night.book_held(hold)
    assert booking.nights == (FRIDAY, SATURDAY, SUNDAY)
    assert (booking.checkout, booking.state, booking.code) == (MONDAY, "booked", "ok")
    assert booking.reference.startswith("IZ-")
    assert "maandag 30 november, 10 uur" in told(booking.sentence)
    assert (await night.unit("in-house")).status == "booked"
    await night.check_in(booking)

    for day in ("2026-11-28", "2026-11-29"):
        await night.until(f"{day} 16:10")
        assert (await night.care(booking, "well")).state == "well"
    await night.until("2026-11-30 08:00")
    [handover] = await night.handovers()
    assert (handover.reference, handover.adults, handover.children) == (booking.reference, 1, 2)
    assert {(each.organisation_id, each.leads) for each in handover.recipients} == {
        ("ocmw_ingelmunster", True),
        ("caw", False),
    }
    assert not handover.arrival_unknown
    night.later(minutes=20)
    taken = await night.accept(handover, "worker_ingelmunster")
    assert (taken.state, taken.accepted_by, taken.worker_id) == (
        "accepted", "ocmw_ingelmunster", "worker_ingelmunster",
    )  # fmt: skip
    assert (await night.outcome(handover, "worker_ingelmunster", contacted=True)).state == "contacted"
    ended = await night.outcome(handover, "worker_ingelmunster", outcome="own_network", solved="yes")
    assert (ended.state, ended.outcome, ended.solved, ended.next_step) == (
        "closed", "own_network", "yes", None,
    )  # fmt: skip
    night.later(hours=1)
    await night.check_out(booking, "worker_ingelmunster")
    assert (await night.unit("in-house")).status == "turnover"
    await night.say("in-house", "free", "owner_ingelmunster")
    assert (await night.unit("in-house")).status == "free"
    await night.until("2026-12-04 20:00")
    # Beside the question of each working afternoon.
    assert [each for each in await night.told() if each[1] not in ("units_round", "night_list")] == [
        ("ocmw_ingelmunster", "booking_to_owner"),
        ("calltaker", "care_ask"),
        ("calltaker", "care_ask"),
        ("caw", "handover"),
        ("ocmw_ingelmunster", "handover"),
        ("ocmw_ingelmunster", "owner_morning"),
        ("caw", "accepted_by_other"),
        ("ocmw_ingelmunster", "left"),
    ]
