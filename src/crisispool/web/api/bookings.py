"""Free units, holds and bookings, and what happens to a booking until the household leaves."""

from crisispool.services.answers import (
    AvailabilityAnswer,
    BookingAnswer,
    HoldAnswer,
    LinkAnswer,
    PersonAnswer,
)
from crisispool.web.call import Call
from crisispool.web.queries import AllQuery, AvailabilityQuery, NoQuery
from crisispool.web.schemas import (
    BookingBody,
    BookingLinkBody,
    ExtendBody,
    HoldBody,
    IdentityBody,
    MoveBody,
    Nothing,
    ReadmissionBody,
    StaysAsBody,
)


async def found(call: Call[AvailabilityQuery]) -> AvailabilityAnswer:
    """Ranked proposals."""
    return await call.app.availability.search(call.actor, call.given.ask())


async def held(call: Call[HoldBody]) -> HoldAnswer:
    """A unit kept for a few minutes."""
    return await call.app.holds.hold(call.actor, call.operation_id, call.given.ask())


async def released(call: Call[NoQuery]) -> HoldAnswer:
    """The hold ends before its time."""
    return await call.app.holds.release(call.actor, call.operation_id, call.path["id"])


async def listed(call: Call[AllQuery]) -> list[BookingAnswer]:
    """The bookings that the asker may see; with `all` also those that are over."""
    return await call.app.bookings.mine(call.actor, everything=call.given.all)


async def booked(call: Call[BookingBody]) -> BookingAnswer:
    """A bed, from a hold or at once."""
    return await call.app.bookings.book(call.actor, call.operation_id, call.given.ask())


async def shown(call: Call[NoQuery]) -> BookingAnswer:
    """One booking."""
    return await call.app.bookings.view(call.actor, call.path["id"])


async def identified(call: Call[IdentityBody]) -> PersonAnswer:
    """Who a person of the booking is."""
    return await call.app.identities.put(
        call.actor, call.operation_id, call.path["id"], call.path["person"], call.given.ask()
    )


async def checked_in(call: Call[Nothing]) -> BookingAnswer:
    """They are inside."""
    return await call.app.stays.check_in(call.actor, call.operation_id, call.path["id"])


async def extended(call: Call[ExtendBody]) -> BookingAnswer:
    """More nights."""
    return await call.app.bookings.extend(call.actor, call.operation_id, call.path["id"], call.given.ask())


async def cancelled(call: Call[Nothing]) -> BookingAnswer:
    """They do not need it after all."""
    return await call.app.stays.cancel(call.actor, call.operation_id, call.path["id"])


async def checked_out(call: Call[Nothing]) -> BookingAnswer:
    """They left."""
    return await call.app.stays.check_out(call.actor, call.operation_id, call.path["id"])


async def overstayed(call: Call[Nothing]) -> BookingAnswer:
    """The stay is over and they are still there."""
    return await call.app.stays.not_yet_left(call.actor, call.operation_id, call.path["id"])


async def missed(call: Call[Nothing]) -> BookingAnswer:
    """Somebody says that they are not coming."""
    return await call.app.stays.no_show(call.actor, call.operation_id, call.path["id"])


async def moved(call: Call[MoveBody]) -> BookingAnswer:
    """The door stays shut: the next unit, and this one out of service."""
    return await call.app.moves.move(call.actor, call.operation_id, call.path["id"], call.given.problem)


async def stayed_as(call: Call[StaysAsBody]) -> BookingAnswer:
    """The people stay as the owner's own."""
    return await call.app.stays_as.stays_as(call.actor, call.operation_id, call.path["id"], call.given.ask())


async def readmission(call: Call[ReadmissionBody]) -> BookingAnswer:
    """Whether the night desk may give another block."""
    return await call.app.readmissions.decide(
        call.actor, call.operation_id, call.path["id"], call.given.ask()
    )


async def linked(call: Call[BookingLinkBody]) -> LinkAnswer:
    """A one-time page: address and key, or who they are."""
    return await call.app.pages.link(call.actor, call.operation_id, call.given.purpose, call.path["id"])
