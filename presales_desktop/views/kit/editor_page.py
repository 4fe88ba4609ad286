"""The editor page that every record has: head with its next step, sections, side column, saving, conflicts, recovery.

A subclass gives `async load()` → draft dataclass, `build()` (once, after the first load), `async save(value)` → id; and as it
likes `heading()`, `steps()`, `refresh()` (after every load and save), `read_only()`, `print_document()`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from time import perf_counter
from typing import Any
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from presales_desktop.models.errors import ConflictError, PresalesError, Problem, ValidationError
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import drafts
from presales_desktop.services.drafts import KeptDraft
from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs, shortcuts
from presales_desktop.views.kit.autosave import Autosave, key_of
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.editor_frame import EditorFrame
from presales_desktop.views.kit.editor_head import EditorHead
from presales_desktop.views.kit.editor_parts import TWO_COLUMNS_FROM, Heading, PartMark, Section, Step, summary
from presales_desktop.views.kit.editor_together import Together
from presales_desktop.views.kit.merging import Merged, copy_value

__all__ = ["EditorPage", "Heading", "Section", "Step"]

_TURN_S = 0.02  # of building in one go; then keys and paint have their turn


class EditorPage(EditorFrame):
    """See the module. `draft`: what is edited; `record_id`: None until the first save; `initial`: values for a new one."""

    title_changed = Signal(str)
    saved = Signal(object)
    built = Signal()

    def __init__(
        self, ctx: ViewContext, kind: str, record_id: UUID | None, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(ctx, kind)
        self.record_id = record_id
        self.initial = dict(initial or {})
        self.setObjectName(f"{kind}.editor")
        self.draft = Draft(None, self)
        self.autosave = Autosave(ctx, self.draft, kind, key_of(record_id), self)
        self._base: Any = None
        self._ready = False
        self.building = False
        self._missed = False
        self._busy = 0
        self._saving = False
        self._blind = False  # recovered words, made from a version that is not known any more
        self.saves = 0
        self._problems: list[Problem] = []
        self.head = EditorHead(self)
        self.set_head(self.head)
        self.together = Together(self)
        self._connect()
        self.head.register_keys()
        self.setWindowTitle(self._fallback_title())
        self.reload()

    # what a subclass gives

    async def load(self) -> Any:
        """The draft dataclass, read from the service (`new_draft` when record_id is None)."""
        raise NotImplementedError

    def build(self) -> Iterator[None] | None:
        """Make sections and panels; `self.draft` is loaded. A page with much in it yields after each part, what is seen first
        first: between the parts the window stays alive."""
        raise NotImplementedError

    async def save(self, value: Any) -> UUID:
        """Hand VALUE (a copy of the draft) to the service: `await self.ctx.db.run(customers.save, value, initiator=self)`."""
        raise NotImplementedError

    def heading(self) -> Heading:
        """Number, title and chip of the head."""
        value = self.draft.value
        title = str(getattr(value, "title", "") or getattr(value, "name", ""))
        return Heading(str(getattr(value, "number", "") or ""), title)

    def steps(self) -> list[Step]:
        """What can be done with the record now."""
        return []

    def refresh(self) -> Iterator[None] | None:
        """After every load and save: bring panels up to date. May yield between them, as `build` does."""

    def read_only(self) -> bool:
        """Whether fields are shown as text."""
        return False

    @property
    def is_built(self) -> bool:
        """Whether the page stands and shows its record."""
        return self._ready and not self.building

    def print_document(self) -> Any:
        """Ctrl+P; a coroutine function or a function."""

    def _connect(self) -> None:
        self.draft.dirty_changed.connect(lambda _dirty: self.head.show_state())
        self.draft.changed.connect(self._changed)
        self.draft.replaced.connect(self._draft_replaced)
        self.autosave.kept.connect(self.head.kept)
        self.autosave.failed.connect(lambda error: self.ctx.nav.show_error(error, self))
        self.ctx.bus.changed.connect(self._bus_changed)
        self.side_changed.connect(self.head.show_side_button)
        self._failed.retry.connect(self.reload)

    # loading

    def reload(self) -> None:
        """Read again; what was typed stays on top of it."""
        jobs.start(self, self._reload(), self._load_failed)

    async def _reload(self, *, drop_mine: bool = False) -> None:
        if self.building:
            return
        self._loading.start()
        try:
            stored = await self.load()
        finally:
            self._loading.stop()
        self._failed.hide()
        self._body.show()
        self._take(stored, drop_mine=drop_mine)
        if not self._ready:
            self.draft.read_only = self.read_only()
            await self._build_in_turns()
            self.built.emit()
            if self._missed:
                self._missed = False
                self.together.changed_elsewhere()
            if self.record_id is None and self.isVisible():
                # What was laid out in a page that is seen is shown in the next turn; till then nothing takes keys.
                await jobs.sleep(0)
                shortcuts.focus_first(self.flow)
            await self._offer()
        else:
            self._show_all()

    async def _build_in_turns(self) -> None:
        self.building = True
        try:
            # What it is stands first; the rest follows in turns.
            self.head.show_heading()
            await self._in_turns(self.build() or ())
            self._ready = True
            self.flow.set_columns(2 if self.width() >= TWO_COLUMNS_FROM else 1)
            self._place_side()
            await self._in_turns(self._showing())
        finally:
            self.building = False

    async def _in_turns(self, parts: Iterable[None]) -> None:
        since = perf_counter()
        for _ in parts:
            if perf_counter() - since > _TURN_S:
                await jobs.sleep(0)
                since = perf_counter()

    def _take(self, stored: Any, *, drop_mine: bool) -> None:
        if self.draft.dirty and self._ready and not drop_mine:
            self.merge(stored, show=False)
            return
        self._base = copy_value(stored)
        if self.draft.dirty and self._ready:
            self.draft.take_over(stored, tr("重新载入"))
            self.draft.mark_saved()
            self.autosave.drop()
        else:
            self.draft.load(stored)
        self._blind = False

    def merge(self, stored: Any, *, show: bool = True) -> Merged:
        """Take STORED, which somebody else saved, under what was typed here (see Draft.absorb)."""
        base, self._base = self._base, copy_value(stored)
        merged = self.draft.absorb(base, stored, blind=self._blind)
        self._blind = False
        if self.draft.dirty:
            self.autosave.keep()
        if show:
            self._show_all()
        return merged

    def gone(self) -> None:
        """The record is not here any more: deleted, or taken out of what this user may see. What was typed stays to be copied."""
        self.error_bar.show_text(
            tr("这条{kind}已不在本机：被删除了，或不再对您开放。", kind=lookup.kind_noun(self.kind)), tone="amber"
        )

    def _load_failed(self, error: BaseException) -> None:
        self._loading.stop()
        if self._ready:
            self.ctx.nav.show_error(error, self)
            return
        if isinstance(error, PresalesError):
            self._failed.set_text(lookup.error_text(error, self.kind))
        else:
            self._failed.set_text(tr("程序出错，已记录。可以重试。"))
            self.ctx.nav.show_error(error, self)
        self._body.hide()
        self._failed.show()

    def _draft_replaced(self) -> None:
        if self._ready:
            self.head.show_state()

    def _show_all(self) -> None:
        for _ in self._showing():
            pass

    def _showing(self) -> Iterator[None]:
        only = self.read_only()
        self.draft.read_only = only
        for part in self.parts():
            lock = getattr(part, "set_read_only", None)
            if callable(lock):
                lock(only)
                yield
        self.head.show_all()
        self._retitle()
        yield
        yield from self.refresh() or ()

    def _retitle(self) -> None:
        said = self.heading()
        title = " ".join(p for p in (said.number, said.title) if p) or self._fallback_title()
        self.setWindowTitle(title)
        self.title_changed.emit(title)

    def _fallback_title(self) -> str:
        name = lookup.kind_title(self.kind)
        return tr("新建{kind}", kind=lookup.kind_noun(self.kind)) if self.record_id is None else name

    # saving

    @property
    def is_dirty(self) -> bool:
        """Whether something is not saved."""
        return self.draft.dirty

    @property
    def is_saving(self) -> bool:
        """Between asking the service to save and its answer."""
        return self._saving

    def save_now(self) -> None:
        """Ctrl+S."""
        jobs.start(self, self.save_all(), lambda error: self.ctx.nav.show_error(error, self))

    @property
    def is_working(self) -> bool:
        """While it is built, saves, or does a step (a sheet may be asking something)."""
        return self._saving or self.building or bool(self._busy)

    async def save_all(self, *, alone: bool = False) -> bool:
        """Save what is typed; False when it could not be saved (the page says why). What a colleague saved meanwhile is merged in and
        saved along unless it stands against mine; not with ALONE: before a step the user shall see what came in."""
        while self._saving or self.building:
            await jobs.sleep(15)
        for part in self.parts():
            part.commit()
        unreadable = [p for part in self.parts() for p in part.local_problems()]
        if unreadable:
            self.show_problems(unreadable)
            return False
        if not self._ready or (self.record_id is not None and not self.draft.dirty) or self.read_only():
            return self._ready
        return await self._save(alone=alone)

    async def _save(self, *, alone: bool) -> bool:
        self._saving = True
        self.draft.seal()
        self.head.show_state()
        sent = self.draft.snapshot()
        try:
            self.record_id = await self.save(copy_value(sent))
            stored = await self.load()
        except ValidationError as error:
            self.show_problems(error.problems)
            return False
        except ConflictError:
            stored = None
        finally:
            self._saving = False
            self.head.show_state()
        if stored is None:
            return await self.together.meet() and not alone and await self._save(alone=True)
        self._after_save(stored, sent)
        return True

    def _after_save(self, stored: Any, sent: Any) -> None:
        self.saves += 1
        self._base = copy_value(stored)
        self._blind = False
        untouched = self.draft.adopt(stored, sent)
        self.autosave.drop()
        self.autosave.rename(key_of(self.record_id))
        if untouched:
            self.draft.mark_saved()
        else:
            self.draft.mark_dirty()
            self.autosave.keep()
        self.show_problems(())
        self.error_bar.clear()
        self.together.settled()
        self.ask_bar.hide()
        self.recover_bar.hide()
        self.head.saved(self.ctx.db.runner.clock())
        self._show_all()
        self.saved.emit(self.record_id)

    # steps

    def run(self, callback: Callable[[], Any]) -> None:
        """Call back; a coroutine becomes a job, what fails is shown on this page."""
        jobs.start(self, self._call(callback), self._step_failed)

    async def _call(self, callback: Callable[[], Any]) -> None:
        answer = callback()
        if isinstance(answer, Awaitable):
            await answer

    def run_step(self, step: Step) -> None:
        """Do a step: save first where it asks for it, show the record anew afterwards."""
        if step.enabled and not self._busy:
            jobs.start(self, self._run_step(step), self._step_failed)

    async def _run_step(self, step: Step) -> None:
        self._busy += 1
        try:
            if step.saves and not await self.save_all(alone=True):
                return
            await self._call(step.callback)
        finally:
            self._busy -= 1
            self.head.show_state()
        if self.record_id is not None and step.reloads:
            await self._reload()

    def _step_failed(self, error: BaseException) -> None:
        if isinstance(error, ValidationError):
            self.show_problems(error.problems)
        elif isinstance(error, ConflictError):
            jobs.start(self, self.together.meet(), self._load_failed)
        else:
            self.ctx.nav.show_error(error, self)

    def primary_step(self) -> Step | None:
        """The one next step."""
        return next((s for s in self.steps() if s.primary), None)

    # problems

    def parts(self) -> list[Any]:
        """Everything on the page that edits the draft."""
        found = [*(w for w in self.findChildren(QWidget) if isinstance(w, PartMark)), *self._parts]
        return [part for part in found if getattr(part, "draft", self.draft) is self.draft]

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """List PROBLEMS at the top (a click leads to the field) and beside their fields."""
        self._problems = list(problems)
        for part in self.parts():
            part.set_problems([p for p in self._problems if part.owns(p.field)])
        self._list_problems()
        blocking = [p for p in self._problems if p.field and p.blocking]
        if blocking and blocking[0].field:
            self.focus_path(blocking[0].field)

    def _list_problems(self) -> None:
        if not self._problems:
            self.error_bar.clear()
            return
        listed = [
            (self._sentence(p), (lambda path=p.field: self.focus_path(path)) if p.field else None)
            for p in self._problems
        ]
        tone = "bad" if any(p.blocking for p in self._problems) else "amber"
        if len(listed) == 1 and listed[0][1] is None:
            self.error_bar.show_text(listed[0][0], tone=tone)
        else:
            self.error_bar.show_text(summary(self._problems), tone=tone, problems=listed)

    def _sentence(self, problem: Problem) -> str:
        for part in self.parts():
            if part.owns(problem.field):
                return str(part.describe(problem))
        return lookup.problem_text(problem, self.kind)

    def focus_path(self, path: str) -> bool:
        """Put the keyboard where PATH is edited, and scroll there."""
        for part in self.parts():
            if part.owns(path) and part.focus_path(path):
                target = self.focusWidget()
                if target is not None and self.flow.isAncestorOf(target):
                    self._area.ensureWidgetVisible(target, 50, 80)
                return True
        return False

    def _changed(self, path: str) -> None:
        left = [p for p in self._problems if p.field != path]
        if len(left) != len(self._problems):
            self._problems = left
            self._list_problems()
        self.head.show_heading()

    # somebody else saved; an earlier run left something

    def _bus_changed(self, changes: ChangeSet, initiator: object) -> None:
        if self.record_id is None or (self.kind, self.record_id) not in changes.refs:
            return
        if not self._ready:
            # It may have been read before this: asked again once the page stands.
            self._missed = True
            return
        elsewhere = initiator is self.ctx.bus
        mine = initiator is self or initiator is self.autosave or self._saving or self._busy
        if elsewhere or not mine:
            self.together.changed_elsewhere()

    async def _offer(self) -> None:
        kept = await self.autosave.find()
        if kept is not None and not self.draft.dirty and not self.read_only():
            today = shanghai_day(self.ctx.db.runner.clock())
            same_day = shanghai_day(kept.saved_at) == today
            when = formats.clock(kept.saved_at) if same_day else formats.moment(kept.saved_at)
            self.recover_bar.ask(
                tr("恢复 {when} 未保存的内容？", when=when),
                (tr("恢复"), lambda: self._recover(kept)),
                (tr("丢弃"), lambda: self._discard(kept)),
            )

    def _recover(self, kept: KeptDraft) -> None:
        try:
            self.autosave.recover(kept, tr("恢复未保存的内容"))
            self._blind = getattr(self.draft.value, "base_version", 0) != getattr(self._base, "base_version", 0)
        except ValueError:
            self._discard(kept)
            self.ctx.nav.toast(tr("未保存的内容已损坏，无法恢复。"), tone="bad")

    def _discard(self, kept: KeptDraft) -> None:
        self.ctx.db.run(drafts.drop, kept.kind, kept.key, initiator=self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.autosave.flush()

    def leave(self) -> None:
        """The page goes: what was typed is kept, nothing is asked."""
        for part in self.parts():
            part.commit()
        self.autosave.close()
