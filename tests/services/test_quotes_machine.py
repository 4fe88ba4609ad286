"""Random walks over the quotes' services: whatever people try in whatever order, I1 to I8, I10 and I11 hold."""

from __future__ import annotations

import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from presales_desktop.models import canonical
from presales_desktop.models.approvals import QUOTE_STEPS, Outcome, outcome
from presales_desktop.models.errors import PermissionDenied, UserError
from presales_desktop.models.journal import Decision, SendRecord
from presales_desktop.models.quotes import Quote
from presales_desktop.services import approvals, printing, quote_costs, quote_steps, quotes
from presales_desktop.services.catalogue_prices import CostEntry, set_costs
from presales_desktop.services.quotes import QuoteLineDraft
from presales_desktop.services.work import Runner, Work
from presales_desktop.store import keys
from presales_desktop.store import workspace as store
from tests.conftest import LOGIN_BY_ROLE, PASSPHRASE, Clock
from tests.services.quote_data import COSTS, World, draft, make_world

PEOPLE = ("sales", "sales2", "sales_head", "finance", "management", "design")
picks = st.integers(0, 3)
ACTIONS = (
    "submit",
    "approve",
    "return",
    "reject",
    "revise",
    "send",
    "accept",
    "decline",
    "withdraw",
    "expire",
    "cancel",
)
PARAMETERS = {
    "return": {"comment": "改"},
    "reject": {"comment": "不行"},
    "send": {"via": "email", "recipient": "客户"},
    "decline": {"reason": "贵"},
}


class Walk(RuleBasedStateMachine):
    """One workspace, quotes of one seller, everybody trying everything."""

    template: ClassVar[Any] = None
    key: ClassVar[bytes] = b""

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="walk-"))
        shutil.copytree(self.template[0], self.folder / "w")
        found, keys.find_key = keys.find_key, lambda header, passphrase: self.key
        try:
            self.workspace = store.open_workspace(self.folder / "w", passphrase=PASSPHRASE)
        finally:
            keys.find_key = found
        self.clock = Clock()
        self.world: World = make_world(self.run_as)
        self.frozen: dict[UUID, str] = {}
        self.ids: list[UUID] = []
        printing.set_printer(lambda work, kind, record_id: b"%PDF-" + str(record_id).encode())

    def teardown(self) -> None:
        printing.set_printer(None)
        if hasattr(self, "workspace"):
            self.workspace.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def run_as(self, who: str, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        actor = self.template[1][LOGIN_BY_ROLE.get(who, who)]
        return Runner(self.workspace.engine, actor, self.clock).run(function, *args, **kwargs)[0]

    def one(self, pick: int) -> UUID:
        """One of the newest quotes; the first of all when there is none yet."""
        if not self.ids:
            self.create(2, 1000)
        return self.ids[-1 - pick % min(3, len(self.ids))]

    @precondition(lambda self: hasattr(self, "world") and len(self.ids) < 2)
    @rule(quantity=st.integers(1, 50), price=st.integers(0, 10**6))
    def create(self, quantity: int, price: int) -> None:
        made = draft(self.run_as, self.world)
        made.lines.append(QuoteLineDraft(name="定制", quantity=Decimal(quantity), unit_price_fen=price))
        self.ids.append(self.run_as("sales", quotes.save, made))

    @rule(pick=picks, who=st.sampled_from(PEOPLE), action=st.sampled_from(ACTIONS))
    def any_step(self, pick: int, who: str, action: str) -> None:
        self.take_step(self.one(pick), who, action)

    def take_step(self, quote_id: UUID, who: str, action: str) -> None:
        before = self.run_as("sales", quotes.show, quote_id)
        try:
            self.run_as(who, quotes.do, quote_id, action, dict(PARAMETERS.get(action, {})))
        except (UserError, PermissionDenied):
            after = self.run_as("sales", quotes.show, quote_id)
            assert (after.state, after.version, len(after.decisions), len(after.sends)) == (
                before.state, before.version, len(before.decisions), len(before.sends),
            )  # fmt: skip

    @rule(pick=picks)
    def next_revision(self, pick: int) -> None:
        try:
            made: UUID = self.run_as("sales", quotes.do, self.one(pick), "revise", {})
        except UserError:
            return
        # I7: nothing but the content travels
        shown = self.run_as("sales", quotes.show, made)
        assert (shown.content_hash, shown.state) == ("", "draft")
        assert all(step.verdict is None for step in shown.approvals)
        self.ids.append(made)

    @rule(pick=picks)
    def whole_way(self, pick: int) -> None:
        quote_id = self.one(pick)
        for who, action in (("sales", "submit"), ("finance", "approve"), ("sales_head", "approve"), ("sales", "send")):
            self.take_step(quote_id, who, action)

    @precondition(lambda self: hasattr(self, "world") and len(self.ids) < 5)
    @rule()
    def sent_again_as_the_next_revision(self) -> None:
        self.ids.append(self.run_as("sales", quotes.save, draft(self.run_as, self.world)))
        self.whole_way(0)
        before = len(self.ids)
        self.next_revision(0)
        if len(self.ids) > before:
            self.whole_way(0)

    @rule(pick=picks, days=st.integers(0, 60))
    def approve_and_wait(self, pick: int, days: int) -> None:
        quote_id = self.one(pick)
        for who, action in (("sales", "submit"), ("sales_head", "approve"), ("finance", "approve")):
            self.take_step(quote_id, who, action)
        self.clock.forward(days=days)
        self.take_step(quote_id, "sales", "send")

    @rule(pick=picks, quantity=st.integers(1, 99))
    def edit(self, pick: int, quantity: int) -> None:
        made = self.run_as("sales", quotes.load, self.one(pick))
        made.lines[1].quantity = Decimal(quantity)
        if made.state == "draft":
            self.run_as("sales", quotes.save, made)
        else:
            with pytest.raises(UserError, match=r"quote\.frozen"):
                self.run_as("sales", quotes.save, made)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.clock.forward(days=days)

    @precondition(lambda self: hasattr(self, "world"))
    @rule(percent=st.integers(80, 130))
    def costs_move(self, percent: int) -> None:
        day = self.clock.moment.date()
        self.run_as("finance", set_costs, [CostEntry(self.world.variants[1], COSTS[1] * percent // 100, day)])

    @invariant()
    def rules_hold(self) -> None:
        if hasattr(self, "workspace"):
            self.run_as("management", self.check)

    def check(self, work: Work) -> None:
        live: dict[UUID, int] = {}
        for quote in work.session.scalars(select(Quote)):
            decided = approvals.bound(work, quote)
            author = {quote.submitted_by, quote.created_by, quote.owner_id}
            # I4: different people, none of them an author
            assert len({d.by for d in decided}) == len(decided)
            assert not author & {d.by for d in decided}
            # I2: every decision names the content that stands there
            assert all(d.content_hash == quote.content_hash and d.revision == quote.revision for d in decided)
            if quote.frozen:
                # I3: once frozen, for ever the same
                assert self.frozen.setdefault(quote.id, quote.frozen) == quote.frozen
                assert canonical.sha256(quote.frozen) == quote.content_hash
                assert canonical.sha256(quote_steps.current_content(work, quote)) == quote.content_hash
            else:
                assert quote.state in ("draft", "cancelled")
                assert decided == ()
            if quote.state in ("approved", "sent", "accepted"):
                # I1, I5: nothing goes out or on without both approvals, and nothing goes out without a day it ends
                assert outcome(QUOTE_STEPS, decided) is Outcome.APPROVED
                assert quote.valid_until is not None
            if quote.state == "sent":
                live[quote.family_id] = live.get(quote.family_id, 0) + 1
            # I11: lines add up to the stored total
            lines = quotes.records_of(work, quote.id)
            goods = sum(line.amount_fen for line in lines if line.type == "item")
            assert quote.total_fen == goods + quote.freight_fen + quote.installation_fen
        # I6: one live sent revision per family
        assert all(count == 1 for count in live.values())
        self.check_sends(work)

    def check_sends(self, work: Work) -> None:
        for sent in work.session.scalars(select(SendRecord)):
            quote = work.get(Quote, sent.subject_id)
            assert sent.content_hash == quote.content_hash
            verdicts = work.session.scalars(
                select(Decision).where(Decision.subject_id == quote.id, Decision.decided_at <= sent.sent_at)
            ).all()
            assert {d.step for d in verdicts if d.verdict == "approve"} == {"finance", "superior"}
            # I8: sent while it was valid
            assert quote.valid_until is not None
            assert sent.sent_at.date() <= quote.valid_until

    @rule(pick=picks)
    def stale_is_never_sent(self, pick: int) -> None:
        quote_id = self.one(pick)

        def is_stale(work: Work) -> bool:
            quote = work.get(Quote, quote_id)
            return quote.state == "approved" and quote_costs.is_stale(work, quote)

        if self.run_as("management", is_stale):
            with pytest.raises(UserError):
                self.run_as("sales", quotes.do, quote_id, "send", dict(PARAMETERS["send"]))


def test_whatever_people_try_the_rules_hold(template_folder: Any, template_key: bytes) -> None:
    Walk.template, Walk.key = template_folder, template_key
    case = Walk.TestCase
    case.settings = settings(
        max_examples=4,
        stateful_step_count=12,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    case("runTest").runTest()
