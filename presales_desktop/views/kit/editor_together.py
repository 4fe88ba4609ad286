"""An editor that others work in, too: what they save comes in under the user's hands without taking anything out of them.

Fields that the user did not touch take the colleague's values in place; what he touched stays and is marked with theirs beside it. A
bar says who it was. Nothing happens while a mouse button is held, a save is under way or a sheet asks something.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from presales_desktop.models.errors import NotFound
from presales_desktop.services import colleagues
from presales_desktop.services.colleagues import LastSave
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.merging import Clash, Merged, copy_value

if TYPE_CHECKING:
    from presales_desktop.views.kit.editor_page import EditorPage

_PAUSE_MS = 30


class Together:
    """The others, for one EditorPage. `clashes`: where mine stands against theirs until it is saved or settled."""

    def __init__(self, page: EditorPage) -> None:
        self._page = page
        self._job: jobs.Job | None = None
        self._again = False
        self.clashes: list[Clash] = []

    def changed_elsewhere(self) -> None:
        """Somebody saved this record."""
        self._again = True
        if self._job is None:
            self._job = jobs.start(self._page, self._follow(), self._failed)
            if not self._job.running:
                self._job = None

    def _failed(self, error: BaseException) -> None:
        self._job = None
        if isinstance(error, NotFound):
            self._page.gone()
        else:
            self._page.ctx.nav.show_error(error, self._page)

    async def _follow(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._hands_off()
                saved = self._page.saves
                stored = await self._page.load()
                last = await self._last()
                await self._hands_off()
                if self._again or saved != self._page.saves:
                    self._again = True  # what was read may be older than what is shown by now
                    continue
                self._take(stored, last)
        finally:
            self._job = None

    async def _hands_off(self) -> None:
        """Wait while the page saves or something is dragged."""
        while self._page.is_working or QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            await jobs.sleep(_PAUSE_MS)

    async def _last(self) -> LastSave | None:
        page = self._page
        if page.record_id is None:
            return None
        return await page.ctx.db.run(colleagues.last_save, page.kind, page.record_id)

    async def meet(self) -> bool:
        """A save was refused because somebody was quicker: merge. Whether nothing of mine stands against theirs."""
        page = self._page
        try:
            stored = await page.load()
        except NotFound:
            page.gone()
            return False
        return not self._take(stored, await self._last()).clashes

    def _take(self, stored: Any, last: LastSave | None) -> Merged:
        page = self._page
        dirty = page.draft.dirty
        merged = page.merge(stored)
        who = self._who(last)
        self._remember(merged, who)
        if dirty:
            self._say(merged, who)
        elif last is not None and merged.taken:
            page.head.others_saved(who, last.at)
        return merged

    @staticmethod
    def _who(last: LastSave | None) -> str:
        if last is None or not last.name:
            return tr("同事")
        return tr("您在另一处") if last.mine else last.name

    def _remember(self, merged: Merged, who: str) -> None:
        """Clashes of before stay as long as mine differs from what they made of it."""
        fresh = {(id(c.owner), c.name) for c in merged.clashes}
        kept = [c for c in self.clashes if (id(c.owner), c.name) not in fresh and self._stands(c)]
        self.clashes = [*kept, *merged.clashes]
        self._show(who)

    def _stands(self, clash: Clash) -> bool:
        if not clash.name:
            return False
        path = self._page.draft.path_of(clash.owner, clash.path.rpartition(".")[0])
        return path is not None and getattr(clash.owner, clash.name) != clash.theirs

    def _show(self, who: str) -> None:
        shown = [(self._path(clash), clash) for clash in self.clashes if clash.name]
        for part in self._page.parts():
            mark = getattr(part, "set_theirs", None)
            if callable(mark):
                mark([(path, clash.theirs) for path, clash in shown if path and part.owns(path)], who)

    def _path(self, clash: Clash) -> str:
        owner = self._page.draft.path_of(clash.owner, clash.path.rpartition(".")[0])
        return "" if owner is None else f"{owner}.{clash.name}" if owner else clash.name

    def _say(self, merged: Merged, who: str) -> None:
        noun = lookup.kind_noun(self._page.kind)
        if merged.clashes:
            said = tr(
                "{who}刚刚修改了这条{kind}：{n} 处已合入，{m} 处与您的不同，保留您的。",
                who=who, kind=noun, n=merged.taken, m=len(merged.clashes),
            )  # fmt: skip
            self._page.ask_bar.ask(
                said,
                (tr("查看"), self._look),
                (tr("采用对方的"), partial(self.take_theirs, tuple(merged.clashes))),
                (tr("保留我的"), lambda: None),
            )
        elif merged.taken:
            said = tr("{who}刚刚修改了这条{kind}：{n} 处已合入，您的修改还在。", who=who, kind=noun, n=merged.taken)
            self._page.ask_bar.ask(said, (tr("知道了"), lambda: None))

    def _look(self) -> None:
        for clash in self.clashes:
            if clash.name and self._page.focus_path(self._path(clash)):
                return

    def take_theirs(self, clashes: tuple[Clash, ...]) -> None:
        """What they made of it, as one step that can be undone."""
        draft = self._page.draft
        with draft.macro(tr("采用对方的修改")):
            for clash in clashes:
                path = self._path(clash) if clash.name else clash.path
                if clash.name and path:
                    draft.set(path, copy_value(clash.theirs), merge=False)
                elif clash.gone == "mine":
                    draft.append(path, copy_value(clash.theirs))
                elif clash.gone == "theirs":
                    rows = draft.get(path)
                    place = next((i for i, row in enumerate(rows) if row is clash.owner), None)
                    if place is not None:
                        draft.remove(path, place)
        self.clashes = [c for c in self.clashes if c not in clashes]
        self._show("")

    def settled(self) -> None:
        """Saved: mine is what holds now."""
        self.clashes = []
        self._show("")
