"""The papers of a dwelling in words: the house agreement to sign, and the sheet for who sleeps there."""

from typing import Final

from crisispool.services.papers import PaperFacts
from crisispool.texts.render import render
from crisispool.web.paper.sheet import Part, Sheet

PAPERS: Final = ("stay", "agreement")
"""The sheet that lies in the dwelling, and what is signed when the key changes hands."""
RULES: Final = ("guests", "quiet", "smoke", "animals", "clean", "secret")


def house_sheet(paper: str, facts: PaperFacts, language: str) -> Sheet:
    """One of `PAPERS` in a language that the person reads. Nothing on it names anybody."""

    def say(key: str, **more: object) -> str:
        return render(f"board.papers.{key}", more, language)

    until = _until(facts, language)
    trouble = Part(say("trouble.heading"), (say("trouble.danger"),), lines=(say("trouble.number"),))
    shelter = Part(
        say("shelter.heading"), (say("shelter.what"), say("shelter.no_lease"), say("shelter.no_domicile"))
    )
    rules = Part(say("rules.heading"), tuple(f"• {say(f'rules.{name}')}" for name in RULES))
    contact = Part(say("contact.heading"), (
        say("contact.day", day=facts.contact_day) if facts.contact_day else say("contact.next"),
        say("contact.first"),
        say("contact.nobody"),
    ))  # fmt: skip
    if paper == "agreement":
        signing = Part(
            "", (say("sign.read"),), lines=tuple(say(f"sign.{name}") for name in ("day", "guest", "giver"))
        )
        parts: tuple[Part, ...] = (until, shelter, rules, contact, trouble, signing)
    else:
        parts = (until, contact, trouble, shelter, rules)
    foot = say("foot", network=facts.network)
    return Sheet(language, say(f"title.{paper}"), (say(f"lead.{paper}"),), parts, foot, large=True)


def _until(facts: PaperFacts, language: str) -> Part:
    """Until when, in words; or lines to write it on."""

    def say(key: str, **more: object) -> str:
        return render(f"board.papers.until.{key}", more, language)

    if facts.checkout is None:
        return Part(
            say("heading"), lines=(say("reference"), say("nights"), say("leave", at=facts.checkout_at))
        )
    return Part(say("heading"), (
        say("given_nights", nights=facts.nights, count=len(facts.nights)),
        say("given_leave", day=facts.checkout, at=facts.checkout_at),
        say("given_reference", reference=facts.reference),
    ))  # fmt: skip
