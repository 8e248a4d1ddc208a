"""Bodies about closed days."""

from crisispool.domain.care import CareResult
from crisispool.domain.weekend import LineAnswer
from crisispool.web.schemas.base import Body


class CareBody(Body):
    """What the desk found when it called."""

    answer: CareResult


class LineBody(Body):
    """What outreach decided for a household."""

    answer: LineAnswer
