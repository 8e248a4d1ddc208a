"""The file that says which organisation signs in where: one table of TOML for each, named by its id."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from crisispool.adapters.oidc import OidcClient, is_safe

FIELDS: Final = ("issuer", "client_id", "client_secret", "client_secret_file")
LARGEST: Final = 1024 * 1024


class OidcFileWrong(Exception):
    """The file cannot be used: a stable `code` and facts, never a secret."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def read_providers(path: Path, *, here_too: bool) -> tuple[OidcClient, ...]:
    """The providers in this file. `here_too`: one on this machine may do without https. Raises OidcFileWrong."""
    try:
        tables = tomllib.loads(_text(path, path))
    except ValueError as wrong:
        raise OidcFileWrong("not_toml", path=path, why=str(wrong)) from None
    return tuple(_client(path, name, table, here_too=here_too) for name, table in tables.items())


def _client(path: Path, name: str, table: object, *, here_too: bool) -> OidcClient:
    if not isinstance(table, Mapping):
        raise OidcFileWrong("no_table", path=path, name=name)
    for field, value in table.items():
        if field not in FIELDS:
            raise OidcFileWrong("unknown_field", path=path, name=name, field=field, known=", ".join(FIELDS))
        if not isinstance(value, str) or not value.strip():
            raise OidcFileWrong("no_text", path=path, name=name, field=field)
    for field in ("issuer", "client_id"):
        if field not in table:
            raise OidcFileWrong("missing_field", path=path, name=name, field=field)
    if not is_safe(table["issuer"], here_too=here_too) or "?" in table["issuer"]:
        raise OidcFileWrong("issuer", path=path, name=name)
    if "client_secret" in table and "client_secret_file" in table:
        raise OidcFileWrong("two_secrets", path=path, name=name)
    secret = table.get("client_secret", "")
    if "client_secret_file" in table:
        # Beside this file, unless it says where.
        secret = _text(path.parent / table["client_secret_file"], path).strip()
    return OidcClient(name, table["issuer"], table["client_id"], secret)


def _text(path: Path, named_in: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise OidcFileWrong("unreadable", path=named_in, file=path, why="too large")
        return path.read_text("utf-8")
    except OSError as wrong:
        raise OidcFileWrong("unreadable", path=named_in, file=path, why=wrong.strerror) from None
    except UnicodeDecodeError:
        raise OidcFileWrong("unreadable", path=named_in, file=path, why="no UTF-8") from None
