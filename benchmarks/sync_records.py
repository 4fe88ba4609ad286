"""Business records as in knowledge/sync.md section 6: 55 % sketch items, 15 % quote lines, 15 % surveys, 10 % customers, 5 % stock moves;
mean 350 bytes of JSON. Deterministic for a given Random."""

from __future__ import annotations

import random
from typing import Any

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑"
_GIVEN = "伟芳娜秀敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉红"
_CITIES = (
    "中山市",
    "佛山市",
    "广州市",
    "深圳市",
    "上海市",
    "杭州市",
    "成都市",
    "武汉市",
    "南京市",
    "苏州市",
    "西安市",
    "长沙市",
)
_ROADS = ("中兴大道", "人民路", "解放路", "建设路", "新华街", "科技园路", "滨江大道", "金融街", "长江路", "中山路")
_TRADES = ("酒店", "办公", "商超", "学校", "医院", "工厂", "住宅", "餐饮")
_ROOMS = ("大堂", "走廊", "会议室", "客房", "餐厅", "厨房", "办公室", "展厅", "卫生间", "车库")
_NEEDS = (
    "防眩光",
    "显色指数90以上",
    "可调光",
    "色温3000K",
    "色温4000K",
    "应急照明",
    "智能控制",
    "节能改造",
    "重点照明",
    "防水防尘",
)
_MODELS = tuple(f"DG-DL{n:03d}-{t}K" for n in range(60) for t in (27, 30, 40))
_DAY = 86_400_000_000


class _Maker:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = 1_790_000_000_000_000
        self.people = [self.uuid() for _ in range(40)]
        self.products = [self.uuid() for _ in range(400)]
        self.customers = [self.uuid() for _ in range(300)]
        self.sketches = [self.uuid() for _ in range(1500)]
        self.quote = self.uuid()
        self.label = 0
        self.lines = 0

    def uuid(self) -> bytes:
        """A UUIDv7 of the moment `now`, a few milliseconds after the last."""
        self.now += self.rng.randrange(1000, 60_000)
        head = (self.now // 1000) << 80 | 0x7 << 76 | self.rng.getrandbits(12) << 64
        return (head | 0b10 << 62 | self.rng.getrandbits(62)).to_bytes(16, "big")

    def stamps(self) -> dict[str, Any]:
        who = self.rng.choice(self.people[:12])
        changed = self.now + (self.rng.randrange(_DAY) if self.rng.random() < 0.3 else 0)
        return {"version": 1, "created_at": self.now, "created_by": who, "updated_at": changed, "updated_by": who}

    def sketch_item(self) -> dict[str, Any]:
        self.label = self.label % 380 + 1
        return {
            "design_id": self.rng.choice(self.sketches), "product_id": self.products[int(self.rng.paretovariate(1.2)) % 400],
            "x": round(self.rng.uniform(0, 30), 3), "y": round(self.rng.uniform(0, 20), 3), "z": self.rng.choice((2.6, 2.79, 3.0)),
            "rotation": self.rng.choice((0, 0, 0, 90, 180, 270)), "dim": self.rng.choice((100, 100, 80, 50)),
            "label": f"L{self.label}", **self.stamps(),
        }  # fmt: skip

    def quote_line(self) -> dict[str, Any]:
        if self.lines == 0:
            self.quote, self.lines = self.uuid(), self.rng.randrange(8, 60)
        self.lines -= 1
        model = self.rng.choice(_MODELS)
        return {
            "quote_id": self.quote, "position": self.lines, "model": model, "name": "嵌入式防眩筒灯",
            "spec": f"{self.rng.choice((7, 9, 12, 15))}W {self.rng.choice((700, 850, 1100))}lm Ra95 24° IP44", "unit": "套",
            "quantity": self.rng.randrange(1, 200) * 1000, "unit_price_fen": self.rng.randrange(80, 900) * 100,
            "discount": self.rng.choice((0, 0, 5, 8)), **self.stamps(),
        }  # fmt: skip

    def survey(self) -> dict[str, Any]:
        pick = self.rng.sample(_NEEDS, 3)
        return {
            "customer_id": self.rng.choice(self.customers), "room": self.rng.choice(_ROOMS), "area_m2": self.rng.randrange(12, 400),
            "height_mm": self.rng.choice((2600, 2800, 3000, 3600, 4500)), "lux": self.rng.choice((100, 200, 300, 500)),
            "needs": "、".join(pick), "note": f"{self.rng.choice(_ROOMS)}{self.rng.choice(_NEEDS)}，{self.rng.randrange(1, 60)}天内交付",
            "day": 739_000 + self.rng.randrange(400), **self.stamps(),
        }  # fmt: skip

    def customer(self) -> dict[str, Any]:
        rng = self.rng
        city = rng.choice(_CITIES)
        name = f"{city}{rng.choice(_GIVEN)}{rng.choice(_GIVEN)}{rng.choice(_TRADES)}有限公司"
        return {
            "number": f"KH{rng.randrange(10**6):06d}", "name": name, "contact": rng.choice(_SURNAMES) + rng.choice(_GIVEN),
            "phone": f"13{rng.randrange(10**9):09d}", "address": f"{city}{rng.choice(_ROADS)}{rng.randrange(1, 999)}号",
            "industry": rng.choice(_TRADES), "owner_id": rng.choice(self.people[:12]), "archived": False, **self.stamps(),
        }  # fmt: skip

    def move(self) -> dict[str, Any]:
        rng = self.rng
        return {
            "product_id": rng.choice(self.products),
            "by": rng.choice((-2, -1, 1, 5)),
            "why": "样品借出",
            "day": 739_200 + rng.randrange(60),
            **self.stamps(),
        }


Record = tuple[str, bytes, dict[str, Any]]


def generate(count: int, rng: random.Random) -> list[Record]:
    """COUNT records (kind, id, wire values) as they come about in time."""
    maker = _Maker(rng)
    makers = {
        "sketch_item": (55, maker.sketch_item), "quote_line": (15, maker.quote_line), "survey": (15, maker.survey),
        "customer": (10, maker.customer), "stock_move": (5, maker.move),
    }  # fmt: skip
    names = rng.choices(list(makers), [weight for weight, _ in makers.values()], k=count)
    return [(name, maker.uuid(), makers[name][1]()) for name in names]


def by_kind(records: list[Record]) -> dict[str, list[tuple[bytes, int, dict[str, Any]]]]:
    """The records of each kind as `columns.encode` takes them; seq as if pushed in commits of ten."""
    found: dict[str, list[tuple[bytes, int, dict[str, Any]]]] = {}
    for n, (kind, key, fields) in enumerate(records):
        found.setdefault(kind, []).append((key, n // 10 + 1, fields))
    return found
