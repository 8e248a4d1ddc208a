"""How many people, in words."""

from crisispool.conversations.vocabulary import Say


def people(adults: int, children: int) -> Say:
    """Such as "1 volwassene en 2 kinderen", once it is said."""
    parts = [Say("people.adults", {"n": adults})] if adults else []
    parts += [Say("people.children", {"n": children})] if children else []
    return Say("people.together", {"parts": parts})
