"""100,000 customers in an encrypted workspace: first page, substring search, duplicates while typing, a look deep into the list.

`run()` → [{"name", "value", "unit", "n", …}]; values are medians in milliseconds, of warm repetitions over different queries.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from presales_desktop.models import identity
from presales_desktop.models.customers import Customer
from presales_desktop.models.local import SearchEntry
from presales_desktop.services import customers
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.demo import users as demo_users
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Runner, Work
from presales_desktop.store import search
from presales_desktop.store import workspace as store
from sync.ids import uuid7

COUNT = 100_000
REPEAT = 25
_PLACES = ("中山市", "深圳市", "广州市", "佛山市", "杭州市", "上海", "北京", "成都市", "武汉市", "苏州市")
_FIRST = "锦绣望湖云境宏远恒辰嘉禾瑞庭铭筑博雅鼎盛华泰安康金鼎星辉光明启航远帆海岬山语"
_TRADES = (
    "灯饰有限公司",
    "酒店管理有限公司",
    "置业发展有限公司",
    "装饰工程有限公司",
    "科技有限公司",
    "商贸有限公司",
    "设计顾问有限公司",
)


def _name(rng: Random) -> tuple[str, str]:
    """A name and its initials; the initials of the pieces are computed once, not 100,000 times."""
    pieces = [rng.choice(_PLACES), *(rng.choice(_FIRST) for _ in range(rng.choice((2, 3, 3, 4)))), rng.choice(_TRADES)]
    return "".join(pieces), "".join(search.initials(piece) for piece in pieces)


def fill(work: Work, count: int = COUNT) -> None:
    """Customers and their search entries in bulk, as a first sync would bring them."""
    rng = Random(7)
    owners = [row[0] for row in work.session.execute(text('SELECT id FROM "user"'))]
    rows: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for n in range(count):
        name, initials = _name(rng)
        one = uuid7()
        rows.append(
            {
                "id": one, "version": 1, "created_at": work.now, "updated_at": work.now, "created_by": None, "updated_by": None,
                "number": f"KH{n:07d}", "name": name, "name_key": identity.name_key(name), "region": name[:2],
                "phone": f"0760-8{n:07d}", "phone_key": f"07608{n:07d}", "owner_id": UUID(owners[n % len(owners)]),
                "importance": "key" if n % 50 == 0 else "normal", "archived": n % 40 == 0,
            }
        )  # fmt: skip
        entries.append(
            {
                "kind": "customer", "record_id": one, "title": name, "subtitle": f"KH{n:07d}", "updated_at": work.now,
                "body": search.fold(f"{name} KH{n:07d} 0760-8{n:07d}"), "initials": initials,
            }
        )  # fmt: skip
    work.session.execute(insert(Customer), rows)
    work.session.execute(insert(SearchEntry), entries)
    search.rebuild(work.session.connection())
    work.session.execute(text("ANALYZE"))


def _median(call: Callable[[int], Any], repeat: int = REPEAT) -> float:
    call(0)
    times = []
    for n in range(repeat):
        start = time.perf_counter()
        call(n + 1)
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 2)


def measure(runner: Runner, count: int) -> list[dict[str, Any]]:
    """Figures on a filled workspace."""
    rng = Random(3)
    known = [r[0] for r in runner.run(lambda w: w.session.execute(select(Customer.name).limit(500)).all())[0]]
    active = (("state", "active"),)

    def rows(**query: Any) -> Any:
        return runner.run(customers.list_rows, ListQuery(**query))[0]

    def typed(n: int) -> str:
        name = str(rng.choice(known))
        start = rng.randrange(2, 5)
        return name[start : start + 2 + n % 3]

    def like(n: int) -> Any:
        sql = "SELECT id, name FROM customer WHERE name LIKE :q LIMIT 100"
        return runner.run(lambda w: w.session.execute(text(sql), {"q": f"%{typed(n)}%"}).all())

    def duplicate(_n: int) -> Any:
        draft = CustomerDraft(name=rng.choice(known) + "厂", phone="0760-80000123")
        return runner.run(customers.duplicates, draft)

    figures = [
        ("customers.first_page", _median(lambda _: rows(filters=active)), 30),
        ("customers.my_first_page", _median(lambda _: rows(filters=(("owner", "me"), *active))), 30),
        (
            "customers.window_in_the_middle",
            _median(lambda n: rows(filters=active, offset=count // 2 + n, limit=100)),
            30,
        ),
        ("customers.search_substring", _median(lambda n: rows(search=typed(n), filters=active)), 20),
        ("customers.search_initials", _median(lambda n: rows(search=search.initials(typed(n)))), 20),
        ("customers.duplicates", _median(duplicate), 50),
        ("customers.search_substring_like", _median(like, 10), None),
    ]
    return [
        {
            "name": name,
            "value": value,
            "unit": "ms",
            "n": count,
            **({"target": target} if target else {"peer": "LIKE scan"}),
        }
        for name, value, target in figures
    ]


def run(count: int = COUNT) -> list[dict[str, Any]]:
    """Make the workspace in a temporary folder and measure."""
    with (
        tempfile.TemporaryDirectory() as folder,
        store.create(Path(folder) / "w", passphrase="benchmark pass phrase", demo=True) as made,
    ):
        actors = demo_users.fill(made.engine)
        runner = Runner(made.engine, actors["wangmin"])
        runner.run(fill, count)
        return measure(runner, count)


if __name__ == "__main__":
    import json

    print(json.dumps(run(), ensure_ascii=False, indent=1))
