"""Preferences of this laptop: language, looks, where the data lies, what the program is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from presales_desktop import __version__
from presales_desktop.paths import resource
from presales_desktop.texts import language, tr
from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.basics import button, column, frame, line, row, words
from presales_desktop.views.kit.dressing import own_sheet
from presales_desktop.views.shell.user_menu import DENSITIES, LANGUAGES, THEMES

_LICENCES = (
    ("Noto Sans SC", "SIL OFL 1.1", "fonts/OFL.txt"),
    ("Lucide icons", "ISC", "icons/LICENSE"),
)
_LIBRARIES = (
    ("Qt / PySide6", "LGPL-3.0"),
    ("SQLAlchemy, Alembic", "MIT"),
    ("SQLCipher", "BSD-3-Clause"),
    ("argon2-cffi, keyring, platformdirs, filelock", "MIT"),
    ("NumPy, Shapely, contourpy", "BSD-3-Clause"),
    ("ezdxf, openpyxl, python-calamine, pypinyin, RapidFuzz", "MIT"),
    ("reportlab, XlsxWriter", "BSD"),
    ("Pillow", "MIT-CMU"),
    ("chinesecalendar", "MIT"),
)


@dataclass(frozen=True)
class WorkspaceInfo:
    """Facts of the open workspace: its folder, where its key is ("keyring", "passphrase"), whether it is the demo."""

    folder: Path
    key_source: str
    demo: bool = False


def segment_sheet(p: tokens.Palette) -> str:
    """Buttons of which one is on."""
    return f"""
QPushButton {{ border: 1px solid {p.border}; border-radius: {tokens.RADIUS}px; background: {p.panel}; padding: 0 14px; }}
QPushButton:hover {{ background: {p.hover}; }}
QPushButton:checked {{ background: {p.accent_soft}; border-color: {p.accent}; color: {p.accent}; font-weight: 600; }}
QPushButton:focus {{ border: 2px solid {p.accent}; padding: 0 13px; }}
"""


class Segments(QWidget):
    """One of a few values, all visible; CHOSEN(value) when another is pressed."""

    def __init__(
        self, choices: Sequence[tuple[str, str]], now: str, chosen: Callable[[str], object], title: str
    ) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        inner = QHBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        for value, text in choices:
            made = QPushButton(text)
            made.setCheckable(True)
            made.setChecked(value == now)
            made.setAccessibleName(f"{title} {text}")
            made.clicked.connect(lambda _, v=value: chosen(v))
            own_sheet(made, segment_sheet)
            group.addButton(made)
            inner.addWidget(made)
            self.buttons[value] = made
        inner.addStretch(1)


@dataclass(frozen=True)
class PreferenceActions:
    """What a change does; the same functions as in the user menu."""

    language: Callable[[str], object]
    theme: Callable[[str], object]
    density: Callable[[str], object]


class PreferencesPage(QScrollArea):
    """The page."""

    def __init__(self, mode: str, density: str, info: WorkspaceInfo | None, actions: PreferenceActions) -> None:
        super().__init__()
        self.setObjectName("preferences")
        self.setWindowTitle(tr("偏好设置"))
        self.setWidgetResizable(True)
        body = QWidget()
        whole = QVBoxLayout(body)
        whole.setContentsMargins(tokens.MARGIN, 16, tokens.MARGIN, tokens.MARGIN)
        whole.setSpacing(tokens.GAP)
        whole.addWidget(words(tr("偏好设置"), "title"))
        whole.addWidget(self._looks(mode, density, actions))
        if info is not None:
            whole.addWidget(self._data(info))
        whole.addWidget(self._about())
        whole.addStretch(1)
        body.setMaximumWidth(860)
        self.setWidget(body)

    def _section(self, title: str) -> tuple[QFrame, QGridLayout]:
        made = frame("panel")
        inner = QVBoxLayout(made)
        inner.setContentsMargins(18, 14, 18, 16)
        inner.setSpacing(12)
        inner.addWidget(words(title, "section"))
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setVerticalSpacing(12)
        grid.setHorizontalSpacing(16)
        inner.addLayout(grid)
        return made, grid

    @staticmethod
    def _put(grid: QGridLayout, label: str, widget: QWidget, note: str = "") -> None:
        at = grid.rowCount()
        said = words(label, "secondary", wrap=True)
        said.setFixedWidth(170)
        grid.addWidget(said, at, 0, Qt.AlignmentFlag.AlignTop)
        if note:
            holder = QWidget()
            inner = column(widget, words(note, "small", wrap=True), gap=4)
            holder.setLayout(inner)
            widget = holder
        grid.addWidget(widget, at, 1)

    def _looks(self, mode: str, density: str, actions: PreferenceActions) -> QWidget:
        made, grid = self._section(tr("显示"))
        tongue = Segments(LANGUAGES, language(), actions.language, tr("语言"))
        self.theme_choice = Segments([(k, tr(t)) for k, t, _ in THEMES], mode, actions.theme, tr("外观"))
        self.density_choice = Segments([(k, tr(t)) for k, t in DENSITIES], density, actions.density, tr("密度"))
        self._put(grid, tr("语言"), tongue, tr("马上生效，打开的页面会保留。打印给客户的文件另选语言。"))
        self._put(grid, tr("外观"), self.theme_choice)
        self._put(grid, tr("密度"), self.density_choice, tr("紧凑：表格每屏多显示约四分之一。"))
        scale = round((QGuiApplication.primaryScreen().devicePixelRatio() if QGuiApplication.screens() else 1.0) * 100)
        self._put(
            grid,
            tr("缩放"),
            words(tr("{n}%，跟随系统", n=scale)),
            tr("在操作系统的显示设置里调整，文字和图标都保持清晰。"),
        )
        return made

    def _data(self, info: WorkspaceInfo) -> QWidget:
        made, grid = self._section(tr("数据和安全"))
        folder = words(str(info.folder), wrap=True, selectable=True)
        opener = button(
            tr("打开文件夹"),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(info.folder))),
            icon="folder-open",
        )
        holder = QWidget()
        holder.setLayout(column(folder, gap=6))
        inner = holder.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.addLayout(row(opener, None))
        self._put(grid, tr("工作区文件夹"), holder)
        if info.key_source != "keyring":
            key = tr("口令")
            note = tr("每次打开都要输入口令。口令不保存在任何地方，忘记了就打不开，只能用备份恢复。")
        else:
            key = tr("系统钥匙串")
            note = tr("密钥由操作系统保管，用您的登录账户解锁，打开程序时不必输入。")
        self._put(grid, tr("加密方式"), words(tr("SQLCipher（AES-256），密钥：{key}", key=key)), note)
        backup = words("presales backup FILE", selectable=True)
        self._put(grid, tr("备份"), backup, tr("备份文件同样加密；用 presales restore 恢复。"))
        if info.demo:
            self._put(
                grid, tr("演示"), words(tr("这是演示工作区：公司、客户和价格都是虚构的，可以随意修改。"), wrap=True)
            )
        return made

    def _about(self) -> QWidget:
        made, grid = self._section(tr("关于"))
        said = f"Presales Desktop {__version__} · Qt {qVersion()}"
        self._put(grid, tr("程序版本"), words(said, selectable=True), "Apache-2.0")
        for name, licence, path in _LICENCES:
            shower = button(tr("查看许可"), self._opener(path), look="link")
            holder = QWidget()
            holder.setLayout(row(words(licence), shower, None))
            self._put(grid, name, holder)
        for name, licence in _LIBRARIES:
            self._put(grid, name, words(licence))
        self._licence = QPlainTextEdit(readOnly=True)
        self._licence.setFont(theme.font(tokens.SMALL))
        self._licence.setFixedHeight(220)
        self._licence.setAccessibleName(tr("许可全文"))
        self._licence.hide()
        inner = made.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.addWidget(line())
        inner.addWidget(self._licence)
        return made

    def _opener(self, path: str) -> Callable[[], None]:
        def show() -> None:
            self._licence.setPlainText(resource(path).read_text("utf-8"))
            self._licence.show()
            self.ensureWidgetVisible(self._licence)

        return show
