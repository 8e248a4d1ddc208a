"""The settings: every `CRISISPOOL_*` variable, described once. The only reader of the environment."""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, get_type_hints

PREFIX = "CRISISPOOL_"
KEY_BYTES = 32
# Many hosts hand out the short form, which SQLAlchemy no longer reads.
DATABASES = {
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgres+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
}
"""How a database address may begin, and with what it is used."""


class SettingsError(ValueError):
    """A variable cannot be used: which one, what is wrong, how to mend it; never a secret value."""


@dataclass(frozen=True)
class SecretKey:
    """One key of the ring: `id` is stored beside what it encrypted, `key` is 32 bytes."""

    id: str
    key: bytes

    def __repr__(self) -> str:
        return f"SecretKey(id={self.id!r}, key=***)"


def _folder(text: str) -> Path:
    if text.startswith("~"):
        raise ValueError("starts with ~, which only a shell knows; write the whole path")
    folder = Path(text).absolute()
    if folder.exists() and not folder.is_dir():
        raise ValueError("is a file; give a folder, which may still have to be made")
    return folder


def _file(text: str) -> Path:
    if text.startswith("~"):
        raise ValueError("starts with ~, which only a shell knows; write the whole path")
    return Path(text).absolute()


def _database_url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    if not rest or scheme not in DATABASES:
        raise ValueError("is no database address; write postgresql://user:password@host/database")
    return f"{DATABASES[scheme]}://{rest}"


def _redis_url(text: str) -> str:
    if not re.match(r"(redis|rediss|unix)://.", text):
        raise ValueError("is no Redis address; write redis://host:6379/0, rediss://… or unix:///path")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", text):
        raise ValueError("is no host name or address; write for example 127.0.0.1 or 0.0.0.0")
    return text


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError("is no port; write a number from 1 to 65535")
    return int(text)


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError("is no number; write for example 2000")
    return int(text)


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?(/[^\s?#]*)?", text):
        raise ValueError("is no web address; write for example https://pool.example.org")
    return text.rstrip("/")


def _telegram_token(text: str) -> str:
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", text):
        raise ValueError("is no bot token; copy it whole from BotFather, number, colon and letters")
    return text


def _yes_or_no(text: str) -> bool:
    if text.lower() not in {"yes", "no"}:
        raise ValueError("is neither yes nor no; write one of them")
    return text.lower() == "yes"


def _smtp_url(text: str) -> str:
    if not re.fullmatch(r"smtps?://([^\s/@]+@)?([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/?", text):
        raise ValueError(
            "is no mail server; write smtp://user:password@host:587 or smtps://user:password@host"
        )
    return text.rstrip("/")


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", text):
        raise ValueError("is no mail address; write for example crisisnetwerk@example.org")
    return text


def _secret_keys(text: str) -> tuple[SecretKey, ...]:
    keys = tuple(_secret_key(part.strip()) for part in text.split(","))
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("gives one id twice; every key needs an id of its own")
    return keys


def _secret_key(text: str) -> SecretKey:
    key_id, _, encoded = text.partition(":")
    try:
        key = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        key = b""
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,32}", key_id) or len(key) != KEY_BYTES:
        raise ValueError(
            f"is not `id:key` with {KEY_BYTES} bytes in base64; `openssl rand -base64 32` makes a key"
        )
    return SecretKey(key_id, key)


def _log_level(text: str) -> str:
    level = text.upper()
    if level not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ValueError("is no level; write DEBUG, INFO, WARNING, ERROR or CRITICAL")
    return level


@dataclass(frozen=True)
class Setting:
    """One row of the table: its meaning, how it is read, its default as one would write it, is it secret."""

    meaning: str
    read: Callable[[str], object]
    default: str | None = None
    secret: bool = False


@dataclass(frozen=True, repr=False)
class Settings:
    """All settings, checked. The field `data_dir` is the variable `CRISISPOOL_DATA_DIR`, and so on.

    `database_url` names its asynchronous driver. To let a command line option win, put it in the mapping:
    `Settings.from_env({**environment(), "CRISISPOOL_PORT": "9000"})`.
    """

    data_dir: Annotated[Path, Setting("folder with everything this set-up keeps", _folder, "data")]
    database_url: Annotated[
        str | None,
        Setting("PostgreSQL of the record; unset: SQLite in the data folder", _database_url, secret=True),
    ]
    redis_url: Annotated[
        str | None,
        Setting("Redis of the live pool; unset: one started in the data folder", _redis_url, secret=True),
    ]
    host: Annotated[str, Setting("address the web server listens on", _host, "127.0.0.1")]
    port: Annotated[int, Setting("port the web server listens on", _port, "8080")]
    public_url: Annotated[
        str, Setting("address under which people reach the web server; unset: host and port", _web_address)
    ]
    event_streams: Annotated[
        int, Setting("browsers and programs that one process keeps up to date at once", _number, "2000")
    ]
    telegram_token: Annotated[
        str | None, Setting("token of the bot; unset: no Telegram", _telegram_token, secret=True)
    ]
    telegram_api_url: Annotated[str, Setting("Bot API to talk to", _web_address, "https://api.telegram.org")]
    telegram_webhook: Annotated[
        bool,
        Setting("Telegram calls our public address (yes), or we ask it what is new (no)", _yes_or_no, "no"),
    ]
    smtp_url: Annotated[
        str | None,
        Setting(
            "mail server: smtp://user:password@host:587 or smtps://…; unset: no mail", _smtp_url, secret=True
        ),
    ]
    mail_from: Annotated[str | None, Setting("address that mail comes from", _mail_address)]
    mail_bounces: Annotated[
        str | None,
        Setting(
            "mailbox that gets undelivered mail, for `crisispool bounce`; unset: mail_from", _mail_address
        ),
    ]
    oidc_file: Annotated[
        Path | None,
        Setting("TOML file: which organisation signs in where; unset: with passkeys alone", _file),
    ]
    secret_keys: Annotated[
        tuple[SecretKey, ...] | None,
        Setting(
            "keys of personal data, newest first: id:base64,id:base64; unset: a file in the data folder",
            _secret_keys,
            secret=True,
        ),
    ]
    log_level: Annotated[str, Setting("least serious line that is logged", _log_level, "INFO")]
    fault: Annotated[
        str | None,
        Setting("training only: where this process kills itself, to prove that nothing gets lost", str),
    ]

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read every setting; an empty variable counts as unset. SettingsError at the first bad one."""
        values = {field: _value(field, setting, environ) for field, setting in table().items()}
        values["public_url"] = values["public_url"] or _address_of(str(values["host"]), str(values["port"]))
        return cls(**values)  # type: ignore[arg-type]  # each `read` returns the type of its field

    def masked(self) -> list[tuple[str, str, str]]:
        """Every setting as (variable, value as text, meaning); a secret shows only that it is set."""
        return [(variable(field), self._shown(field), setting.meaning) for field, setting in table().items()]

    def _shown(self, field: str) -> str:
        value = getattr(self, field)
        if value is None:
            return "(unset)"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "(set, hidden)" if table()[field].secret else str(value)

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{field}={self._shown(field)}' for field in table())})"


def environment() -> dict[str, str]:
    """The environment of this process, as a copy."""
    return dict(os.environ)


def table() -> dict[str, Setting]:
    """Every setting by field name, in the order people read them."""
    hints = get_type_hints(Settings, include_extras=True)
    return {field: hint.__metadata__[0] for field, hint in hints.items()}


def variable(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """The `CRISISPOOL_*` variables that mean nothing here, mostly slips of the pen."""
    known = {variable(field) for field in table()}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def _value(field: str, setting: Setting, environ: Mapping[str, str]) -> object:
    text = environ.get(variable(field), "").strip() or setting.default
    if text is None:
        return None
    try:
        if not text.isprintable():
            raise ValueError("has characters that cannot be seen; type it again")
        return setting.read(text)
    except ValueError as error:
        shown = "the value (not shown)" if setting.secret else repr(text)
        # The cause could carry the value itself.
        raise SettingsError(f"{variable(field)}: {shown} {error}") from None


def _address_of(host: str, port: str) -> str:
    reachable = "localhost" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not listened on
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
