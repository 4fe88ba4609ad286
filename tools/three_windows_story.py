"""What happens in tools/three_windows.py: one round with one order of coming back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol


class Seat(Protocol):
    """What is asked of a seat (tools/three_windows.py)."""

    name: str

    def ask(self, source: str) -> Any: ...

    def cable(self, *, plugged: bool) -> None: ...

    def shot(self, name: str) -> None: ...

    def state(self) -> str: ...


_REVISE = """
from uuid import UUID
from presales_desktop.services import quotes
run = program.window.ctx.db.run  # each step a commit of its own, as buttons make them
await run(quotes.do, UUID({quote!r}), "withdraw", {{"reason": "客户改数量"}})
second = await run(quotes.do, UUID({quote!r}), "revise", {{}})
draft = await run(quotes.load, second)
draft.notes = {word!r}
await run(quotes.save, draft)
await run(quotes.do, second, "submit", {{}})
return str(second)
"""
_CUSTOMER = """
from uuid import UUID
await robot.go("customer", UUID({customer!r}))
await robot.quiet()
page = robot.page
page.draft.set("notes", {word!r})
await robot.quiet()
from PySide6.QtCore import QTimer
robot.key("Ctrl+S")
await robot.quiet()
"""
_MOVE = """
from uuid import UUID
from presales_desktop.services import designs
def write(work):
    draft = designs.load(work, UUID({design!r}))
    for n in {which}:
        draft.luminaires[n].x_m += {by}
    designs.save(work, draft)
await program.window.ctx.db.run(write)
await robot.go("design", UUID({design!r}))
await robot.quiet()
"""
_APPROVE = """
from uuid import UUID
from presales_desktop.services import quotes
await robot.go("quote", UUID({quote!r}))
await robot.quiet()
def write(work):
    quotes.do(work, UUID({quote!r}), "approve", {{}})
await program.window.ctx.db.run(write)
await robot.quiet()
"""
_FACTS = """
from uuid import UUID
from presales_desktop.services import approvals, customers, designs, quotes, syncing
from presales_desktop.services.listing import ListQuery
from presales_desktop.texts.lookup import sentence
def read(work):
    from sqlalchemy import select
    from presales_desktop.models.journal import Decision
    ids = [d.id for d in work.session.scalars(select(Decision).where(Decision.subject_id == UUID({quote!r})))]
    ruled = approvals.rulings(work, ids)
    inbox = syncing.list_inbox(work, ListQuery("", (("state", "open"),), "", 100)).rows
    return {{
        "notes": str(customers.show(work, UUID({customer!r})).notes),
        "lamps": sorted(round(l.x_m, 2) for l in designs.load(work, UUID({design!r})).luminaires),
        "quote": quotes.show(work, UUID({quote!r})).state,
        "rulings": [sentence(r.reason, r.values, kind="quote") if r.reason else "生效" for r in ruled.values()],
        "inbox": [f"{{r.kind}} {{r.record_kind}} {{r.title}} {{r.theirs_by}}" for r in inbox],
    }}
return await program.window.ctx.db.run(read)
"""


def wait(what: str, condition: Callable[[], bool], seconds: float = 400) -> None:
    """Until CONDITION; it is looked at every 50 ms."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain for: {what}")
        time.sleep(0.05)


def play(seats: Mapping[str, Seat], ids: dict[str, str], order: Sequence[str], number: int) -> dict[str, Any]:
    """One round: two cables are pulled, three people work, they come back in ORDER; what each then sees."""
    sales, design, finance = seats["sales"], seats["design"], seats["finance"]
    for seat in (sales, finance):
        seat.cable(plugged=False)
    for seat in (sales, finance):
        seat.ask("program.desk.sync_now()")
        wait(f"{seat.name} offline", lambda seat=seat: seat.state() in ("offline", "waiting"))
    word = f"第 {number} 轮"
    # Finance sees the revision of before; meanwhile sales takes it back and submits the next.
    finance.ask(_APPROVE.format(**ids))
    second = sales.ask(_REVISE.format(**ids, word=word))
    sales.ask(_CUSTOMER.format(**ids, word=f"{word}：客户要暖光"))
    sales.ask(_MOVE.format(**ids, which="(0, 1)", by=0.11))
    design.ask(_MOVE.format(**ids, which="(1, 2)", by=0.23))
    for seat in seats.values():
        seat.shot(f"{number}_1_apart")
    for name in order:
        seats[name].cable(plugged=True)
        seats[name].ask("program.desk.sync_now()")
        wait(f"{name} back", lambda name=name: seats[name].state() in ("up_to_date", "needs_you"))
    for seat in seats.values():
        seat.ask("program.desk.sync_now()")
        wait(f"{seat.name} settled", lambda seat=seat: seat.state() in ("up_to_date", "needs_you"))
    found = {name: seat.ask(_FACTS.format(**ids)) for name, seat in seats.items()}
    for seat in seats.values():
        seat.ask(
            "from presales_desktop.views.shell.places import Place\nprogram.window.pages.go(Place('page', 'inbox'))\nawait robot.quiet()"
        )
        seat.shot(f"{number}_2_inbox")
    finance.ask(f"from uuid import UUID\nawait robot.go('quote', UUID({ids['quote']!r}))\nawait robot.quiet()")
    finance.shot(f"{number}_3_old_revision")
    _clear(seats)
    ids["quote"] = second
    alike = len({str((f["notes"], f["lamps"], f["quote"])) for f in found.values()}) == 1
    return {"alike": alike, **found}


def _clear(seats: Mapping[str, Seat]) -> None:
    """The next round begins with empty inboxes: theirs are taken."""
    for seat in seats.values():
        seat.ask("""
            from presales_desktop.services import syncing
            from presales_desktop.services.listing import ListQuery
            def write(work):
                rows = syncing.list_inbox(work, ListQuery("", (("state", "open"),), "", 100)).rows
                for row in rows:
                    syncing.settle(work, [row.id], "take_theirs" if row.kind == "conflict" else "settle")
            await program.window.ctx.db.run(write)
        """)
        seat.ask("program.desk.sync_now()")
