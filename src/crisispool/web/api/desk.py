"""The asker and the network: me, duty, municipalities, the stay rule, messages, the talk."""

from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter

from crisispool.domain.calendar import NetworkCalendar
from crisispool.domain.errors import BadInput
from crisispool.domain.stay import Granter, StayCode, StayPolicy, judge_stay
from crisispool.services.answers import DutyAnswer, ScreenAnswer
from crisispool.services.languages import LanguageAnswer
from crisispool.services.networks import RegionAnswer
from crisispool.texts.stay import stay_answer
from crisispool.web.call import Call
from crisispool.web.queries import DutyQuery, NoQuery, StayQuery
from crisispool.web.schemas import ChatBody, LanguageBody, Nothing


@dataclass(frozen=True, slots=True)
class MeAnswer:
    """Who is signed in."""

    colleague_id: str
    network_id: str
    organisation_id: str | None
    organisation_kind: str | None
    roles: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class StayAnswer:
    """The stay rule for one person. Checkouts are mornings; `by` says who may give it, null when refused."""

    allowed: bool
    code: StayCode
    night: date
    nights: int
    block: int
    checkout: date
    longest_checkout: date | None
    hard_checkout: date | None
    by: Granter | None
    policy: StayPolicy
    sentence: str


_STAY = TypeAdapter(StayAnswer)


async def me(call: Call[NoQuery]) -> MeAnswer:
    """Who asks."""
    who = call.actor
    roles = tuple(sorted(who.roles))
    home = (who.organisation_id, who.organisation_kind)
    return MeAnswer(who.colleague_id, who.network_id, *home, roles, who.language)


async def language(call: Call[LanguageBody]) -> LanguageAnswer:
    """What the asker reads from now on."""
    return await call.app.languages.read(call.actor, call.operation_id, call.given.language)


async def regions(call: Call[NoQuery]) -> list[RegionAnswer]:
    """The asker's network."""
    return await call.app.regions.list(call.actor)


async def duty(call: Call[DutyQuery]) -> DutyAnswer:
    """Who answers now, or at another moment."""
    return await call.app.duty.who(call.actor, call.given.at)


async def stay(call: Call[StayQuery]) -> StayAnswer:
    """The stay rule, explained; a refusal is an answer here."""
    asked = call.given
    calendar = NetworkCalendar(call.app.legal_holidays, frozenset(asked.closed))
    policy = asked.policy or StayPolicy.LETTER
    try:
        verdict = judge_stay(asked.night, asked.nights, asked.used, calendar, policy)
    except ValueError:
        raise BadInput("closed", "no_working_day") from None
    return _STAY.validate_python(stay_answer(verdict, language=call.actor.language))


async def messages(call: Call[NoQuery]) -> list[ScreenAnswer]:
    """What the asker was told and did not see yet; it counts as seen from now on, also when this answer gets lost."""
    return await call.app.messages.unseen(call.actor)


async def messages_taken(call: Call[Nothing]) -> list[ScreenAnswer]:
    """The same for whoever must not miss any: sent again under its key it shows the same ones."""
    return await call.app.messages.unseen(call.actor, call.operation_id)


async def chat(call: Call[ChatBody]) -> list[ScreenAnswer]:
    """One line or one choice of the talk. A choice that comes twice is harmless, whatever its key."""
    if call.given.choose is not None:
        return await call.app.chat.choose(call.actor, call.given.choose, call.operation_id)
    return await call.app.chat.say(call.actor, call.given.say or "", call.operation_id)
