"""A moment as it is typed."""

from datetime import datetime

from pydantic_core import PydanticCustomError

from crisispool.commands.telling import bad
from crisispool.web.fields import read_moment


def moment(text: str, complaint: str) -> datetime:
    """Such as ``2026-11-28T02:04``, Belgian time unless an offset stands behind it; else that complaint."""
    try:
        return read_moment(text)
    except PydanticCustomError:
        bad(complaint)
