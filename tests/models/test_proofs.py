"""Proofs on paper: what was bound reads back, and no byte of it may change."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import proofs
from presales_desktop.models.proofs import Proof

KEY, OTHER = b"k" * 32, b"o" * 32
PDF = b"%PDF-1.4\n1 0 obj << /Total (128,000.00) >> endobj\ntrailer\n%%EOF\n"
PROOF = Proof("quote", "01931234-5678-7abc-8def-0123456789ab", "临D7-0012-R2", "9f86d081884c7d65" * 4, 12_800_000)
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


@given(TEXT, st.integers(0, 10**14), st.sampled_from(proofs.KINDS), st.uuids(), st.binary(max_size=300))
def test_what_is_bound_reads_back(label: str, fen: int, kind: str, row: UUID, pdf: bytes) -> None:
    proof = replace(PROOF, label=label, total_fen=fen, kind=kind, id=str(row))
    found = proofs.read(proofs.bind(pdf, proof, KEY), KEY)
    assert found is not None
    assert (found.proof, found.whole, found.id) == (proof, True, row)


@given(st.data())
def test_no_byte_may_change(data: st.DataObject) -> None:
    bound = proofs.bind(PDF, PROOF, KEY)
    at = data.draw(st.integers(0, len(bound) - 2))  # the very last byte is the line's end
    changed = bytes([bound[at] ^ data.draw(st.integers(1, 255))])
    found = proofs.read(bound[:at] + changed + bound[at + 1 :], KEY)
    assert found is None or found.whole is not True


def test_something_behind_the_proof_is_a_change() -> None:
    bound = proofs.bind(PDF, PROOF, KEY)
    found = proofs.read(bound + b"2 0 obj << /Total (98,000.00) >> endobj\n%%EOF\n", KEY)
    assert found is not None
    assert found.whole is False


def test_another_companys_key_makes_no_proof_of_ours() -> None:
    found = proofs.read(proofs.bind(PDF, PROOF, OTHER), KEY)
    assert found is not None
    assert found.whole is False


def test_without_a_key_nothing_is_bound_and_nothing_is_claimed() -> None:
    assert proofs.bind(PDF, PROOF, b"") == PDF
    found = proofs.read(proofs.bind(PDF, PROOF, KEY), b"")
    assert found is not None
    assert found.whole is None
    assert proofs.code(PROOF, b"") == ""
    assert not proofs.read_code(proofs.code(PROOF, KEY), b"").genuine


def test_the_name_outlives_a_file_saved_anew() -> None:
    found = proofs.read(b"%PDF-1.7 /Keywords (" + PROOF.name.encode() + b") %%EOF", KEY)
    assert found is not None
    assert (found.kind, str(found.id), found.proof, found.whole) == ("quote", PROOF.id, None, None)
    assert proofs.read(PDF, KEY) is None


def test_the_proof_stays_short_enough_for_readers_of_pdf() -> None:
    longest = replace(
        PROOF, kind="contract", label="临D99999-99999999-R99", total_fen=10**14, edition="internal.pdf zh"
    )
    assert len(proofs.bind(PDF, longest, KEY)) - len(PDF) < 700


@given(st.binary(max_size=200))
def test_garbage_where_the_proof_should_stand_is_no_proof(garbage: bytes) -> None:
    found = proofs.read(PDF + b"%PRESALES-PROOF-1 " + garbage, KEY)
    assert found is None or found.whole is not True


@given(st.integers(0, 10**14), st.from_regex(r"[A-Z]{2}\d{8}-\d{3}-R\d{1,2}", fullmatch=True))
def test_a_code_reads_back_and_is_bound(fen: int, label: str) -> None:
    text = proofs.code(replace(PROOF, label=label, total_fen=fen), KEY)
    found = proofs.read_code(text, KEY)
    assert (found.label, found.total_fen, found.genuine) == (label, fen, True)
    assert PROOF.content_hash.startswith(found.hash_start)
    assert not proofs.read_code(text, OTHER).genuine
    dearer = re.sub(rf" {fen} ", f" {fen + 1} ", text)
    assert not proofs.read_code(dearer, KEY).genuine


@pytest.mark.parametrize(
    "text", ["PD1", "https://example.com", "PD1 quote a b 1", "PD1 invoice A-R1 ab 1 cd", "PD1 quote A-R1 ab -1 cd"]
)
def test_other_texts_are_no_codes(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text[:10])):
        proofs.read_code(text, KEY)
