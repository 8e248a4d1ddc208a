"""Who opened a page inside the messenger, as it signed it: https://core.telegram.org/bots/webapps, validating data."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

GOOD_FOR: Final = timedelta(minutes=5)
AHEAD: Final = timedelta(seconds=30)
"""How far the messenger's clock may be ahead of ours."""

LONGEST: Final = 4096
MOST_FIELDS: Final = 20

_HASH = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True, slots=True)
class Signed:
    """An account that the messenger vouches for, and the signature, which works once."""

    account: int
    signature: str


def signed_by(init_data: str, token: str, now: datetime) -> Signed | None:
    """Who opened it; None when this bot's messenger did not sign it, or not in the last minutes.

    Everything but `hash` is signed, `signature` (of another scheme) as well. Compared in constant time before
    anything of it is read.
    """
    fields = _fields(init_data)
    if fields is None:
        return None
    given = fields.pop("hash", "")
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    right = hmac.digest(key, lines.encode(), hashlib.sha256).hex()
    if not _HASH.fullmatch(given) or not hmac.compare_digest(given, right):
        return None
    account = _account(fields.get("user", ""))
    if account is None or not _is_fresh(fields.get("auth_date", ""), now):
        return None
    return Signed(account, given)


def _fields(init_data: str) -> dict[str, str] | None:
    """The fields, when each is there once."""
    if len(init_data) > LONGEST:
        return None
    try:
        pairs = parse_qsl(
            init_data,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def _is_fresh(auth_date: str, now: datetime) -> bool:
    if not _MOMENT.fullmatch(auth_date):
        return False
    return -AHEAD <= now - datetime.fromtimestamp(int(auth_date), UTC) <= GOOD_FOR


def _account(user: str) -> int | None:
    try:
        plain: Any = json.loads(user)
    except (ValueError, RecursionError):
        return None
    account = plain.get("id") if isinstance(plain, dict) else None
    return account if type(account) is int and account > 0 and not plain.get("is_bot") else None
