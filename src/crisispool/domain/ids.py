"""Names of things: references that people read aloud, and the alphabet they are made from."""

import re
from typing import Final

# No 0/O, 1/I/L, 5/S, 8/B, U/V: a reference is read aloud over a bad line at two in the morning.
REFERENCE_ALPHABET: Final = "234679ACDEFGHJKMNPQRTWXYZ"
REFERENCE_LENGTH: Final = 4

_REFERENCE = re.compile(rf"[A-Z]{{1,4}}-[{REFERENCE_ALPHABET}]{{{REFERENCE_LENGTH}}}")


def is_reference(text: str) -> bool:
    """Whether the text is a reference such as ``IZ-7F3K`` or ``R-4KTM``."""
    return _REFERENCE.fullmatch(text) is not None
