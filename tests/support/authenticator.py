"""An authenticator and its browser in one: makes passkeys and signs with them, truthfully unless told otherwise."""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40
ES256 = -7


@dataclass
class Authenticator:
    """One passkey. `origin` is the page it is asked from; `verifies`: it made sure who the person is."""

    origin: str = "http://localhost:8080"
    verifies: bool = True
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: str = ""

    def make(self, options: str, **changes: Any) -> str:
        """The answer to a question for a new passkey, as JSON; `changes` to what the browser says of it."""
        asked = json.loads(options)
        self.user_handle = asked["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        cose = cbor2.dumps({1: 2, 3: ES256, -1: 1, **point})
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cose
        data = self._data(asked["rp"]["id"], WITH_KEY) + attested
        said = self._said("webauthn.create", asked["challenge"], changes)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(said),
                "attestationObject": bytes_to_base64url(attestation),
            }
        )

    def sign(self, options: str, **changes: Any) -> str:
        """The answer to a question to sign in, as JSON; `changes` to what the browser says of it."""
        asked = json.loads(options)
        self.count += 1
        data = self._data(asked["rpId"])
        said = self._said("webauthn.get", asked["challenge"], changes)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(said),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
                "userHandle": self.user_handle,
            }
        )

    def _data(self, rp_id: str, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _said(self, kind: str, challenge: str, changes: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **changes}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> str:
        name = bytes_to_base64url(self.credential_id)
        answer = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps({**answer, "clientExtensionResults": {}, "authenticatorAttachment": "platform"})
