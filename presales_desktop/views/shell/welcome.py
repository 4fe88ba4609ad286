"""First start: try the demo, make a workspace, or open one. The page only asks; app.py does the work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QWidget,
)

from presales_desktop.texts import tr
from presales_desktop.texts.common import ROLES
from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.basics import button, column, icon_label, row, words
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.states import ErrorBar
from presales_desktop.views.shell.connect_page import ConnectForm
from presales_desktop.views.shell.passphrase import MIN_LENGTH, StrengthBar

_ROLES = (
    "sales_head",
    "sales",
    "management",
    "design",
    "technical",
    "finance",
    "credit",
    "legal",
    "marketing",
    "service",
)


@dataclass(frozen=True)
class NewWorkspace:
    """What the user wants: passphrase None means the keyring of the system keeps the key."""

    company: str
    name: str
    role: str
    folder: Path
    passphrase: str | None


class _Choice(RowButton):
    """A large row: icon, what it is, what it gives."""

    def __init__(self, icon: str, title: str, hint: str, clicked: Callable[[], object], name: str) -> None:
        super().__init__(title, clicked)
        self.setObjectName(name)
        inner = QHBoxLayout(self)
        inner.setContentsMargins(14, 12, 12, 12)
        inner.setSpacing(14)
        inner.addWidget(icon_label(icon, 24, "accent"))
        inner.addLayout(column(words(title, "strong"), words(hint, "small", wrap=True), gap=2), 1)
        self.arrow = icon_label("chevron-right", tokens.ICON, "faint")
        inner.addWidget(self.arrow)


class WelcomePage(QWidget):
    """Signals: `demo`, `new(NewWorkspace)`, `open(Path)`, `connect_server(ConnectWanted)`. `show_error(text)` puts a sentence on the page that is open."""

    demo = Signal()
    new = Signal(object)
    open = Signal(object)
    connect_server = Signal(object)

    def __init__(self, default_folder: Path, *, keyring: bool) -> None:
        super().__init__()
        self.setObjectName("welcome")
        self._default_folder, self._keyring = default_folder, keyring
        self._connecting: ConnectForm | None = None
        self.error_bar = ErrorBar()
        self._stack = QStackedWidget()
        self.form = NewWorkspaceForm(default_folder, keyring=keyring)
        self.form.back.connect(self.show_choices)
        self.form.submitted.connect(self.new.emit)
        self._choices = self._first()
        self._stack.addWidget(self._choices)
        self._stack.addWidget(self.form)
        self.setLayout(column(self.error_bar, self._stack, gap=10))

    def _first(self) -> QWidget:
        made = QWidget()
        made.setLayout(
            column(
                _Choice(
                    "sparkles",
                    tr("体验演示工作区"),
                    tr("一家灯具公司的客户、产品、方案和报价，以十位同事的身份随便试。"),
                    self.demo.emit,
                    "welcome.demo",
                ),
                _Choice(
                    "plus",
                    tr("新建工作区"),
                    tr("从空白开始，数据加密保存在这台电脑上。"),
                    self.show_form,
                    "welcome.new",
                ),
                _Choice(
                    "folder-open", tr("打开已有的工作区"), tr("选择工作区所在的文件夹。"), self._choose, "welcome.open"
                ),
                _Choice(
                    "server",
                    tr("连接公司服务器"),
                    tr("与同事同步，离线也能工作。需要管理员给的地址和账号。"),
                    self.show_connect,
                    "welcome.server",
                ),
                None,
                gap=6,
            )
        )
        return made

    @property
    def connecting(self) -> ConnectForm:
        """The form of the company's server, made when it is asked for."""
        if self._connecting is None:
            self._connecting = ConnectForm(self._default_folder, keyring=self._keyring)
            self._connecting.back.connect(self.show_choices)
            self._connecting.submitted.connect(self.connect_server.emit)
            self._stack.addWidget(self._connecting)
        return self._connecting

    def show_connect(self) -> None:
        """The form of the company's server."""
        self.error_bar.clear()
        self._stack.setCurrentWidget(self.connecting)
        self.connecting.url.setFocus()

    def show_choices(self) -> None:
        """Back to the choice."""
        self.error_bar.clear()
        self._stack.setCurrentWidget(self._choices)

    def show_form(self) -> None:
        """The form of a new workspace."""
        self.error_bar.clear()
        self._stack.setCurrentWidget(self.form)
        self.form.company.setFocus()

    def show_error(self, text: str, code: str = "") -> None:
        """Say what went wrong; what was typed stays."""
        self.form.set_busy(False)
        if self._connecting is not None and self._stack.currentWidget() is self._connecting:
            self.error_bar.clear()
            if self._connecting.show_error(code, text):
                return
        self.error_bar.show_text(text)

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("选择工作区文件夹"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.open.emit(Path(name)))
        dialog.open()


class NewWorkspaceForm(QWidget):
    """Company, name, role, folder, and how it is locked. Problems stand under their fields."""

    back = Signal()
    submitted = Signal(object)

    def __init__(self, default_folder: Path, *, keyring: bool) -> None:
        super().__init__()
        self.company, self.person = QLineEdit(), QLineEdit()
        self.company.setObjectName("welcome.company")
        self.person.setObjectName("welcome.name")
        self.role = QComboBox()
        for role in _ROLES:
            self.role.addItem(tr(ROLES[role]), role)
        self.folder = QLineEdit(str(default_folder))
        self.keyring, self.own = QRadioButton(tr("由系统钥匙串保管密钥")), QRadioButton(tr("使用口令"))
        self.keyring.setEnabled(keyring)
        self.keyring.setChecked(keyring)
        self.own.setChecked(not keyring)
        if not keyring:
            self.keyring.setText(tr("由系统钥匙串保管密钥（此电脑没有可用的钥匙串）"))
        self.passphrase, self.again = QLineEdit(), QLineEdit()
        for field in (self.passphrase, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setObjectName("welcome.passphrase")
        self.again.setObjectName("welcome.again")
        self.strength = StrengthBar()
        self.problems: dict[str, QLabel] = {}
        self._build()
        self.own.toggled.connect(lambda _: self._own_changed())
        self.passphrase.textChanged.connect(self._passphrase_changed)
        for field in (self.company, self.person, self.folder, self.passphrase, self.again):
            field.returnPressed.connect(self.submit)
        self._own_changed()

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 92)
        browse = button(tr("选择…"), self._browse)
        folder = QWidget()
        folder.setLayout(row(self.folder, browse, gap=6))
        rows: list[tuple[str, str, QWidget]] = [
            ("company", tr("公司名称"), self.company),
            ("name", tr("您的姓名"), self.person),
            ("role", tr("您的岗位"), self.role),
            ("folder", tr("保存位置"), folder),
            ("key", tr("加密"), self._key_choice()),
            ("passphrase", tr("口令"), self.passphrase),
            ("strength", "", self.strength),
            ("again", tr("再输一次"), self.again),
        ]
        self._labels: dict[str, QWidget] = {}
        for i, (key, label, widget) in enumerate(rows):
            said = words(label, "secondary")
            said.setFixedHeight(tokens.control_height())
            self._labels[key] = said
            grid.addWidget(said, 2 * i, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(widget, 2 * i, 1)
            widget.setAccessibleName(label)
            problem = words("", "bad", wrap=True)
            problem.hide()
            self.problems[key] = problem
            grid.addWidget(problem, 2 * i + 1, 1)
        grid.setRowStretch(2 * len(rows), 1)
        self._submit = button(tr("新建工作区"), self.submit, look="primary", name="welcome.create")
        back = button(tr("返回"), self.back.emit, look="quiet", icon="arrow-left")
        grid.addLayout(row(back, None, self._submit), 2 * len(rows) + 1, 0, 1, 2)

    def _key_choice(self) -> QWidget:
        made = QWidget()
        made.setLayout(column(self.keyring, self.own, gap=0))
        return made

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("选择保存位置"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def _own_changed(self) -> None:
        for key, widget in (("passphrase", self.passphrase), ("strength", self.strength), ("again", self.again)):
            widget.setVisible(self.own.isChecked())
            self._labels[key].setVisible(self.own.isChecked() and key != "strength")
            if not self.own.isChecked():
                self.problems[key].hide()

    def _passphrase_changed(self, text: str) -> None:
        self.strength.set_passphrase(text)

    def check(self) -> dict[str, str]:
        """What is wrong, by field."""
        found: dict[str, str] = {}
        if not self.company.text().strip():
            found["company"] = tr("请填写公司名称，它会印在报价单和合同上。")
        if not self.person.text().strip():
            found["name"] = tr("请填写您的姓名。")
        if not self.folder.text().strip() or not Path(self.folder.text().strip()).is_absolute():
            found["folder"] = tr("请选择一个文件夹（完整路径）。")
        if self.own.isChecked():
            if len(self.passphrase.text()) < MIN_LENGTH:
                found["passphrase"] = tr("口令太短，至少 {n} 个字符。", n=MIN_LENGTH)
            elif self.passphrase.text() != self.again.text():
                found["again"] = tr("两次输入的口令不一样。")
        return found

    def submit(self) -> None:
        """Hand over what was typed, or say what is wrong and lead to the first problem."""
        found = self.check()
        fields = {
            "company": self.company, "name": self.person, "folder": self.folder,
            "passphrase": self.passphrase, "again": self.again,
        }  # fmt: skip
        for key, label in self.problems.items():
            label.setText(found.get(key, ""))
            label.setVisible(key in found)
        for key, field in fields.items():
            theme.dress(field, problem="true" if key in found else "false")
        if found:
            fields[next(iter(found))].setFocus()
            return
        self.set_busy(True)
        secret = self.passphrase.text() if self.own.isChecked() else None
        self.submitted.emit(
            NewWorkspace(
                self.company.text().strip(),
                self.person.text().strip(),
                str(self.role.currentData()),
                Path(self.folder.text().strip()),
                secret,
            )
        )

    def set_busy(self, busy: bool) -> None:
        """While the workspace is being made nothing can be sent twice."""
        self._submit.setEnabled(not busy)

    def showEvent(self, event: QShowEvent) -> None:
        """Ready to be sent."""
        super().showEvent(event)
        self.set_busy(False)
