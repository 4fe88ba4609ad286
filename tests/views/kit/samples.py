"""A small kind for the tests of the kit: rows for lists, a draft with every type of field, lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from presales_desktop.models.fields import Field, FieldType
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.texts.area import KindTexts

TEXTS = KindTexts(
    "灯光项目",
    labels={
        "name": "名称", "importance": "重要程度", "area": "面积", "count": "数量", "budget": "预算", "rate": "税率",
        "due": "截止日期", "meet": "会面时间", "owner_id": "负责人", "tags": "标签", "vip": "重点客户", "notes": "备注",
        "number": "编号", "cost": "成本", "quantity": "数量", "unit": "单位", "price": "单价", "amount": "金额", "ok": "确认",
        "model": "型号",
    },
    choices={
        "importance": {"high": "高", "normal": "普通"},
        "tags": {"home": "家居", "hotel": "酒店", "office": "办公"},
        "unit": {"set": "套", "m": "米"},
    },
    states={"open": "进行中", "won": "成交"},
    hints={"area": "净面积，不含公摊"},
)  # fmt: skip

FIELDS = (
    Field("number", FieldType.TEXT, read_only=True),
    Field("name", FieldType.TEXT, required=True),
    Field("importance", FieldType.CHOICE, required=True, choices=("high", "normal")),
    Field("area", FieldType.DECIMAL, unit="m²", places=2, low=0),
    Field("count", FieldType.INTEGER),
    Field("budget", FieldType.MONEY),
    Field("rate", FieldType.PERCENT),
    Field("due", FieldType.DATE),
    Field("meet", FieldType.MOMENT),
    Field("owner_id", FieldType.REFERENCE, target="user"),
    Field("tags", FieldType.CHOICES, choices=("home", "hotel", "office")),
    Field("vip", FieldType.FLAG),
    Field("notes", FieldType.MULTILINE),
    Field("cost", FieldType.MONEY, restricted="cost.view"),
)


@dataclass
class Line:
    id: UUID | None = None
    type: str = "item"
    name: str = ""
    model: str = ""
    quantity: Decimal = Decimal(1)
    unit: str = "set"
    price: int = 0
    due: dt.date | None = None
    ok: bool = False

    @property
    def amount(self) -> int:
        return int(self.quantity * self.price)


@dataclass
class Plan:
    id: UUID | None = None
    base_version: int = 0
    number: str = "P-001"
    name: str = "古镇酒店大堂"
    importance: str = "normal"
    area: Decimal | None = Decimal("128.5")
    count: int | None = 3
    budget: int | None = 128000000
    rate: Decimal | None = Decimal("0.13")
    due: dt.date | None = None
    meet: dt.datetime | None = None
    owner_id: UUID | None = None
    tags: list[str] = field(default_factory=lambda: ["hotel"])
    vip: bool = False
    notes: str = ""
    cost: int | None = None
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    id: UUID
    name: str
    state: str
    total: int


class Store:
    """Answers list queries from memory, and remembers what it was asked."""

    def __init__(self, count: int = 1000) -> None:
        self.rows = [self.row(i) for i in range(count)]
        self.asked: list[ListQuery] = []
        self.error: Exception | None = None

    @staticmethod
    def row(i: int, name: str = "") -> Row:
        return Row(UUID(int=i + 1), name or f"项目 {i}", "won" if i % 3 == 0 else "open", i * 100)

    def list_rows(self, work: Work, query: ListQuery) -> Page[Row]:
        self.asked.append(query)
        if self.error is not None:
            raise self.error
        found = [r for r in self.rows if query.search in r.name]
        for name, value in query.filters:
            found = [r for r in found if str(getattr(r, name)) == value]
        name = query.sort.removeprefix("-")
        if name:
            found.sort(key=lambda r: (getattr(r, name), r.id), reverse=query.sort.startswith("-"))
        return Page(tuple(found[query.offset : query.offset + query.limit]), len(found), query.offset)


class Endless:
    """A million rows made as they are asked for."""

    total = 1_000_000

    def __init__(self) -> None:
        self.asked: list[ListQuery] = []

    def list_rows(self, work: Work, query: ListQuery) -> Page[Row]:
        self.asked.append(query)
        last = min(self.total, query.offset + query.limit)
        return Page(tuple(Store.row(i) for i in range(query.offset, last)), self.total, query.offset)


def line_of(name: str, **values: Any) -> Line:
    return Line(name=name, **values)


Wait = Callable[[Callable[[], bool]], None]
