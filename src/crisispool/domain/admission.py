"""The admission criteria: a versioned checklist and what each answer leads to."""

from dataclasses import dataclass
from enum import StrEnum


class FailAction(StrEnum):
    """What a failing answer does. Source: policy, section 5."""

    PAUSE = "pause"
    REDIRECT = "redirect"
    ALTERNATIVE = "alternative"
    CHOOSE_OTHER_UNIT = "choose_other_unit"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of one version of a network's checklist.

    `question` is one of the talk's questions (``danger``, ``elsewhere``, ``unsafe``, ``consent`` …);
    `fails_on` are the answers that fail it; `refusal` the code used when the request ends because of it.
    """

    id: str
    network_id: str
    version: int
    position: int
    code: str
    question: str
    fails_on: tuple[str, ...]
    action: FailAction
    refusal: str
    may_override: bool = False
    decided_by: str = ""
