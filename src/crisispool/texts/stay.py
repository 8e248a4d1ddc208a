"""The answer to "is this stay allowed": one text and one JSON form, for desk, command and API alike."""

from collections.abc import Iterable
from datetime import date, time

from crisispool.conversations.vocabulary import Say
from crisispool.domain.calendar import DAY
from crisispool.domain.granting import LandingOption, weekend_warning
from crisispool.domain.signals import Signal
from crisispool.domain.stay import LONGEST_RUN, Granter, HouseholdVerdict, StayCode, StayVerdict
from crisispool.texts.render import render, told

PLANNED_END = time(10)
WEEKEND = (4, 5)
"""Nights of Friday and Saturday, as weekday numbers."""


def stay_answer(
    verdict: StayVerdict, *, planned_end: time = PLANNED_END, language: str = "nl"
) -> dict[str, object]:
    """The JSON form: numbers of nights, ISO dates and the sentence. Its keys are a public contract."""
    return {
        "allowed": verdict.allowed,
        "code": verdict.code.value,
        "night": verdict.night.isoformat(),
        "nights": len(verdict.nights),
        "block": len(verdict.block),
        "checkout": verdict.checkout.isoformat(),
        "longest_checkout": _iso(verdict.longest_checkout),
        "hard_checkout": _iso(verdict.hard_checkout),
        "by": verdict.by and verdict.by.value,
        "policy": verdict.policy.value,
        "sentence": stay_sentence(verdict, planned_end=planned_end, language=language),
    }


def said_of_stay(verdict: StayVerdict, *, planned_end: time = PLANNED_END) -> tuple[Say, ...]:
    """What the desk reads: may it be, until when, who decides, or why not and what then."""
    facts = stay_facts(verdict) | {"at": planned_end.isoformat("minutes")}
    parts = _allowed(verdict) if verdict.allowed else _refused(verdict)
    return tuple(Say(f"stay.{part}", facts) for part in parts)


def stay_sentence(verdict: StayVerdict, *, planned_end: time = PLANNED_END, language: str = "nl") -> str:
    """The same in words."""
    return told(said_of_stay(verdict, planned_end=planned_end), language)


def said_of_household(household: HouseholdVerdict, *, planned_end: time = PLANNED_END) -> tuple[Say, ...]:
    """What is said of the strictest adult, and the split when adults differ, numbered in their order."""
    said = said_of_stay(household.verdict, planned_end=planned_end)
    last_mornings = [own.hard_checkout for own in household.by_adult.values()]
    if len(set(last_mornings)) == 1:
        return said
    split = [
        Say(
            "stay.split_until" if morning else "stay.split_none",
            {"position": position, "hard_checkout": _iso(morning)},
        )
        for position, morning in enumerate(last_mornings, start=1)
    ]
    return (*said, Say("stay.split", {"split": split}))


def option_sentence(option: LandingOption, language: str = "nl") -> str:
    """One choice of the coordinator when the limit comes near."""
    facts = {"checkout": option.checkout, "run_nights": option.run_nights}
    return render(f"stay.option_{option.choice.value}", facts, language)


def signal_sentence(signal: Signal, language: str = "nl") -> str:
    """Why a crisis consultation is proposed."""
    return render(
        f"stay.signal_{signal.code.value}", {"runs": signal.runs, "count": len(signal.nights)}, language
    )


def stay_facts(verdict: StayVerdict) -> dict[str, object]:
    """The facts of a verdict as JSON, to store with a decision or a refusal; nothing in it names a person."""
    warning = weekend_warning(verdict)
    overlap = [night for night in verdict.nights if night in verdict.used_in_run]
    hard = verdict.hard_checkout
    return {
        "code": verdict.code.value,
        "policy": verdict.policy.value,
        "by": verdict.by and verdict.by.value,
        "nights": _iso_days(verdict.nights),
        "count": len(verdict.nights),
        "checkout": verdict.checkout.isoformat(),
        "working_day": (verdict.block[-1] + DAY).isoformat(),
        "longest_checkout": _iso(verdict.longest_checkout),
        "hard_checkout": _iso(hard),
        "hard_nights": (hard - verdict.night).days if hard else 0,
        "used": _iso_days(verdict.used_in_run),
        "used_count": len(verdict.used_in_run),
        "overlap": _iso_days(overlap),
        "overlap_count": len(overlap),
        "run": _iso_days(verdict.run),
        "run_nights": warning.run_nights if warning else len(verdict.run),
        "until": _iso(warning.until if warning else None),
    }


def _allowed(verdict: StayVerdict) -> list[str]:
    warning = weekend_warning(verdict)
    if warning:
        closed = "weekend" if any(night.weekday() in WEEKEND for night in warning.missed) else "holiday"
        ends_there = verdict.checkout == warning.until
        told = [f"until_{closed}"] if ends_there else ["allowed", f"extend_until_{closed}"]
    elif verdict.shortened:
        told = ["allowed_first_five"]
    else:
        told = ["allowed" if verdict.lands else "allowed_to_closed_day"]
    match verdict.by:
        case Granter.SUPPORT_WORKER:
            told.append("by_support_worker" if verdict.blocks == 1 else "by_support_worker_alone")
        case Granter.COORDINATOR:
            told.append("by_coordinator" if verdict.lands else "by_coordinator_met")
    return told


def _refused(verdict: StayVerdict) -> list[str]:
    if verdict.code is StayCode.ALREADY_USED:
        return ["already_used"]
    used = len(verdict.used_in_run)
    joins_later = verdict.run[-1] > verdict.nights[-1]
    # A run that cannot have a fourth night is refused for that one, however many nights were asked.
    possible = ((verdict.hard_checkout or verdict.night) - verdict.run[0]).days
    fourth = len(verdict.run) <= LONGEST_RUN or (possible <= 3 and not joins_later)
    if not used:
        told = "refused_alone"
    elif not joins_later and used >= (3 if fourth else LONGEST_RUN):
        told = "refused_full"
    else:
        told = "refused_together"
    still = ["still_possible"] if verdict.hard_checkout else []
    return [told, "why_fourth" if fourth else "why_sixth", *still, "instead"]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _iso_days(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in days]
