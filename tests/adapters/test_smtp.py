"""Mail over real SMTP: what it looks like on the wire, what a server may answer, and a line that must be encrypted."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crisispool.adapters.smtp import Smtp, is_here
from crisispool.domain.errors import Outage, Refusal
from crisispool.ports import Mail
from tests.support.mail_server import MailServer

MAIL = Mail(
    id="a" * 25,
    to="opvang@example.org",
    sender="Crisisnetwerk Rœselare",
    subject="IZ-7F3K: wie neemt dit op?",
    text="Goedemorgen. IZ-7F3K: één volwassene…\nhttps://pool.example.org/p/xyz\n",
    html="<p>Goedemorgen. IZ-7F3K: één volwassene…</p>",
    language="nl",
    at=datetime(2026, 11, 30, 7, tzinfo=UTC),
)
FROM = "pool@crisis.example.org"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    made = MailServer()
    await made.start()
    yield made
    await made.stop()


async def test_a_mail_has_words_and_html_and_says_that_a_machine_wrote_it(server: MailServer) -> None:
    name = await Smtp(server.url, FROM, "bounces@crisis.example.org").send(MAIL)
    [mail] = server.taken
    assert (mail.bounces, mail.to) == ("bounces@crisis.example.org", MAIL.to)
    head = mail.message
    assert head["From"] == f"Crisisnetwerk Rœselare <{FROM}>"
    assert (head["To"], head["Subject"]) == (MAIL.to, MAIL.subject)
    assert head["Message-ID"] == name == f"<{'a' * 25}@crisis.example.org>"
    assert head["Auto-Submitted"] == "auto-generated"
    assert head["Content-Language"] == "nl"
    assert head["Date"].datetime == MAIL.at
    assert head["List-Unsubscribe"] is None
    assert head.get_content_type() == "multipart/alternative"
    assert (mail.part("plain"), mail.part("html").strip()) == (MAIL.text, MAIL.html)
    # Lines of plain ASCII, so that no server on the way rewrites them.
    assert mail.raw.isascii()


async def test_a_mail_sent_again_is_the_same_to_the_byte(server: MailServer) -> None:
    smtp = Smtp(server.url, FROM)
    assert await smtp.send(MAIL) == await smtp.send(MAIL)
    first, second = server.taken
    assert first == second


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x00"])
@pytest.mark.parametrize("field", ["subject", "sender"])
async def test_no_word_becomes_a_header_of_its_own(server: MailServer, field: str, end: str) -> None:
    said = f"IZ-7F3K{end}Bcc: thief@example.org{end}{end}Hello"
    values = {name: getattr(MAIL, name) for name in MAIL.__slots__} | {field: said}
    await Smtp(server.url, FROM).send(Mail(**values))
    [mail] = server.taken
    assert mail.message["Bcc"] is None
    assert mail.to == MAIL.to
    assert "Hello" in str(mail.message["Subject" if field == "subject" else "From"])


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nRCPT TO:<thief@example.org>", "a@b, c@d"])
async def test_an_address_that_is_none_is_refused_for_good(server: MailServer, address: str) -> None:
    values = {name: getattr(MAIL, name) for name in MAIL.__slots__} | {"to": address}
    with pytest.raises(Refusal, match="mail_refused"):
        await Smtp(server.url, FROM).send(Mail(**values))
    assert server.taken == []


@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ("450 4.2.0 greylisted", "mailbox"),
        ("452 4.2.2 full", "mailbox"),
        ("421 4.3.2 going down", "mail"),
        ("530 5.7.0 authentication required", "mail"),
    ],
)
async def test_what_may_be_taken_later_is_an_outage(server: MailServer, answer: str, part: str) -> None:
    server.to_mailbox[MAIL.to] = answer
    with pytest.raises(Outage) as met:
        await Smtp(server.url, FROM).send(MAIL)
    assert met.value.part == part
    server.to_mailbox.clear()
    server.answers = ["451 4.3.0 try later"]
    with pytest.raises(Outage, match="mailbox: 451"):
        await Smtp(server.url, FROM).send(MAIL)


async def test_what_is_never_taken_is_refused_with_its_code(server: MailServer) -> None:
    server.to_mailbox[MAIL.to] = "550 5.1.1 no such mailbox"
    with pytest.raises(Refusal) as met:
        await Smtp(server.url, FROM).send(MAIL)
    assert met.value.facts == {"code": 550}
    server.to_mailbox.clear()
    server.answers = ["554 5.7.1 looks like spam"]
    with pytest.raises(Refusal) as met:
        await Smtp(server.url, FROM).send(MAIL)
    assert met.value.facts == {"code": 554}


async def test_a_server_that_is_away_or_hangs_or_keeps_silent_is_an_outage(server: MailServer) -> None:
    server.silent = True
    with pytest.raises(Outage, match="mail: "):
        await Smtp(server.url, FROM, seconds=0.2).send(MAIL)
    # It was taken, and nobody knows.
    assert len(server.taken) == 1
    await server.stop()
    for smtp in (Smtp(server.url, FROM), Smtp(server.url, FROM, seconds=0.2)):
        with pytest.raises(Outage, match="mail: "):
            await smtp.send(MAIL)
        with pytest.raises(Outage, match="mail: "):
            await smtp.check()


async def test_checking_sends_nothing(server: MailServer) -> None:
    await Smtp(server.url, FROM).check()
    assert server.taken == []


async def test_who_we_are_is_said_from_the_address_and_never_told_on(server: MailServer) -> None:
    server.password = "p@ss/w ord"
    user = f"smtp://us%40er:p%40ss%2Fw%20ord@127.0.0.1:{server.port}"
    assert await Smtp(user, FROM).send(MAIL)
    with pytest.raises(Outage) as met:
        await Smtp(f"smtp://user:wrong-secret@127.0.0.1:{server.port}", FROM).check()
    assert "secret" not in str(met.value)
    assert "535" in met.value.hint


async def test_outside_this_machine_nothing_is_said_before_the_line_is_encrypted(server: MailServer) -> None:
    assert [is_here(host) for host in ("localhost", "127.0.0.1", "127.0.0.2", "::1")] == [True] * 4
    assert [is_here(host) for host in ("mail.example.org", "10.0.0.1", "localhost.example.org")] == [
        False
    ] * 3
    server.password = "secret"
    # Another way to write this machine, which we take for a machine outside.
    elsewhere = f"smtp://user:secret@127.1:{server.port}"
    with pytest.raises(Outage, match="mail: "):
        await Smtp(elsewhere, FROM).send(MAIL)
    assert (server.taken, server.logins) == ([], 0)


async def test_a_server_that_nobody_vouches_for_hears_nothing(server: MailServer, tmp_path: Path) -> None:
    server.tls = self_signed(tmp_path, "127.1")
    server.password = "secret"
    with pytest.raises(Outage, match="mail: "):
        await Smtp(f"smtp://user:secret@127.1:{server.port}", FROM).send(MAIL)
    with pytest.raises(Outage, match="mail: "):
        await Smtp(f"smtps://user:secret@127.0.0.1:{server.port}", FROM, seconds=0.5).send(MAIL)
    assert (server.taken, server.logins) == ([], 0)


def self_signed(folder: Path, name: str) -> ssl.SSLContext:
    """What a server shows that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
