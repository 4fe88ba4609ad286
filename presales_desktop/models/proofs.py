"""Proofs (校验): what a printed quote or contract says of itself, so that anybody in the company can tell it from an altered one.

A proof names the revision and the SHA-256 of its content. It stands in the PDF twice: as a last line behind the end mark, where it
also binds every byte before it, and as a name among the document's properties, which outlives a file that was saved anew. The code
on paper (QR) carries number, content and total. Both are bound by HMAC-SHA256 (RFC 2104) with a key that all workspaces of the
company share and no paper shows: whoever has no workspace can alter a file but not its proof. The same document always gets the
same bytes. PDF readers look for the end mark in the last 1,024 bytes (ISO 32000-1, annex H.3.18), so the line stays below 700.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

KINDS: Final = ("quote", "contract")
_LINE: Final = b"%PRESALES-PROOF-1 "
_NAME: Final = re.compile(rb"PRESALES-(quote|contract)-([0-9a-f]{32})-([0-9a-f]{16}|0)")
_CODE: Final = "PD1"
_MAC: Final = 32
_SHORT: Final = 16


@dataclass(frozen=True)
class Proof:
    """`label`: number with revision. `mark`: the watermark it was printed with ("" for none). `edition`: ending and language, e.g.
    "pdf zh". `total_fen`: what the document asks for."""

    kind: str
    id: str
    label: str
    content_hash: str
    total_fen: int
    mark: str = ""
    edition: str = "pdf zh"

    @property
    def name(self) -> str:
        """The name among the properties of the file."""
        return f"PRESALES-{self.kind}-{UUID(self.id).hex}-{self.content_hash[:_SHORT] or '0'}"


@dataclass(frozen=True)
class Found:
    """What a file says. `whole`: its bytes are those that were bound; None where nothing binds them (saved anew, or no key)."""

    kind: str
    id: UUID
    proof: Proof | None
    whole: bool | None


def bind(pdf: bytes, proof: Proof, key: bytes) -> bytes:
    """PDF with the proof behind it. Without a KEY nothing is bound: the name among its properties remains."""
    if not key:
        return pdf
    body = json.dumps(asdict(proof), ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
    word = base64.urlsafe_b64encode(body)
    ending = b"" if pdf.endswith(b"\n") else b"\n"
    whole = pdf + ending
    return whole + _LINE + word + b" " + _mac(key, b"file", body, hashlib.sha256(whole).digest()).encode() + b"\n"


def read(pdf: bytes, key: bytes) -> Found | None:
    """What PDF says of itself; None where it says nothing (another program's file)."""
    at = pdf.rfind(_LINE)
    if at >= 0:
        found = _read_line(pdf, at, key)
        if found is not None:
            return found
    name = _NAME.search(pdf)
    if name is None:
        return None
    return Found(name[1].decode(), UUID(name[2].decode()), None, None)


def _read_line(pdf: bytes, at: int, key: bytes) -> Found | None:
    parts = pdf[at + len(_LINE) :].split(b"\n", 1)
    words = parts[0].split(b" ")
    try:
        body = base64.b64decode(words[0], altchars=b"-_", validate=True)
        proof = _proof(body)
    except (ValueError, TypeError, binascii.Error):
        return None
    rest = parts[1] if len(parts) > 1 else b""
    if not key:
        return Found(proof.kind, UUID(proof.id), proof, None)
    told = words[1] if len(words) == 2 else b""
    same = hmac.compare_digest(told, _mac(key, b"file", body, hashlib.sha256(pdf[:at]).digest()).encode())
    return Found(proof.kind, UUID(proof.id), proof, same and not rest)


def _proof(body: bytes) -> Proof:
    """Raises ValueError, TypeError."""
    values = json.loads(body)
    if not isinstance(values, dict):
        raise ValueError
    proof = Proof(**values)
    texts = (proof.id, proof.label, proof.content_hash, proof.mark, proof.edition)
    if proof.kind not in KINDS or not all(isinstance(t, str) for t in texts) or not isinstance(proof.total_fen, int):
        raise ValueError
    UUID(proof.id)
    return proof


def code(proof: Proof, key: bytes) -> str:
    """What the QR code on paper says, e.g. "PD1 quote BJ20261123-007-R2 9f86d081884c7d65 1280000 5feceb66ffc86f38"."""
    said = f"{_CODE} {proof.kind} {proof.label} {proof.content_hash[:_SHORT]} {proof.total_fen}"
    return f"{said} {_mac(key, b'code', said.encode(), b'')[:_SHORT]}" if key else ""


@dataclass(frozen=True)
class ReadCode:
    """What a code says: `hash_start` are the first 16 digits of the content's hash; `genuine`: the company's key made it."""

    kind: str
    label: str
    hash_start: str
    total_fen: int
    genuine: bool


def read_code(text: str, key: bytes) -> ReadCode:
    """A code as it was read off paper. Raises ValueError for any other text."""
    words = text.split()
    if len(words) != 6 or words[0] != _CODE or words[1] not in KINDS or not re.fullmatch(r"\d{1,15}", words[4]):
        raise ValueError(text[:80])
    told = _mac(key, b"code", " ".join(words[:5]).encode(), b"")[:_SHORT]
    return ReadCode(
        words[1], words[2], words[3], int(words[4]), bool(key) and hmac.compare_digest(told.encode(), words[5].encode())
    )


def _mac(key: bytes, use: bytes, *parts: bytes) -> str:
    made = hmac.new(key, use, hashlib.sha256)
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()[: 2 * _MAC]
