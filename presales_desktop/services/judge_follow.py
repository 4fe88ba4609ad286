"""What the server adds to a commit that it takes: derived values, costs of what was submitted, final numbers, scopes; and whether the
journal entries in it say what the commit does."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from presales_desktop.models import identity, numbers, quote_pricing
from presales_desktop.models.local import NumberCounter
from presales_desktop.models.quotes import COSTED, Quote, QuoteLight, QuoteLine, QuoteLineCost
from presales_desktop.models.surveys import EDITABLE, completeness
from presales_desktop.models.syncing import MODELS, OF_CUSTOMER, PARENTS, REGISTRY, SUBJECTS, whole_of
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import catalogue, quote_costs, quotes, surveys
from presales_desktop.services.judge_credit import grade_of
from presales_desktop.services.judge_merges import take_parts
from presales_desktop.services.judge_world import Case, applied, changed
from sync.ids import uuid7
from sync.server.domain import Create, Judged

# Entries that only the server writes: what the decisions of several people added up to.
_SERVERS: Final = frozenset({"approved", "returned", "rejected", "approved_with_notes", "decision.void"})
# Entries that say that something came into a state: the commit must bring it there (or send it once more).
_STATES: Final = frozenset(
    {"submitted", "sent", "accepted", "declined", "withdrawn", "expired", "cancelled", "out_for_signature", "signed", "confirmed"}
)  # fmt: skip
_DOCUMENTS: Final = ("survey", "quote", "contract", "design")
MAX_DETAIL: Final = 20_000


# ------------------------------------------------------------------------------------------------- journal


def judge_events(case: Case) -> None:
    """An entry is its author's, on a record that the commit touches, filed where the record is, and claims nothing that isn't done."""
    touched = {_whole(case, c) for c in case.changes if c.kind != "audit_event" and (c.op != "set" or changed(c))}
    # Where others were first the entry tells of what was wanted: the author is asked, and his values may yet be taken.
    for kind, row_id in case.context.conflicted:
        found = case.world.any(kind, row_id)
        touched.add((kind, row_id) if found is None else whole_of(kind, row_id, found, case.world.any))
    for change in case.of("audit_event"):
        assert change.after is not None
        row = change.after
        if row["actor_id"] != case.actor.id or row["actor_name"] != case.actor.name:
            case.refuse("judge.forged_author", change, "actor_id")
        elif (row["subject_kind"], row["subject_id"]) not in touched:
            case.refuse("judge.event_alone", change, "subject_id", action=row["action"][:60])
        else:
            _judge_event(case, change, row)


def _whole(case: Case, change: Judged) -> tuple[str, UUID]:
    row = change.after or change.before
    assert row is not None
    return whole_of(change.kind, change.id, row, case.world.any)


def _judge_event(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    kind, action = row["subject_kind"], row["action"]
    subject = case.world.any(kind, row["subject_id"]) or {}
    customer = row["subject_id"] if kind == "customer" else subject.get("customer_id")
    in_case = row["subject_id"] if kind == "case" else subject.get("case_id")
    here = case.survivor(row["customer_id"]) if row["customer_id"] is not None else None
    there = case.survivor(customer) if customer is not None else None
    if here != there or row["case_id"] not in (in_case, None):
        case.refuse("judge.other_customer", change, "customer_id")
    if (kind in _DOCUMENTS and action in _SERVERS) or (
        kind in _DOCUMENTS and action in _STATES and subject.get("state") != action
    ):
        case.refuse("judge.event_untrue", change, "action", action=action)
    if len(str(row["detail"])) > MAX_DETAIL or len(row["subject_title"]) > 400 or len(action) > 60:
        case.refuse("field.too_long", change, "detail", limit=MAX_DETAIL)


# ------------------------------------------------------------------------------------------------- derived


def children(case: Case, kind: str, whole_id: UUID) -> list[dict[str, Any]]:
    """The parts of a whole after the commit, in order, with their ids."""
    column = PARENTS[kind][1]
    table = REGISTRY[kind].table
    rows = {r["id"]: dict(r) for r in case.session.execute(select(table).where(table.c[column] == whole_id)).mappings()}
    for change in case.of(kind):
        if change.after is None or change.after[column] != whole_id:
            rows.pop(change.id, None)
        else:
            rows[change.id] = {**change.after, "id": change.id}
    return sorted(rows.values(), key=lambda r: (r.get("sort", 0), r["id"]))


def derive(case: Case) -> None:
    """Values that follow from others are the server's to compute: a client's own are not trusted, and never conflict."""
    wholes: dict[tuple[str, UUID], None] = {}
    for change in case.changes:
        if change.kind not in SUBJECTS and (change.op != "set" or changed(change)):
            wholes[_whole(case, change)] = None
        if change.kind == "attachment":
            wholes[_whole(case, change)] = None
        if change.kind == "contact" and change.after is not None:
            _set(case, "contact", change.id, change.after, phone_key=identity.phone_key(change.after["phone"]))
    for kind, row_id in wholes:
        row = case.world.after(kind, row_id)
        if row is not None and kind in _DERIVE:
            _DERIVE[kind](case, row_id, row)


def _set(case: Case, kind: str, row_id: UUID, row: Mapping[str, Any], **values: Any) -> None:
    different = {name: value for name, value in values.items() if row[name] != value}
    if different:
        case.amend(kind, row_id, **different)


def _customer(case: Case, row_id: UUID, row: Mapping[str, Any]) -> None:
    keys = {"name_key": identity.name_key(row["name"]), "phone_key": identity.phone_key(row["phone"])}
    _set(case, "customer", row_id, row, **keys)
    before = case.world.before("customer", row_id)
    if case.of("contact") or before is None or before["contact_words"] != row["contact_words"]:
        people = children(case, "contact", row_id)
        words = " ".join(f"{p['name']} {p['phone']}".strip() for p in people)
        _set(case, "customer", row_id, row, contact_words=words)
    if case.of("credit") or before is None or before["credit_grade"] != row["credit_grade"]:
        _set(case, "customer", row_id, row, credit_grade=grade_of(case, row_id))


def _credit(case: Case, _row_id: UUID, row: Mapping[str, Any]) -> None:
    """The grade on the customer is that of the newest assessment, whoever sends what."""
    customer = case.world.after("customer", row["customer_id"])
    if customer is not None:
        _set(case, "customer", row["customer_id"], customer, credit_grade=grade_of(case, row["customer_id"]))


def _product(case: Case, row_id: UUID, row: Mapping[str, Any]) -> None:
    variants = [SimpleNamespace(**v) for v in children(case, "variant", row_id)]
    draft: Any = SimpleNamespace(**row, variants=variants)  # as far as search words go
    _set(case, "product", row_id, row, keywords=catalogue.keywords(draft))


def _survey(case: Case, row_id: UUID, row: Mapping[str, Any]) -> None:
    if row["state"] not in EDITABLE:
        return
    with applied(case) as work:
        found = completeness(surveys.load(work, row_id), len(surveys.photos(work, row_id))).percent
    _set(case, "survey", row_id, row, completeness=found)


def _quote(case: Case, row_id: UUID, row: Mapping[str, Any]) -> None:
    before = case.world.before("quote", row_id)
    if before is not None and before["state"] != "draft":
        return
    lines = children(case, "quote_line", row_id)
    totals = quote_pricing.price([SimpleNamespace(**line) for line in lines], SimpleNamespace(**row))
    _set(case, "quote", row_id, row, total_fen=totals.gross_fen)
    for line, amount in zip(lines, totals.amounts, strict=True):
        _set(case, "quote_line", line["id"], line, amount_fen=amount)


_DERIVE: Final = {"customer": _customer, "product": _product, "survey": _survey, "quote": _quote, "credit": _credit}


# ------------------------------------------------------------------------------------------------- costs


def follow_costs(case: Case) -> None:
    """Costs of what is submitted are taken here, where they are; new costs of the catalogue may make an approval stale."""
    for change in case.of("quote"):
        if change.after is not None and change.before is not None and "frozen" in change.changed:
            _snapshot(case, change.id)
    moved = {c.after["variant_id"] for c in case.of("variant_cost") if c.after is not None and c.op == "create"}
    if moved:
        _restale(case, moved)


def _snapshot(case: Case, quote_id: UUID) -> None:
    with applied(case) as work:
        quote = work.get(Quote, quote_id)
        lines = quotes.records_of(work, quote_id)
        costs = [(line.id, fen) for line, fen in quote_costs.known_costs(work, lines)]
        light = quote_costs.light_of(work, quote, lines, dict(costs))
    for line_id, fen in costs:
        values = {"quote_id": quote_id, "line_id": line_id, "unit_cost_fen": fen, "source_id": None}
        case.verdict.creates.append(Create(QuoteLineCost.KIND, uuid7(), values))
    if light:
        case.verdict.creates.append(Create(QuoteLight.KIND, uuid7(), {"quote_id": quote_id, "light": light}))


def _restale(case: Case, variants: set[UUID]) -> None:
    found: set[UUID] = set()
    wanted = list(variants)
    for start in range(0, len(wanted), 500):
        found.update(
            case.session.scalars(
                select(QuoteLine.quote_id)
                .join(Quote, Quote.id == QuoteLine.quote_id)
                .where(Quote.state == "approved", QuoteLine.type.in_(COSTED))
                .where(QuoteLine.variant_id.in_(wanted[start : start + 500]))
                .distinct()
            )
        )
    if not found:
        return
    with applied(case) as work:
        now = {quote_id: (quote := work.get(Quote, quote_id), quote_costs.is_stale(work, quote)) for quote_id in found}
        different = {quote_id: stale for quote_id, (quote, stale) in now.items() if quote.stale != stale}
    for quote_id, stale in different.items():
        case.amend("quote", quote_id, stale=stale)


# ------------------------------------------------------------------------------------------------- numbers


def number(case: Case) -> None:
    """Give final numbers, in the same transaction. The next revision of a family has its family's."""
    for change in sorted(case.changes, key=lambda c: numbers.SERIES.get(c.kind, "")):
        if change.op != "create" or change.kind not in numbers.SERIES or change.after is None:
            continue
        known = _of_family(case, change)
        case.amend(change.kind, change.id, number=known or _next(case, numbers.SERIES[change.kind]))


def _of_family(case: Case, change: Judged) -> str | None:
    assert change.after is not None
    if "family_id" not in change.after or change.after["revision"] == 1:
        return None
    model = MODELS[change.kind]
    return case.session.scalar(select(model.number).where(model.family_id == change.after["family_id"]).limit(1))


def _next(case: Case, prefix: str) -> str:
    """One statement counts and reads: two servers at once never give one number twice."""
    series = numbers.series(prefix, shanghai_day(case.context.now))
    insert: Any = sqlite_insert if case.session.get_bind().dialect.name == "sqlite" else pg_insert
    table = NumberCounter.__table__
    statement = insert(table).values(series=series, last=1)
    statement = statement.on_conflict_do_update(index_elements=["series"], set_={"last": table.c.last + 1}).returning(
        table.c.last
    )
    return numbers.final(series, int(case.session.execute(statement).scalar_one()))


# ------------------------------------------------------------------------------------------------- scopes


def place(case: Case) -> None:
    """Say where every changed row belongs; what hangs on a record that went to another customer goes with it."""
    scopes = case.verdict.scopes
    for change in case.changes:
        if change.after is not None:
            scopes[change.kind, change.id] = case.scope(change.kind, change.id, change.after)
        if change.kind in OF_CUSTOMER and change.op == "set" and "customer_id" in change.changed:
            take_parts(case, change.kind, change.id)
