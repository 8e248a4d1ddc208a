"""How many people, in words."""

from crisispool.texts.render import render


def people(adults: int, children: int, language: str = "nl") -> str:
    """Such as "1 volwassene en 2 kinderen"."""
    parts = [render("people.adults", {"n": adults}, language)] if adults else []
    parts += [render("people.children", {"n": children}, language)] if children else []
    return render("people.together", {"parts": parts}, language)
