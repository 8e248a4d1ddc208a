"""Who sees what: one answer for what is not there and what is not theirs, another for a role that may never ask."""

from crisispool.domain.errors import NotThere, NotYourRole
from crisispool.domain.organisation import Role, RoleGrant
from crisispool.domain.request import RefusalCode
from crisispool.services.answers import HandoverAnswer
from crisispool.services.asks import AcknowledgeAsk, RefusalAsk, UnitAsk
from tests.support.night import Night, refusal


async def test_a_referrer_sees_only_the_own_requests_and_bookings(night: Night) -> None:
    own, other = await night.request("referrer"), await night.request("nurse")
    booking = await night.book(other, "in-house")
    referrer, app = await night.actor("referrer"), night.app
    assert (await app.intake.view(referrer, own.id)).id == own.id
    assert [each.id for each in await app.intake.open(referrer)] == [own.id]
    assert await app.bookings.mine(referrer) == []
    for doing in (
        app.intake.view(referrer, other.id),
        app.intake.withdraw(referrer, night.op(), other.id),
        night.view(booking, "referrer"),
        night.cancel(booking, "referrer"),
        night.check_in(booking, "referrer"),
        night.no_show(booking, "referrer"),
        night.move(booking, by="referrer"),
        night.identify(booking, by="referrer"),
    ):
        assert isinstance(await refusal(doing), NotThere)
    made = await night.book(own, "in-studio")
    assert (await night.view(made, "referrer")).id == made.id
    assert [each.id for each in await app.bookings.mine(referrer)] == [made.id]


async def test_a_unit_manager_sees_dates_and_numbers_of_the_own_units_only(night: Night) -> None:
    booking = await night.book(await night.request(), "in-house")
    assert (await night.view(booking, "owner_ingelmunster")).id == booking.id
    assert isinstance(await refusal(night.view(booking, "owner_izegem")), NotThere)
    other = await night.actor("owner_izegem")
    assert {each.id for each in await night.app.units.all(other)} == {"iz-room", "iz-studio", "iz-house"}
    change = night.app.units.change
    for doing in (
        night.unit("in-house", "owner_izegem"),
        night.say("in-house", "free", "owner_izegem"),
        change(other, night.op(), "in-house", UnitAsk(label="Van mij")),
        night.check_out(booking, "owner_izegem"),
    ):
        assert isinstance(await refusal(doing), NotThere)


async def test_a_landlord_who_also_supports_people_still_changes_only_the_own_units(night: Night) -> None:
    await night.add(RoleGrant("both", "owner_izegem", Role.SUPPORT_WORKER))
    assert (await night.unit("in-house", "owner_izegem")).id == "in-house"
    assert isinstance(await refusal(night.say("in-house", "occupied", "owner_izegem")), NotThere)
    assert (await night.say("iz-room", "occupied", "owner_izegem")).status == "occupied"


async def test_a_support_worker_sees_only_cases_of_the_own_service(night: Night) -> None:
    booking = await night.book(await night.request(), "iz-house")
    assert isinstance(await refusal(night.view(booking, "worker_caw")), NotThere)
    await night.until("2026-11-30 08:30")
    [handover] = await night.handovers("worker_ingelmunster")
    assert await night.handovers("worker_izegem") == []
    assert (await night.view(booking, "worker_ingelmunster")).id == booking.id

    async def seen_by_izegem() -> HandoverAnswer:
        return await night.app.handovers.view(await night.actor("worker_izegem"), handover.id)

    for doing in (
        seen_by_izegem(),
        night.accept(handover, "worker_izegem"),
        night.outcome(handover, "worker_izegem", outcome="other"),
        night.view(booking, "worker_izegem"),
        night.extend(booking, "worker_izegem"),
        night.check_out(booking, "worker_izegem"),
    ):
        assert isinstance(await refusal(doing), NotThere)
    elsewhere = AcknowledgeAsk("worker_izegem")
    no = await refusal(
        night.app.handovers.acknowledge(
            await night.actor("worker_ingelmunster"), night.op(), handover.id, elsewhere
        )
    )
    assert isinstance(no, NotThere)


async def test_council_and_admin_see_and_do_nothing(night: Night) -> None:
    request = await night.request()
    booking = await night.book(request, "iz-house")
    open_one = await night.request()
    await night.until("2026-11-30 08:30")
    [handover] = await night.handovers()
    app = night.app
    for name in ("council", "admin"):
        actor = await night.actor(name)
        for doing in (
            night.request(name),
            app.intake.view(actor, request.id),
            app.intake.open(actor),
            app.intake.take(actor, night.op(), open_one.id),
            app.checkup.refuse(actor, night.op(), open_one.id, RefusalAsk(RefusalCode.OTHER, False)),
            night.search(by=name),
            night.hold(open_one, "in-house", name),
            night.book(open_one, "in-house", name),
            night.view(booking, name),
            app.bookings.mine(actor),
            night.extend(booking, name),
            night.cancel(booking, name),
            night.check_in(booking, name),
            night.check_out(booking, name),
            night.no_show(booking, name),
            night.move(booking, by=name),
            night.identify(booking, by=name),
            night.unit("in-house", name),
            app.units.all(actor),
            night.say("in-house", "free", name),
            night.handovers(name),
            night.accept(handover, name),
        ):
            assert isinstance(await refusal(doing), NotYourRole)


async def test_roles_that_may_never_do_something_are_told_so(night: Night) -> None:
    request = await night.request("referrer")
    for by in ("referrer", "owner_izegem", "worker_caw"):
        assert isinstance(await refusal(night.hold(request, "in-house", by)), NotYourRole)
        assert isinstance(await refusal(night.book(request, "in-house", by)), NotYourRole)
        assert isinstance(await refusal(night.screen(request, by, danger="no")), NotYourRole)
    for by in ("referrer", "owner_izegem"):
        assert isinstance(await refusal(night.search(by=by)), NotYourRole)
        assert isinstance(await refusal(night.handovers(by)), NotYourRole)
    assert isinstance(await refusal(night.say("in-house", "free", "referrer")), NotYourRole)


async def test_the_coordinator_sees_all_and_it_is_audited_when_changed(night: Night) -> None:
    booking = await night.book(await night.request("referrer"), "in-house")
    assert (await night.view(booking, "coordinator")).id == booking.id
    assert len(await night.app.units.all(await night.actor("coordinator"))) == 7
    await night.until("2026-11-30 08:30")
    assert len(await night.handovers("coordinator")) == 1
