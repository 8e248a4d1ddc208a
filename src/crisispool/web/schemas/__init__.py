"""The bodies that calls take: what may be in each, and the ask of a service that it becomes."""

from crisispool.web.schemas.base import Body, Nothing
from crisispool.web.schemas.bookings import (
    BookingBody,
    BookingLinkBody,
    ExtendBody,
    HoldBody,
    MoveBody,
    OverrideBody,
    ReadmissionBody,
    StaysAsBody,
)
from crisispool.web.schemas.daytime import QuestionBody
from crisispool.web.schemas.duty import EndShiftBody, FillBody, GiveBody, OfferBody, SubstituteBody
from crisispool.web.schemas.handovers import AcknowledgeBody, OutcomeBody, ReassignBody
from crisispool.web.schemas.house import ClosingDayBody, MergeBody
from crisispool.web.schemas.messenger import InviteBody
from crisispool.web.schemas.requests import IdentityBody, PersonBody, RefusalBody, RequestBody, ScreeningBody
from crisispool.web.schemas.talk import ChatBody, ClockBody, LanguageBody, SignInBody
from crisispool.web.schemas.tokens import ServiceAccountBody
from crisispool.web.schemas.units import DoorBody, StatusBody, UnitBody, UnitChangeBody
from crisispool.web.schemas.weekend import CareBody, LineBody

__all__ = [
    "AcknowledgeBody",
    "Body",
    "BookingBody",
    "BookingLinkBody",
    "CareBody",
    "ChatBody",
    "ClockBody",
    "ClosingDayBody",
    "DoorBody",
    "EndShiftBody",
    "ExtendBody",
    "FillBody",
    "GiveBody",
    "HoldBody",
    "IdentityBody",
    "InviteBody",
    "LanguageBody",
    "LineBody",
    "MergeBody",
    "MoveBody",
    "Nothing",
    "OfferBody",
    "OutcomeBody",
    "OverrideBody",
    "PersonBody",
    "QuestionBody",
    "ReadmissionBody",
    "ReassignBody",
    "RefusalBody",
    "RequestBody",
    "ScreeningBody",
    "ServiceAccountBody",
    "SignInBody",
    "StatusBody",
    "StaysAsBody",
    "SubstituteBody",
    "UnitBody",
    "UnitChangeBody",
]
