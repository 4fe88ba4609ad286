"""A laptop's database key, sealed to the organisation's recovery key: a lost keyring loses no unsent work.

X25519 with an ephemeral key, HKDF-SHA256, ChaCha20-Poly1305 (the construction of a sealed box; RFC 7748, RFC 5869, RFC 8439).
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_INFO = b"presales escrow 1"
KEY_BYTES = 32


class EscrowError(Exception):
    """The sealed key cannot be opened with this recovery key."""


def new_pair() -> tuple[bytes, bytes]:
    """(private, public), 32 bytes each: the private one is kept off every server."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def _shared(private: X25519PrivateKey, public: X25519PublicKey, salt: bytes) -> ChaCha20Poly1305:
    secret = private.exchange(public)
    return ChaCha20Poly1305(HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=_INFO).derive(secret))


def seal(key: bytes, recovery_public: bytes) -> bytes:
    """KEY for whoever holds the private half of RECOVERY_PUBLIC."""
    ephemeral = X25519PrivateKey.generate()
    mine = ephemeral.public_key().public_bytes_raw()
    nonce = os.urandom(12)
    box = _shared(ephemeral, X25519PublicKey.from_public_bytes(recovery_public), mine + recovery_public)
    return mine + nonce + box.encrypt(nonce, key, None)


def open_sealed(sealed: bytes, recovery_private: bytes) -> bytes:
    """The key again. Raises EscrowError."""
    try:
        private = X25519PrivateKey.from_private_bytes(recovery_private)
        mine, nonce, rest = sealed[:32], sealed[32:44], sealed[44:]
        salt = mine + private.public_key().public_bytes_raw()
        return _shared(private, X25519PublicKey.from_public_bytes(mine), salt).decrypt(nonce, rest, None)
    except (InvalidTag, ValueError) as error:
        raise EscrowError(str(error)) from None
