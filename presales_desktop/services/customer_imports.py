"""Customers from a company's list: each line a customer, with one contact and one address beside it when the columns are there.

A line updates the customer of the same number, 统一社会信用代码 or exact name; else it makes a new one. A contact of that name and an
address of that wording are updated or added, never removed; an empty cell changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import identity
from presales_desktop.models.customers import Contact, Customer, Site
from presales_desktop.models.errors import Problem
from presales_desktop.models.permissions import Ownership, may
from presales_desktop.models.users import User
from presales_desktop.services import cells, customers
from presales_desktop.services.customers import ContactDraft, CustomerDraft, SiteDraft
from presales_desktop.services.imports import ImportField, ImportRow, Resolved, Target
from presales_desktop.services.work import Work
from presales_desktop.texts import tr, tr_in
from presales_desktop.texts.customers import KINDS

_CHUNK: Final = 400
_CONTACT: Final = {
    "contact_name": "name",
    "contact_title": "title",
    "contact_phone": "phone",
    "contact_wechat": "wechat",
}
_OWN: Final = (
    "name", "short_name", "kind", "uscc", "phone", "email", "region", "industry", "importance", "source", "owner_id", "notes",
)  # fmt: skip


def _choice(name: str) -> cells.CellReader:
    """Chinese words, English words and the values themselves."""
    words: dict[str, str] = {}
    for value, word in KINDS["customer"].choices[name].items():
        words |= {word: value, tr_in("en", word): value, value: value}
    return cells.as_choice(words)


def _show_choice(name: str) -> Any:
    return lambda value: tr(KINDS["customer"].choices[name].get(str(value), str(value))) if value else ""


def _code(cell: cells.Cell) -> str | None:
    """A 统一社会信用代码; digits that Excel turned into a rounded number are refused instead of being stored wrong."""
    if isinstance(cell, float) and abs(cell) >= 10**15:
        raise cells.CellProblem("import.rounded", found=cells.text(cell))
    found = cells.as_text(cell)
    return identity.uscc_clean(found) if found else None


def customers_target() -> Target:
    """The target of `import customers` and of the customers' import page."""
    text = cells.as_text
    return Target(
        key="customers",
        kind="customer",
        fields=(
            ImportField("name", ("客户名称", "客户全称", "公司名称", "单位名称", "名称", "客户", "企业名称", "Customer", "Customer name", "Company", "Name"), text, required=True, key=True),
            ImportField("number", ("客户编号", "客户编码", "客户代码", "Customer number", "Customer no"), text, key=True),
            ImportField("short_name", ("简称", "客户简称", "Short name"), text),
            ImportField("kind", ("客户类型", "类型", "客户性质", "Kind", "Type"), _choice("kind"), show=_show_choice("kind")),
            ImportField("uscc", ("统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "USCC", "Tax number"), _code, key=True),
            ImportField("phone", ("电话", "客户电话", "公司电话", "座机", "固定电话", "联系电话", "Phone", "Telephone"), text),
            ImportField("email", ("邮箱", "电子邮箱", "电子邮件", "E-mail"), text),
            ImportField("region", ("地区", "区域", "所在地", "所在城市", "城市", "省市", "Region", "City"), text),
            ImportField("industry", ("行业", "所属行业", "客户行业", "Industry"), _choice("industry"), show=_show_choice("industry")),
            ImportField("importance", ("重要程度", "客户等级", "客户级别", "等级", "级别", "Importance"), _choice("importance"), show=_show_choice("importance")),
            ImportField("source", ("来源", "客户来源", "Source"), _choice("source"), show=_show_choice("source")),
            ImportField("owner_id", ("负责人", "业务员", "销售", "跟进人", "归属人", "Owner", "Salesperson"), text),
            ImportField("contact_name", ("联系人", "联系人姓名", "主要联系人", "Contact", "Contact name"), text),
            ImportField("contact_title", ("职务", "职位", "联系人职务", "Title", "Position"), text),
            ImportField("contact_phone", ("手机", "手机号", "手机号码", "联系人电话", "联系人手机", "联系方式", "Mobile", "Contact phone"), text),
            ImportField("contact_wechat", ("微信", "微信号", "WeChat"), text),
            ImportField("address", ("地址", "详细地址", "公司地址", "联系地址", "收货地址", "Address"), text),
            ImportField("notes", ("备注", "说明", "Notes", "Remarks"), text),
        ),
        right="customer.create",
        resolve=_resolve,
        write=_write,
    )  # fmt: skip


@dataclass
class _Existing:
    """What the workspace holds that rows may mean, read with few queries."""

    by_number: dict[str, Customer] = field(default_factory=dict)
    by_uscc: dict[str, list[Customer]] = field(default_factory=dict)
    by_name: dict[str, list[Customer]] = field(default_factory=dict)
    by_key: dict[str, Customer] = field(default_factory=dict)
    contacts: dict[UUID, list[Contact]] = field(default_factory=dict)
    sites: dict[UUID, list[Site]] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    names: dict[UUID, str] = field(default_factory=dict)


def _in_chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    listed = list(dict.fromkeys(v for v in values if v))
    return (listed[i : i + _CHUNK] for i in range(0, len(listed), _CHUNK))


def _read(work: Work, rows: Sequence[ImportRow]) -> _Existing:
    found = _Existing()

    def customers_by(column: Any, values: Iterable[Any]) -> Iterable[Customer]:
        for chunk in _in_chunks(values):
            yield from work.session.scalars(select(Customer).where(column.in_(chunk)))

    def one(c: Customer) -> Customer:
        return work.get(Customer, c.merged_into) if c.merged_into is not None else c

    def note(known: dict[str, list[Customer]], key: str, c: Customer) -> None:
        """What was merged counts as the customer that it went to."""
        there = known.setdefault(key, [])
        if one(c) not in there:
            there.append(one(c))

    for c in customers_by(Customer.number, (r.values.get("number") for r in rows)):
        found.by_number[c.number] = one(c)
    for c in customers_by(Customer.uscc, (r.values.get("uscc") for r in rows)):
        note(found.by_uscc, c.uscc, c)
    for c in customers_by(Customer.name, (r.values.get("name") for r in rows)):
        note(found.by_name, c.name, c)
    for c in customers_by(Customer.name_key, (identity.name_key(r.values.get("name", "")) for r in rows)):
        found.by_key.setdefault(c.name_key, one(c))
    groups = (*found.by_uscc.values(), *found.by_name.values(), found.by_number.values())
    _read_parts(work, found, {c.id for group in groups for c in group})
    for user in work.session.scalars(select(User)):
        found.names[user.id] = user.name
        if user.active:
            found.people[user.login] = found.people[user.name] = user.id
    return found


def _read_parts(work: Work, found: _Existing, ids: Iterable[UUID]) -> None:
    for chunk in _in_chunks(ids):
        for contact in work.session.scalars(
            select(Contact).where(Contact.customer_id.in_(chunk)).order_by(Contact.sort)
        ):
            found.contacts.setdefault(contact.customer_id, []).append(contact)
        for site in work.session.scalars(select(Site).where(Site.customer_id.in_(chunk)).order_by(Site.sort)):
            found.sites.setdefault(site.customer_id, []).append(site)


def _resolve(work: Work, rows: Sequence[ImportRow]) -> list[Resolved]:
    existing = _read(work, rows)
    return [_one(work, row, existing) for row in rows]


def _one(work: Work, row: ImportRow, existing: _Existing) -> Resolved:
    values = dict(row.values)
    problems: list[Problem] = []
    record = _match(values, existing, problems)
    _owner(work, values, record, existing, problems)
    if (
        record is not None
        and not may(work.actor, "customer.edit", Ownership(record.owner_id, record.created_by)).allowed
    ):
        problems.append(Problem("import.not_yours", None, {"name": record.name, "number": record.number}))
    if any(values.get(n) for n in _CONTACT if n != "contact_name") and not values.get("contact_name"):
        problems.append(Problem("import.contact_nameless", "contact_phone"))
    values.pop("number", None)
    if not problems:
        problems += _checked(values, record)
    if record is None and not problems:
        near = existing.by_key.get(identity.name_key(str(values.get("name", ""))))
        if near is not None:
            problems.append(
                Problem("import.similar", "name", {"name": near.name, "number": near.number}, blocking=False)
            )
    return Resolved(
        row=row,
        title=str(values.get("name", "")),
        identity=_identity(values) if record is None and not problems else None,
        existing_id=record.id if record else None,
        base_version=record.version if record else 0,
        existing=_present(record, values, existing) if record else {},
        values=values,
        problems=tuple(problems),
        words=existing.names,
    )


def _identity(values: Mapping[str, Any]) -> tuple[str, ...]:
    if values.get("uscc"):
        return ("uscc", values["uscc"])
    phone = identity.phone_key(str(values.get("phone") or values.get("contact_phone") or ""))
    name = identity.folded(str(values.get("name", "")))
    return ("person", name, phone) if values.get("kind") == "person" else ("name", name)


def _match(values: Mapping[str, Any], existing: _Existing, problems: list[Problem]) -> Customer | None:
    number = values.get("number")
    if number:
        if number not in existing.by_number:
            problems.append(Problem("import.number_unknown", "number", {"found": number}))
        return existing.by_number.get(number)
    for group, name in (
        (existing.by_uscc.get(values.get("uscc") or "-", []), "uscc"),
        (_same_name(values, existing), "name"),
    ):
        if len(group) == 1:
            return group[0]
        if group:
            problems.append(Problem("import.ambiguous", name, {"count": len(group), "found": values[name]}))
            return None
    return None


def _same_name(values: Mapping[str, Any], existing: _Existing) -> list[Customer]:
    """Customers of exactly that name; another code, or for persons another phone, is somebody else."""
    found = []
    for c in existing.by_name.get(values.get("name") or "-", []):
        other_code = bool(values.get("uscc") and c.uscc and values["uscc"] != c.uscc)
        phone = identity.phone_key(str(values.get("phone") or ""))
        other_person = c.kind == "person" and bool(phone and c.phone_key and phone != c.phone_key)
        if not other_code and not other_person:
            found.append(c)
    return found


def _owner(
    work: Work, values: dict[str, Any], record: Customer | None, existing: _Existing, problems: list[Problem]
) -> None:
    """The owner's name or login becomes his id; only those with customer.assign may take a customer from somebody."""
    name = values.get("owner_id")
    if name is None:
        return
    person = existing.people.get(str(name))
    if person is None:
        problems.append(Problem("import.owner_unknown", "owner_id", {"found": name}))
        return
    values["owner_id"] = person
    takes = record is not None and record.owner_id != person
    if takes and not may(work.actor, "customer.assign").allowed:
        problems.append(Problem("import.owner_fixed", "owner_id", {"found": name}))


def _checked(values: Mapping[str, Any], record: Customer | None) -> list[Problem]:
    """Problems of the customer that the row would make, under the import's own field names."""
    draft = CustomerDraft(name=record.name if record else "")
    _put(draft, values)
    found = []
    for problem in customers.problems(draft):
        name = problem.field or ""
        if name.startswith("contacts."):
            name = f"contact_{name.rsplit('.', 1)[-1]}"
        elif name.startswith("sites."):
            name = "address"
        if name in values:  # a missing name is said by the machinery
            found.append(Problem(problem.code, name, problem.values, problem.blocking))
    return found


def _present(record: Customer, values: Mapping[str, Any], existing: _Existing) -> dict[str, Any]:
    """The record's values of the fields that the row fills."""
    present: dict[str, Any] = {name: getattr(record, name) for name in _OWN if name in values}
    contact = next((c for c in existing.contacts.get(record.id, []) if c.name == values.get("contact_name")), None)
    if contact is not None:
        present |= {n: getattr(contact, a) for n, a in _CONTACT.items() if n in values}
    if any(s.address == values.get("address") for s in existing.sites.get(record.id, [])):
        present["address"] = values.get("address")
    return present


def _put(draft: CustomerDraft, values: Mapping[str, Any]) -> None:
    for name in _OWN:
        if name in values:
            setattr(draft, name, values[name])
    if values.get("contact_name"):
        contact = next((c for c in draft.contacts if c.name == values["contact_name"]), None)
        if contact is None:
            contact = ContactDraft(name=values["contact_name"])
            draft.contacts.append(contact)
        for name, attribute in _CONTACT.items():
            if name in values:
                setattr(contact, attribute, values[name])
    if values.get("address") and all(s.address != values["address"] for s in draft.sites):
        draft.sites.append(SiteDraft(kind="office", address=values["address"], region=str(values.get("region", ""))))


def _write(work: Work, one: Resolved) -> UUID:
    draft = customers.new_draft(work, {}) if one.existing_id is None else customers.load(work, one.existing_id)
    _put(draft, one.values)
    return customers.save(work, draft)
