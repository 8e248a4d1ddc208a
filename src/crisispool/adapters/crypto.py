"""The keys of this set-up: sealing confidential columns, keyed hashes of identities."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crisispool.domain.errors import Outage
from crisispool.settings import KEY_BYTES, SecretKey, table

DIGEST_KEY: Final = "digest"
"""The id of the key of the keyed hashes. It never rotates: with another one nobody is recognised any more."""

KEY_FILE: Final = "keys"
_NONCE_BYTES: Final = 12


class Keys:
    """The ring of keys: the first seals, all open, the one called `digest` makes the keyed hashes.

    Errors: `Outage("keys")` when a key is missing, or a seal was changed or stands in another place.
    """

    def __init__(self, sealing: Sequence[SecretKey], digest_key: bytes) -> None:
        if not sealing:
            raise Outage("keys", "there is no key to seal with; give one as id:base64")
        self._first = sealing[0].id
        self._ciphers = {key.id: AESGCM(key.key) for key in sealing}
        self._digest_key = digest_key
        self._raw = {DIGEST_KEY: digest_key, **{key.id: key.key for key in sealing}}

    @classmethod
    def of(cls, ring: Sequence[SecretKey]) -> "Keys":
        """From the keys of the settings, the newest first, one of them called `digest`."""
        digest_keys = [key.key for key in ring if key.id == DIGEST_KEY]
        if not digest_keys:
            raise Outage("keys", f"one of the keys must be called {DIGEST_KEY}; it is never replaced")
        return cls([key for key in ring if key.id != DIGEST_KEY], digest_keys[0])

    @classmethod
    def from_text(cls, text: str) -> "Keys":
        """From `id:base64,id:base64`, the form of the setting."""
        try:
            return cls.of(cast(tuple[SecretKey, ...], table()["secret_keys"].read(text)))
        except ValueError as error:
            raise Outage("keys", f"the text with the keys {error}") from None

    def seal(self, text: str, place: Sequence[str]) -> str:
        """The text, readable only with these keys and at this place (table, key of the row, field)."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        closed = self._ciphers[self._first].encrypt(nonce, text.encode(), _bound(place))
        return f"{self._first}:{base64.b64encode(nonce + closed).decode()}"

    def open(self, sealed: str, place: Sequence[str]) -> str:
        """The text that was sealed for this place."""
        key_id, _, encoded = sealed.partition(":")
        if key_id not in self._ciphers:
            raise Outage("keys", f"a value in {place[0]} needs the key {key_id!r}: give that key back")
        try:
            closed = base64.b64decode(encoded, validate=True)
            nonce, rest = closed[:_NONCE_BYTES], closed[_NONCE_BYTES:]
            return self._ciphers[key_id].decrypt(nonce, rest, _bound(place)).decode()
        except (InvalidTag, ValueError):
            what = f"{place[-1]} in {place[0]}"
            raise Outage("keys", f"{what} was changed or moved, or {key_id!r} is another key now") from None

    def digest(self, purpose: str, text: str) -> str:
        """A keyed hash (HMAC-SHA256, hex) of a text for a purpose."""
        # The length keeps ("ab", "c") apart from ("a", "bc").
        said = f"{len(purpose)}:{purpose}{text}"
        return hmac.new(self._digest_key, said.encode(), hashlib.sha256).hexdigest()

    def fingerprints(self) -> dict[str, str]:
        """For each key id a keyed hash of that key: enough to notice that it is another one than before."""
        return {key_id: self.digest("key", key.hex()) for key_id, key in self._raw.items()}


def load_or_create(data_dir: Path) -> Keys:
    """The keys of an embedded set-up, from the file `keys` in its folder, made at the first start.

    Losing that file is losing every sealed value; it belongs in the backup, but apart from the database.
    """
    path = data_dir / KEY_FILE
    if not path.exists():
        _create(path)
    try:
        return Keys.from_text(path.read_text("ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise Outage("keys", f"the file {path} cannot be read: {type(error).__name__}") from error


def _create(path: Path) -> None:
    made = [DIGEST_KEY, f"k{secrets.token_hex(3)}"]
    text = ",".join(
        f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}" for key_id in made
    )
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename this never replaces the file of another process that was first.
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            draft.unlink()
    except OSError as error:
        raise Outage("keys", f"the file {path} cannot be made: {error.strerror}") from error


def _bound(place: Sequence[str]) -> bytes:
    return "\x1f".join(place).encode()
