"""Unsaved words survive a crash: one second after the last change the draft is kept in this laptop's own table."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID, uuid4

from PySide6.QtCore import QObject, QTimer, Signal

from presales_desktop.services import drafts
from presales_desktop.services.drafts import KeptDraft
from presales_desktop.services.work import Work
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft

AFTER_MS = 1000
_NEW = "new:"


def key_of(record_id: UUID | None) -> str:
    """The key of a record's draft; a fresh one for a record that was never saved."""
    return str(record_id) if record_id is not None else f"{_NEW}{uuid4()}"


def find_kept(work: Work, kind: str, key: str, taken: frozenset[str]) -> KeptDraft | None:
    """What was kept for KEY; for a new record the newest one of the kind that no page has open (TAKEN)."""
    if not key.startswith(_NEW):
        return drafts.find(work, kind, key)
    kept = drafts.unsaved(work, kind)
    return next((d for d in kept if d.key.startswith(_NEW) and d.key not in taken), None)


class Autosave(QObject):
    """Keeps DRAFT under (kind, key). `kept(moment)` after each writing; `failed(error)` when it could not be written."""

    kept = Signal(object)
    failed = Signal(object)

    _open: ClassVar[set[str]] = set()

    def __init__(self, ctx: ViewContext, draft: Draft, kind: str, key: str, parent: QObject | None = None) -> None:
        super().__init__(parent or draft)
        self._ctx, self._draft, self._kind = ctx, draft, kind
        self.key = key
        self._open.add(key)
        self._written = False
        self._later = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._later.timeout.connect(self.keep)
        draft.edited.connect(self._edited)

    def _edited(self) -> None:
        if self._draft.dirty:
            self._later.start()
        elif self._written or self._later.isActive():
            self.drop()

    def keep(self) -> None:
        """Write now what is not saved."""
        self._later.stop()
        if self._draft.dirty:
            self._written = True
            jobs.start(self, self._keep(), self.failed.emit)

    async def _keep(self) -> None:
        moment: dt.datetime = await self._ctx.db.run(
            drafts.keep_draft, self._kind, self.key, self._draft.snapshot(), initiator=self
        )
        self.kept.emit(moment)

    def flush(self) -> None:
        """Write at once what waits for its second: the page is left."""
        if self._later.isActive():
            self.keep()

    def drop(self) -> None:
        """Saved or thrown away: nothing is kept any more."""
        self._later.stop()
        self._written = False
        self._ctx.db.run(drafts.drop, self._kind, self.key, initiator=self)

    def rename(self, key: str) -> None:
        """A new record got its id, or a recovered draft brings its own key."""
        self._open.discard(self.key)
        self.key = key
        self._open.add(key)

    async def find(self) -> KeptDraft | None:
        """What an earlier run left unsaved."""
        return await self._ctx.db.run(find_kept, self._kind, self.key, frozenset(self._open))

    def recover(self, kept: KeptDraft, text: str) -> None:
        """Take over what was kept, as a step that can be undone. Raises ValueError when it is damaged."""
        value: Any = drafts.from_body(self._draft.snapshot(), kept.body)
        self.rename(kept.key)
        self._written = True
        self._draft.take_over(value, text)

    def close(self) -> None:
        """The page goes: write what waits, let the key go."""
        self.flush()
        self._open.discard(self.key)
