"""The mailboxes of the small region: real mail to a server of the test, and the pages behind its links."""

from dataclasses import replace
from typing import Any

from aiohttp import ClientResponse

from crisispool.adapters.smtp import Smtp
from crisispool.app import App, assemble
from crisispool.domain.errors import Outage
from crisispool.domain.messenger import Delivery
from crisispool.domain.organisation import Organisation
from crisispool.services.mail.sending import MailRounds
from crisispool.settings import Settings
from tests.support.mail_server import MailServer, Received
from tests.support.night import Night
from tests.web.edge import Client, started

FROM = "pool@crisis.example.org"


def mailbox(organisation_id: str) -> str:
    """Where a service of the region reads its mail."""
    return f"{organisation_id}@example.org"


class Post:
    """A night with a mail server; every service has a mailbox."""

    def __init__(self, night: Night, server: MailServer) -> None:
        self.night, self.server = night, server
        self.app = self.process(night)
        self._browsers: list[Client] = []

    def process(self, night: Night) -> App:
        """The services of one process, with the mail server."""
        mailer = Smtp(self.server.url, FROM)
        settings = Settings.from_env({"CRISISPOOL_SMTP_URL": self.server.url, "CRISISPOOL_MAIL_FROM": FROM})
        return assemble(settings, night.store, night.app.pool, night.clock, night.keys, mailer=mailer)

    async def open(self) -> None:
        """Give every service its mailbox."""
        for each in await self.night.rows(Organisation):
            await self.change(each.id, mailbox=mailbox(each.id))

    async def close(self) -> None:
        """Close the browsers."""
        for browser in self._browsers:
            await browser.close()

    async def change(self, organisation_id: str, **fields: Any) -> None:
        """Something is different about a service."""
        async with self.night.store.transaction() as tx:
            known = await tx.get(Organisation, organisation_id)
            assert known is not None
            await tx.save(replace(known, **fields))

    @property
    def rounds(self) -> MailRounds:
        """What sends."""
        assert self.app.mail is not None
        return self.app.mail

    async def hand_out(self) -> None:
        """Every message goes on its ways; the mails among them are due then."""
        await self.app.handing_out.run(self.app.clock.now())

    async def round(self) -> int:
        """What waits is handed out and sent; how many went out, -1 when the server was away."""
        await self.hand_out()
        try:
            return await self.rounds.run()
        except Outage:
            return -1

    async def monday(self, moment: str = "08:00") -> None:
        """Live on until Monday morning."""
        await self.night.until(f"2026-11-30 {moment}")

    async def deliveries(self, **where: Any) -> list[Delivery]:
        """What became of the mail."""
        return await self.night.rows(Delivery, **where)

    def to(self, organisation_id: str) -> list[Received]:
        """What the server took for a service, in order."""
        return [mail for mail in self.server.taken if mail.to == mailbox(organisation_id)]

    def about(self, words: str) -> list[Received]:
        """What the server took with these words in the subject."""
        return [mail for mail in self.server.taken if words in str(mail.message["Subject"])]

    async def browser(self) -> Client:
        """A browser with nothing in it."""
        self._browsers.append(await started(self.app))  # type: ignore[arg-type]  # a whole app does as well
        return self._browsers[-1]


async def page(response: ClientResponse, status: int = 200) -> str:
    """The page that was answered."""
    assert response.status == status, await response.text()
    return await response.text()
