"""What is asked of a browser and its authenticator, and whether the answer is true: WebAuthn, by a library."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from crisispool.domain.errors import Refusal
from crisispool.domain.passkey import ASKED_FOR, Passkey

OWN_MACHINE: Final = "localhost"
LONGEST_ANSWER: Final = 16_000
"""Characters; an honest answer has one or two thousand."""

_MILLISECONDS = int(ASKED_FOR.total_seconds() * 1000)
_VERIFIED = UserVerificationRequirement.REQUIRED


UNREADABLE: Final = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What a stranger sends is unpacked by several libraries: each trips in its own way."""


@dataclass(frozen=True, slots=True)
class Site:
    """The address for which passkeys are made. `origin` as browsers write it; `name` is what people see."""

    origin: str
    rp_id: str
    name: str

    @property
    def can_have_passkeys(self) -> bool:
        """Whether browsers make passkeys for it: over https, or on this machine by its name; never for a number."""
        return self.rp_id == OWN_MACHINE or (self.origin.startswith("https:") and not _is_number(self.rp_id))


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """What a new passkey is, in base64url."""

    credential_id: str
    public_key: str
    sign_count: int


def site_of(public_url: str) -> Site:
    """The site of a public address. This machine goes by its name, because no passkey is made for its number."""
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    if _is_number(name) and ip_address(name).is_loopback:
        port = f":{parts.port}" if parts.port else ""
        return Site(f"{parts.scheme}://{OWN_MACHINE}{port}", OWN_MACHINE, "crisispool")
    return Site(f"{parts.scheme}://{parts.netloc}", name, "crisispool")


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def to_make(site: Site, challenge: str, user_handle: str, user_name: str, have: Sequence[str]) -> str:
    """What a browser is asked for a new passkey, as JSON. `have`: the credentials that there are already."""
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.name,
        user_id=base64url_to_bytes(user_handle),
        user_name=user_name,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in have],
    )
    return options_to_json(options)


def to_sign(site: Site, challenge: str) -> str:
    """What a browser is asked of a passkey that the person chooses there, as JSON."""
    options = generate_authentication_options(
        rp_id=site.rp_id,
        challenge=base64url_to_bytes(challenge),
        timeout=_MILLISECONDS,
        user_verification=_VERIFIED,
    )
    return options_to_json(options)


def challenge_in(answer: str) -> str:
    """Which question an answer says to answer. Refusal ``passkey_refused``."""
    try:
        if len(answer) > LONGEST_ANSWER:
            raise ValueError
        encoded = json.loads(answer)["response"]["clientDataJSON"]
        return bytes_to_base64url(parse_client_data_json(base64url_to_bytes(encoded)).challenge)
    except UNREADABLE:
        raise Refusal("passkey_refused") from None


def made(site: Site, challenge: str, answer: str) -> MadePasskey:
    """The new passkey, of a person whom the authenticator knew. Refusal ``passkey_refused``."""
    try:
        found = verify_registration_response(
            credential=parse_registration_credential_json(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except UNREADABLE:
        raise Refusal("passkey_refused") from None
    return MadePasskey(
        bytes_to_base64url(found.credential_id),
        bytes_to_base64url(found.credential_public_key),
        found.sign_count,
    )


def credential_in(answer: str) -> str:
    """Which passkey an answer says to come from. Refusal ``passkey_refused``."""
    try:
        return bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
    except UNREADABLE:
        raise Refusal("passkey_refused") from None


def signed(site: Site, challenge: str, answer: str, passkey: Passkey) -> int:
    """What the authenticator has counted, when the answer is that of this passkey. Refusal ``passkey_refused``."""
    try:
        given = parse_authentication_credential_json(answer)
        handle = given.response.user_handle
        if handle is None or bytes_to_base64url(handle) != passkey.user_handle:
            raise ValueError
        return verify_authentication_response(
            credential=given,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        ).new_sign_count
    except UNREADABLE:
        raise Refusal("passkey_refused") from None
