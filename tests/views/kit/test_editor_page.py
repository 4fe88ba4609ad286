"""The editor page on a real service (users): saving in words, problems at their fields, conflicts, recovery, the next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from presales_desktop.models.errors import NotFound, Problem, UserError
from presales_desktop.services import drafts, users
from presales_desktop.views.kit import autosave
from presales_desktop.views.kit.dialogs import ask_text
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.side_panel import SidePanel

CTRL = Qt.KeyboardModifier.ControlModifier


class UserPage(EditorPage):
    """A user being edited; `log` tells what its steps did."""

    def __init__(self, ctx: Any, record_id: UUID | None, **initial: Any) -> None:
        self.log: list[Any] = []
        self.locked = False
        self.allowed = True
        super().__init__(ctx, "user", record_id, initial)

    async def load(self) -> users.UserDraft:
        if self.record_id is None:
            return await self.ctx.db.run(users.new_draft, self.initial)
        return await self.ctx.db.run(users.load, self.record_id)

    def build(self) -> None:
        self.form = Form(self.ctx, self.draft, users.FIELDS[:4], "user")
        self.more = Form(self.ctx, self.draft, users.FIELDS[4:], "user")
        self.add_section("基本资料", self.form)
        self.add_section("联系方式", self.more)
        self.add_section("整行", QLabel("x"), wide=True)
        self.add_side(SidePanel("面板"))

    def refresh(self) -> None:
        self.log.append("refresh")

    async def save(self, value: users.UserDraft) -> UUID:
        return await self.ctx.db.run(users.save, value, initiator=self)

    def heading(self) -> Heading:
        return Heading(self.draft.value.login, self.draft.value.name, ("在职", "good"))

    def read_only(self) -> bool:
        return self.locked

    def steps(self) -> list[Step]:
        return [
            Step(action="greet", title="问候", callback=self.greet, primary=True, enabled=self.allowed, why="没有权限"),
            Step(action="fail", title="失败", callback=self.fail, shortcut="Ctrl+Shift+F"),
            Step(action="never", title="不行", callback=lambda: self.log.append("never"), enabled=False, why="还不行"),
        ]

    async def greet(self) -> None:
        said = await ask_text(self, "问候", "说什么", primary="发送")
        self.log.append(said)

    async def fail(self) -> None:
        raise UserError("store.locked")


Make = Callable[..., UserPage]


@pytest.fixture
def admin(make_ctx: Any) -> Any:
    return make_ctx("admin")


@pytest.fixture
def wangmin(run: Any) -> UUID:
    found: UUID = run("admin", users.resolve, "wangmin")
    return found


@pytest.fixture
def open_page(admin: Any, qtbot: Any, show: Any, settle: Any) -> Make:
    def make(record_id: UUID | None = None, width: int = 1166, ctx: Any = None, **initial: Any) -> UserPage:
        page = UserPage(ctx or admin, record_id, **initial)
        with qtbot.waitSignal(page.built):
            show(page, width, 720)
        settle(ctx or admin)
        return page

    return make


def retype(qtbot: Any, widget: Any, text: str) -> None:
    widget.setFocus()
    widget.selectAll()
    if text:
        qtbot.keyClicks(widget, text)
    else:
        qtbot.keyClick(widget, Qt.Key.Key_Delete)


def save(qtbot: Any, page: UserPage) -> None:
    with qtbot.waitSignal(page.saved):
        qtbot.keyClick(page.focusWidget() or page, Qt.Key.Key_S, CTRL)


def words(page: UserPage) -> str:
    return page.head.state_words


def test_it_shows_who_it_is_and_that_nothing_waits(open_page: Make, wangmin: UUID) -> None:
    page = open_page(wangmin)
    assert page.findChild(QLabel, "user.head.number").text() == "wangmin"
    assert page.findChild(QLabel, "user.head.title").text() == "王敏"
    assert page.windowTitle() == "wangmin 王敏"
    assert words(page) == "已保存"
    assert not page.is_dirty
    assert not page.findChild(QPushButton, "user.save").isEnabled()


def test_what_somebody_saves_while_the_page_is_built_is_shown(
    admin: Any, wangmin: UUID, qtbot: Any, show: Any, settle: Any, run: Any
) -> None:
    class Interrupted(UserPage):
        def build(self) -> Any:
            super().build()
            draft = run("admin", users.load, wangmin)
            draft.name = "王小敏"
            run("admin", users.save, draft)
            self.ctx.bus.arrived([("user", wangmin)])
            yield

    page = Interrupted(admin, wangmin)
    with qtbot.waitSignal(page.built):
        show(page, 1166, 720)
    qtbot.waitUntil(lambda: page.draft.value.name == "王小敏", timeout=30000)
    settle(admin)
    assert page.form.widget("name").text() == "王小敏"
    assert not page.is_dirty


def test_typing_and_saving_in_words(open_page: Make, wangmin: UUID, qtbot: Any, run: Any) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Wang Min")
    assert words(page) == "未保存的修改"
    assert page.findChild(QLabel, "user.head.title").text() == "Wang Min"
    save(qtbot, page)
    assert words(page) == "已保存 10:00"
    assert run("admin", users.load, wangmin).name == "Wang Min"
    assert page.draft.value.base_version == run("admin", users.load, wangmin).base_version
    assert page.log.count("refresh") == 2
    page.draft.undo_stack.undo()
    assert page.draft.value.name == "王敏"
    save(qtbot, page)
    assert run("admin", users.load, wangmin).name == "王敏"


def test_ctrl_z_in_a_field_undoes_in_the_page(open_page: Make, wangmin: UUID, qtbot: Any) -> None:
    page = open_page(wangmin)
    edit = page.form.widget("name")
    retype(qtbot, edit, "abc")
    qtbot.keyClick(edit, Qt.Key.Key_Z, CTRL)
    assert edit.text() == "王敏"
    assert words(page) == "已保存"
    qtbot.keyClick(edit, Qt.Key.Key_Y, CTRL)
    assert edit.text() == "abc"


def test_a_new_record_becomes_one_with_its_first_save(open_page: Make, qtbot: Any, admin: Any, run: Any) -> None:
    page = open_page(None, department="design", roles=["design"])
    assert words(page) == "尚未保存"
    assert page.draft.value.department == "design"
    assert page.windowTitle() == "新建用户" or "新建" in page.windowTitle()
    retype(qtbot, page.form.widget("login"), "newbie")
    retype(qtbot, page.form.widget("name"), "Neu")
    titles: list[str] = []
    page.title_changed.connect(titles.append)
    save(qtbot, page)
    assert page.record_id == run("admin", users.resolve, "newbie")
    assert titles == ["newbie Neu"]
    assert page.draft.value.id == page.record_id
    retype(qtbot, page.form.widget("name"), "Zwei")
    save(qtbot, page)
    assert run("admin", users.load, page.record_id).name == "Zwei"


def test_problems_go_to_the_top_and_to_their_fields(open_page: Make, wangmin: UUID, qtbot: Any, run: Any) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "")
    retype(qtbot, page.form.widget("login"), "liqiang")
    page.save_now()
    qtbot.waitUntil(lambda: page.error_bar.text == "有 2 处需要修改：")
    assert page.form.boxes["name"].problem == "姓名不能为空，请填写。"
    assert page.form.boxes["login"].problem != ""
    assert words(page).startswith("未保存")
    links = [b for b in page.error_bar.findChildren(QPushButton) if b.text().startswith("·") and "姓名" in b.text()]
    page.more.widget("phone").setFocus()
    links[0].click()
    assert page.form.widget("name").hasFocus()
    qtbot.keyClicks(page.form.widget("name"), "x")
    assert page.error_bar.text == "有一处需要修改："
    retype(qtbot, page.form.widget("login"), "wangmin2")
    assert page.error_bar.text == ""
    save(qtbot, page)
    assert run("admin", users.load, wangmin).login == "wangmin2"


def test_what_is_typed_while_it_saves_is_not_lost(open_page: Make, wangmin: UUID, qtbot: Any, run: Any) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "First")
    with qtbot.waitSignal(page.saved):
        page.save_now()
        assert words(page) == "正在保存…"
        retype(qtbot, page.more.widget("phone"), "139")
    assert run("admin", users.load, wangmin).phone != "139"
    assert page.draft.value.phone == "139"
    assert page.is_dirty
    save(qtbot, page)
    assert run("admin", users.load, wangmin).phone == "139"
    assert not page.is_dirty


def _other_saves(run: Any, record_id: UUID, **values: Any) -> None:
    draft = run("admin", users.load, record_id)
    for name, value in values.items():
        setattr(draft, name, value)
    run("admin", users.save, draft)


def test_a_quicker_colleague_is_merged_in_and_saved_along(open_page: Make, wangmin: UUID, qtbot: Any, run: Any) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Mine")
    _other_saves(run, wangmin, phone="12345")
    save(qtbot, page)
    stored = run("admin", users.load, wangmin)
    assert (stored.name, stored.phone) == ("Mine", "12345")
    assert page.more.widget("phone").text() == "12345"
    assert not page.is_dirty


def test_where_both_changed_mine_stays_and_theirs_stands_beside_it(
    open_page: Make, wangmin: UUID, qtbot: Any, run: Any
) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Mine")
    _other_saves(run, wangmin, phone="12345", name="Theirs")
    page.save_now()
    qtbot.waitUntil(lambda: page.ask_bar.text != "")
    assert "1 处已合入，1 处与您的不同" in page.ask_bar.text
    assert page.draft.value.name == "Mine"
    assert page.more.widget("phone").text() == "12345"
    assert "改为：Theirs" in page.findChild(QLabel, "user.name.theirs").text()
    assert run("admin", users.load, wangmin).name == "Theirs"
    save(qtbot, page)
    assert run("admin", users.load, wangmin).name == "Mine"
    assert page.findChild(QLabel, "user.name.theirs") is None
    assert page.ask_bar.text == ""


def test_theirs_can_be_taken_and_even_that_can_be_undone(open_page: Make, wangmin: UUID, qtbot: Any, run: Any) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Mine")
    _other_saves(run, wangmin, name="Theirs")
    page.save_now()
    qtbot.waitUntil(lambda: page.ask_bar.text != "")
    page.ask_bar.findChild(QPushButton, "user.conflict.1").click()
    assert page.form.widget("name").text() == "Theirs"
    assert page.findChild(QLabel, "user.name.theirs") is None
    page.draft.undo_stack.undo()
    assert page.form.widget("name").text() == "Mine"
    page.draft.undo_stack.undo()  # my own typing: what it goes back to is theirs by now
    assert page.form.widget("name").text() == "Theirs"


def test_a_step_waits_until_one_has_seen_what_came_in(open_page: Make, wangmin: UUID, qtbot: Any, run: Any) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Mine")
    _other_saves(run, wangmin, phone="12345")
    page.head.primary.click()
    qtbot.waitUntil(lambda: page.ask_bar.text != "")
    assert page.findChild(QWidget, "ask.text") is None
    page.head.primary.click()
    qtbot.waitUntil(lambda: page.findChild(QWidget, "ask.text") is not None)
    assert run("admin", users.load, wangmin).name == "Mine"


def _arrives(run: Any, ctx: Any, record_id: UUID, **values: Any) -> None:
    """A colleague's save comes in by sync."""
    _other_saves(run, record_id, **values)
    ctx.bus.arrived({("user", record_id)})


def test_anothers_save_shows_at_once_when_nothing_waits(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any
) -> None:
    page = open_page(wangmin)
    _arrives(run, admin, wangmin, name="改名了")
    qtbot.waitUntil(lambda: page.form.widget("name").text() == "改名了")
    assert words(page).endswith("修改")
    assert not page.is_dirty
    assert page.ask_bar.text == ""


def test_what_arrives_leaves_the_cursor_and_what_is_typed_alone(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any
) -> None:
    page = open_page(wangmin)
    edit = page.more.widget("phone")
    retype(qtbot, edit, "7788")
    edit.setCursorPosition(2)
    _arrives(run, admin, wangmin, name="改名了", department="sales")
    qtbot.waitUntil(lambda: page.form.widget("name").text() == "改名了")
    assert edit.hasFocus()
    assert edit.cursorPosition() == 2
    qtbot.keyClicks(edit, "x")
    assert page.draft.value.phone == "77x88"
    assert "您的修改还在" in page.ask_bar.text
    save(qtbot, page)
    stored = run("admin", users.load, wangmin)
    assert (stored.name, stored.phone) == ("改名了", "77x88")


def test_the_same_change_on_both_sides_is_none(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any, settle: Any
) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Renamed")
    _arrives(run, admin, wangmin, name="Renamed")
    qtbot.waitUntil(lambda: not page.is_dirty)
    assert page.ask_bar.text == ""


def test_a_record_that_goes_says_so_and_keeps_what_was_typed(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Mine")

    async def load() -> Any:
        raise NotFound("record.not_found", kind="user", id=str(wangmin))

    monkeypatch.setattr(page, "load", load)
    admin.bus.arrived({("user", wangmin)})
    qtbot.waitUntil(lambda: "已不在本机" in page.error_bar.text)
    assert page.form.widget("name").text() == "Mine"


def test_recovered_words_from_an_older_version_never_win_unseen(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any, settle: Any
) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Recovered")
    page.autosave.keep()
    settle(admin)
    page.autosave._open.clear()
    _other_saves(run, wangmin, phone="12345")
    again = open_page(wangmin)
    again.recover_bar.findChild(QPushButton, "user.recover.0").click()
    assert again.draft.value.name == "Recovered"
    again.save_now()
    qtbot.waitUntil(lambda: again.ask_bar.text != "")
    assert "改为：12345" in again.findChild(QLabel, "user.phone.theirs").text()
    assert run("admin", users.load, wangmin).phone == "12345"


def test_unsaved_words_survive_and_are_offered_again(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosave, "AFTER_MS", 10)
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Unsaved")
    qtbot.waitUntil(lambda: words(page) == "未保存 · 10:00 已暂存")
    page.autosave._open.clear()  # the program died: nobody let the key go
    again = open_page(wangmin)
    assert again.recover_bar.text == "恢复 10:00 未保存的内容？"
    assert again.form.widget("name").text() == "王敏"
    again.recover_bar.findChild(QPushButton, "user.recover.0").click()
    assert again.form.widget("name").text() == "Unsaved"
    assert again.is_dirty
    save(qtbot, again)
    settle(admin)
    assert run("admin", drafts.unsaved) == ()
    assert run("admin", users.load, wangmin).name == "Unsaved"


def test_closing_asks_nothing_and_loses_nothing(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any, settle: Any
) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "Half typed")
    page.leave()
    page.hide()
    settle(admin)
    assert [d.body["name"] for d in run("admin", drafts.unsaved)] == ["Half typed"]
    again = open_page(wangmin)
    again.recover_bar.findChild(QPushButton, "user.recover.1").click()
    settle(admin)
    assert run("admin", drafts.unsaved) == ()
    assert again.recover_bar.text == ""


def test_undoing_everything_leaves_nothing_to_recover(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any, settle: Any
) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "x")
    page.autosave.keep()
    settle(admin)
    assert len(run("admin", drafts.unsaved)) == 1
    page.draft.undo_stack.undo()
    settle(admin)
    assert run("admin", drafts.unsaved) == ()


def test_a_new_record_that_was_never_saved_comes_back_too(
    open_page: Make, qtbot: Any, admin: Any, run: Any, settle: Any
) -> None:
    page = open_page(None)
    retype(qtbot, page.form.widget("name"), "Fast fertig")
    beside = open_page(None)
    assert beside.recover_bar.text == ""
    beside.leave()
    page.leave()
    settle(admin)
    again = open_page(None)
    again.recover_bar.findChild(QPushButton, "user.recover.0").click()
    assert again.form.widget("name").text() == "Fast fertig"
    retype(qtbot, again.form.widget("login"), "fertig")
    again.draft.set("roles", ["sales"])
    save(qtbot, again)
    settle(admin)
    assert run("admin", drafts.unsaved) == ()


def test_a_damaged_draft_is_said_and_thrown_away(
    open_page: Make, wangmin: UUID, qtbot: Any, admin: Any, run: Any, settle: Any
) -> None:
    run("admin", drafts.keep, "user", str(wangmin), 1, {"roles": {"$": "decimal", "v": "x"}})
    page = open_page(wangmin)
    page.recover_bar.findChild(QPushButton, "user.recover.0").click()
    settle(admin)
    assert page.form.widget("name").text() == "王敏"
    assert "损坏" in admin.nav.toasts[0]
    assert run("admin", drafts.unsaved) == ()


def test_the_next_step_saves_first_and_reads_anew(open_page: Make, wangmin: UUID, qtbot: Any, run: Any) -> None:
    page = open_page(wangmin)
    assert page.head.primary.text() == "问候"
    assert page.head.primary.objectName() == "user.greet"
    retype(qtbot, page.form.widget("name"), "Vorher")
    qtbot.keyClick(page.form.widget("name"), Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: page.findChild(QWidget, "ask.text") is not None)
    assert run("admin", users.load, wangmin).name == "Vorher"
    text = page.findChild(QWidget, "ask.text")
    qtbot.waitUntil(text.hasFocus)
    qtbot.keyClicks(text, "hallo")
    before = page.log.count("refresh")
    qtbot.keyClick(text, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: page.log.count("refresh") > before)
    assert "hallo" in page.log
    assert all(s.isEnabled() for s in page.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly))


def test_a_step_waits_for_what_cannot_be_saved(open_page: Make, wangmin: UUID, qtbot: Any) -> None:
    page = open_page(wangmin)
    retype(qtbot, page.form.widget("name"), "")
    page.head.primary.click()
    qtbot.waitUntil(lambda: page.error_bar.text != "")
    assert page.findChild(QWidget, "ask.text") is None


def test_steps_that_may_not_be_taken_say_why(open_page: Make, wangmin: UUID, qtbot: Any) -> None:
    page = open_page(wangmin)
    page.allowed = False
    page.head.show_all()
    assert not page.head.primary.isEnabled()
    assert page.head.primary.toolTip() == "没有权限"
    qtbot.keyClick(page, Qt.Key.Key_Return, CTRL)
    assert page.findChild(QWidget, "ask.text") is None
    menu = page.head.menu()
    entries = {a.objectName(): a for a in menu.actions() if a.objectName()}
    assert (entries["user.fail"].isEnabled(), entries["user.never"].isEnabled()) == (True, False)
    assert entries["user.never"].toolTip() == "还不行"


def test_a_failing_step_is_shown_and_its_key_works(open_page: Make, wangmin: UUID, qtbot: Any, admin: Any) -> None:
    page = open_page(wangmin)
    qtbot.keyClick(page, Qt.Key.Key_F, CTRL | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: bool(admin.nav.errors))
    assert admin.nav.errors[0].code == "store.locked"
    admin.nav.errors.clear()


def test_read_only_locks_fields_and_history(
    open_page: Make, wangmin: UUID, qtbot: Any, settle: Any, admin: Any
) -> None:
    page = open_page(wangmin)
    page.locked = True
    page.reload()
    settle(admin)
    assert words(page) == "只读"
    assert page.form.boxes["name"].read_only
    assert not page.findChild(QPushButton, "user.save").isVisible()


def test_a_record_that_is_gone_says_so_and_can_be_tried_again(admin: Any, qtbot: Any, show: Any, settle: Any) -> None:
    page = UserPage(admin, UUID(int=9))
    show(page)
    settle(admin)
    assert page._failed.isVisible()
    assert any("找不到" in label.text() for label in page._failed.findChildren(QLabel))
    assert admin.nav.errors == []
    with pytest.raises(NotFound):
        admin.db.runner.run(users.load, UUID(int=9))


def test_two_columns_when_wide_one_when_narrow(open_page: Make, wangmin: UUID, qtbot: Any) -> None:
    page = open_page(wangmin, width=1166)
    first, second, wide = page.flow.sections
    assert second.x() > first.x()
    assert wide.width() > first.width() * 1.9
    assert page._side_area.isVisible()
    page.resize(800, 700)
    qtbot.waitUntil(lambda: second.x() == first.x())
    assert second.y() > first.y()
    assert not page._side_area.isVisible()


def test_the_side_column_is_remembered(open_page: Make, wangmin: UUID, qtbot: Any, admin: Any) -> None:
    page = open_page(wangmin)
    qtbot.keyClick(page, Qt.Key.Key_Period, CTRL)
    assert not page._side_area.isVisible()
    assert not open_page(wangmin)._side_area.isVisible()
    admin.settings.window = {}


def test_sections_are_as_high_as_they_need_after_the_window_changed(open_page: Make, wangmin: UUID, qtbot: Any) -> None:
    page = open_page(wangmin, width=1166)
    page.show_problems([Problem("field.required", "login")])
    for width in (760, 1166, 700):
        page.resize(width, 720)
        section = page.flow.sections[0]
        qtbot.waitUntil(lambda section=section: section.height() == section.heightForWidth(section.width()))
