"""The result of a room against the standard: key figures, each check with its row, and what could not be calculated."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from presales_desktop.models import standards
from presales_desktop.models.standards import Check, RoomVerdict
from presales_desktop.services.design_details import LOWEST_UGR
from presales_desktop.services.design_drafts import RoomDraft
from presales_desktop.services.design_light import RoomLight
from presales_desktop.texts import language, tr
from presales_desktop.texts.lighting import ERRORS as LIGHT_ERRORS
from presales_desktop.views.designs.light_state import LightState
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import icons, tokens
from presales_desktop.views.kit.basics import Elided, clear, row, words
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.states import Chip


def check_name(check: Check) -> str:
    """The word of a check."""
    word = {
        "average": tr("平均照度"),
        "uniformity": tr("均匀度 U₀"),
        "ugr": tr("统一眩光值 UGR"),
        "lpd": tr("功率密度（限值）"),
        "lpd_target": tr("功率密度（目标值）"),
        "ra": tr("显色指数"),
        "cylindrical": tr("平均柱面照度"),
        "walls": tr("墙面平均照度"),
        "ceiling": tr("顶棚平均照度"),
        "task": tr("作业区"),
        "task_u0": tr("作业区 U₀"),
        "surround": tr("作业区周围"),
    }[check.name]
    return f"{word} {check.label}".strip()


_LUX = ("average", "cylindrical", "walls", "ceiling", "task", "surround")


def check_figures(check: Check) -> str:
    """What was found against what is asked."""
    if check.required is None:
        return "—"
    if check.value is None:
        return tr("计算中…") if check.note == "pending" else "—"
    if check.name in _LUX:
        return f"{check.value:.0f} / {check.required:.0f} lx"
    if check.name in ("uniformity", "task_u0"):
        return f"{check.value:.2f} / {check.required:.2f}"
    if check.name == "ra":
        return f"{check.value:.0f} / {check.required:.0f}"
    if check.name == "ugr":
        return f"{ugr_text(check.value)} / {check.required:g}"
    return f"{check.value:.1f} / {check.required:.1f} W/m²"


def ugr_text(value: float) -> str:
    """A glare rating as it is said: below 10 nobody sees the difference."""
    return "< 10" if value < LOWEST_UGR else f"{value:.1f}"


def check_note(check: Check) -> str:
    """What a person should know beside the figures."""
    return {
        "": "",
        "pending": "",
        "over": tr("超过标准值 20% 以上，可减少灯具或调光"),
        "mixed": tr("标准值指一般照明与局部照明之和"),
        "small_room": tr("室形指数不大于 1，限值放宽 20%"),
        "dwelling": tr("按整套住宅计算"),
    }[check.note]


def check_tone(check: Check) -> str:
    """green, red, amber for what is only an aim, grey without light."""
    if check.ok is None:
        return "neutral"
    if check.ok:
        return "amber" if check.note == "over" else "good"
    return "amber" if check.hint else "bad"


def verdict_chip(verdict: RoomVerdict | None, light: RoomLight | None) -> tuple[str, str]:
    """Word and tone of a room's verdict."""
    if light is not None and light.problem:
        return tr("无法计算"), "bad"
    if light is None:
        return tr("计算中…"), "neutral"
    if light.lux is None:
        return tr("无灯具"), "neutral"
    if verdict is None or verdict.ok is None:
        return tr("未定标准"), "neutral"
    if verdict.ok and verdict.pending:
        return tr("计算中…"), "neutral"
    return (tr("达标"), "good") if verdict.ok else (tr("未达标"), "bad")


def row_text(verdict: RoomVerdict, room_type: str = "", standard: str = standards.GB) -> str:
    """The row of the standard that the verdict stands on: clause, room type, what it asks, and the file it came from."""
    row = verdict.row
    if row is None:
        if not room_type:
            return tr("选择房间类型后按标准判定。")
        known = standards.find(room_type)
        word = known.name(language()) if known is not None else room_type
        return tr("{standard} 没有“{type}”这一行，只按目标照度判定。", standard=standard, type=word)
    plane = standards.standard(row.standard).planes.get(row.plane)
    where = plane["en" if language() == "en" else "zh"] if plane else tr("{height} m 平面", height=f"{row.plane_m:g}")
    parts = [tr("{lux} lx", lux=f"{row.lux:g}"), where]
    parts += [f"U₀ ≥ {row.u0:.2f}"] if row.u0 is not None else []
    parts += [f"Ra ≥ {row.ra:g}"] if row.ra is not None else []
    parts += [f"UGR ≤ {row.ugr:g}"] if row.ugr is not None else []
    parts += [tr("柱面 ≥ {lux} lx", lux=f"{row.cylindrical:g}")] if row.cylindrical is not None else []
    parts += (
        [tr("限值 {lpd} W/m²（{standard}）", lpd=f"{row.lpd_limit:g}", standard=row.limit_standard)]
        if row.lpd_limit
        else []
    )
    table = tr("表 {table}", table=row.table) if row.table else ""
    text = f"{row.standard} {table} {row.name(language())}：".replace("  ", " ") + " · ".join(parts)
    if not row.confirmed:
        text += "\n" + tr("这一行未与标准原文核对（{file}）。", file=row.file)
    return text


_NO_VERDICT = RoomVerdict(None, None, (), None)


def cost_lines(light: RoomLight) -> list[str]:
    """Price, energy and maintenance of a room, each in a line where it is known."""
    lines = []
    per_m2 = light.price_per_m2_fen
    if light.count and light.price_fen is not None and per_m2 is not None:
        lines.append(tr("标价 {price} · {each}/m²", price=fmt.money(light.price_fen), each=fmt.money(per_m2)))
    if light.energy_kwh > 0 and light.figures.area_m2 > 0:
        each = light.energy_kwh / light.figures.area_m2
        lines.append(tr("年耗电 {kwh} kWh · {each} kWh/m²", kwh=f"{light.energy_kwh:.0f}", each=f"{each:.1f}"))
    if light.factor > 0:
        text = tr("维护系数 {factor}", factor=f"{light.factor:.2f}")
        made = light.maintenance
        if made is not None:
            text += f" = LLMF {made.llmf:.2f} × LSF {made.lsf:.2f} × LMF {made.lmf:.2f} × RSMF {made.rsmf:.2f}"
        lines.append(text)
    return lines


def glare_text(light: RoomLight | None) -> str:
    """UGR of each observer, and what else was asked at eye height."""
    found = light.details if light is not None else None
    if found is None:
        return ""
    lines = []
    if found.problem:
        template = LIGHT_ERRORS.get(found.problem, "")
        lines.append(tr(template).format_map(_Known(found.values)) if template else tr("眩光等附加结果无法计算。"))
    if found.glare:
        seen = "  ".join(f"{_arrow(g.direction_deg)} {ugr_text(g.ugr)}" for g in found.glare)
        lines.append(tr("UGR 各观察者（视线 {eye} m）：{seen}", eye=f"{found.glare[0].eye_m:g}", seen=seen))
    if found.cylindrical is not None:
        c = found.cylindrical
        lines.append(tr("柱面照度 平均 {a} · 最小 {b} lx", a=f"{c.average_lux:.0f}", b=f"{c.minimum_lux:.0f}"))
    if found.vertical:
        seen = "  ".join(f"{_arrow(v.direction_deg or 0.0)} {v.average_lux:.0f}" for v in found.vertical)
        lines.append(tr("垂直照度平均（朝向）：{seen} lx", seen=seen))
    if found.joined_lux is not None:
        lines.append(tr("计入相邻房间经门口的光：平均 {lux} lx", lux=f"{found.joined_lux:.0f}"))
    if found.cct_k is not None:
        lines.append(tr("混合色温 {cct} K", cct=f"{found.cct_k:.0f}"))
    lines += [
        tr("场景“{name}”：{lux} lx · U₀ {u0} · {watts} W", name=m.name, lux=f"{m.average_lux:.0f}", u0=f"{m.uniformity:.2f}", watts=f"{m.watts:.0f}")
        for m in found.moods
    ]  # fmt: skip
    return "\n".join(lines)


def _arrow(direction_deg: float) -> str:
    """Where somebody looks to, seen on the plan."""
    return "→↗↑↖←↙↓↘"[round(direction_deg / 45.0) % 8]


class RoomResult(QWidget):
    """One room's figures, live."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("design.result")
        self._figures = {name: words("—", "figure") for name in ("average", "uniformity", "lpd")}
        self._chip = Chip(tr("无灯具"), "neutral")
        self._more = words("", "secondary", wrap=True)
        self._source = words("", "faint", wrap=True, selectable=True)
        self._source.setObjectName("design.result.source")
        self._more.setObjectName("design.result.more")
        self._glare = words("", "small", wrap=True, selectable=True)
        self._glare.setObjectName("design.result.glare")
        self._problem = words("", "small", wrap=True)
        self._checks = QGridLayout()
        self._checks.setHorizontalSpacing(8)
        self._checks.setVerticalSpacing(4)
        self._checks.setColumnStretch(1, 1)
        top = QGridLayout()
        top.setHorizontalSpacing(14)
        top.setVerticalSpacing(0)
        for column, (name, word) in enumerate((("average", tr("平均照度 lx")), ("uniformity", "U₀"), ("lpd", "W/m²"))):
            top.addWidget(words(word, "small"), 0, column)
            top.addWidget(self._figures[name], 1, column)
            self._figures[name].setObjectName(f"design.result.{name}")
        top.setColumnStretch(2, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addLayout(top)
        whole.addWidget(self._more)
        whole.addWidget(self._problem)
        whole.addLayout(self._checks)
        whole.addWidget(self._glare)
        whole.addWidget(self._source)
        self._rows: list[tuple[QLabel, QLabel, QLabel, QLabel]] = []

    def show_room(
        self, room: RoomDraft, light: RoomLight | None, verdict: RoomVerdict | None, standard: str = standards.GB
    ) -> None:
        """Show what is known of a room now."""
        word, tone = verdict_chip(verdict, light)
        self._chip.set(word, tone)
        lux = light.lux if light is not None else None
        self._figures["average"].setText(f"{lux.average_lux:.0f}" if lux else "—")
        self._figures["uniformity"].setText(f"{lux.uniformity:.2f}" if lux else "—")
        self._figures["lpd"].setText(f"{light.figures.lpd:.1f}" if light is not None and light.count else "—")
        self._more.setText(self._details(light))
        problem = self._trouble(light)
        self._problem.setText(problem)
        _set_visible(self._problem, bool(problem))
        self._show_checks(verdict)
        seen = glare_text(light)
        self._glare.setText(seen)
        _set_visible(self._glare, bool(seen))
        self._source.setText(row_text(verdict or _NO_VERDICT, room.room_type, standard))

    def _details(self, light: RoomLight | None) -> str:
        if light is None:
            return ""
        figures = light.figures
        text = tr(
            "面积 {area} m² · {n} 盏 · {watts} W", area=f"{figures.area_m2:.2f}", n=light.count,
            watts=f"{figures.general_w + figures.decorative_w:.0f}",
        )  # fmt: skip
        if light.lux is not None:
            text += "\n" + tr(
                "最小 {low} · 最大 {high} lx · 墙面 {wall} · 顶棚 {ceiling} lx",
                low=f"{light.lux.minimum_lux:.0f}", high=f"{light.lux.maximum_lux:.0f}",
                wall=f"{sum(light.lux.wall_average_lux) / max(1, len(light.lux.wall_average_lux)):.0f}",
                ceiling=f"{light.lux.ceiling_average_lux:.0f}",
            )  # fmt: skip
            text += f" · Ud {light.lux.diversity:.2f}"
        if figures.room_index is not None:
            text += " · RI " + f"{figures.room_index:.2f}"
        return "\n".join([text, *cost_lines(light)])

    def _trouble(self, light: RoomLight | None) -> str:
        if light is None:
            return ""
        said = []
        if light.problem:
            template = LIGHT_ERRORS.get(light.problem, "")
            said.append(
                tr(template).format_map(_Known(light.values)) if template else tr("房间轮廓或灯具数据有误，无法计算。")
            )
        if light.estimated:
            said.append(tr("部分灯具没有配光文件，按光通量和光束角估算。"))
        if light.outside:
            said.append(tr("有 {n} 盏灯具高于顶棚，未计入。", n=len(light.outside)))
        return "\n".join(said)

    def _show_checks(self, verdict: RoomVerdict | None) -> None:
        checks = verdict.checks if verdict is not None else ()
        while len(self._rows) < len(checks):
            made = (words(""), words("", "small"), words("", "small"), words("", "faint", wrap=True))
            line = len(self._rows) * 2
            for column, part in enumerate(made[:3]):
                self._checks.addWidget(part, line, column)
            self._checks.addWidget(made[3], line + 1, 1, 1, 2)
            # Told so, since a layout shows whatever was not hidden by name.
            made[3].hide()
            self._rows.append(made)
        for i, shown in enumerate(self._rows):
            there = i < len(checks)
            for part in shown[:3]:
                _set_visible(part, there)
            if not there:
                _set_visible(shown[3], False)
            if there:
                self._fill(shown, checks[i])

    def _fill(self, row: tuple[QLabel, QLabel, QLabel, QLabel], check: Check) -> None:
        mark, name, figures, note = row
        tone = check_tone(check)
        icon = {"good": "circle-check", "bad": "circle-x", "amber": "triangle-alert", "neutral": "circle-dashed"}[tone]
        mark.setPixmap(icons.pixmap(icon, tokens.ICON, tone if tone != "neutral" else "faint"))
        mark.setAccessibleName(
            {"good": tr("达标"), "bad": tr("未达标"), "amber": tr("提示"), "neutral": tr("待计算")}[tone]
        )
        name.setText(check_name(check))
        figures.setText(check_figures(check))
        figures.setAlignment(Qt.AlignmentFlag.AlignRight)
        text = check_note(check)
        note.setText(text)
        _set_visible(note, bool(text))


def _set_visible(part: QWidget, on: bool) -> None:
    """Only when it changes: each call lays the column out anew, and this runs at every step of a drag."""
    if part.isHidden() == on:
        part.setVisible(on)


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


class RoomList(QWidget):
    """All rooms of the plan with their verdicts; a click selects one."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("design.rooms")
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(2)
        self._shown: list[tuple[UUID | None, str, str, str]] = []

    def show_rooms(self, rooms: list[RoomDraft], state: LightState) -> None:
        """Rebuild only when words changed."""
        wanted = []
        for room in rooms:
            light = state.lights.get(room.id) if room.id else None
            word, tone = verdict_chip(state.verdicts.get(room.id) if room.id else None, light)
            figures = fmt.lux(light.lux.average_lux) if light is not None and light.lux is not None else ""
            wanted.append((room.id, f"{room.name}", f"{word}|{tone}", figures))
        if wanted == self._shown:
            return
        self._shown = wanted
        clear(self._whole)
        for room_id, name, chip, figures in wanted:
            word, tone = chip.split("|")
            button = RowButton(f"{name} {figures} {word}", lambda room_id=room_id: self.chosen.emit(room_id))  # type: ignore[misc]
            inner = row(Elided(name), words(figures, "secondary"), Chip(word, tone), gap=8, margins=(6, 3, 6, 3))
            inner.setStretch(0, 1)
            button.setLayout(inner)
            self._whole.addWidget(button)
