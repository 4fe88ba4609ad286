"""States, panels, charts and shortcuts, as a user meets them."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from presales_desktop.models.attachments import FileReceipt, receipt_id
from presales_desktop.services import attachments, contents, transfers
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.customers import save as save_customer
from presales_desktop.services.transfers import Place
from presales_desktop.views.kit import charts, jobs, shortcuts
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.charts import FunnelStage, nice_step
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.panels import (
    ApprovalPanel,
    FilesPanel,
    RelatedPanel,
    RelatedRow,
    RowButton,
    StepRow,
    TimelinePanel,
)
from presales_desktop.views.kit.paragraph import Paragraph
from presales_desktop.views.kit.polar import PolarChart
from presales_desktop.views.kit.states import Chip, EmptyState, ErrorBar, LoadingBar, ProgressPanel, ToastHost

Settle = Callable[[ViewContext], None]


def texts_of(widget: QWidget) -> list[str]:
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


@pytest.fixture
def customer(ctx: ViewContext, settle: Settle) -> UUID:
    made: list[UUID] = []
    ctx.db.run(save_customer, CustomerDraft(name="欧派灯饰有限公司"))
    pending = ctx.db.run(lambda work: work.session.execute(_first_customer()).scalar_one())
    pending.add_done(lambda: made.append(pending.result()))
    settle(ctx)
    return made[0]


def _first_customer() -> Any:
    from sqlalchemy import select

    from presales_desktop.models.customers import Customer

    return select(Customer.id)


def test_error_bar_leads_to_the_field_and_closes(qtbot: Any) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    went: list[str] = []
    assert bar.text == ""
    bar.show_text("有 1 处需要修改", problems=[("电话太长", lambda: went.append("phone"))])
    assert not bar.isHidden()
    link = next(b for b in bar.findChildren(QPushButton) if "电话太长" in b.text())
    link.click()
    assert went == ["phone"]
    bar.clear()
    assert bar.isHidden()


def test_error_bars_action_runs_once_and_takes_the_bar_away(qtbot: Any) -> None:
    bar = ErrorBar()
    qtbot.addWidget(bar)
    again: list[bool] = []
    bar.show_text("磁盘空间不足", action=("重试", lambda: again.append(True)))
    bar.findChild(QPushButton, "page.error.action").click()
    assert again == [True]
    assert bar.isHidden()


def test_empty_state_offers_its_action(qtbot: Any) -> None:
    empty = EmptyState("users", "还没有客户", "说明", "新建客户", "Ctrl+N")
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.action):
        empty.findChild(QPushButton, "empty.action").click()
    empty.set("users", "没有找到")
    assert empty.findChild(QPushButton, "empty.action").isHidden()


def test_a_long_hint_is_shown_whole(qtbot: Any) -> None:
    empty = EmptyState("users", "还没有客户", "一个项目是一位客户的一项需求，从第一次咨询到签订合同都在这里。" * 2)
    qtbot.addWidget(empty)
    assert empty._hint.minimumHeight() >= empty._hint.heightForWidth(empty._hint.width())
    one_line = EmptyState("users", "还没有客户", "说明")
    qtbot.addWidget(one_line)
    assert one_line._hint.minimumHeight() < empty._hint.minimumHeight()


def test_loading_bar_stays_away_from_short_waits(qtbot: Any) -> None:
    bar = LoadingBar()
    qtbot.addWidget(bar)
    bar.start()
    assert bar.running
    bar.stop()
    assert not bar._ticks.isActive()
    bar.start()
    qtbot.waitUntil(bar._ticks.isActive, timeout=2000)
    bar.stop()
    assert not bar._ticks.isActive()


def test_progress_panel_cancels_the_work(qtbot: Any) -> None:
    progress = jobs.Progress()
    panel = ProgressPanel("生成演示数据", progress)
    qtbot.addWidget(panel)
    progress.step(1, 4, "客户")
    assert "客户" in texts_of(panel)
    panel.findChild(QPushButton, "progress.cancel").click()
    with pytest.raises(jobs.Cancelled):
        progress.step(2, 4, "产品")


def test_toasts_undo_and_the_same_words_are_shown_once(qtbot: Any) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    host = ToastHost(window)
    undone: list[bool] = []
    host.show("已移除", "neutral", ("撤销", lambda: undone.append(True)))
    host.show("已移除", "neutral", ("撤销", lambda: undone.append(True)))
    assert len(host.toasts) == 1
    button = host.toasts[0].action_button
    assert button is not None
    button.click()
    assert undone == [True]
    assert host.toasts == []
    for n in range(5):
        host.show(f"消息 {n}")
    assert [t.text for t in host.toasts] == ["消息 2", "消息 3", "消息 4"]


def test_chip_says_its_state_as_a_word(qtbot: Any) -> None:
    chip = Chip("待审核", "amber")
    qtbot.addWidget(chip)
    assert chip.accessibleName() == "待审核"
    short = chip.sizeHint().width()
    chip.set("已通过审核", "good")
    assert chip.sizeHint().width() > short


def test_timeline_shows_what_happened_and_follows_changes(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle
) -> None:
    panel = TimelinePanel(ctx)
    qtbot.addWidget(panel)
    panel.load("customer", customer)
    settle(ctx)
    assert [r.action for r in panel.rows] == ["created"]
    assert any("王敏" in t for t in texts_of(panel))

    def rename(work: Any) -> None:
        from presales_desktop.services import customers

        draft = customers.load(work, customer)
        draft.name = "欧派照明有限公司"
        customers.save(work, draft)

    ctx.db.run(rename)
    settle(ctx)
    settle(ctx)
    assert len(panel.rows) == 2
    assert ctx.nav.errors == []  # type: ignore[attr-defined]


def test_files_are_added_listed_removed_and_put_back(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle, tmp_path: Path
) -> None:
    panel = FilesPanel(ctx, "customer", customer, (("file", ""),))
    qtbot.addWidget(panel)
    settle(ctx)
    paper = tmp_path / "营业执照.txt"
    paper.write_text("证照", "utf-8")
    panel.add_paths([paper])
    for _ in range(3):
        settle(ctx)
    assert [r.name for r in panel.rows] == ["营业执照.txt"]
    panel.remove(panel.rows[0])
    for _ in range(3):
        settle(ctx)
    assert panel.rows == ()
    assert ctx.nav.toasts == ["已移除 营业执照.txt"]  # type: ignore[attr-defined]


def test_files_are_opened_outside_and_copies_saved(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtGui import QDesktopServices

    opened: list[Path] = []

    def open_outside(url: Any) -> bool:
        opened.append(Path(url.toLocalFile()))
        return len(opened) == 1

    monkeypatch.setattr(QDesktopServices, "openUrl", open_outside)
    ctx.db.run(attachments.add, "customer", customer, "file", "平面图.txt", b"plan")
    panel = FilesPanel(ctx, "customer", customer)
    qtbot.addWidget(panel)
    settle(ctx)
    for _ in range(2):
        panel.open(panel.rows[0])
        for _ in range(3):
            settle(ctx)
    assert [p.name for p in opened] == ["平面图.txt", "平面图.txt"]
    assert opened[0].read_bytes() == b"plan"
    assert "没有程序能打开" in ctx.nav.toasts[-1]  # type: ignore[attr-defined]
    jobs.start(panel, panel._save(panel.rows[0], tmp_path / "copy.txt"))
    for _ in range(3):
        settle(ctx)
    assert (tmp_path / "copy.txt").read_bytes() == b"plan"


def test_files_that_cannot_be_read_say_which_and_why(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle, tmp_path: Path
) -> None:
    panel = FilesPanel(ctx, "customer", customer)
    qtbot.addWidget(panel)
    panel.add_paths([tmp_path / "没有.pdf"])
    settle(ctx)
    settle(ctx)
    errors = ctx.nav.errors  # type: ignore[attr-defined]
    assert [e.code for e in errors] == ["file.unreadable"]


def test_a_large_file_is_streamed_with_progress_and_can_be_cancelled(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = FilesPanel(ctx, "customer", customer)
    qtbot.addWidget(panel)
    panel.show()
    settle(ctx)
    film = tmp_path / "现场录像.mp4"
    film.write_bytes(b"0123456789abcdef" * 400_000)
    panel.add_paths([film])
    for _ in range(4):
        settle(ctx)
    assert [r.name for r in panel.rows] == ["现场录像.mp4"]
    real, go_on = contents.stage, threading.Event()

    def held(store: Any, path: Path, step: Any) -> Any:
        step(1, 10)
        assert go_on.wait(10)
        return real(store, path, step)

    monkeypatch.setattr(contents, "stage", held)
    film.write_bytes(b"another take 123" * 400_000)
    panel.add_paths([film])
    qtbot.waitUntil(lambda: any(p.isVisible() for p in panel.findChildren(ProgressPanel)))
    shown = panel.findChild(ProgressPanel, "files.adding")
    assert any("正在添加 现场录像.mp4" in t for t in texts_of(shown))
    shown._ask_cancel()
    go_on.set()
    for _ in range(4):
        settle(ctx)
    qtbot.waitUntil(lambda: not [p for p in panel.findChildren(ProgressPanel) if p.isVisible()])
    assert len(panel.rows) == 1
    assert len(list(ctx.db.runner.engine.get_execution_options()["presales_files"].names())) == 1
    assert ctx.nav.errors == []  # type: ignore[attr-defined]


def test_a_page_closed_while_a_file_is_added_leaves_no_half(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = FilesPanel(ctx, "customer", customer)
    settle(ctx)
    film = tmp_path / "现场录像.mp4"
    film.write_bytes(b"0123456789abcdef" * 200_000)
    real, go_on, ended = contents.stage, threading.Event(), threading.Event()

    def held(store: Any, path: Path, step: Any) -> Any:
        step(1, 10)
        assert go_on.wait(10)
        try:
            return real(store, path, step)
        finally:
            ended.set()

    monkeypatch.setattr(contents, "stage", held)
    panel.add_paths([film])
    qtbot.waitUntil(lambda: panel.findChild(ProgressPanel, "files.adding") is not None)
    panel.deleteLater()
    qtbot.waitSignal(panel.destroyed, timeout=1000, raising=False).wait()
    go_on.set()
    assert ended.wait(10)
    for _ in range(3):
        settle(ctx)
    kept = ctx.db.run(attachments.list_of, "customer", customer)
    settle(ctx)
    assert kept.result() == ()
    assert ctx.nav.errors == []  # type: ignore[attr-defined]


def test_each_file_says_where_it_is_and_offers_what_helps(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle
) -> None:
    panel = FilesPanel(ctx, "customer", customer)
    qtbot.addWidget(panel)
    states = {
        "a": Place("here", secured=True),
        "b": Place("up", 45),
        "c": Place("up"),
        "d": Place("server", here=False, secured=True),
        "e": Place("down", 30, here=False, secured=True),
        "f": Place("elsewhere", here=False),
        "g": Place("failed", error="store.file_damaged"),
    }
    rows = [
        AttachmentRow(uuid4(), "customer", customer, "file", f"{k}.dwg", "application/dxf", 5_000_000, k)
        for k in states
    ]
    panel.set_rows(rows, states)
    said = texts_of(panel)
    for word in (
        "正在上传 45%",
        "等待上传",
        "在服务器上",
        "正在取回 30%",
        "还在添加它的电脑上",
        "没能上传：内容已损坏",
    ):
        assert any(word in t for t in said), word
    assert len(panel.findChildren(QWidget, "files.fetch")) == 1
    assert len(panel.findChildren(QWidget, "files.stop")) == 1
    assert len(panel.findChildren(QWidget, "files.retry")) == 1
    assert "只留在服务器上" in [a.text() for a in panel._menu(rows[0]).actions()]
    assert "只留在服务器上" not in [a.text() for a in panel._menu(rows[1]).actions()]
    assert panel._look.isActive()
    panel.set_rows(rows[:1], {"a": Place("here")})
    assert not panel._look.isActive()


def test_a_file_on_the_server_is_fetched_and_given_up(
    qtbot: Any, ctx: ViewContext, customer: UUID, settle: Settle
) -> None:
    data = b"0123456789abcdef" * 200_000
    ctx.db.run(attachments.add, "customer", customer, "file", "图纸.zip", data)
    sha256 = hashlib.sha256(data).hexdigest()

    def confirmed(work: Any) -> None:
        work.add(FileReceipt(id=receipt_id(sha256, "org"), scope="org", sha256=sha256, size=len(data)))
        work.session.flush()
        transfers.let_go(work, sha256)

    ctx.db.run(confirmed)
    panel = FilesPanel(ctx, "customer", customer)
    qtbot.addWidget(panel)
    settle(ctx)
    assert panel.places[sha256].state == "server"
    panel.open(panel.rows[0])
    for _ in range(3):
        settle(ctx)
    assert panel.places[sha256].state == "down"
    panel.give_up(panel.rows[0])
    for _ in range(3):
        settle(ctx)
    assert panel.places[sha256].state == "server"
    assert ctx.nav.errors == []  # type: ignore[attr-defined]


def test_files_wait_until_the_record_is_saved(qtbot: Any, ctx: ViewContext, tmp_path: Path) -> None:
    panel = FilesPanel(ctx, "customer", None)
    qtbot.addWidget(panel)
    panel.add_paths([tmp_path])
    assert panel.rows == ()
    assert any("保存之后" in t for t in texts_of(panel))


def test_approvals_show_verdict_remark_and_who_is_waited_for(qtbot: Any) -> None:
    panel = ApprovalPanel()
    qtbot.addWidget(panel)
    panel.set_steps(
        [
            StepRow("finance", "周芳", "return", "毛利太低", dt.datetime(2026, 11, 23, tzinfo=dt.UTC)),
            StepRow("superior", "赵磊", waiting=True),
        ]
    )
    said = texts_of(panel)
    assert "财务审核" in said
    assert "毛利太低" in said
    assert {c.word for c in panel.findChildren(Chip)} == {"已退回", "待审"}


def test_related_rows_open_with_the_keyboard(qtbot: Any, ctx: ViewContext) -> None:
    panel = RelatedPanel(ctx)
    qtbot.addWidget(panel)
    panel.show()
    one = UUID(int=7)
    panel.set_rows([RelatedRow("quote", one, "BJ20261123-001", chip=("已发送", "accent"))])
    row = panel.findChild(RowButton, "related.quote")
    qtbot.keyClick(row, Qt.Key.Key_Return)
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert ctx.nav.opened == [("quote", one), ("quote", one)]  # type: ignore[attr-defined]


def test_a_folded_panel_stays_folded_in_the_next_editor(qtbot: Any) -> None:
    first, second = ApprovalPanel(), None
    qtbot.addWidget(first)
    first.toggle()
    try:
        second = ApprovalPanel()
        qtbot.addWidget(second)
        assert not second.is_open
    finally:
        first.toggle()


def test_funnel_is_walked_with_arrows_and_opened_with_enter(qtbot: Any) -> None:
    funnel = charts.Funnel([FunnelStage("survey", "调研", 2, "¥1 万", 1.0), FunnelStage("quote", "报价", 1, "—", 0.0)])
    qtbot.addWidget(funnel)
    funnel.show()
    qtbot.keyClick(funnel, Qt.Key.Key_Down)
    with qtbot.waitSignal(funnel.chosen) as heard:
        qtbot.keyClick(funnel, Qt.Key.Key_Return)
    assert heard.args == ["quote"]


@pytest.mark.parametrize(("span", "step"), [(1000, 250), (7, 2), (0.9, 0.25), (43, 20), (0, 1)])
def test_steps_of_an_axis_are_round(span: float, step: float) -> None:
    assert nice_step(span) == pytest.approx(step)


def test_charts_paint_without_data_and_with_extremes(qtbot: Any) -> None:
    made = [
        charts.BarChart(),
        charts.BarChart([charts.Bar("a", 1e12), charts.Bar("b", 0)], target=5),
        charts.Funnel(),
        charts.Sparkline([1.0]),
        charts.Sparkline([2.0, 2.0]),
        charts.Donut([charts.Slice("x", 0)]),
        PolarChart(),
        PolarChart([("C0", [0, 45, 90, 180], [100, 80, 0, 0])], beam_deg=90),
        PolarChart([("C0", [-180, 0, 180], [50, 100, 50])]),
    ]
    for chart in made:
        qtbot.addWidget(chart)
        chart.resize(300, 200)
        assert not chart.grab().isNull()


def test_polar_curves_without_negative_angles_are_mirrored(qtbot: Any) -> None:
    chart = PolarChart([("C0–C180", [0, 30, 60], [100, 50, 10])])
    qtbot.addWidget(chart)
    assert chart._curves == [("C0–C180", [-60, -30, 0, 30, 60], [10, 50, 100, 50, 10])]
    assert not chart._goes_up()


def test_the_same_key_belongs_to_the_innermost_widget(qtbot: Any) -> None:
    window, inner, edit, other = QWidget(), QWidget(), QLineEdit(), QLineEdit()
    qtbot.addWidget(window)
    QVBoxLayout(inner).addWidget(edit)
    outer = QVBoxLayout(window)
    outer.addWidget(inner)
    outer.addWidget(other)
    called: list[str] = []
    shortcuts.register(
        window, "Ctrl+J", "窗口", lambda: called.append("window"), context=Qt.ShortcutContext.WindowShortcut
    )
    shortcuts.register(inner, "Ctrl+J", "页面", lambda: called.append("page"))
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    edit.setFocus()
    qtbot.waitUntil(edit.hasFocus)
    qtbot.keyClick(edit, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    other.setFocus()
    qtbot.keyClick(other, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert called == ["page", "window"]
    assert {(e.key, e.title) for e in shortcuts.listed(window)} == {("Ctrl+J", "窗口"), ("Ctrl+J", "页面")}


def test_a_paragraph_measures_itself_once_for_a_width_and_anew_with_another_text_or_font(qtbot: Any) -> None:
    paragraph = Paragraph("第一条 " * 60)
    qtbot.addWidget(paragraph)
    plain = words("第一条 " * 60, wrap=True, selectable=True)
    qtbot.addWidget(plain)
    paragraph.ensurePolished()
    plain.ensurePolished()
    assert [paragraph.heightForWidth(w) for w in (200, 480, 200)] == [plain.heightForWidth(w) for w in (200, 480, 200)]
    tall = paragraph.heightForWidth(200)
    paragraph.setText("短")
    assert paragraph.heightForWidth(200) < tall
    font = paragraph.font()
    font.setPixelSize(40)
    low = paragraph.heightForWidth(200)
    paragraph.setFont(font)
    assert paragraph.heightForWidth(200) > low
    assert paragraph.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
