"""A message as a mail: its words in the language of the service, and the one link to its page."""

from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from crisispool.conversations.vocabulary import Say
from crisispool.domain.messenger import Delivery
from crisispool.domain.organisation import Network, Organisation
from crisispool.domain.record import Message
from crisispool.ports import Mail
from crisispool.services.answers import answer_of
from crisispool.services.mail.letters import letter_of, way_in
from crisispool.services.mail.mailboxes import mailbox_of
from crisispool.services.messages import screen_of
from crisispool.texts.render import render
from crisispool.texts.screens import sentence

_templates: Final = Environment(
    loader=PackageLoader("crisispool.services.mail"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def subject_of(message: Message) -> Say:
    """What the message is about and what to do, in a few words."""
    return Say(f"mail.subject.{letter_of(message).subject}", message.facts)


def said_in(message: Message, language: str) -> str:
    """What the message says, by the same words as in a chat."""
    return answer_of(screen_of(message), language).text


def button_of(message: Message, language: str) -> str:
    """The words on the button of the page, empty when there is none."""
    way = way_in(message)
    return render(f"choice.news.{way.code}", {}, language) if way else ""


def mail_of(
    delivery: Delivery,
    message: Message,
    reader: Organisation,
    network: Network,
    url: str,
    until: datetime,
) -> Mail:
    """The mail of a delivery: references and numbers, never a name or an address; one link, to `url`."""
    language = reader.language

    def text(key: str, **facts: object) -> str:
        return render(f"mail.{key}", facts, language)

    subject = sentence(subject_of(message), language)
    button = button_of(message, language)
    words = {
        "language": language,
        "training": text("training") if network.training else "",
        "subject": subject,
        "said": said_in(message, language),
        "what_to_do": text("press", button=button) if button else text("look"),
        "link": text("link"),
        "url": url,
        "until": text("until", until=until),
        "why": text("why", network=network.name, organisation=reader.name, phone=network.desk_phone),
    }
    return Mail(
        id=delivery.id,
        to=mailbox_of(reader, message.recipient_kind),
        sender=network.name,
        subject=f"{words['training']}: {subject}" if network.training else subject,
        text=_templates.get_template("mail.txt").render(words),
        html=_templates.get_template("mail.html").render(words),
        language=language,
        at=delivery.at,
    )
