"""Random names of things: ids, secrets for links and tokens, references that people read aloud."""

import secrets
import string
from typing import Final

from crisispool.domain.ids import REFERENCE_ALPHABET, REFERENCE_LENGTH

# Small letters and figures only: never starts with a dash, survives every URL, command line and file name.
_ALPHABET: Final = string.ascii_lowercase + string.digits
_ID_LENGTH: Final = 25  # 129 bits
_TOKEN_LENGTH: Final = 40  # 206 bits


class RandomIds:
    """The port `Ids`, drawn from the system's source of randomness."""

    def new(self) -> str:
        """A fresh id: 25 small letters and figures."""
        return _draw(_ALPHABET, _ID_LENGTH)

    def token(self) -> str:
        """A fresh secret: 40 small letters and figures."""
        return _draw(_ALPHABET, _TOKEN_LENGTH)

    def reference(self, prefix: str) -> str:
        """A fresh reference such as ``IZ-7F3K``; the record's unique rule says when it was drawn before."""
        return f"{prefix}-{_draw(REFERENCE_ALPHABET, REFERENCE_LENGTH)}"


def _draw(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
