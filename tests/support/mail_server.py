"""A mail server of a test: real SMTP on loopback, which keeps what it takes and can be told to refuse or to go away."""

import asyncio
import email
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

LINK = re.compile(r"https?://[^\s\"<>]+")


@dataclass(frozen=True)
class Received:
    """One mail that the server took."""

    bounces: str
    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, read."""
        return email.message_from_bytes(self.raw, policy=default)

    def part(self, kind: str) -> str:
        """Its words as ``plain`` or ``html``."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @property
    def links(self) -> set[str]:
        """Every address that stands in it, in either part."""
        return {link for kind in ("plain", "html") for link in LINK.findall(self.part(kind))}

    @property
    def path(self) -> str:
        """The path of its one link."""
        [link] = self.links
        return "/p/" + link.rpartition("/p/")[2]


@dataclass
class MailServer:
    """`answers` are what it says instead of taking a mail, one after the other; then it takes them.

    `to_mailbox` is what it says of a mailbox, each time. `silent`: it keeps the mail and never answers.
    """

    taken: list[Received] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    to_mailbox: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    password: str = ""
    tls: Any = None
    logins: int = 0
    on_taken: Callable[[], object] | None = None
    port: int = 0
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen, again at the port where it was."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Away: nothing listens any more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    @property
    def url(self) -> str:
        """Its address as a setting."""
        return f"smtp://127.0.0.1:{self.port}"

    def _protocol(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.example.org",
            authenticator=self._authenticate if self.password else None,
            auth_require_tls=False,
            tls_context=self.tls,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, how: str, data: Any) -> Any:
        self.logins += 1
        return AuthResult(success=data.password.decode() == self.password, handled=False)

    async def handle_RCPT(  # noqa: N802  # the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient of a mail."""
        if address in self.to_mailbox:
            return self.to_mailbox[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The whole mail."""
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        [to] = envelope.rcpt_tos
        self.taken.append(Received(envelope.mail_from or "", to, envelope.content))
        if self.on_taken is not None:
            self.on_taken()
        if self.silent:
            await asyncio.get_running_loop().create_future()
        return "250 OK"
