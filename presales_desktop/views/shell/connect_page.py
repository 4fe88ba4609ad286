"""连接公司服务器: address, user, password; what will happen; problems at their fields. The password is handed over and forgotten."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLabel, QLineEdit, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.basics import button, column, frame, icon_button, icon_label, row, words
from presales_desktop.views.shell.passphrase import MIN_LENGTH, StrengthBar

# The server's least (sync.server.accounts): said here before anything is sent.
MIN_PASSWORD = 10
# Which field an error of the server is about: there it is shown, and there the keyboard goes.
_FIELD_OF = {
    "sync.others_work": "folder", "sync.history": "folder", "url.invalid": "url", "url.insecure": "url", "network.offline": "url", "network.tls": "url", "server.unknown": "url",
    "server.too_new": "url",
    "account.password_wrong": "password", "account.throttled": "password", "account.which_organisation": "user",
    "account.must_change": "new", "account.password_weak": "new", "account.password_same": "new", "network.authority": "authority",
    "account.unknown": "user", "account.disabled": "user", "sync.other_user": "user", "sync.other_server": "url",
    "file.missing": "authority", "store.exists": "folder", "store.passphrase_short": "passphrase",
}  # fmt: skip
# Fields that are asked for only when the server's answer calls for them: the error → the fields.
_ASKED_FOR = {"account.must_change": ("new", "again"), "network.tls": ("authority",)}


@dataclass(frozen=True)
class ConnectWanted:
    """What the user wants. The secrets are not part of its text."""

    folder: Path
    url: str
    user: str
    password: str = field(repr=False)
    passphrase: str | None = field(repr=False)
    device_name: str
    new_password: str = field(default="", repr=False)
    authority: Path | None = None


class ConnectForm(QWidget):
    """`submitted(ConnectWanted)`, `back`. `show_error(code, text)` puts a sentence at the field that it is about."""

    back = Signal()
    submitted = Signal(object)

    def __init__(self, default_folder: Path, *, keyring: bool) -> None:
        super().__init__()
        self.setObjectName("connect")
        self._keyring = keyring
        self.url, self.user, self.password = QLineEdit(), QLineEdit(), QLineEdit()
        self.url.setPlaceholderText("https://sync.example.com")
        self.user.setPlaceholderText(tr("用户名，或 用户名@公司代号"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = icon_button("eye", tr("显示密码"), self._toggle, checkable=True, name="connect.eye")
        self.new, self.again, self.authority = QLineEdit(), QLineEdit(), QLineEdit()
        self.new.setEchoMode(QLineEdit.EchoMode.Password)
        self.again.setEchoMode(QLineEdit.EchoMode.Password)
        self.authority.setPlaceholderText(tr("公司的 CA 证书文件，可以向管理员要"))
        self.folder = QLineEdit(str(default_folder))
        self.device = QLineEdit(platform.node()[:60] or tr("这台电脑"))
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.strength = StrengthBar()
        self.passphrase.textChanged.connect(self.strength.set_passphrase)
        self._fields: dict[str, QLineEdit] = {
            "url": self.url, "authority": self.authority, "user": self.user, "password": self.password, "new": self.new,
            "again": self.again, "folder": self.folder, "device": self.device,
        }  # fmt: skip
        if not keyring:
            self._fields["passphrase"] = self.passphrase
        self.problems: dict[str, QLabel] = {}
        self._rows: dict[str, tuple[QWidget, QWidget]] = {}
        self._asked: set[str] = set()
        self._build()
        for name, edit in self._fields.items():
            edit.setObjectName(f"connect.{name}")
            edit.returnPressed.connect(self.submit)
            edit.textEdited.connect(lambda _text, name=name: self._problem(name, ""))

    def _build(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        grid.setColumnMinimumWidth(0, 92)
        secret, place, vouching = QWidget(), QWidget(), QWidget()
        secret.setLayout(row(self.password, self._eye, gap=4))
        place.setLayout(row(self.folder, button(tr("选择…"), self._browse), gap=6))
        vouching.setLayout(row(self.authority, button(tr("选择…"), self._browse_authority), gap=6))
        rows: list[tuple[str, str, QWidget]] = [
            ("url", tr("服务器地址"), self.url),
            ("authority", tr("公司证书"), vouching),
            ("user", tr("用户名"), self.user),
            ("password", tr("密码"), secret),
            ("new", tr("新密码"), self.new),
            ("again", tr("再输入一次"), self.again),
            ("device", tr("设备名称"), self.device),
            ("folder", tr("保存位置"), place),
        ]
        if not self._keyring:
            rows += [("passphrase", tr("本机口令"), self.passphrase), ("strength", "", self.strength)]
        for i, (key, label, widget) in enumerate(rows):
            said = words(label, "secondary")
            said.setFixedHeight(tokens.control_height())
            said.setBuddy(widget)
            grid.addWidget(said, 2 * i, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(widget, 2 * i, 1)
            for named in (widget, self._fields.get(key)):
                if named is not None:
                    named.setAccessibleName(label)
            problem = words("", "bad", wrap=True)
            problem.setObjectName(f"connect.{key}.problem")
            problem.hide()
            self.problems[key] = problem
            grid.addWidget(problem, 2 * i + 1, 1)
            self._rows[key] = (said, widget)
        self.ask_for(())
        self._connect = button(tr("连接"), self.submit, look="primary", name="connect.submit")
        back = button(tr("返回"), self.back.emit, look="quiet", icon="arrow-left", name="connect.back")
        last = 2 * len(rows)
        grid.addWidget(self._what_happens(), last, 0, 1, 2)
        grid.setRowStretch(last + 1, 1)
        grid.addLayout(row(back, None, self._connect), last + 2, 0, 1, 2)

    def _what_happens(self) -> QWidget:
        made = frame("well")
        lines = [
            ("download", tr("把您能看的资料下载到这台电脑，加密保存；之后离线也能工作。")),
            ("key-round", tr("密码只用来登录一次，不保存。这台电脑会登记为您的一台设备，管理员可以停用它。")),
        ]
        if not self._keyring:
            lines.append(("lock", tr("这台电脑没有钥匙串：打开工作区时要输入本机口令，请牢记。")))
        whole = column(gap=4, margins=(12, 8, 12, 8))
        for icon, text in lines:
            one = row(gap=8)
            one.addWidget(icon_label(icon, tokens.ICON, "secondary"), 0, Qt.AlignmentFlag.AlignTop)
            one.addWidget(words(text, "small", wrap=True), 1)
            whole.addLayout(one)
        made.setLayout(whole)
        return made

    def ask_for(self, names: Iterable[str]) -> None:
        """Show the fields NAMES, which are not asked for at first, besides those that are shown."""
        self._asked |= set(names)
        for name in {one for asked in _ASKED_FOR.values() for one in asked}:
            for widget in self._rows[name]:
                widget.setVisible(name in self._asked)

    def _toggle(self) -> None:
        mode = QLineEdit.EchoMode.Normal if self._eye.isChecked() else QLineEdit.EchoMode.Password
        for edit in (self.password, self.new, self.again):
            edit.setEchoMode(mode)

    def _browse_authority(self) -> None:
        dialog = QFileDialog(self, tr("公司证书"), "", tr("证书 (*.pem *.crt *.cer);;所有文件 (*)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.authority.setText)
        dialog.open()

    def _browse(self) -> None:
        dialog = QFileDialog(self, tr("选择保存位置"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def check(self) -> dict[str, str]:
        """What is wrong, by field."""
        found: dict[str, str] = {}
        if not self.url.text().strip():
            found["url"] = tr("请填写服务器地址，可以向管理员要。")
        if not self.user.text().strip():
            found["user"] = tr("请填写用户名。")
        if not self.password.text():
            found["password"] = tr("请输入密码。")
        if "new" in self._asked and len(self.new.text()) < MIN_PASSWORD:
            found["new"] = tr("密码太短，至少 {n} 个字符。", n=MIN_PASSWORD)
        elif "again" in self._asked and self.again.text() != self.new.text():
            found["again"] = tr("两次输入的密码不同。")
        if not self.folder.text().strip() or not Path(self.folder.text().strip()).is_absolute():
            found["folder"] = tr("请选择一个文件夹（完整路径）。")
        if not self._keyring and len(self.passphrase.text()) < MIN_LENGTH:
            found["passphrase"] = tr("口令太短，至少 {n} 个字符。", n=MIN_LENGTH)
        return found

    def submit(self) -> None:
        """Hand over what was typed, or say what is wrong and lead to the first problem."""
        if not self._connect.isEnabled():
            return
        found = self.check()
        for name in self.problems:
            self._problem(name, found.get(name, ""))
        if found:
            self._fields[next(iter(found))].setFocus()
            return
        authority = self.authority.text().strip()
        self.set_busy(True)
        self.submitted.emit(
            ConnectWanted(
                Path(self.folder.text().strip()), self.url.text().strip(), self.user.text().strip(), self.password.text(),
                None if self._keyring else self.passphrase.text(), self.device.text().strip(), self.new.text(),
                Path(authority) if authority else None,
            )
        )  # fmt: skip

    def _problem(self, name: str, text: str) -> None:
        self.problems[name].setText(text)
        self.problems[name].setVisible(bool(text))
        if name in self._fields:
            theme.dress(self._fields[name], problem="true" if text else "false")

    def show_error(self, code: str, text: str) -> bool:
        """Say what the server said at its field; False when it is about none (the page's bar says it)."""
        self.set_busy(False)
        self.ask_for(_ASKED_FOR.get(code, ()))
        name = _FIELD_OF.get(code, "")
        if name not in self._fields:
            return False
        self._problem(name, text)
        first = _ASKED_FOR.get(code, (name,))[0]
        self._fields[first].setFocus()
        self._fields[first].selectAll()
        return True

    def forget(self) -> None:
        """Connected, or given up: no secret stays in the window."""
        for edit in (self.password, self.new, self.again, self.passphrase):
            edit.clear()

    def set_busy(self, busy: bool) -> None:
        """Nothing can be sent twice."""
        self._connect.setEnabled(not busy)

    def showEvent(self, event: QShowEvent) -> None:
        """Ready to be sent."""
        super().showEvent(event)
        self.set_busy(False)
