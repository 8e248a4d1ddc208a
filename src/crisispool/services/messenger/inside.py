"""Pages that are opened inside the messenger: for the colleague of the link alone, once for each signature."""

from typing import Final

from crisispool.domain.errors import Conflict, NotThere
from crisispool.domain.messenger import UsedSignature
from crisispool.ports import Transaction
from crisispool.services.messenger.links import account_of, known
from crisispool.services.messenger.signatures import Signed, signed_by
from crisispool.services.page_links import bind, living
from crisispool.services.parts import Parts

_NOTHING: Final = "page"


class Inside:
    """Binds a page's link to the browser inside the messenger. `token` is the bot's; without one nothing opens."""

    def __init__(self, parts: Parts, token: str | None) -> None:
        self._parts = parts
        self._token = token

    async def open(self, page_token: str, init_data: str) -> str:
        """From now on the browser with this secret shows the page. NotThere alike for every reason why not.

        The same account has the same secret again, so whoever closed the page may open it once more.
        """
        signed = signed_by(init_data, self._token, self._parts.now()) if self._token else None
        if signed is None:
            raise NotThere(_NOTHING)
        try:
            async with self._parts.store.transaction() as tx:
                return await self._open(tx, page_token, signed)
        except Conflict:
            raise NotThere(_NOTHING) from None

    async def _open(self, tx: Transaction, page_token: str, signed: Signed) -> str:
        parts, now = self._parts, self._parts.now()
        who = await known(tx, account_of(parts.vault, signed.account))
        link = await living(tx, page_token, now)
        if who is None or who.actor is None or link.colleague_id != who.actor.colleague_id:
            raise NotThere(_NOTHING)
        used = parts.vault.digest("used_signature", signed.signature)
        if await tx.get(UsedSignature, used) is not None:
            raise NotThere(_NOTHING)
        await tx.add(UsedSignature(used, now))
        policy = (await parts.facts.network(tx, link.network_id)).policy
        browser = parts.vault.digest("browser_inside", f"{link.id}:{who.link.id}")
        await bind(tx, page_token, browser, now, policy.page_bound_for)
        return browser
