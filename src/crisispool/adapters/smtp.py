"""The mail server over SMTP: what a mail looks like on the wire, and what the answers of a server mean."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from crisispool.domain.errors import Outage, Refusal
from crisispool.ports import Mail

SECONDS: Final = 10
"""How long one step of the talk with the server may take."""

NOT_THE_MAIL: Final = frozenset({421, 530})
"""The server goes away, or wants to know who we are first: it says nothing about this mail."""

FOREVER: Final = 500
"""From here on a code means: do not come again with this."""

BAD_ADDRESS: Final = 553
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+"
)


class Smtp:
    """The port `Mailer`.

    `url`: ``smtp://user:password@host:587`` or ``smtps://…``. Outside this machine nothing is said before the line
    is encrypted. `bounces` is where a server sends what it cannot bring away.
    """

    def __init__(
        self, url: str, sender: str, bounces: str | None = None, *, seconds: float = SECONDS
    ) -> None:
        at = urlsplit(url)
        self._host = at.hostname or ""
        self._encrypted = at.scheme == "smtps"
        self._port = at.port or (465 if self._encrypted else 587)
        self._user = unquote(at.username) if at.username else None
        self._password = unquote(at.password) if at.password else None
        self._sender = sender
        self._bounces = bounces or sender
        self._seconds = seconds

    async def send(self, mail: Mail) -> str:
        """Hand one mail to the server; its Message-ID."""
        if not _ADDRESS.fullmatch(mail.to):
            raise Refusal("mail_refused", {"code": BAD_ADDRESS})
        message = written(mail, self._sender)
        async with self._connected() as server:
            try:
                await server.sendmail(self._bounces, [mail.to], message.as_bytes())
            except SMTPRecipientsRefused as refused:
                raise _meant(refused.recipients[0].code) from None
            except SMTPSenderRefused as refused:
                # Not this mail is wrong: whoever it is for, the next one meets the same.
                raise Outage("mail", f"sender refused: {refused.code}") from None
            except SMTPResponseException as answer:
                raise _meant(answer.code) from None
            except (SMTPException, OSError) as broken:
                raise Outage("mail", type(broken).__name__) from None
        return str(message["Message-ID"])

    async def check(self) -> None:
        """Connect, say who we are, log in when the address says as whom; nothing else."""
        async with self._connected():
            pass

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        server = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            local_hostname=self._sender.rpartition("@")[2],
            use_tls=self._encrypted,
            start_tls=None if self._encrypted else not is_here(self._host),
            timeout=self._seconds,
        )
        try:
            await server.connect()
        except (SMTPException, OSError) as away:
            server.close()
            code = f" {away.code}" if isinstance(away, SMTPResponseException) else ""
            # Never its words: a server may quote what it was told, the password too.
            raise Outage("mail", f"{self._host}:{self._port} {type(away).__name__}{code}") from None
        try:
            yield server
        finally:
            await _goodbye(server)


async def _goodbye(server: SMTP) -> None:
    """What was taken stays taken, however the server answers to this."""
    try:
        if server.is_connected:
            await server.quit()
    except (SMTPException, OSError):
        pass
    finally:
        server.close()


def written(mail: Mail, sender: str) -> EmailMessage:
    """The mail as it goes over the line: the same bytes each time that it is sent."""
    message = EmailMessage(policy=WIRE)
    message["From"] = Address(_one_line(mail.sender), addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = message_id(mail.id, sender)
    # No out-of-office answers, which nobody reads.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = mail.language
    message.set_boundary(f"={mail.id}=")
    return message


def message_id(delivery_id: str, sender: str) -> str:
    """The name of a mail: that of its delivery, so that one sent again is recognised as the same."""
    return f"<{delivery_id}@{sender.rpartition('@')[2]}>"


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _meant(code: int) -> Refusal | Outage:
    """What a code means for one mail."""
    if code in NOT_THE_MAIL:
        return Outage("mail", str(code))
    return Refusal("mail_refused", {"code": code}) if code >= FOREVER else Outage("mailbox", str(code))


def _one_line(text: str) -> str:
    """No line break, whatever it came with: what follows one would be a header of its own."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
