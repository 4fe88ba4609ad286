"""Rows of one kind as columns: what repeats is said once, numbers as differences, ids split into their time and their chance part.

A column is a msgpack array [tag, …]. Whatever no narrow form can hold exactly is stored as it is, so every wire value survives. The bytes
are meant to lie under zstd (sync.wire, segments): what looks long here (byte planes) is what zstd packs best.
"""

from __future__ import annotations

import math
import struct as _struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any

import msgspec

from sync.wire import WireError

Row = tuple[bytes, int, dict[str, Any]]  # id, seq, wire values

MAX_ROWS = 2_000_000
_VERSION = 1
_pack = msgspec.msgpack.Encoder().encode
_TYPES = {1: "b", 2: "h", 4: "i", 8: "q"}
_SCALES = (1, 10, 100, 1000, 10_000, 1_000_000)
_MISSING = object()
_SAMPLE = 4096
_IDS_1024 = _struct.Struct("16s" * 1024)
_BIG = sys.byteorder == "big"


class Columns:
    """A decoded page: `ids`, `seqs` and, by name, the values of each column (None in the places of rows that lack it, see `lacking`)."""

    __slots__ = ("columns", "ids", "lacking", "seqs")

    def __init__(
        self, ids: list[bytes], seqs: list[int], columns: dict[str, list[Any]], lacking: dict[str, frozenset[int]]
    ) -> None:
        self.ids = ids
        self.seqs = seqs
        self.columns = columns
        self.lacking = lacking

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self) -> Iterator[Row]:
        """Row by row."""
        names = tuple(self.columns)
        for n, (key, seq, *values) in enumerate(zip(self.ids, self.seqs, *self.columns.values(), strict=True)):
            fields = dict(zip(names, values, strict=True))
            for name, gaps in self.lacking.items():
                if n in gaps:
                    del fields[name]
            yield key, seq, fields


def encode(rows: Sequence[Row]) -> bytes:
    """ROWS as columns."""
    if not rows:
        return _pack([_VERSION, 0, [], [["0"], ["0"]]])
    keys, seqs, fields = (list(part) for part in zip(*rows, strict=True))
    names, columns = _transposed(fields)
    made = [_uuids(keys), _column(seqs), *map(_column, columns)]
    return _pack([_VERSION, len(rows), names, made])


def _transposed(rows: list[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """Column names and columns; where all rows name the same fields in the same order (nearly always) without a look-up."""
    first = tuple(rows[0])
    if all(map(first.__eq__, map(tuple, rows))):
        flat = list(chain.from_iterable(map(dict.values, rows)))
        return list(first), [flat[n :: len(first)] for n in range(len(first))]
    names = list(dict.fromkeys(chain.from_iterable(rows)))
    return names, [[row.get(name, _MISSING) for row in rows] for name in names]


def decode(data: bytes) -> Columns:
    """The columns in DATA. Raises WireError wire.columns."""
    try:
        version, count, names, made = msgspec.msgpack.decode(data, type=tuple[int, int, list[str], list[list[Any]]])
        if version != _VERSION or not 0 <= count <= MAX_ROWS or len(made) != len(names) + 2:
            raise WireError("wire.columns", "head")
        if len(set(names)) != len(names):
            raise WireError("wire.columns", "names")
        lacking: dict[str, frozenset[int]] = {}
        read = [_read(column, count) for column in made]
        for name, tag, column in zip(names, [column[0] for column in made[2:]], read[2:], strict=True):
            if column and tag == "g":
                gaps = [n for n, value in enumerate(column) if value is _MISSING]
                lacking[name] = frozenset(gaps)
                for n in gaps:
                    column[n] = None
        ids, seqs = read[0], read[1]
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, msgspec.DecodeError, RecursionError) as error:
        raise WireError("wire.columns", str(error)[:200]) from None
    if made[0][0] != "u" and not all(type(key) is bytes and len(key) == 16 for key in ids):
        raise WireError("wire.columns", "ids")
    if set(map(type, seqs)) - {int}:
        raise WireError("wire.columns", "seqs")
    return Columns(ids, seqs, dict(zip(names, read[2:], strict=True)), lacking)


# --- one column ---------------------------------------------------------------------------------------------------------------


def _column(values: list[Any]) -> list[Any]:
    """A column in the narrowest form that gives every value back with its type."""
    kinds = {type(value) for value in values}
    if object in kinds:
        return _with_gaps(values)
    if type(None) in kinds and len(kinds) > 1:
        return _with_nones(values)
    if not values or kinds == {type(None)}:
        return ["0"]
    if len(kinds) > 1:
        return ["v", values]
    (kind,) = kinds
    if kind is bool:
        return ["b", _bits(values)]
    if kind is int:
        return _ints(values)
    if kind is float:
        return _floats(values)
    if kind is str:
        return _strings(values)
    if kind is bytes:
        return _uuids(values) if all(len(value) == 16 for value in values) else ["v", values]
    return _other(values)


def _other(values: list[Any]) -> list[Any]:
    first = values[0]
    if not first and all(value == first for value in values):
        return ["k", first]  # empty lists and maps
    return ["v", values]


def _with_gaps(values: list[Any]) -> list[Any]:
    """Some rows lack the column (an older or newer client wrote them)."""
    marks = _bits([value is _MISSING for value in values])
    return ["g", marks, _column([value for value in values if value is not _MISSING])]


def _with_nones(values: list[Any]) -> list[Any]:
    return ["n", _bits([value is None for value in values]), _column([value for value in values if value is not None])]


def _bits(values: Sequence[bool]) -> bytes:
    number = int("".join("1" if value else "0" for value in reversed(values)) or "0", 2)
    return number.to_bytes((len(values) + 7) // 8, "little")


def _strings(values: list[str]) -> list[Any]:
    known = list(dict.fromkeys(values))
    if len(known) == 1:
        return ["k", known[0]]
    if len(known) * 2 <= len(values):
        return ["d", ["v", known], _ints_of(known, values)]
    # lengths apart from letters: both pack better, and one string is decoded faster than many
    return ["s", _ints([len(value) for value in values]), "".join(values)]


def _ints_of(known: list[Any], values: list[Any]) -> list[Any]:
    place = {value: n for n, value in enumerate(known)}
    return _planes([place[value] for value in values])


def _uuids(values: list[bytes]) -> list[Any]:
    if not values:
        return ["0"]
    known = list(dict.fromkeys(values))
    if len(known) == 1:
        return ["k", known[0]]
    if len(known) * 3 <= len(values) * 2:
        return ["d", _uuids(known), _ints_of(known, values)]
    words = array("q", b"".join(values))
    tails = words[1::2].tobytes()
    heads = words[0::2]
    if not _BIG:
        heads.byteswap()
    return ["u", _ints(heads.tolist()), tails]


def _ints(values: list[int]) -> list[Any]:
    low, high = min(values, default=0), max(values, default=0)
    if low == high:
        return ["k", values[0]] if values else ["0"]
    if low < -(1 << 63) or high >= 1 << 63:
        return ["v", values]
    plain = _planes(values)
    steps = [values[0], *(b - a for a, b in pairwise(values))]
    if max(steps) < 1 << 63 and min(steps) >= -(1 << 63):
        stepped = _planes(steps[1:])
        if _weight(stepped) < _weight(plain):
            return ["+", steps[0], stepped]
    return plain


def _weight(planes: list[Any]) -> float:
    """About how many bytes zstd makes of planes: the order-0 entropy of a sample."""
    if planes[0] != "i":
        return 0.0
    total = 0.0
    for whole in planes[2]:
        plane = whole[:_SAMPLE]
        size = len(plane) or 1
        counts = [plane.count(byte) for byte in set(plane)]
        total += sum(count * math.log2(size / count) for count in counts)
    return total


def _planes(values: list[int]) -> list[Any]:
    low, high = min(values, default=0), max(values, default=0)
    if low == high:
        return ["k", low]
    width = next(w for w in (1, 2, 4, 8) if -(1 << (8 * w - 1)) <= low and high < 1 << (8 * w - 1))
    made = array(_TYPES[width], values)
    if _BIG:
        made.byteswap()
    data = made.tobytes()
    return ["i", width, [data[n::width] for n in range(width)]]


def _floats(values: list[float]) -> list[Any]:
    if min(values) > -1e9 and max(values) < 1e9 and not any(map(math.isnan, values)):
        sample = values[:64]
        scale = next((s for s in _SCALES if all(round(v * s) / s == v for v in sample)), 0)
        if scale:
            scaled = [round(value * scale) for value in values]
            if [number / scale for number in scaled] == values and not _minus_zero(values):
                return ["f", scale, _ints(scaled)]
    data = array("d", values)
    if _BIG:
        data.byteswap()
    raw = data.tobytes()
    return ["F", [raw[n::8] for n in range(8)]]


def _minus_zero(values: list[float]) -> bool:
    return 0.0 in values and any(value == 0.0 and math.copysign(1.0, value) < 0 for value in values)


# --- reading ------------------------------------------------------------------------------------------------------------------


def _read(column: list[Any], count: int, depth: int = 0) -> list[Any]:
    if depth > 6 or (column[0] == "g" and depth):
        raise WireError("wire.columns", "depth")
    found: list[Any] = _READERS[column[0]](column, count, depth)
    if len(found) != count:
        raise WireError("wire.columns", f"{len(found)} values for {count} rows")
    return found


def _read_none(column: list[Any], count: int, depth: int) -> list[Any]:
    return [None] * count


def _read_constant(column: list[Any], count: int, depth: int) -> list[Any]:
    value = column[1]
    if isinstance(value, (list, dict)):
        return [type(value)() for _ in range(count)]
    return [value] * count


def _read_values(column: list[Any], count: int, depth: int) -> list[Any]:
    return list(column[1])


def _read_bools(column: list[Any], count: int, depth: int) -> list[Any]:
    return [mark == "1" for mark in _marks(column[1], count)]


def _marks(data: bytes, count: int) -> str:
    if len(data) != (count + 7) // 8:
        raise WireError("wire.columns", "bits")
    text = f"{int.from_bytes(data, 'little'):0{count}b}"[::-1] if count else ""
    if len(text) != count:
        raise WireError("wire.columns", "bits")
    return text


def _spread(column: list[Any], count: int, depth: int, gap: Any) -> list[Any]:
    marks = _marks(column[1], count)
    values = iter(_read(column[2], marks.count("0"), depth + 1))
    return [gap if mark == "1" else next(values) for mark in marks]


def _read_nones(column: list[Any], count: int, depth: int) -> list[Any]:
    return _spread(column, count, depth, None)


def _read_gaps(column: list[Any], count: int, depth: int) -> list[Any]:
    return _spread(column, count, depth, _MISSING)


def _read_planes(column: list[Any], count: int, depth: int) -> list[Any]:
    width, planes = column[1], column[2]
    if len(planes) != width or any(len(plane) != count for plane in planes):
        raise WireError("wire.columns", "planes")
    data = bytearray(count * width)
    for n, plane in enumerate(planes):
        data[n::width] = plane
    made = array(_TYPES[width])
    made.frombytes(data)
    if _BIG:
        made.byteswap()
    return made.tolist()


def _read_steps(column: list[Any], count: int, depth: int) -> list[Any]:
    steps = _read(column[2], count - 1, depth + 1) if count else []
    if type(column[1]) is not int:
        raise WireError("wire.columns", "steps")
    return list(accumulate(steps, initial=column[1]))


def _read_floats(column: list[Any], count: int, depth: int) -> list[Any]:
    scale = column[1]
    if scale not in _SCALES:
        raise WireError("wire.columns", "scale")
    return [value / scale for value in _read(column[2], count, depth + 1)]


def _read_doubles(column: list[Any], count: int, depth: int) -> list[Any]:
    planes = column[1]
    if len(planes) != 8 or any(len(plane) != count for plane in planes):
        raise WireError("wire.columns", "planes")
    data = bytearray(count * 8)
    for n, plane in enumerate(planes):
        data[n::8] = plane
    made = array("d")
    made.frombytes(data)
    if _BIG:
        made.byteswap()
    return made.tolist()


def _read_known(column: list[Any], count: int, depth: int) -> list[Any]:
    table = column[1]
    places = _read(column[2], count, depth + 1)
    known = _read(table, max(places, default=-1) + 1, depth + 1)
    if places and min(places) < 0:
        raise WireError("wire.columns", "place")
    return list(map(known.__getitem__, places))


def _read_strings(column: list[Any], count: int, depth: int) -> list[Any]:
    text = column[2]
    if type(text) is not str:
        raise WireError("wire.columns", "text")
    lengths = _read(column[1], count, depth + 1)
    if lengths and min(lengths) < 0:
        raise WireError("wire.columns", "lengths")
    ends = list(accumulate(lengths))
    if (ends[-1] if ends else 0) != len(text):
        raise WireError("wire.columns", "lengths")
    return [text[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def _read_uuids(column: list[Any], count: int, depth: int) -> list[Any]:
    tails = column[2]
    if len(tails) != 8 * count:
        raise WireError("wire.columns", "tails")
    heads = array("q", _read(column[1], count, depth + 1))
    if not _BIG:
        heads.byteswap()
    words = array("q", bytes(16 * count))
    words[0::2] = heads
    words[1::2] = array("q", tails)
    data = words.tobytes()
    found: list[bytes] = []
    for at in range(0, count - count % 1024, 1024):
        found += _IDS_1024.unpack_from(data, 16 * at)
    found += _struct.unpack_from("16s" * (count % 1024), data, 16 * (count - count % 1024))
    return found


_READERS: dict[Any, Any] = {
    "0": _read_none,
    "k": _read_constant,
    "v": _read_values,
    "b": _read_bools,
    "n": _read_nones,
    "g": _read_gaps,
    "i": _read_planes,
    "+": _read_steps,
    "f": _read_floats,
    "F": _read_doubles,
    "d": _read_known,
    "s": _read_strings,
    "u": _read_uuids,
}


def encode_rows(rows: Iterable[Row]) -> bytes:
    """The same for any iterable."""
    return encode(list(rows))
