"""What the judge asks of every single row: who may write it, whether its values may be, whether what it refers to is there.

Rights are measured against the whole as the server has it, before the commit. Steps of documents are judged in judge_steps.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from presales_desktop.models import (
    cases,
    catalogue,
    contract_plan,
    contracts,
    credit,
    credit_rules,
    customers,
    delegations,
    designs,
    identity,
    prices,
    quotes,
    surveys,
)
from presales_desktop.models.company import DOCUMENT_KEY, KEYS
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType, validate
from presales_desktop.models.syncing import APPEND_ONLY, DERIVED, FIXED, ORG, PARENTS, REGISTRY, STEPPED, whole_of
from presales_desktop.services import clauses, users
from presales_desktop.services.judge_credit import judge_credit_part
from presales_desktop.services.judge_files import judge_file
from presales_desktop.services.judge_people import judge_delegation, judge_user
from presales_desktop.services.judge_world import Case, changed, ownership
from sync.server.domain import Judged

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "customer": customers.FIELDS, "contact": customers.CONTACT_FIELDS, "site": customers.SITE_FIELDS, "case": cases.FIELDS,
    "survey": surveys.FIELDS, "survey_space": surveys.SPACE_FIELDS, "survey_need": surveys.NEED_FIELDS,
    "product": catalogue.FIELDS, "variant": catalogue.VARIANT_FIELDS, "price": catalogue.PRICE_FIELDS,
    "price_floor": catalogue.FLOOR_FIELDS, "variant_cost": catalogue.COST_FIELDS, "design": designs.FIELDS,
    "underlay": designs.UNDERLAY_FIELDS, "room": designs.ROOM_FIELDS, "luminaire": designs.LUMINAIRE_FIELDS,
    "plan_item": designs.ITEM_FIELDS,
    "quote": quotes.FIELDS, "quote_line": quotes.LINE_FIELDS, "contract": contracts.FIELDS,
    "contract_clause": contracts.CLAUSE_FIELDS, "contract_step": contract_plan.STEP_FIELDS, "clause": clauses.FIELDS, "user": users.FIELDS, "delegation": delegations.FIELDS,
    "credit": credit.APPLICATION_FIELDS, "credit_sheet": credit.SHEET_FIELDS, "credit_statement": credit.STATEMENT_FIELDS,
    "credit_exception": credit.EXCEPTION_FIELDS, "price_event": prices.EVENT_FIELDS, "price_change": prices.FIELDS,
    "price_notice": prices.NOTICE_FIELDS,
}  # fmt: skip
_CREATE: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("customer.create",), "case": ("case.create",), "survey": ("survey.create",), "product": ("product.create",),
    "design": ("design.create",), "quote": ("quote.create",), "contract": ("contract.create",), "clause": ("clause.edit",),
    "company_fact": ("policy.edit",), "price": ("price.edit",), "price_floor": ("price.floor", "price.edit"),
    "variant_cost": ("cost.edit",), "quote_line_cost": ("cost.edit",), "credit": ("credit.create",), "credit_scheme": ("credit.policy",),
    "credit_exception": ("credit_exception.create",), "price_event": ("price_event.create",),
    "price_change": ("price_change.edit",), "price_notice": ("price_notice.edit",),
}  # fmt: skip
# Rows that are history: a new one is added, none is changed. Those of a variant go with it.
_HISTORY: Final = frozenset({"price", "price_floor", "variant_cost", "quote_line_cost", "clause", "credit_scheme"})
_SERVER_ONLY: Final = frozenset({"ruling", "quote_light", "file_receipt"})
# Parts can be written while their whole is in one of these.
_OPEN: Final[Mapping[str, tuple[str, ...]]] = {
    "survey": surveys.EDITABLE, "design": ("draft",), "quote": ("draft",), "contract": ("draft",),
    "credit": ("draft",), "credit_exception": ("draft",), "price_change": ("draft",),
    "price_notice": ("drafted",),
}  # fmt: skip
_STATE: Final[Mapping[str, str]] = {"case": "status"}
# Judged elsewhere, with all that hangs on them.
_ELSEWHERE: Final = frozenset({"decision", "send_record", "audit_event"})
_OWN_JUDGES: Final[Mapping[str, Callable[[Case, Judged], None]]] = {
    "credit_sheet": judge_credit_part, "credit_statement": judge_credit_part, "attachment": judge_file, "user": judge_user,
    "delegation": judge_delegation,
}  # fmt: skip
MAX_TEXT: Final = 20_000
_LONG: Final = frozenset({"frozen"})


def judge_rows(case: Case) -> None:
    """Refuse whatever a row by itself, or the author's rights on it, speak against."""
    for change in case.changes:
        if _within_reach(case, change):
            _judge_row(case, change)


def _judge_row(case: Case, change: Judged) -> None:
    if change.kind in _SERVER_ONLY:
        return case.refuse("judge.server_only", change)
    if change.kind in APPEND_ONLY:
        if change.op != "create":
            case.refuse("judge.append_only", change)
        return None
    if change.op == "create":
        _author(case, change)
    if change.kind in _OWN_JUDGES:
        _OWN_JUDGES[change.kind](case, change)
    elif change.kind == "contract_step":
        _judge_step(case, change)
    elif change.kind in PARENTS and change.kind not in _CREATE:
        _judge_part(case, change)
    elif change.op == "create":
        _judge_create(case, change)
    elif change.op == "delete":
        _judge_delete(case, change)
    else:
        _judge_set(case, change)
    if change.after is not None:
        _fixed(case, change)
        _values(case, change)
        _references(case, change)
    return None


# ------------------------------------------------------------------------------------------------- who


def _within_reach(case: Case, change: Judged) -> bool:
    """The rows of a scope that one doesn't hold are none of his: neither where the row is nor where it would go."""
    for row, before in ((change.before, True), (change.after, False)):
        if row is None:
            continue
        if not case.holds(case.scope(change.kind, change.id, row, before=before)):
            case.refuse("judge.out_of_reach", change)
            return False
    return True


def _author(case: Case, change: Judged) -> None:
    assert change.after is not None
    for name in ("created_by", "updated_by"):
        if change.after.get(name) not in (case.actor.id, None):
            case.refuse("judge.forged_author", change, name)


def _judge_create(case: Case, change: Judged) -> None:
    assert change.after is not None
    if change.kind in ("design", "quote", "contract") and change.after["revision"] != 1:
        return None  # the next revision: a step of the one before it
    if change.kind in ("quote_line_cost",):
        return _estimate(case, change)
    for right in _CREATE[change.kind]:
        if not case.require(change, right):
            return None
    table = REGISTRY[change.kind].table
    for name in STEPPED.get(change.kind, ()):
        default = table.c[name].default
        first = default.arg if default is not None and default.is_scalar else None  # type: ignore[attr-defined]
        if change.after.get(name) not in (first, "", None, False):
            case.refuse("judge.not_initial", change, name, found=change.after[name])
    if change.kind == "company_fact":
        _fact(case, change)
    return None


def _estimate(case: Case, change: Judged) -> None:
    """Finance enters a cost that the catalogue doesn't know, while the revision is under review; only once."""
    assert change.after is not None
    if not case.require(change, "cost.edit"):
        return None
    line = case.world.before("quote_line", change.after["line_id"])
    quote = case.world.before("quote", change.after["quote_id"])
    if line is None or quote is None or line["quote_id"] != change.after["quote_id"] or quote["state"] != "submitted":
        return case.refuse("quote.cost_not_now", change)
    if line["type"] not in quotes.COSTED:
        return case.refuse("quote.cost_not_now", change)
    known = quotes.QuoteLineCost
    if case.session.query(known.id).filter(known.line_id == change.after["line_id"]).first() is not None:
        return case.refuse("quote.cost_known", change, name=line["name"])
    if change.after["unit_cost_fen"] < 0:
        return case.refuse("field.low", change, "unit_cost_fen", low="0")
    return None


def _judge_delete(case: Case, change: Judged) -> None:
    if change.kind in ("price", "price_floor", "variant_cost"):
        assert change.before is not None
        gone = case.world.after("variant", change.before["variant_id"]) is None
        if gone and case.require(change, "product.edit"):
            return
    case.refuse("judge.no_delete", change)


def _judge_set(case: Case, change: Judged) -> None:
    assert change.before is not None
    assert change.after is not None
    columns = changed(change) - frozenset(DERIVED.get(change.kind, ()))
    if not columns:
        return None
    if change.kind in _HISTORY:
        return case.refuse("judge.history", change)
    if change.kind == "company_fact":
        case.require(change, "policy.edit")
        return _fact(case, change)
    plain = columns - frozenset(STEPPED.get(change.kind, ()))
    of = ownership(change.before)
    if change.kind == "customer" and change.before["merged_into"] is not None and plain:
        return _merged_away(case, change)
    if "customer_id" in plain and _goes_along(case, change):
        plain -= {"customer_id"}
    if change.kind in ("customer", "case") and "owner_id" in plain:
        case.require(change, "customer.assign")
        plain -= {"owner_id"}
    if plain:
        case.require(change, f"{change.kind}.edit", of)
        _still_open(case, change, change.kind, change.before)
    return None


def _merged_away(case: Case, change: Judged) -> None:
    """What is left of a merged customer is a sign: nobody writes on it."""
    assert change.before is not None
    stays = case.world.after("customer", change.before["merged_into"]) or {}
    values = {"name": change.before["name"], "into": stays.get("name", ""), "number": stays.get("number", "")}
    case.refuse("customer.merged", change, **values)


def _goes_along(case: Case, change: Judged) -> bool:
    """Whether the row goes to another customer with a merge. A contract and the parts of a customer go in no other way."""
    if case.moved_by_merge(change):
        return True
    if change.kind in ("contact", "site", "contract"):
        case.refuse("judge.fixed", change, "customer_id")
    return False


def _still_open(case: Case, change: Judged, whole: str, row: Mapping[str, Any]) -> None:
    if whole in _OPEN and row[_STATE.get(whole, "state")] not in _OPEN[whole]:
        case.refuse(
            f"{whole}.frozen", change, number=_label(whole, row), state=row["state"], revision=row.get("revision")
        )


def _label(whole: str, row: Mapping[str, Any]) -> str:
    return (
        str(row.get("number", ""))
        if "revision" not in row or whole == "survey"
        else f"{row['number']}-R{row['revision']}"
    )


def _judge_part(case: Case, change: Judged) -> None:
    """Parts of a whole are written by whom may edit the whole, while it is open."""
    row = change.after or change.before
    assert row is not None
    whole, whole_id = whole_of(change.kind, change.id, row, case.world.any)
    if change.before is not None:
        whole, whole_id = whole_of(change.kind, change.id, change.before, case.world.any)
    found = case.world.before(whole, whole_id)
    if found is None:
        if not case.world.created(whole, whole_id):
            case.refuse("record.not_found", change, id=str(whole_id))
        return  # the right to make the whole was asked there
    if change.op == "set" and not changed(change) - frozenset(DERIVED.get(change.kind, ())):
        return
    if whole == "customer" and "customer_id" in changed(change) and change.op == "set":
        _goes_along(case, change)
    if change.kind == "survey_report":
        return  # a step of the survey
    if case.require(change, f"{whole}.edit", ownership(found)):
        _still_open(case, change, whole, found)
    if change.kind == "variant" and change.op == "delete":
        _variant_unused(case, change)


def _judge_step(case: Case, change: Judged) -> None:
    """A step of a contract's plan: part of what is signed, but for the day on which it came."""
    done = change.after.get("done_on") if change.after is not None else None
    if change.op == "create" and done is not None:
        return case.refuse("judge.not_initial", change, "done_on", found=str(done))
    if change.op != "set" or changed(change) - frozenset(DERIVED.get(change.kind, ())) != {"done_on"}:
        return _judge_part(case, change)
    assert change.before is not None
    contract = case.world.before("contract", change.before["contract_id"])
    if contract is None:
        return case.refuse("record.not_found", change, id=str(change.before["contract_id"]))
    if case.require(change, "contract.settle", ownership(contract)):
        if contract["state"] != "signed":
            return case.refuse("contract.not_signed", change, number=_label("contract", contract))
        late = contract_plan.settle_problem(done, case.work().today)
        if late is not None:
            case.refuse_problems(change, [late])
    return None


def _variant_unused(case: Case, change: Judged) -> None:
    assert change.before is not None
    for record in (quotes.QuoteLine, designs.Luminaire):
        if case.session.query(record.id).filter(record.variant_id == change.id).first() is not None:
            return case.refuse("catalogue.variant_in_use", change, sku=change.before["sku"])
    going = {c.id for kind in ("price", "price_floor", "variant_cost") for c in case.of(kind) if c.op == "delete"}
    for dated in (catalogue.Price, catalogue.PriceFloor, catalogue.VariantCost):
        left = {row[0] for row in case.session.query(dated.id).filter(dated.variant_id == change.id)} - going
        if left:
            return case.refuse("judge.variant_priced", change, sku=change.before["sku"])
    return None


def _fact(case: Case, change: Judged) -> None:
    assert change.after is not None
    if change.after["key"] == DOCUMENT_KEY and change.before is not None:
        # A workspace that brings its own key along (it joins the company): papers out there bear the first one.
        case.amend(change.kind, change.id, value=change.before["value"])
    if change.after["key"] not in KEYS:
        case.refuse("judge.fact_unknown", change, key=change.after["key"])
    plain = (str, int, bool, type(None))
    if not all(isinstance(v, plain) and len(str(v)) <= 400 for v in change.after["value"].values()):
        case.refuse("field.type", change, "value", expected="text", found="")


# ------------------------------------------------------------------------------------------------- what


def _fixed(case: Case, change: Judged) -> None:
    if change.op != "set":
        return
    touched = changed(change) & frozenset(FIXED.get(change.kind, ()))
    for name in sorted(touched):
        case.refuse("judge.fixed", change, name)


def _values(case: Case, change: Judged) -> None:
    """The same declared fields as every form and file; of a change only what it changes."""
    assert change.after is not None
    names = set(change.after) if change.op == "create" else set(changed(change))
    for name in names - _LONG:
        value = change.after.get(name)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            case.refuse("field.too_long", change, name, limit=MAX_TEXT)
    own = [
        p for p in problems_of(change.kind, change.after) if (p.field or "").split(".")[0] in names or p.field is None
    ]
    case.refuse_problems(change, own)


def problems_of(kind: str, row: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the values of one row."""
    columns = REGISTRY[kind].table.c
    fields = [
        f
        for f in FIELDS.get(kind, ())
        if f.name in columns and not f.read_only and (f.type is not FieldType.PARTS or kind in ("room", "plan_item"))
    ]
    view = SimpleNamespace(**row)
    found: list[Problem] = designs.problems(fields, view) if kind in _PLAN else validate(fields, view)
    further = _FURTHER.get(kind)
    return found + (list(further(row)) if further is not None and not found else [])


_PLAN: Final = frozenset({"design", "room", "luminaire", "underlay", "plan_item"})


def _customer(row: Mapping[str, Any]) -> list[Problem]:
    return [p for p in (identity.uscc_problem(row["uscc"]), identity.email_problem(row["email"])) if p is not None]


def _contact(row: Mapping[str, Any]) -> list[Problem]:
    wrong = identity.email_problem(row["email"])
    return [wrong] if wrong is not None else []


def _room(row: Mapping[str, Any]) -> list[Problem]:
    found = designs.outline_problems(row["polygon"], row["height_m"], "polygon")
    if row["workplane_m"] >= min(row["height_m"], row["high_m"] or row["height_m"]):
        found.append(Problem("design.plane_above_ceiling", "workplane_m", {"name": row["name"]}))
    return found


def _plan_item(row: Mapping[str, Any]) -> list[Problem]:
    return designs.item_problems(SimpleNamespace(**row))


def _line(row: Mapping[str, Any]) -> list[Problem]:
    missing = row["type"] in quotes.PRICED and not row["name"]
    return [Problem("quote.line_name", "name", {"n": row["sort"] + 1})] if missing else []


def _contract(row: Mapping[str, Any]) -> list[Problem]:
    for side, values in row["parties"].items():
        for name, value in values.items() if isinstance(values, dict) else ():
            if side not in ("buyer", "seller") or name not in contracts.PARTY or not isinstance(value, str):
                return [Problem("field.type", "parties", {"expected": "text", "found": str(name)[:80]})]
            if len(value) > 200:
                return [Problem("field.too_long", "parties", {"limit": 200})]
    return []


def _scheme(row: Mapping[str, Any]) -> list[Problem]:
    """The card's figures, which lie in one column."""
    card = SimpleNamespace(effective_on=row["effective_on"], note=row["note"], **row["card"])
    found = validate(credit.SCHEME_FIELDS, card) or credit_rules.scheme_problems(card)
    return [Problem(p.code, "card", p.values) for p in found]


def _statement(row: Mapping[str, Any]) -> list[Problem]:
    found = credit_rules.statement_problems([SimpleNamespace(**row)])
    return [Problem(p.code, (p.field or "").rsplit(".", 1)[-1], p.values) for p in found]


_FURTHER: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterable[Problem]]]] = {
    "customer": _customer, "contact": _contact, "room": _room, "plan_item": _plan_item, "quote_line": _line, "contract": _contract,
    "credit_scheme": _scheme, "credit_statement": _statement,
}  # fmt: skip


def _references(case: Case, change: Judged) -> None:
    """What a row names must be there, and be the company's or the same customer's."""
    assert change.after is not None
    own = case.scope(change.kind, change.id, change.after)
    for key in REGISTRY[change.kind].table.foreign_keys:
        name, target = key.parent.name, REGISTRY.of_table(key.column.table.name)
        value = change.after.get(name)
        if value is None or target is None or (change.op == "set" and name not in change.changed):
            continue
        found = case.world.after(target.name, value)
        if found is None:
            case.refuse("record.not_found", change, name, kind=target.name, id=str(value))
            continue
        there = case.scope(target.name, value, found)
        if there != ORG and own.startswith("c:") and there != own:
            case.refuse("judge.other_customer", change, name)
    if change.kind == "quote" and change.after.get("design_id") is not None:
        _design_of_case(case, change, change.after)


def _design_of_case(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    design = case.world.after("design", row["design_id"])
    if design is not None and design["case_id"] != row["case_id"]:
        number = (case.world.after("case", design["case_id"]) or {}).get("number", "")
        case.refuse("quote.design_of_other", change, "design_id", design=_label("design", design), case=number)


def subject_known(case: Case, kind: str, row_id: UUID) -> bool:
    """Whether a row names a subject that there is."""
    return kind in REGISTRY and case.world.any(kind, row_id) is not None


__all__ = ["FIELDS", "judge_rows", "problems_of", "subject_known"]
