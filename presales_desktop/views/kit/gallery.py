"""组件图库: every part in every state on one page, to look at in both themes and densities; reached from the palette."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QRadioButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from presales_desktop.models.customers import FIELDS
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import FieldType
from presales_desktop.models.values import shanghai_day, utc_now
from presales_desktop.paths import resource
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import dialogs, jobs, tokens
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import button, column, frame, icon_button, icon_label, row, words
from presales_desktop.views.kit.charts import Bar, BarChart, Donut, Funnel, FunnelStage, Slice, Sparkline
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.line_table import LineColumn, LineTable
from presales_desktop.views.kit.panels import ApprovalPanel, Figure, KeyFigures, RelatedPanel, RelatedRow, StepRow
from presales_desktop.views.kit.polar import PolarChart
from presales_desktop.views.kit.states import Chip, EmptyState, ErrorBar, ErrorState, LoadingBar, ProgressPanel
from presales_desktop.views.kit.typed_edits import DatePicker, MoneyEdit, NumberEdit, PercentEdit

_LONG = "中山市古镇镇灯都国际照明博览中心管理有限公司第一分公司展厅改造项目部"


@dataclass
class SampleLine:
    """A line of the sample table."""

    id: UUID | None = None
    name: str = ""
    model: str = ""
    quantity: Decimal = Decimal(1)
    unit_price_fen: int = 0


@dataclass
class SampleRecord:
    """What the sample form edits: the fields of a customer, and lines."""

    id: UUID | None = None
    base_version: int = 0
    name: str = _LONG
    kind: str = "company"
    uscc: str = ""
    phone: str = "0760-2238 6600"
    importance: str = "normal"
    notes: str = ""
    lines: list[SampleLine] = field(default_factory=list)


class GalleryPage(QScrollArea):
    """The page."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.setObjectName("gallery")
        self.setWindowTitle(tr("组件图库"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self._whole = QVBoxLayout(body)
        self._whole.setContentsMargins(tokens.MARGIN, 16, tokens.MARGIN, tokens.MARGIN)
        self._whole.setSpacing(tokens.GAP)
        self._whole.addWidget(words(tr("组件图库"), "title"))
        parts: tuple[tuple[str, Callable[[], QWidget]], ...] = (
            (tr("颜色和文字"), self._type),
            (tr("按钮"), self._buttons),
            (tr("输入"), self._inputs),
            (tr("表单"), self._form),
            (tr("明细表"), self._lines),
            (tr("状态"), self._states),
            (tr("面板"), self._panels),
            (tr("图表"), self._charts),
            (tr("图标"), self._icons),
        )
        for title, make in parts:
            self._whole.addWidget(self._section(title, make()))
        self.setWidget(body)

    @staticmethod
    def _section(title: str, part: QWidget) -> QFrame:
        made = frame("panel")
        made.setLayout(column(words(title, "section"), part, gap=12, margins=(18, 14, 18, 18)))
        return made

    @staticmethod
    def _holder(layout: QHBoxLayout | QVBoxLayout | QGridLayout) -> QWidget:
        made = QWidget()
        layout.setContentsMargins(0, 0, 0, 0)
        made.setLayout(layout)
        return made

    # --- parts -------------------------------------------------------------------------------------------------------
    def _type(self) -> QWidget:
        text = column(
            words(tr("页标题 20"), "title"), words(tr("小节 15"), "section"), words(tr("正文 13"), ""),
            words(tr("次要文字"), "secondary"), words(tr("提示文字"), "faint"), gap=4,
        )  # fmt: skip
        figures = KeyFigures(
            [
                Figure(fmt.money_short(128_500_000), lookup.label("case", "amount_fen")),
                Figure(fmt.lux(312), tr("照度"), "good", fmt.percent(Decimal("0.62"))),
                Figure(fmt.number(Decimal("8.4"), "W/m²"), tr("功率密度"), "bad"),
            ]
        )
        swatches = QGridLayout()
        names = [f.name for f in fields(tokens.Palette) if f.name not in ("name", "shadow")]
        for i, name in enumerate(names):
            swatches.addWidget(_Swatch(name), i // 9, i % 9)
        return self._holder(column(self._holder(row(self._holder(text), 40, figures)), self._holder(swatches), gap=14))

    def _buttons(self) -> QWidget:
        off = button(tr("不可用"), look="primary")
        off.setEnabled(False)
        return self._holder(
            row(
                button(tr("提交审核"), look="primary", icon="send"),
                button(tr("保存"), icon="save"),
                button(tr("更多操作"), look="quiet"),
                button(tr("删除客户"), look="danger", icon="trash-2"),
                button(tr("查看全部"), look="link"),
                off,
                icon_button("ellipsis", tr("更多操作")),
                icon_button("star", tr("收藏"), checkable=True),
                None,
            )
        )

    def _inputs(self) -> QWidget:
        edit, off, wrong = QLineEdit(_LONG), QLineEdit(tr("不可用")), QLineEdit("0760-")
        edit.setAccessibleName(tr("输入"))
        off.setEnabled(False)
        wrong.setProperty("problem", "true")
        choice = QComboBox()
        choice.addItems([lookup.choice("customer", "importance", v) for v in _choices("importance")])
        money, amount, share = MoneyEdit(), NumberEdit("lx"), PercentEdit(fraction=True)
        money.set_value(1_280_000)
        amount.set_value(Decimal(300))
        share.set_value(Decimal("0.13"))
        day = DatePicker(lambda: shanghai_day(utc_now()))
        day.set_value(dt.date(2026, 11, 23))
        on, part, one, other = (
            QCheckBox(tr("已选")),
            QCheckBox(tr("部分")),
            QRadioButton(tr("甲")),
            QRadioButton(tr("乙")),
        )
        on.setChecked(True)
        part.setTristate(True)
        part.setCheckState(Qt.CheckState.PartiallyChecked)
        one.setChecked(True)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setValue(60)
        text = QPlainTextEdit(_LONG * 2)
        text.setFixedHeight(64)
        return self._holder(
            column(
                self._holder(row(edit, off, wrong, choice)),
                self._holder(row(money, amount, share, day)),
                self._holder(row(on, part, one, other, slider, None)),
                text,
            )
        )

    def _form(self) -> QWidget:
        draft = Draft(SampleRecord(), self)
        shown = [f for f in FIELDS if f.name in {s.name for s in fields(SampleRecord)} and not f.read_only]
        form = Form(self.ctx, draft, shown, "customer")
        form.set_problems([Problem("field.required", "uscc")])
        return form

    def _lines(self) -> QWidget:
        lines = [
            SampleLine(name="LED 筒灯", model="DG-TD-012", quantity=Decimal(24), unit_price_fen=8_800),
            SampleLine(name="磁吸轨道射灯", model="DG-CX-007", quantity=Decimal(6), unit_price_fen=23_900),
        ]
        draft = Draft(SampleRecord(lines=lines), self)
        return LineTable(
            self.ctx, draft, "lines",
            (
                LineColumn("name", stretch=True),
                LineColumn("model"),
                LineColumn("quantity", type=FieldType.DECIMAL, width=80),
                LineColumn("unit_price_fen", type=FieldType.MONEY),
            ),
            kind="quote_line", new_row=SampleLine, key="gallery",
        )  # fmt: skip

    def _states(self) -> QWidget:
        bad, amber = ErrorBar(), ErrorBar()
        bad.show_text(tr("有 2 处需要修改后才能保存。"), problems=[(lookup.label("customer", "phone"), lambda: None)])
        amber.show_text(tr("产品价格在报价之后变了。"), tone="amber", action=(tr("查看变化"), lambda: None))
        chips = row(
            Chip(tr("草稿")), Chip(tr("已提交"), "accent"), Chip(tr("待审核"), "amber"), Chip(tr("审核通过"), "good"),
            Chip(tr("退回修改"), "bad"), None,
        )  # fmt: skip
        loading = LoadingBar()
        loading.start()
        progress = ProgressPanel(tr("正在导入客户"), jobs.Progress(self))
        progress.set_step(42, 120, _LONG)
        busy = QProgressBar()
        busy.setRange(0, 0)
        busy.setTextVisible(False)
        empty = EmptyState("building-2", tr("还没有客户"), tr("客户是一切的起点。"), tr("新建客户"), "Ctrl+N")
        failed = ErrorState(tr("数据库正忙，请稍后重试。"))
        for part in (empty, failed):
            part.setMinimumHeight(230)
        toasts = row(
            button(tr("提示"), lambda: self.ctx.nav.toast(tr("已保存"), tone="good")),
            button(tr("可撤销的提示"), lambda: self.ctx.nav.toast(tr("已移除"), action=(tr("撤销"), lambda: None))),
            button(tr("出错"), lambda: self.ctx.nav.toast(tr("没有保存：磁盘空间不足。"), tone="bad")),
            button(tr("程序错误"), lambda: self.ctx.nav.show_error(RuntimeError("gallery"), self)),
            button(tr("询问"), lambda: jobs.start(self, self._ask())), None,
        )  # fmt: skip
        return self._holder(
            column(
                self._holder(chips),
                bad,
                amber,
                loading,
                progress,
                busy,
                self._holder(row(empty, failed)),
                self._holder(toasts),
                gap=10,
            )
        )

    async def _ask(self) -> None:
        await dialogs.ask_text(self, tr("退回修改"), tr("退回原因"), primary=tr("退回修改"))

    def _panels(self) -> QWidget:
        approvals, related = ApprovalPanel(), RelatedPanel(self.ctx)
        at = utc_now() - dt.timedelta(hours=2)
        approvals.set_steps(
            [
                StepRow("finance", "周芳", "approve", "", at),
                StepRow("superior", "赵磊", "return", tr("毛利低于下限，请重新核价。"), at),
                StepRow("legal", "郑凯", waiting=True),
            ]
        )
        related.set_rows(
            [
                RelatedRow("case", UUID(int=1), _LONG, "XM20261120-002"),
                RelatedRow("quote", UUID(int=2), "BJ20261123-001", fmt.money(1_280_000), (tr("待审核"), "amber")),
            ]
        )
        return self._holder(row(approvals, related, gap=20))

    def _charts(self) -> QWidget:
        angles = list(range(0, 91, 3))
        narrow = [900 * math.cos(math.radians(a)) ** 6 for a in angles]
        wide = [500 * math.cos(math.radians(a)) ** 2 for a in angles]
        bars = [Bar(f"{m}", v, tone="accent" if v > 40 else "amber") for m, v in ((7, 32), (8, 48), (9, 52), (10, 41))]
        stages = [
            FunnelStage(p, lookup.choice("case", "phase", p), n, fmt.money_short(n * 9_000_000), n / 12)
            for p, n in (("survey", 12), ("design", 7), ("quote", 5), ("contract", 1))
        ]
        grid = QGridLayout()
        grid.setSpacing(20)
        grid.addWidget(BarChart(bars, target=45, target_text=tr("目标 45")), 0, 0)
        grid.addWidget(Funnel(stages), 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(Donut([Slice(tr("照明"), 62), Slice(tr("安装"), 21), Slice(tr("运费"), 9)], "¥92"), 1, 0)
        polar = PolarChart([("C0–C180", angles, narrow), ("C90–C270", angles, wide)], beam_deg=54)
        polar.setFixedHeight(260)
        grid.addWidget(polar, 1, 1)
        grid.addWidget(Sparkline([3, 5, 4, 8, 7, 9, 12]), 2, 0)
        grid.addWidget(_Heat(), 2, 1)
        return self._holder(grid)

    def _icons(self) -> QWidget:
        grid = QGridLayout()
        for i, path in enumerate(sorted(resource("icons").glob("*.svg"))):
            picture = icon_label(path.stem, tokens.ICON_LARGE)
            picture.setToolTip(path.stem)
            grid.addWidget(picture, i // 28, i % 28)
        return self._holder(grid)


def _choices(name: str) -> tuple[str, ...]:
    return next(f.choices for f in FIELDS if f.name == name)


class _Swatch(QWidget):
    """A colour with its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setFixedHeight(44)
        self.setToolTip(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The colour above its name."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(tokens.color("border"))
        painter.setBrush(tokens.color(self._name))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -22), 4, 4)
        painter.setPen(tokens.color("secondary"))
        painter.drawText(self.rect().adjusted(1, 24, 0, 0), 0, self._name)


class _Heat(QWidget):
    """The scale of the heat map."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(20)
        self.setAccessibleName("viridis")

    def paintEvent(self, event: QPaintEvent) -> None:
        """From dark to light."""
        painter = QPainter(self)
        for x in range(self.width()):
            painter.fillRect(x, 2, 1, 16, tokens.viridis(x / max(self.width() - 1, 1)))
