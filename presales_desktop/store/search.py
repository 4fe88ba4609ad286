"""Full-text search in Chinese and by pinyin initials: two-character grams in a contentless FTS5 table.

Every text is cut into overlapping pairs ("欧普照明" → 欧普 普照 照明) beside its single characters, so that any substring of two
or more characters is a conjunction of grams, checked afterwards with instr (grams may match apart).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Connection, text

_SPLIT = re.compile(r"[\s,，、。；;:：()（）\-_/·.\"'“”<>《》]+")


def fold(value: str) -> str:
    """Lower case, full width to half width: what is compared."""
    return unicodedata.normalize("NFKC", value).lower()


def grams(value: str) -> list[str]:
    """The grams of VALUE as hex words (FTS tokenisers see only letters and digits)."""
    found: dict[str, None] = {}
    for word in _SPLIT.split(fold(value)):
        for i, char in enumerate(word):
            found[_code(char)] = None
            if i + 1 < len(word):
                found[_code(char) + _code(word[i + 1])] = None
    return list(found)


@lru_cache(maxsize=16384)
def _code(char: str) -> str:
    return f"{ord(char):x}z"


@lru_cache(maxsize=4096)
def initials(value: str) -> str:
    """Pinyin initials: 欧普照明 → opzm; other letters and digits stay. Computed on write (0.1 ms a name)."""
    from pypinyin import Style, lazy_pinyin

    return fold("".join(lazy_pinyin(value, style=Style.FIRST_LETTER)))


# Written once: a statement that is made anew for each record is parsed and keyed anew.
_FIND = text("SELECT n FROM search_entry WHERE kind=:kind AND record_id=:record_id")
_FORGET_GRAMS = text("DELETE FROM search_gram WHERE rowid=:n")
_FORGET = text("DELETE FROM search_entry WHERE n=:n")
_INSERT = text(
    "INSERT INTO search_entry(kind, record_id, title, subtitle, body, initials, updated_at)"
    " VALUES (:kind, :record_id, :title, :subtitle, :body, :initials, :updated_at) RETURNING n"
)
_UPDATE = text(
    "UPDATE search_entry SET title=:title, subtitle=:subtitle, body=:body, initials=:initials,"
    " updated_at=:updated_at WHERE n=:n"
)
_INSERT_GRAMS = text("INSERT INTO search_gram(rowid, grams) VALUES (:n, :grams)")


def index(
    connection: Connection, kind: str, record_id: UUID, entry: tuple[str, str, str] | None, updated_at: dt.datetime
) -> None:
    """Put a record's entry (title, subtitle, further text) into the index, or take it out when ENTRY is None."""
    key = {"kind": kind, "record_id": record_id.hex}
    row = connection.execute(_FIND, key).first()
    if row is not None:
        connection.execute(_FORGET_GRAMS, {"n": row[0]})
        if entry is None:
            connection.execute(_FORGET, {"n": row[0]})
    if entry is None:
        return
    title, subtitle, body = entry
    values = key | {
        "title": title,
        "subtitle": subtitle,
        "body": fold(f"{title} {subtitle} {body}"),
        "initials": initials(title),
        "updated_at": updated_at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ", "microseconds"),
    }
    if row is None:
        n = connection.execute(_INSERT, values).scalar_one()
    else:
        n = row[0]
        connection.execute(_UPDATE, values | {"n": n})
    words = " ".join(grams(values["body"]) + [f"py{g}" for g in grams(values["initials"])])
    connection.execute(_INSERT_GRAMS, {"n": n, "grams": words})


def condition(kind: str, query: str) -> tuple[str, dict[str, object]]:
    """SQL (with its parameters) that selects record_id, title, subtitle, kind and rank of what QUERY finds; KIND "" means all."""
    words = [w for w in _SPLIT.split(fold(query)) if w]
    if not words:
        return (
            "SELECT e.kind, e.record_id, e.title, e.subtitle, 0 AS rank, e.updated_at FROM search_entry e WHERE 0",
            {},
        )
    by_text = " AND ".join(f'"{g}"' for word in words for g in _needed(word))
    joined = "".join(words)
    by_initials = " AND ".join(f'"py{g}"' for g in _needed(joined)) if joined.isascii() else ""
    # A gram is found only where it stands: two characters need no further look.
    checks = " AND ".join(f"instr(e.body, :w{i}) > 0" for i, word in enumerate(words) if len(word) > 2) or "1"
    values: dict[str, object] = {f"w{i}": w for i, w in enumerate(words) if i == 0 or len(w) > 2}
    values["match"] = by_text
    if by_initials:
        values["match"] = f"({by_text}) OR ({by_initials})"
        if len(joined) > 2:
            checks = " AND ".join(f"instr(e.body, :w{i}) > 0" for i in range(len(words)))
            values |= {f"w{i}": word for i, word in enumerate(words)} | {"joined": joined}
            checks = f"(instr(e.initials, :joined) > 0 OR ({checks}))"  # the shorter text first
    if kind:
        checks += " AND e.kind = :kind"
        values["kind"] = kind
    return (
        "SELECT e.kind, e.record_id, e.title, e.subtitle, instr(e.title, :w0) = 0 AS rank, e.updated_at"
        f" FROM search_gram g JOIN search_entry e ON e.n = g.rowid WHERE search_gram MATCH :match AND {checks}"
    ), values


def find(connection: Connection, query: str, limit: int = 50, kind: str = "") -> list[tuple[str, UUID, str, str]]:
    """(kind, id, title, subtitle) of records that contain every word of QUERY, or whose initials contain it; newest first."""
    sql, values = condition(kind, query)
    rows = connection.execute(text(f"{sql} ORDER BY rank, e.updated_at DESC LIMIT :limit"), values | {"limit": limit})
    return [(r[0], UUID(r[1]), r[2], r[3]) for r in rows]


def _needed(word: str) -> list[str]:
    if len(word) == 1:
        return [_code(word)]
    return [_code(a) + _code(b) for a, b in pairwise(word)]


def rebuild(connection: Connection) -> int:
    """Make the gram table anew from search_entry (after bulk loads); the number of entries."""
    connection.execute(text("INSERT INTO search_gram(search_gram) VALUES ('delete-all')"))
    rows = connection.execute(text("SELECT n, body, initials FROM search_entry")).all()
    connection.execute(
        _INSERT_GRAMS,
        [{"n": n, "grams": " ".join(grams(body) + [f"py{g}" for g in grams(ini)])} for n, body, ini in rows],
    ) if rows else None
    return len(rows)
