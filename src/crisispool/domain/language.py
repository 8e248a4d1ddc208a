"""Which languages there are, and which of them somebody reads."""

from collections.abc import Iterable

LANGUAGES = ("nl", "fr", "en")
"""What people can choose, the first one for who did not."""

FIRST = LANGUAGES[0]


def read_by(tags: Iterable[str]) -> str:
    """The first of these language tags (such as ``fr-BE``) that there are texts in; else Dutch."""
    known = (tag.strip().casefold().partition("-")[0] for tag in tags)
    return next((language for language in known if language in LANGUAGES), FIRST)
