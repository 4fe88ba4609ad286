"""Mine again: what a person decided in the inbox becomes one new commit, whose author has seen theirs."""

from __future__ import annotations

from collections.abc import Sequence

from sync.client import inbox
from sync.client.book import Book, Edit
from sync.client.capture import Capture
from sync.client.incoming import Incoming


def reapply(
    book: Book, capture: Capture, ids: Sequence[int], fields: Sequence[str] | None, now_us: int
) -> tuple[list[Edit], Incoming]:
    """The edits of entries IDS (of FIELDS, all without) are recorded and shown, the entries closed; what is left is to `finish` the rows.

    BOOK: under the replica's mark, since append-only and frozen rows take back what the person decided, too. Raises InboxProblem
    sync.row_gone, sync.entry_settled, sync.nothing_to_apply.
    """
    edits = inbox.edits_of(book, inbox.entries(book, ids=ids), fields)
    book.record(capture.header(book, book.get("user")), edits)
    incoming = Incoming(book)
    incoming.refresh((edit.kind, edit.id) for edit in edits)
    inbox.settle(book, ids, "mine", now_us)
    return edits, incoming
