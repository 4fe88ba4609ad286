"""Demo price changes: an aluminium index over weeks, a competitor's price, one repricing applied with its letters, one in draft."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from presales_desktop.services import price_changes, price_events, price_notices
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.listing import ListQuery

# (days ago, value): 铝锭 in yuan a ton.
ALUMINIUM: Final = ((42, "20680"), (28, "20990"), (14, "21560"), (2, "22240"))
SOURCE: Final = "长江有色金属网现货均价"


def fill(stage: Stage) -> None:
    """The market first, then what followed from it."""
    for ago, value in ALUMINIUM:
        stage.day(ago, 17)
        draft = stage.run("hemei", price_events.new_draft, {"subject": "铝锭 A00", "unit": "元/吨", "source": SOURCE})
        draft.value = Decimal(value)
        stage.note("price_event", stage.run("hemei", price_events.save, draft))
    stage.day(6, 11)
    rival = stage.run("wangmin", price_events.new_draft, {"type": "competitor", "subject": "某品牌 10 W 防眩筒灯"})
    rival.value, rival.unit, rival.source = Decimal(86), "元/套", "客户转来的竞品报价单"
    rival.notes = "同规格 10 W、3000 K、Ra 90，质保 3 年。"
    stage.note("price_event", stage.run("wangmin", price_events.save, rival))
    _reprice(stage)


def _reprice(stage: Stage) -> None:
    event = stage.ids["price_event"][len(ALUMINIUM) - 1]
    stage.day(1, 10)
    first = stage.run("zhoufang", price_changes.new_draft, {"event_id": event})
    first.title, first.category, first.percent = "铝价上涨：轨道灯上调", "track", Decimal(4)
    first.effective_on = stage.today + dt.timedelta(days=7)
    change_id = stage.run("zhoufang", price_changes.save, first)
    stage.note("price_change", change_id)
    if stage.run("zhoufang", price_changes.show, change_id).prices:
        stage.run("zhoufang", price_changes.apply, change_id)
        stage.run("zhoufang", price_notices.draft_all, change_id)
        mine = ListQuery(filters=(("change_id", str(change_id)),), limit=1)
        for notice in stage.run("zhaolei", price_notices.list_rows, mine).rows:
            stage.day(0, 9)
            stage.run("zhaolei", price_notices.send, notice.id, "email", "采购部")
    stage.day(0, 10)
    second = stage.run("zhoufang", price_changes.new_draft, {"event_id": event})
    second.title, second.category, second.percent = "铝价上涨：筒灯上调", "downlight", Decimal(5)
    stage.note("price_change", stage.run("zhoufang", price_changes.save, second))
