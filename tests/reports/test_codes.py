"""The code on paper is the symbol that the standard describes; the choice of its mask counts what the encoder's own counts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel, QRUtil

from presales_desktop.reports import codes

TEXTS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=160)


def _plain(text: str) -> QRCode:
    made = QRCode(None, QRErrorCorrectLevel.L)
    made.addData(text)
    return made


@settings(max_examples=15, deadline=None)
@given(TEXTS)
def test_the_modules_are_those_of_the_encoder_with_one_of_its_masks(text: str) -> None:
    mine = codes.modules(text)
    other = _plain(text)
    other.version = (len(mine) - 17) // 4
    assert other.version == other.calculate_version()
    symbols = []
    for mask in range(8):
        other.makeImpl(False, mask)
        symbols.append(tuple(tuple(bool(module) for module in row) for row in other.modules))
    assert mine in symbols


@settings(max_examples=15, deadline=None)
@given(TEXTS)
def test_the_mask_chosen_has_the_fewest_faults(text: str) -> None:
    code = codes.Code(text)
    chosen = code.getBestMaskPattern()
    faults = []
    for mask in range(8):
        code.makeImpl(True, mask)
        faults.append(codes.penalty(codes._numbers(code.modules), code.moduleCount))
    assert faults[chosen] == min(faults)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(min_value=13, max_value=40).flatmap(
        lambda n: st.lists(st.integers(0, 2**n - 1), min_size=n, max_size=n)
    )
)
def test_runs_blocks_and_shares_are_counted_as_the_encoder_counts_them(rows: list[int]) -> None:
    side = len(rows)
    modules = [[bool(row >> (side - 1 - n) & 1) for n in range(side)] for row in rows]
    theirs = QRUtil.maskScoreRule1vert(modules) + QRUtil.maskScoreRule1vert(zip(*modules, strict=True))
    theirs += QRUtil.maskScoreRule2(modules) + QRUtil.maskScoreRule4(modules)
    finders = sum(codes._finders(row, side) for row in (*rows, *codes._turned(rows, side)))
    assert codes.penalty(rows, side) == theirs + finders


def test_what_looks_like_a_finder_is_seen_at_both_ends_and_either_way() -> None:
    like = 0b10111010000
    assert codes._finders(like << 4 | 0b0101, 15) == 40
    assert codes._finders(0b1111 << 11 | like, 15) == 40
    assert codes._finders(like, 15) == 80
    assert codes._finders(0b00001011101, 11) == 40
    assert codes._finders(0b10111010001, 11) == 0
