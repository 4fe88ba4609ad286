"""The right column: properties of what is selected (changed for all of it at once), results live, the underlay, the plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from presales_desktop.models import designs as rules
from presales_desktop.models import standards
from presales_desktop.models.designs import area_m2
from presales_desktop.texts import language, lookup, tr
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.designs.fields import ChoiceField, FieldGrid, FlagField, NumberField, TextField
from presales_desktop.views.designs.fixture_card import FixtureCard
from presales_desktop.views.designs.light_state import LightState
from presales_desktop.views.designs.results import RoomList, RoomResult
from presales_desktop.views.designs.underlay_panel import UnderlayPanel
from presales_desktop.views.kit import shortcuts, tokens
from presales_desktop.views.kit.basics import button, words
from presales_desktop.views.kit.side_panel import SidePanel

WIDTH = 292
WORDS_MS = 40


def room_type_options(standard: str = standards.GB) -> tuple[list[tuple[Any, str]], frozenset[int]]:
    """Room types of a standard grouped by kind of building: (key, word), and which entries are headings."""
    found = standards.standard(standard)
    lang = language()
    options: list[tuple[Any, str]] = [("", tr("未定"))]
    headings: set[int] = set()
    rest = [r for r in found.rows.values() if r.group not in found.groups]
    for names, rows in [
        *((n, [r for r in found.rows.values() if r.group == g]) for g, n in found.groups.items()),
        (None, rest),
    ]:
        if rows and names is not None:
            headings.add(len(options))
            options.append((None, f"— {names['en' if lang == 'en' else 'zh']} —"))
        options += [(r.key, f"{r.name(lang)}  {r.lux:g} lx") for r in rows]
    return options, frozenset(headings)


class RoomPanel(QWidget):
    """Rooms: name, type, heights, reflectances, target; the result of the first on top."""

    array_wanted = Signal()

    def __init__(self, document: PlanDocument, light: LightState) -> None:
        super().__init__()
        self.document, self.light = document, light
        self.result = RoomResult()
        self._grid = FieldGrid("room")
        self._build()
        self._surfaces = FieldGrid("room")
        for name in ("reflectance_ceiling", "reflectance_walls", "reflectance_floor"):
            field = NumberField(self._setter(name), unit="%", low=0, high=0.99, places=1, step=0.05, factor=100)
            self._surfaces.add(name, field)
        self._surfaces.add(
            "maintenance_factor",
            NumberField(
                self._setter("maintenance_factor"), low=0.3, high=1, places=2, step=0.05, optional=True,
                placeholder=tr("同方案"),
            ),
        )  # fmt: skip
        self._sight = FieldGrid("room")
        self._build_upkeep()
        results, properties, surfaces, sight = (
            SidePanel(tr("结果"), key="design.result"),
            SidePanel(tr("房间"), key="design.room"),
            SidePanel(tr("反射比与维护"), key="design.surfaces"),
            SidePanel(tr("眩光与立面照度"), key="design.sight"),
        )
        sight.body.addWidget(self._sight)
        results.body.addWidget(self.result)
        properties.body.addWidget(self._grid)
        surfaces.body.addWidget(self._surfaces)
        self.suggest = button(
            tr("按目标照度布灯"), self.array_wanted.emit, icon="layout-grid", name="design.suggest",
            tip=tr("按流明法估算数量，在房间里预览阵列"),
        )  # fmt: skip
        results.body.addWidget(self.suggest)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(tokens.GAP)
        for part in (results, properties, surfaces, sight):
            whole.addWidget(part)
        whole.addStretch(1)

    def _build(self) -> None:
        self._grid.add("name", TextField(self._setter("name")))
        self._types = ChoiceField(self._type_chosen)
        self._types_of = ""
        self._grid.add("room_type", self._types)
        self._grid.add(
            "target_lux",
            NumberField(
                self._setter("target_lux"), unit="lx", low=1, high=10000, places=0, step=10, optional=True,
                placeholder=tr("按标准"),
            ),
        )  # fmt: skip
        for name, low, high in (("height_m", 0.5, 60.0), ("workplane_m", 0.0, 20.0), ("margin_m", 0.0, 5.0)):
            self._grid.add(name, NumberField(self._setter(name), unit="m", low=low, high=high, step=0.05, length=True))
        peak = NumberField(
            self._setter("high_m"),
            unit="m",
            low=0.5,
            high=60.0,
            step=0.05,
            length=True,
            optional=True,
            placeholder=tr("平顶"),
        )
        self._grid.add("high_m", peak)
        self._grid.add("rise_deg", NumberField(self._setter("rise_deg"), unit="°", low=-360.0, high=720.0, step=15.0))

    def _build_upkeep(self) -> None:
        """Surroundings, hours, and what is calculated at eye height."""
        grid = self._surfaces
        for name in ("environment", "housing"):
            choice = ChoiceField(self._setter(name))
            values = {"environment": rules.ENVIRONMENTS, "housing": rules.HOUSINGS}[name]
            said = [(v, lookup.choice("room", name, v)) for v in values]
            first = [("", tr("不按环境计算"))] if name == "environment" else []
            choice.set_options([*first, *said])
            grid.add(name, choice)
        grid.add(
            "cleaning_years", NumberField(self._setter("cleaning_years"), unit=tr("年"), low=0.25, high=3.0, step=0.5)
        )
        hours = NumberField(
            self._setter("hours_per_year"),
            unit="h",
            low=0,
            high=8784,
            places=0,
            step=100,
            optional=True,
            placeholder=tr("同方案"),
        )
        grid.add("hours_per_year", hours)
        self._sight.add("eye_m", NumberField(self._setter("eye_m"), unit="m", low=0.5, high=3.0, step=0.1, length=True))
        for name in ("cylindrical", "vertical"):
            self._sight.add(name, FlagField(lookup.label("room", name), self._setter(name)))

    def _setter(self, name: str) -> Callable[[Any], None]:
        def put(value: Any) -> None:
            rooms = self.document.selected_rooms()
            changes = {r.id: replace(r, **{name: value}) for r in rooms if r.id}
            self.document.apply(tr("修改房间"), changes, f"room.{name}")

        return put

    def _type_chosen(self, key: Any) -> None:
        """Another room type brings the height of its plane along."""
        row_ = standards.find(key, self.document.head.standard) if key else None
        changes = {}
        for room in self.document.selected_rooms():
            if room.id is not None and key is not None:
                plane = row_.plane_m if row_ is not None else room.workplane_m
                changes[room.id] = replace(room, room_type=key, workplane_m=plane)
        self.document.apply(tr("房间类型"), changes)
        self.show_parts()

    def show_parts(self) -> None:
        """Fields from the selection."""
        rooms = self.document.selected_rooms()
        if not rooms:
            return
        standard = self.document.head.standard
        if self._types_of != standard:
            self._types_of = standard
            self._types.set_options(*room_type_options(standard))
        for grid in (self._grid, self._surfaces, self._sight):
            grid.show_parts(rooms)
            grid.set_read_only(self.document.read_only)
        self.suggest.setEnabled(not self.document.read_only)
        self.show_light()

    def show_light(self) -> None:
        """The result of the room that was selected first."""
        rooms = self.document.selected_rooms()
        if rooms and rooms[0].id is not None:
            key = rooms[0].id
            head = self.document.head
            self.result.show_room(rooms[0], self.light.lights.get(key), self.light.verdicts.get(key), head.standard)

    def focus_name(self) -> None:
        """Ready to type the name of a new room."""
        field = self._grid.fields["name"]
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(field, TextField):
            field.selectAll()


class LuminairePanel(QWidget):
    """Luminaires: product, place, height, rotation, tilt, dimming, whether they are decorative; the room's result below."""

    swap_wanted = Signal()
    compare_wanted = Signal()

    def __init__(self, document: PlanDocument, light: LightState) -> None:
        super().__init__()
        self.document, self.light = document, light
        self.card = FixtureCard()
        self._count = words("", "secondary", wrap=True)
        self.swap = button(tr("换成左侧所选产品"), self.swap_wanted.emit, icon="arrow-left", name="design.swap")
        self.compare = button(
            tr("比较并更换…"), self.compare_wanted.emit, icon="scale", name="design.compare",
            tip=f"{tr('比较并更换…')}  {shortcuts.shown('Ctrl+H')}",
        )  # fmt: skip
        self._grid = FieldGrid("luminaire")
        for name, unit, low, high, step, length in (
            ("x_m", "m", -1e5, 1e5, 0.1, True), ("y_m", "m", -1e5, 1e5, 0.1, True), ("z_m", "m", -20.0, 100.0, 0.1, True),
            ("rotation_deg", "°", -360.0, 720.0, 15.0, False), ("tilt_deg", "°", -180.0, 180.0, 5.0, False),
        ):  # fmt: skip
            self._grid.add(
                name, NumberField(self._setter(name), unit=unit, low=low, high=high, step=step, length=length)
            )
        flux = NumberField(self._setter("flux_factor"), unit="%", low=0, high=2, places=1, step=0.1, factor=100)
        self._grid.add("flux_factor", flux)
        self._grid.add("label", TextField(self._setter("label"), limit=40))
        self._grid.add("decorative", FlagField(tr("装饰照明（功率按一半计）"), self._setter("decorative")))
        self.result = RoomResult()
        product, place, room = (
            SidePanel(tr("产品"), key="design.product"), SidePanel(tr("位置与调光"), key="design.place"),
            SidePanel(tr("所在房间"), key="design.inroom"),
        )  # fmt: skip
        self._room_panel = room
        for part in (self._count, self.card, self.compare, self.swap):
            product.body.addWidget(part)
        place.body.addWidget(self._grid)
        room.body.addWidget(self.result)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(tokens.GAP)
        for panel in (product, place, room):
            whole.addWidget(panel)
        whole.addStretch(1)

    def _setter(self, name: str) -> Callable[[Any], None]:
        def put(value: Any) -> None:
            changes = {r.id: replace(r, **{name: value}) for r in self.document.selected_luminaires() if r.id}
            self.document.apply(tr("修改灯具"), changes, f"luminaire.{name}")

        return put

    def show_parts(self) -> None:
        """Fields from the selection."""
        chosen = self.document.selected_luminaires()
        if not chosen:
            return
        self._grid.show_parts(chosen)
        self._grid.set_read_only(self.document.read_only)
        for offer in (self.compare, self.swap):
            offer.setEnabled(not self.document.read_only)
        variants = list(dict.fromkeys(r.variant_id for r in chosen if r.variant_id))
        self._count.setText(
            tr("已选 {n} 盏，{kinds} 种产品", n=len(chosen), kinds=len(variants)) if len(chosen) > 1 else ""
        )
        self._count.setVisible(len(chosen) > 1)
        self.card.show_fixture(self.document.fixtures.get(variants[0]) if len(variants) == 1 else None)
        self.card.setVisible(len(variants) == 1)
        self.show_light()

    def show_light(self) -> None:
        """The result of the room that the first one hangs in."""
        chosen = self.document.selected_luminaires()
        room = self.document.room_at(chosen[0].x_m, chosen[0].y_m) if chosen else None
        self._room_panel.setVisible(room is not None)
        if room is not None and room.id is not None:
            self._room_panel.set_note(room.name)
            head = self.document.head
            self.result.show_room(room, self.light.lights.get(room.id), self.light.verdicts.get(room.id), head.standard)


class PlanPanel(QWidget):
    """Nothing selected: the plan's rooms with verdicts, its totals, and its own values."""

    def __init__(self, document: PlanDocument, light: LightState, forms: Sequence[QWidget]) -> None:
        super().__init__()
        self.document, self.light = document, light
        self.rooms = RoomList()
        self.rooms.chosen.connect(lambda room_id: document.select([room_id]))
        self._totals = words("", "secondary", wrap=True)
        self._first = words(
            tr("按 R 画一个矩形房间，或导入底图描出房间；再从左侧把产品拖进房间，照度随手可见。"),
            "secondary",
            wrap=True,
        )
        rooms, plan = SidePanel(tr("全部房间"), key="design.rooms"), SidePanel(tr("方案"), key="design.plan")
        for part in (self._first, self.rooms, self._totals):
            rooms.body.addWidget(part)
        for form in forms:
            plan.body.addWidget(form)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(tokens.GAP)
        whole.addWidget(rooms)
        whole.addWidget(plan)
        whole.addStretch(1)
        self._whole = whole
        self._panel = rooms

    def add_panels(self, *panels: QWidget) -> None:
        """Further panels below: review, timeline."""
        for panel in panels:
            self._whole.insertWidget(self._whole.count() - 1, panel)

    def show_light(self) -> None:
        """Rooms and totals."""
        rooms = self.document.rooms()
        luminaires = self.document.luminaires()
        self._first.setVisible(not rooms)
        self.rooms.setVisible(bool(rooms))
        self.rooms.show_rooms(rooms, self.light)
        self._panel.set_note(str(len(rooms)) if rooms else "")
        watts = sum(f.watts for r in luminaires if r.variant_id and (f := self.document.fixtures.get(r.variant_id)))
        area = sum(area_m2(room.polygon) for room in rooms)
        self._totals.setText(
            tr("合计 {n} 盏 · {watts} W · {area} m²", n=len(luminaires), watts=f"{watts:.0f}", area=f"{area:.1f}")
            if luminaires
            else ""
        )

    show_parts = show_light


class PropertyColumn(QFrame):
    """Shows the panel that fits the selection."""

    array_wanted = Signal()
    swap_wanted = Signal()
    compare_wanted = Signal()

    def __init__(
        self, document: PlanDocument, light: LightState, underlay: UnderlayPanel, forms: Sequence[QWidget]
    ) -> None:
        super().__init__()
        self.setObjectName("design.properties")
        self.setAccessibleName(tr("属性"))
        self.document = document
        self.plan = PlanPanel(document, light, forms)
        self.room = RoomPanel(document, light)
        self.luminaire = LuminairePanel(document, light)
        self.underlay = underlay
        self.room.array_wanted.connect(self.array_wanted)
        self.luminaire.swap_wanted.connect(self.swap_wanted)
        self.luminaire.compare_wanted.connect(self.compare_wanted)
        self._stack = QStackedWidget()
        for panel in (self.plan, self.room, self.luminaire, self.underlay):
            self._stack.addWidget(_scrolled(panel))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self.setFixedWidth(WIDTH)
        # During a drag light arrives a hundred times a second; words need not change that often.
        self._later = QTimer(self, singleShot=True, interval=WORDS_MS)
        self._later.timeout.connect(self._refresh)
        document.selection_changed.connect(self.show_selection)
        document.changed.connect(lambda ids: self._soon())
        document.replaced.connect(self.show_selection)
        document.head_changed.connect(self._refresh)
        light.updated.connect(lambda _: self._soon())
        light.settled.connect(self._soon)

    def _panels(self) -> list[Any]:
        return [self.plan, self.room, self.luminaire, self.underlay]

    def show_selection(self) -> None:
        """Another selection: another panel."""
        index = 0
        if self.document.selected_luminaires():
            index = 2
        elif self.document.selected_rooms():
            index = 1
        elif self.document.selected_underlay() is not None:
            index = 3
        self._stack.setCurrentIndex(index)
        self._refresh()

    def _refresh(self) -> None:
        self._panels()[self._stack.currentIndex()].show_parts()

    def _soon(self) -> None:
        if not self._later.isActive():
            self._later.start()


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    holder = QWidget()
    inner = QVBoxLayout(holder)
    inner.setContentsMargins(8, 8, 8, 12)
    inner.addWidget(widget)
    area.setWidget(holder)
    return area
