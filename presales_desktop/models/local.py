"""Rows of this laptop only: autosaved drafts, number counters, the search index. They never sync."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Base


class LocalDraft(Base):
    """What somebody typed and has not saved: survives a crash."""

    __tablename__ = "local_draft"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    base_version: Mapped[int]
    body: Mapped[dict[str, Any]]
    saved_at: Mapped[dt.datetime]


class NumberCounter(Base):
    """The last number given in a series ("BJ20261123" → 7): numbers are never reused."""

    __tablename__ = "number_counter"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class SearchEntry(Base):
    """What a record is found by. `grams` live in the FTS5 table search_gram under the same rowid."""

    __tablename__ = "search_entry"
    __table_args__ = (Index("ix_search_entry_record", "kind", "record_id", unique=True),)

    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str]
    record_id: Mapped[UUID]
    title: Mapped[str]
    subtitle: Mapped[str]
    body: Mapped[str]
    initials: Mapped[str]
    updated_at: Mapped[dt.datetime]


class Meta(Base):
    """Facts of the workspace: whether it is a demo, who acts, the company's letterhead."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
