"""The language of a colleague: what they read everywhere, on the terminal, in the messenger and on pages."""

from dataclasses import dataclass, replace
from datetime import datetime

from crisispool.domain.errors import BadInput, NotThere
from crisispool.domain.language import LANGUAGES
from crisispool.domain.messenger import LinkState, MessengerLink
from crisispool.domain.organisation import Actor, Colleague
from crisispool.ports import Transaction
from crisispool.services.messenger.views import say_anew
from crisispool.services.parts import Parts


@dataclass(frozen=True, slots=True)
class LanguageAnswer:
    """The language that a colleague reads from now on."""

    language: str


class Languages:
    """Everybody chooses their own."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def read(self, actor: Actor, operation_id: str, language: str) -> LanguageAnswer:
        """From now on everything is said in this language, in the messenger too. Raises BadInput, NotThere."""
        if language not in LANGUAGES:
            raise BadInput("language", "not_a_choice")
        now = self._parts.now()

        async def work(tx: Transaction) -> LanguageAnswer:
            await speak(tx, actor.colleague_id, language, now)
            return LanguageAnswer(language)

        return await self._parts.operations.once(
            operation_id, "language", language, now, LanguageAnswer, work
        )


async def speak(tx: Transaction, colleague_id: str, language: str, now: datetime) -> None:
    """To this colleague everything is said in `language` from now on, in the messenger too. Raises NotThere."""
    found = await tx.lock(Colleague, [colleague_id])
    if not found:
        raise NotThere("colleague")
    [colleague] = found
    if colleague.language != language:
        await tx.save(replace(colleague, language=language))
        about = {"language": language}
        await tx.audit(colleague_id, "colleague.language", "colleague", colleague_id, now, about)
    await _in_the_messenger(tx, colleague_id, language, now)


async def language_of(tx: Transaction, actor: Actor) -> str:
    """The language of this colleague now: it may have been chosen since they came in."""
    colleague = await tx.get(Colleague, actor.colleague_id)
    return colleague.language if colleague else actor.language


async def _in_the_messenger(tx: Transaction, colleague_id: str, language: str, now: datetime) -> None:
    """The accounts of this colleague read it too, from what their chats show now."""
    accounts = await tx.find(MessengerLink, colleague_id=colleague_id)
    living = [link.id for link in accounts if link.state is not LinkState.ENDED and link.language != language]
    for link in await tx.lock(MessengerLink, living):
        await tx.save(replace(link, language=language, version=link.version + 1))
    await say_anew(tx, living, now)
