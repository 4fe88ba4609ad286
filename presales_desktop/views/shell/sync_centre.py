"""同步中心: how the workspace stands with its server, what waits, what went back and forth, and what needs a hand.

Nothing here waits for the network: the page shows what the link last said, and asks it to do things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from presales_desktop.models.errors import PresalesError
from presales_desktop.texts import lookup, tr
from presales_desktop.texts.syncing import STATES
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import icons, jobs, shortcuts, sync_words, tokens
from presales_desktop.views.kit.basics import button, column, frame, icon_button, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_parts import Step
from presales_desktop.views.kit.states import ErrorBar
from presales_desktop.views.shell.connect_page import MIN_PASSWORD

if TYPE_CHECKING:
    from presales_desktop.services.syncing import Round, SyncStatus

_ROUNDS = 50
# Errors that a new login may heal.
_LOGIN_CODES = ("account.", "token.", "device.key")
# Errors about the new password, not the old one.
_NEW_CODES = ("account.must_change", "account.password_weak", "account.password_same")
_MASS_DELETE = "sync.mass_delete"


class LoginRow(QWidget):
    """Password, eye, button, and why it was not taken; a new password where one is due. `submitted(password, new)`; what was typed
    goes when it was taken."""

    submitted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.password = QLineEdit()
        self.password.setObjectName("sync.password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(tr("密码"))
        self.password.setPlaceholderText(tr("密码"))
        self.password.setFixedWidth(260)
        self.password.returnPressed.connect(self._submit)
        self.new = QLineEdit()
        self.new.setObjectName("sync.new_password")
        self.new.setEchoMode(QLineEdit.EchoMode.Password)
        self.new.setAccessibleName(tr("新密码"))
        self.new.setPlaceholderText(tr("新密码，至少 {n} 个字符", n=MIN_PASSWORD))
        self.new.setFixedWidth(260)
        self.new.returnPressed.connect(self._submit)
        self.new.hide()
        self._eye = icon_button("eye", tr("显示密码"), self._toggle, checkable=True)
        self._button = button(tr("重新登录"), self._submit, look="primary", name="sync.login")
        self._problem = words("", "bad", wrap=True)
        self._problem.setObjectName("sync.login.problem")
        self._problem.hide()
        whole = column(gap=4)
        whole.addLayout(row(self.password, self._eye, self._button, None, gap=6))
        whole.addWidget(self.new)
        whole.addWidget(self._problem)
        self.setLayout(whole)

    def _toggle(self) -> None:
        mode = QLineEdit.EchoMode.Normal if self._eye.isChecked() else QLineEdit.EchoMode.Password
        self.password.setEchoMode(mode)
        self.new.setEchoMode(mode)

    def _submit(self) -> None:
        secret = self.password.text()
        if not secret:
            self.say(tr("请输入密码。"))
            return
        if not self.new.isHidden() and len(self.new.text()) < MIN_PASSWORD:
            self.say(tr("密码太短，至少 {n} 个字符。", n=MIN_PASSWORD), at_new=True)
            return
        self._problem.hide()
        self.set_busy(True)
        self.submitted.emit(secret, self.new.text())

    def set_busy(self, busy: bool) -> None:
        """While the server is asked."""
        self.password.setEnabled(not busy)
        self.new.setEnabled(not busy)
        self._button.setEnabled(not busy)
        self._button.setText(tr("正在登录…") if busy else tr("重新登录"))

    def done(self) -> None:
        """Taken: nothing of it stays here."""
        self.set_busy(False)
        self.password.clear()
        self.new.clear()
        self.new.hide()

    def say(self, text: str, *, at_new: bool = False) -> None:
        """Not taken; it can be typed again. AT_NEW: a new password is due, or the one that was given is not taken."""
        self.set_busy(False)
        self._problem.setText(text)
        self._problem.show()
        if at_new:
            self.new.show()
        edit = self.new if at_new else self.password
        edit.selectAll()
        edit.setFocus()


class SyncCentre(QWidget):
    """See the module."""

    title_changed = Signal(str)

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        assert ctx.sync is not None, "only a connected workspace has a sync centre"
        self.ctx, self.desk = ctx, ctx.sync
        self.setObjectName("sync.centre")
        self.setWindowTitle(tr("同步中心"))
        self.error_bar = ErrorBar()
        self._build()
        self._keys()
        self.desk.changed.connect(self._status_changed)
        # "5 minutes ago" grows older while nobody does anything.
        self._minute = QTimer(self, interval=30_000)
        self._minute.timeout.connect(lambda: self.show_status(self.desk.status))
        self.show_status(self.desk.status)

    # building

    def _build(self) -> None:
        inner = QWidget()
        whole = column(
            self._head(), self._guard(), self._login(), self._facts(), self._history(), None,
            gap=tokens.GAP, margins=(tokens.MARGIN, 14, tokens.MARGIN, tokens.MARGIN),
        )  # fmt: skip
        inner.setLayout(whole)
        inner.setMaximumWidth(1100)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        self.setLayout(column(self.error_bar, area, gap=0))

    def _head(self) -> QWidget:
        made = frame("panel")
        self._icon = QLabel()
        self._icon.setFixedSize(28, 28)
        self._word = words("", "title")
        self._word.setObjectName("sync.word")
        self._sentence = words("", "secondary", wrap=True)
        self._sentence.setObjectName("sync.sentence")
        self._when = words("", "small")
        self._now = button(
            tr("立即同步"), self.desk.sync_now, look="primary", icon="refresh-cw", name="sync.now",
            tip=shortcuts.shown("Ctrl+Shift+U"),
        )  # fmt: skip
        self._inbox = button(tr("打开收件箱"), self.open_inbox, icon="inbox", name="sync.inbox")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setObjectName("sync.progress")
        self._problem = words("", "bad", wrap=True, selectable=True)
        self._problem.setObjectName("sync.problem")
        text = column(gap=2)
        text.addLayout(row(self._word, None, self._inbox, self._now))
        for part in (self._sentence, self._problem, self._bar, self._when):
            text.addWidget(part)
        line = row(gap=14, margins=(16, 14, 16, 14))
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(text, 1)
        made.setLayout(line)
        return made

    def _guard(self) -> QWidget:
        self.guard = frame("amber")
        self.guard.setObjectName("sync.guard")
        self._guard_text = words("", wrap=True)
        yes = button(tr("确认删除并继续"), self.confirm_deletes, look="danger", name="sync.confirm_deletes")
        later = button(tr("先不删"), lambda: self.guard.hide(), look="quiet")
        self.guard.setLayout(row(icon_label("triangle-alert", 20, "amber"), self._guard_text, later, yes, margins=(14, 10, 10, 10)))  # fmt: skip
        self.guard.layout().setStretch(1, 1)  # type: ignore[union-attr]  # set one line above
        self.guard.hide()
        return self.guard

    def _login(self) -> QWidget:
        self.login_panel = frame("panel")
        self.login_row = LoginRow()
        self.login_row.submitted.connect(self._log_in)
        self._login_hint = words("", "secondary", wrap=True)
        self.login_panel.setLayout(
            column(words(tr("重新登录"), "section"), self._login_hint, self.login_row, gap=8, margins=(16, 12, 16, 14))
        )
        self.login_panel.hide()
        return self.login_panel

    def _facts(self) -> QWidget:
        made = frame("panel")
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        self._values: dict[str, QLabel] = {}
        for i, (key, title) in enumerate(
            (
                ("waiting", tr("待上传的修改")), ("inbox", tr("需要处理")), ("files", tr("在传的文件")),
                ("url", tr("服务器")), ("organisation", tr("所在公司")), ("login", tr("账号")), ("device_no", tr("这台设备")),
            )
        ):  # fmt: skip
            figure = i < 3
            value = words("", "section" if figure else "", selectable=not figure)
            value.setObjectName(f"sync.{key}")
            self._values[key] = value
            at = (0, i) if figure else (2, i - 3)
            grid.addWidget(words(title, "small"), at[0], at[1])
            grid.addWidget(value, at[0] + 1, at[1])
        grid.setRowMinimumHeight(1, 30)
        grid.setColumnStretch(3, 1)
        grid.setContentsMargins(16, 12, 16, 14)
        made.setLayout(grid)
        return made

    def _history(self) -> QWidget:
        made = frame("panel")
        titles = (tr("何时"), tr("上传"), tr("收到"), tr("发送量"), tr("接收量"), tr("用时"), tr("结果"))
        self.table = QTableWidget(0, len(titles))
        self.table.setObjectName("sync.history")
        self.table.setAccessibleName(tr("最近的同步"))
        self.table.setHorizontalHeaderLabels(titles)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(tokens.row_height())
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)
        head.setHighlightSections(False)
        for i in range(len(titles)):
            item = self.table.horizontalHeaderItem(i)
            if item is not None:
                item.setTextAlignment(_align(i))
        self.table.setMinimumHeight(280)
        self._none = words(tr("还没有同步过。"), "secondary")
        made.setLayout(
            column(words(tr("最近的同步"), "section"), self._none, self.table, gap=8, margins=(16, 12, 16, 14))
        )
        return made

    def _keys(self) -> None:
        shortcuts.register(self, "F5", tr("刷新"), self.reload)
        shortcuts.register(self, "Ctrl+Return", tr("立即同步"), self.desk.sync_now)

    # showing

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._minute.start()
        self.reload()

    def first_focus(self) -> QWidget:
        """Where the keyboard starts: the password when it is asked for."""
        return self.login_row.password if not self.login_panel.isHidden() else self._now

    def steps(self) -> list[Step]:
        """For the palette."""
        return [Step(action="sync", title=tr("立即同步"), callback=self.desk.sync_now, icon="refresh-cw", primary=True)]

    def _status_changed(self, status: SyncStatus) -> None:
        ended = self._state == "syncing" != status.state
        self.show_status(status)
        if ended and self.isVisible():
            self.reload()

    def show_status(self, status: SyncStatus) -> None:
        """Everything that the link says."""
        self._state = status.state
        icon, tone = sync_words.LOOKS.get(status.state, ("cloud", "secondary"))
        self._icon.setPixmap(icons.pixmap(icon, 28, tone))
        self._word.setText(tr(STATES.get(status.state, status.state)))
        self._sentence.setText(sync_words.sentence(status))
        self._when.setText(sync_words.last_time(status))
        problem = sync_words.problem(status)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem) and status.error_code != _MASS_DELETE)
        busy = status.state == "syncing"
        self._bar.setVisible(busy)
        self._bar.setRange(0, status.total)
        self._bar.setValue(status.done)
        self._now.setEnabled(not busy and status.state != "needs_login")
        self._inbox.setVisible(status.inbox > 0)
        self._show_facts(status)
        self._show_guard(status)
        self._show_login(status)

    def _show_facts(self, status: SyncStatus) -> None:
        shown = {
            "waiting": f"{status.waiting:,}", "inbox": f"{status.inbox:,}", "files": f"{status.files:,}",
            "url": status.url, "organisation": status.organisation, "login": status.login,
            "device_no": tr("第 {n} 号设备", n=status.device_no) if status.device_no else "",
        }  # fmt: skip
        for key, text in shown.items():
            self._values[key].setText(text or "—")

    def _show_guard(self, status: SyncStatus) -> None:
        asked = status.error_code == _MASS_DELETE
        if asked:
            self._guard_text.setText(sync_words.problem(status))
        self.guard.setVisible(asked)

    def _show_login(self, status: SyncStatus) -> None:
        wanted = status.state == "needs_login" or status.error_code.startswith(_LOGIN_CODES)
        self._login_hint.setText(
            tr("{login} 在 {url} 的密码。密码只用来登录，不会保存。", login=status.login, url=status.url)
        )
        if wanted and self.login_panel.isHidden():
            self.login_row.done()
        self.login_panel.setVisible(wanted)

    # doing

    def reload(self) -> None:
        """The rounds anew."""
        jobs.start(self, self._load())

    async def _load(self) -> None:
        from presales_desktop.services import syncing

        self._fill(await self.ctx.db.run(syncing.history, _ROUNDS))

    def _fill(self, rounds: tuple[Round, ...]) -> None:
        self._none.setVisible(not rounds)
        self.table.setVisible(bool(rounds))
        self.table.setRowCount(len(rounds))
        for i, each in enumerate(rounds):
            result = lookup.sentence(each.error, {"url": self.desk.status.url}) if each.error else tr("完成")
            cells = (
                formats.moment(each.at), f"{each.pushed:,}", f"{each.pulled:,}", formats.size(each.sent_bytes),
                formats.size(each.received_bytes), tr("{n} 毫秒", n=f"{each.ms:,}"), result,
            )  # fmt: skip
            for at, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_align(at))
                if at == len(cells) - 1:
                    item.setToolTip(text)
                    quiet = each.error in ("", "network.offline")
                    item.setForeground(tokens.color("secondary" if quiet else "bad"))
                self.table.setItem(i, at, item)

    def open_inbox(self) -> None:
        """What needs the user."""
        self.ctx.nav.list("inbox")

    def confirm_deletes(self) -> None:
        """The user means it."""
        self.desk.confirm_deletes()
        self.guard.hide()

    def _log_in(self, password: str, new_password: str) -> None:
        jobs.start(self, self._ask_server(password, new_password), self._refused)

    async def _ask_server(self, password: str, new_password: str) -> None:
        await self.desk.login(password, new_password)
        self.login_row.done()
        self.ctx.nav.toast(tr("已登录，继续同步。"), tone="good")

    def _refused(self, error: BaseException) -> None:
        if isinstance(error, PresalesError):
            self.login_row.say(lookup.error_text(error), at_new=error.code in _NEW_CODES)
        else:
            self.login_row.done()
            self.ctx.nav.show_error(error, self)


def _align(at: int) -> Any:
    right = 1 <= at <= 5
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
