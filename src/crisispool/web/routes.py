"""Every call of the interface, one row each, for routing, the role check and the description alike."""

from typing import Final

from crisispool.domain.organisation import Role
from crisispool.services import answers as a
from crisispool.services import duty_answers as da
from crisispool.services.daytime import DaytimeAnswer, QuestionAnswer
from crisispool.services.languages import LanguageAnswer
from crisispool.services.messenger.invitations import InvitationAnswer, InvitationLink
from crisispool.services.messenger.links import MessengerLinkAnswer
from crisispool.services.networks import RegionAnswer
from crisispool.web import queries as q
from crisispool.web import schemas as s
from crisispool.web.api import (
    bookings,
    calendar,
    daytime,
    desk,
    duty,
    handovers,
    messenger,
    people,
    requests,
    training,
    units,
    weekend,
)
from crisispool.web.call import Operation, Who

PREFIX: Final = "/api/v1"

REFERRER, CALLTAKER = Role.REFERRER, Role.CALLTAKER
MANAGER, WORKER, COORDINATOR = Role.UNIT_MANAGER, Role.SUPPORT_WORKER, Role.COORDINATOR

# Policy: who may see what, section 8. A row says which roles may call; the services say about which case.
ANYONE = Who.SIGNED_IN
DESK = frozenset({CALLTAKER, COORDINATOR})
CALLTAKERS = frozenset({CALLTAKER})
GIVERS = frozenset({CALLTAKER, WORKER, COORDINATOR})
AROUND = frozenset({REFERRER, CALLTAKER, WORKER, COORDINATOR})
ASKERS = frozenset({REFERRER, CALLTAKER, MANAGER, WORKER, COORDINATOR})
HOUSE = frozenset({CALLTAKER, MANAGER, COORDINATOR})
SEERS = HOUSE | {WORKER}
OWNERS = frozenset({MANAGER, COORDINATOR})
OUTREACH = frozenset({WORKER, COORDINATOR})
NOTERS = frozenset({CALLTAKER, WORKER, COORDINATOR})
LEAVERS = frozenset({CALLTAKER, MANAGER, WORKER, COORDINATOR})
CLOSERS = frozenset({MANAGER, WORKER, COORDINATOR})
COORDINATORS = frozenset({COORDINATOR})
DOORKEEPERS = frozenset({COORDINATOR, Role.ADMIN})
COMERS = frozenset({REFERRER, CALLTAKER, COORDINATOR})

NONE, QUERY = s.Nothing, q.NoQuery
GET, POST, PUT, PATCH, DELETE = "GET", "POST", "PUT", "PATCH", "DELETE"
Row = Operation

# fmt: off
OPERATIONS: Final[tuple[Operation, ...]] = (
    Row(GET, "/me", "Who is signed in", ANYONE, desk.me, QUERY, desk.MeAnswer),
    Row(PUT, "/me/language", "What the asker reads", ANYONE, desk.language, s.LanguageBody, LanguageAnswer),
    Row(GET, "/regions", "Networks and municipalities", ANYONE, desk.regions, QUERY, list[RegionAnswer]),
    Row(GET, "/duty", "Who answers at a moment", ANYONE, desk.duty, q.DutyQuery, a.DutyAnswer),
    Row(GET, "/duty/roster", "The rosters of the coming nights", DESK, duty.roster, QUERY, da.RosterAnswer),
    Row(POST, "/duty/on", "On duty", CALLTAKERS, duty.begun, NONE, da.OwnShiftAnswer),
    Row(POST, "/duty/off", "Off duty", CALLTAKERS, duty.ended, s.EndShiftBody, da.OwnShiftAnswer),
    Row(POST, "/duty/give", "What is in hand to a colleague", CALLTAKERS, duty.given, s.GiveBody, da.GivenAnswer),
    Row(POST, "/duty/offers", "Give a shift away", DESK, duty.offered, s.OfferBody, da.OfferAnswer, 201),
    Row(POST, "/duty/offers/{id}/accept", "Take a shift over", DESK, duty.accepted, NONE, da.OfferAnswer),
    Row(DELETE, "/duty/offers/{id}", "Keep a shift after all", DESK, duty.kept, QUERY, da.OfferAnswer),
    Row(POST, "/duty/shifts", "Fill a gap", COORDINATORS, duty.filled, s.FillBody, da.ShiftAnswer, 201),
    Row(DELETE, "/duty/shifts/{id}", "Take a shift off the roster", COORDINATORS, duty.taken_off,
        q.SureQuery, da.ShiftAnswer),
    Row(POST, "/duty/substitute", "Somebody else in a shift", COORDINATORS, duty.put_in,
        s.SubstituteBody, da.OfferAnswer),
    Row(GET, "/stay", "The stay rule, explained", ANYONE, desk.stay, q.StayQuery, desk.StayAnswer),
    Row(GET, "/messages", "Messages not seen yet", ANYONE, desk.messages, QUERY, list[a.ScreenAnswer]),
    Row(POST, "/messages", "The same, none lost", ANYONE, desk.messages_taken, NONE, list[a.ScreenAnswer]),
    Row(POST, "/chat", "One line or choice of a talk", ANYONE, desk.chat, s.ChatBody, list[a.ScreenAnswer]),

    Row(GET, "/requests", "Open requests", ASKERS, requests.listed, QUERY, list[a.RequestAnswer]),
    Row(POST, "/requests", "Ask for a bed", ASKERS, requests.made, s.RequestBody, a.RequestAnswer, 201),
    Row(GET, "/requests/{id}", "One request", ASKERS, requests.shown, QUERY, a.RequestAnswer),
    Row(POST, "/requests/{id}/withdraw", "No bed needed", ASKERS, requests.withdrawn, NONE, a.RequestAnswer),
    Row(POST, "/requests/{id}/take", "Take an open request", DESK, requests.taken, NONE, a.RequestAnswer),
    Row(POST, "/requests/{id}/screening", "The check-up", DESK, requests.screened,
        s.ScreeningBody, a.ScreeningAnswer),
    Row(POST, "/requests/{id}/refusal", "End without a bed", DESK, requests.refused,
        s.RefusalBody, a.RefusalAnswer),
    Row(POST, "/requests/{id}/coordinator", "Ask a coordinator to decide", DESK, requests.coordinator_asked,
        NONE, a.AskedAnswer),
    Row(POST, "/requests/{id}/links", "Page for contact", ASKERS, requests.linked, NONE, a.LinkAnswer, 201),

    Row(GET, "/availability", "What is free", GIVERS, bookings.found,
        q.AvailabilityQuery, a.AvailabilityAnswer),
    Row(POST, "/holds", "Keep a unit for minutes", DESK, bookings.held, s.HoldBody, a.HoldAnswer, 201),
    Row(DELETE, "/holds/{id}", "Let a hold go", DESK, bookings.released, QUERY, a.HoldAnswer),
    Row(GET, "/bookings", "Bookings", ASKERS, bookings.listed, q.AllQuery, list[a.BookingAnswer]),
    Row(POST, "/bookings", "Book a bed", DESK, bookings.booked, s.BookingBody, a.BookingAnswer, 201),
    Row(GET, "/bookings/{id}", "One booking", ASKERS, bookings.shown, QUERY, a.BookingAnswer),
    Row(PUT, "/bookings/{id}/persons/{person}", "Who a person is", AROUND, bookings.identified,
        s.IdentityBody, a.PersonAnswer),
    Row(POST, "/bookings/{id}/check-in", "Inside", AROUND, bookings.checked_in, NONE, a.BookingAnswer),
    Row(POST, "/bookings/{id}/extend", "More nights", GIVERS, bookings.extended,
        s.ExtendBody, a.BookingAnswer),
    Row(POST, "/bookings/{id}/cancel", "Not needed", COMERS, bookings.cancelled, NONE, a.BookingAnswer),
    Row(POST, "/bookings/{id}/check-out", "They left", LEAVERS, bookings.checked_out, NONE, a.BookingAnswer),
    Row(POST, "/bookings/{id}/overstay", "Not yet left", LEAVERS, bookings.overstayed, NONE, a.BookingAnswer),
    Row(POST, "/bookings/{id}/care", "Called on a closed day", DESK, weekend.called, s.CareBody, a.CareAnswer),
    Row(POST, "/bookings/{id}/no-show", "Not coming", COMERS, bookings.missed, NONE, a.BookingAnswer),
    Row(POST, "/bookings/{id}/move", "To the next unit", COMERS, bookings.moved, s.MoveBody, a.BookingAnswer),
    Row(POST, "/bookings/{id}/stays-as", "They stay as the owner's own", OWNERS, bookings.stayed_as,
        s.StaysAsBody, a.BookingAnswer),
    Row(POST, "/bookings/{id}/readmission", "May the desk give more", OUTREACH, bookings.readmission,
        s.ReadmissionBody, a.BookingAnswer),
    Row(POST, "/bookings/{id}/links", "Page: address or identity", ASKERS, bookings.linked,
        s.BookingLinkBody, a.LinkAnswer, 201),

    Row(GET, "/care", "Calls of a closed day", DESK, weekend.calls, q.AllQuery, list[a.CareAnswer]),
    Row(GET, "/weekend-list", "Who has no bed until the next working day", OUTREACH, weekend.listed,
        QUERY, list[a.WeekendLineAnswer]),
    Row(POST, "/weekend-list/{id}/answer", "What outreach decided", OUTREACH, weekend.answered,
        s.LineBody, a.WeekendLineAnswer),

    Row(GET, "/units", "Units", SEERS, units.listed, QUERY, list[a.UnitAnswer]),
    Row(POST, "/units", "A new unit", OWNERS, units.made, s.UnitBody, a.UnitAnswer, 201),
    Row(GET, "/units/{id}", "One unit", SEERS, units.shown, QUERY, a.UnitAnswer),
    Row(PATCH, "/units/{id}", "Change a unit", OWNERS, units.changed, s.UnitChangeBody, a.UnitAnswer),
    Row(PUT, "/units/{id}/status", "What its owner says", HOUSE, units.said, s.StatusBody, a.UnitAnswer),

    Row(GET, "/handovers", "Handovers", OUTREACH, handovers.listed, q.AllQuery, list[a.HandoverAnswer]),
    Row(POST, "/handovers/{id}/acknowledge", "Take a case", OUTREACH, handovers.acknowledged,
        s.AcknowledgeBody, a.HandoverAnswer),
    Row(POST, "/handovers/{id}/contact", "First contact made", OUTREACH, handovers.contacted,
        NONE, a.HandoverAnswer),
    Row(POST, "/handovers/{id}/outcome", "How it ended", OUTREACH, handovers.ended,
        s.OutcomeBody, a.HandoverAnswer),
    Row(POST, "/handovers/{id}/reassign", "To someone else", OUTREACH, handovers.reassigned,
        s.ReassignBody, a.HandoverAnswer),
    Row(POST, "/handovers/{id}/links", "The case", OUTREACH, handovers.linked, NONE, a.LinkAnswer, 201),

    Row(GET, "/daytime-questions", "Questions by day, counted", NOTERS, daytime.counts, QUERY, DaytimeAnswer),
    Row(POST, "/daytime-questions", "A question by day", NOTERS, daytime.noted, s.QuestionBody, QuestionAnswer, 201),
    Row(DELETE, "/daytime-questions/{id}", "It was not so", NOTERS, daytime.taken_back, QUERY, QuestionAnswer),
    Row(GET, "/closing-days", "Closed days", ANYONE, calendar.closing_days, QUERY, list[a.ClosingDayAnswer]),
    Row(POST, "/closing-days", "A closed day", CLOSERS, calendar.entered,
        s.ClosingDayBody, a.ClosingDayChangeAnswer, 201),
    Row(DELETE, "/closing-days/{id}", "Not closed after all", CLOSERS, calendar.taken_away,
        QUERY, a.ClosingDayChangeAnswer),
    Row(GET, "/merges", "References that may be one person", COORDINATORS, people.alike, QUERY, list[a.LikenessAnswer]),
    Row(POST, "/merges", "Two references are one person", COORDINATORS, people.merged,
        s.MergeBody, a.MergeAnswer, 201),
    Row(POST, "/merges/{id}/undo", "They are two after all", COORDINATORS, people.parted, NONE, a.MergeAnswer),

    Row(GET, "/invitations", "Who was invited", DOORKEEPERS, messenger.invitations, QUERY,
        list[InvitationAnswer]),
    Row(POST, "/invitations", "Invite into the bot", DOORKEEPERS, messenger.invited,
        s.InviteBody, InvitationLink, 201),
    Row(POST, "/invitations/{id}/approve", "Let in", DOORKEEPERS, messenger.approved, NONE, InvitationAnswer),
    Row(POST, "/invitations/{id}/refuse", "Do not let in", DOORKEEPERS, messenger.refused,
        NONE, InvitationAnswer),
    Row(GET, "/messenger-links", "Linked accounts", DOORKEEPERS, messenger.links, QUERY,
        list[MessengerLinkAnswer]),
    Row(POST, "/messenger-links/{id}/end", "End a link", DOORKEEPERS, messenger.ended,
        NONE, MessengerLinkAnswer),

    Row(GET, "/training/clock", "The training clock", ANYONE, training.clock, QUERY, training.ClockAnswer,
        training_only=True),
    Row(POST, "/training/clock", "Move the training clock", ANYONE, training.clock_moved,
        s.ClockBody, training.ClockAnswer, training_only=True),
    Row(POST, "/training/sign-in", "Enter as a demo person", Who.EVERYONE, training.signed_in,
        s.SignInBody, training.SignInAnswer, training_only=True),
)
# fmt: on
