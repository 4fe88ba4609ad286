"""describe, list, show, new, set, do, search."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from presales_desktop.cli.output import print_result, table
from presales_desktop.cli.reading import read_json
from presales_desktop.cli.session import Options, open_session
from presales_desktop.cli.shown import has_word, machine, said, whole, word
from presales_desktop.models.errors import InputError, NotFound, PermissionDenied, Problem, UserError, ValidationError
from presales_desktop.models.fields import Field
from presales_desktop.models.permissions import holders
from presales_desktop.services import plain, registry, search
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.texts.lookup import action, choice, kind_title, label, part_kind, state


def describe(options: Options, args: Namespace) -> int:
    """The domain as data; needs no workspace."""
    if args.kind is None:
        kinds = [{"kind": name, "title": kind_title(name)} for name in registry.names()]
        text = table((tr("种类"), tr("名称")), [(k["kind"], k["title"]) for k in kinds])
        print_result({"kinds": kinds}, options.as_json, text)
        return 0
    found = _description(registry.kind(args.kind))
    print_result(found, options.as_json, _description_text(found))
    return 0


def _description(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "title": kind_title(kind.name),
        "fields": [_field(kind.name, f) for f in kind.fields],
        "parts": {name: [_field(part_kind(kind.name, name), f) for f in fields] for name, fields in kind.parts.items()},
        "states": [{"state": s, "title": state(kind.name, s)} for s in kind.states],
        "actions": [
            {
                "action": t.action,
                "title": action(kind.name, t.action),
                "from": list(t.from_states),
                "to": t.to,
                "roles": [r.value for r in holders(t.right)],
                "parameters": [p.removesuffix("!") for p in t.parameters],
                "required": [p.removesuffix("!") for p in t.parameters if p.endswith("!")],
            }
            for t in kind.transitions
        ],
        "create": [r.value for r in holders(kind.rights["create"])] if "create" in kind.rights else [],
        "edit": [r.value for r in holders(kind.rights["edit"])] if "edit" in kind.rights else [],
        "filters": list(kind.filters),
        "sorts": list(kind.sorts),
    }


def _field(kind: str, field: Field) -> dict[str, Any]:
    return {
        "name": plain.outer_name(field),
        "title": label(kind, field.name),
        "type": field.type.value,
        "unit": field.unit,
        "required": field.required,
        "choices": [{"value": c, "title": choice(kind, field.name, c)} for c in field.choices],
        "target": field.target,
        "low": None if field.low is None else str(field.low),
        "high": None if field.high is None else str(field.high),
        "read_only": field.read_only,
        "restricted": field.restricted,
    }


def _description_text(found: dict[str, Any]) -> str:
    parts = [f"{found['title']} ({found['kind']})", ""]
    for title, fields in (
        (tr("字段"), found["fields"]),
        *((f"{tr('字段')} {k}", v) for k, v in found["parts"].items()),
    ):
        rows = [(f["name"], f["title"], f["type"], f["unit"], "✓" if f["required"] else "") for f in fields]
        parts += [title, table(("name", tr("名称"), tr("类型"), tr("单位"), tr("必填")), rows), ""]
    if found["actions"]:
        rows = [(a["action"], a["title"], ",".join(a["from"]), a["to"], ",".join(a["roles"])) for a in found["actions"]]
        parts += [tr("步骤"), table(("action", tr("名称"), tr("从"), tr("到"), tr("岗位")), rows, 40)]
    return "\n".join(parts)


def list_records(options: Options, args: Namespace) -> int:
    """Rows of a kind."""
    kind = registry.kind(args.kind)
    filters = tuple(plain.read_pairs(args.where).items())
    _known_choices(kind, filters)
    with open_session(options) as session:

        def rows(work: Work) -> Any:
            after = kind.resolve(work, args.after) if args.after else None
            return kind.list_rows(work, ListQuery(args.search, filters, args.sort, args.limit, 0, after))

        page = session.run(rows)
        if options.as_json:
            print_result({"rows": page.rows, "total": page.total}, True, "")
        else:
            _print_rows(kind, plain.to_plain(page.rows), page.total)
    return 0


def _known_choices(kind: Kind, filters: tuple[tuple[str, str], ...]) -> None:
    """A state or choice that does not exist is a slip of the pen, not an empty list. Raises ValidationError field.choice."""
    allowed = {f.name: f.choices for f in kind.fields if f.choices} | ({"state": kind.states} if kind.states else {})
    for name, value in filters:
        known = allowed.get(name, ())
        if known and value not in known:
            values: dict[str, object] = {"found": value, "choices": "、".join(known)}
            raise ValidationError([Problem("field.choice", name, values)])


def _print_rows(kind: Kind, rows: list[dict[str, Any]], total: int) -> None:
    skipped = ("id", "created_at", "updated_at")
    names = [n for n in (rows[0] if rows else {}) if n not in skipped and not machine(n) and has_word(kind.name, n)]
    shown: dict[str, str] = {}
    for name in names:
        shown.setdefault(word(kind.name, name), name)
    columns = list(shown.values())[:9]
    body = [[said(kind.name, n, row[n]) for n in columns] for row in rows]
    if rows:
        print(table(list(shown)[:9], body))
    print(tr("共 {n} 条", n=total))


def show(options: Options, args: Namespace) -> int:
    """One record whole."""
    kind = registry.kind(args.kind)
    with open_session(options) as session:
        found = session.run(lambda work: _shown(work, kind, kind.resolve(work, args.id)))
        _answer(options, kind, found)
    return 0


def _values(args: Namespace) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if args.source:
        values.update(read_json(Path(args.source)))
    values.update(plain.read_pairs(args.values))
    return values


def _initial(work: Work, kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    """References come first: a draft made for a case knows the case's customer."""
    found = {}
    for field in kind.fields:
        for name in (field.name, field.name.removesuffix("_id")):
            if field.target and values.get(name) and field.type.value == "reference":
                found[field.name] = plain.parse(work, field, values[name])
    return found


def create(options: Options, args: Namespace) -> int:
    """A record through the same services as the window."""
    kind = registry.kind(args.kind)
    values = _values(args)
    with open_session(options) as session:

        def make(work: Work) -> Any:
            if kind.new_draft is None or kind.save is None:
                raise PermissionDenied("record.not_creatable", kind=kind.name)
            draft = kind.new_draft(work, _initial(work, kind, values))
            plain.fill(work, kind, draft, values)
            return _shown(work, kind, kind.save(work, draft))

        _answer(options, kind, session.run(make))
    return 0


def change(options: Options, args: Namespace) -> int:
    """Fields of a record."""
    kind = registry.kind(args.kind)
    values = _values(args)
    with open_session(options) as session:

        def edit(work: Work) -> Any:
            if kind.load is None or kind.save is None:
                raise PermissionDenied("record.not_creatable", kind=kind.name)
            draft = kind.load(work, kind.resolve(work, args.id))
            plain.fill(work, kind, draft, values)
            return _shown(work, kind, kind.save(work, draft))

        _answer(options, kind, session.run(edit))
    return 0


def do(options: Options, args: Namespace) -> int:
    """A step of a record's workflow."""
    kind = registry.kind(args.kind)
    values = {k: plain.chosen(kind.name, k, v) for k, v in plain.read_pairs(args.values).items()}
    with open_session(options) as session:

        def step(work: Work) -> Any:
            record_id = kind.resolve(work, args.id)
            known = {t.action: t for t in kind.transitions}
            if kind.do is None or args.action not in known:
                raise InputError("usage.action_unknown", action=args.action, known="、".join(known) or "—")
            missing = [
                p.removesuffix("!")
                for p in known[args.action].parameters
                if p.endswith("!") and not values.get(p.removesuffix("!"), "").strip()
            ]
            if missing:
                raise InputError(
                    "workflow.parameter_missing",
                    action=action(kind.name, args.action),
                    missing="、".join(f"{p} ({word(kind.name, p)})" for p in missing),
                )
            made = kind.do(work, record_id, args.action, values)
            return _next(work, kind, record_id, made), made

        found, made = session.run(step)
        # What a step figured out beside the record's new state, e.g. the light of each room.
        told = (
            plain.to_plain(made)
            if isinstance(made, Mapping) and not {"id", "state", "content_hash"} & set(made)
            else None
        )
        _answer(options, kind, found, told)
    return 0


def _next(work: Work, kind: Kind, record_id: UUID, made: Any) -> Any:
    """The record to show after a step: the next revision where one was made, else the same."""
    if isinstance(made, Mapping) and "id" in made:
        made = UUID(str(made["id"]))
    if isinstance(made, UUID) and made != record_id:
        with suppress(NotFound):  # a step may answer the id of something else, e.g. of a sending
            return _shown(work, kind, made)
    return _shown(work, kind, record_id)


def _shown(work: Work, kind: Kind, record_id: UUID) -> dict[str, Any]:
    """The record whole; declared fields that its page shows in another form are taken from its draft."""
    content = plain.whole(kind, kind.show(work, record_id))
    lacking = {plain.outer_name(f) for f in kind.fields if not f.read_only and f.restricted is None} - content.keys()
    if lacking and kind.load is not None:
        with suppress(UserError):  # who may see a record may not always edit it
            draft = plain.whole(kind, kind.load(work, record_id))
            content |= {name: draft[name] for name in sorted(lacking & draft.keys())}
    return content


def _answer(options: Options, kind: Kind, content: dict[str, Any], told: Any = None) -> None:
    if told is not None:
        content["answer"] = told
    print_result(content, options.as_json, "" if options.as_json else whole(told or content, kind.name))


def find(options: Options, args: Namespace) -> int:
    """Full text over everything."""
    text = " ".join(args.text).strip()
    if not text:
        raise UserError("search.too_short")
    with open_session(options) as session:
        hits = session.run(search.find, text, args.limit)
        rows = [(kind_title(h.kind), h.title, h.subtitle, str(h.id)) for h in hits]
        print_result(
            {"hits": hits},
            options.as_json,
            table((tr("种类"), tr("名称"), tr("说明"), "ID"), rows, 40) if rows else tr("没有找到。"),
        )
    return 0
