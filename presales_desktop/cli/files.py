"""import, report, lighting."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from presales_desktop.cli.output import print_error, print_result, table
from presales_desktop.cli.reading import read_bytes, read_json
from presales_desktop.cli.session import Options, open_session
from presales_desktop.lighting.errors import LightingError
from presales_desktop.models.errors import InputError, UserError
from presales_desktop.services import imports, plain, registry, spreadsheets
from presales_desktop.services.saving import replace_file
from presales_desktop.services.work import Work
from presales_desktop.texts import language, tr
from presales_desktop.texts.lighting import WARNINGS
from presales_desktop.texts.lookup import label

MAX_CHANGES_SHOWN = 200
OUTCOMES = {"matched": "已关联", "unmatched": "未关联", "failed": "无法读取"}


def _progress(done: int, total: int, what: str) -> None:
    if done % 500 == 0 or done == total:
        print(f"{done}/{total} {what}", file=sys.stderr)


def run_import(options: Options, args: Namespace) -> int:
    """Lists (customers, products, prices) one file at a time, photometry as many as given."""
    if args.what == "photometry":
        return _photometry(options, args)
    if len(args.files) > 1:
        raise InputError("usage.one_file", command="import")
    path = Path(args.files[0])
    target = imports.target(args.what)
    mapping = {str(k): str(v) for k, v in read_json(Path(args.map)).items()} if args.map else None
    known = [title for field in target.fields for title in field.titles]
    with open_session(options) as session:
        read_bytes(path, 1)  # a missing or unreadable file is told apart from a malformed one
        sheet = spreadsheets.read_table(path, known=known)
        seen = session.run(imports.preview, target, sheet, mapping, _progress)
        answer = _import_answer(args, path, seen)
        refused = bool(seen.rejected) and not args.partial
        answer["written"] = not args.dry_run and not refused and bool(seen.new or seen.changed)
        if answer["written"]:
            session.run(imports.apply, seen, args.partial, _progress)
        if not options.as_json:
            _print_import(answer, seen)
        elif not refused or args.dry_run:
            print_result(answer, True, "")
        if refused and not args.dry_run:
            error = UserError("import.rejected", count=len(seen.rejected), file=str(path), line=seen.rejected[0].line)
            print_error(error, options.as_json, result=answer)
            return error.exit_code
    return 0


def _import_answer(args: Namespace, path: Path, seen: imports.Preview) -> dict[str, Any]:
    return {
        "file": str(path),
        "sheet": seen.sheet.name,
        "mapping": seen.mapping,
        "new": len(seen.new),
        "changed": len(seen.changed),
        "unchanged": len(seen.unchanged),
        "rejected": [
            {"line": r.line, "title": r.title, "reason": imports.reasons(r, seen.target.kind)} for r in seen.rejected
        ],
        "changes": [
            {"line": r.line, "title": r.title, "fields": _old_and_new(r)} for r in seen.changed[:MAX_CHANGES_SHOWN]
        ],
        "dry_run": args.dry_run,
        "rejects_file": _write_rejects(args, path, seen),
    }


def _old_and_new(row: imports.PreviewRow) -> dict[str, list[Any]]:
    return {
        name.removesuffix("_fen"): [plain.to_plain({name: value})[name] for value in both]
        for name, both in row.changes.items()
    }


def _write_rejects(args: Namespace, path: Path, seen: imports.Preview) -> str | None:
    if not seen.rejected or (args.dry_run and not args.rejects):
        return None
    target = Path(args.rejects) if args.rejects else path.with_name(f"{path.stem}-{tr('未导入')}.xlsx")
    replace_file(target, imports.annotated(seen))
    return str(target)


def _print_import(answer: dict[str, Any], seen: imports.Preview) -> None:
    kind = seen.target.kind
    print(tr("新增 {new}，更新 {changed}，不变 {unchanged}，有问题 {rejected}",
             new=answer["new"], changed=answer["changed"], unchanged=answer["unchanged"], rejected=len(answer["rejected"])))  # fmt: skip
    if seen.changed:
        rows = [
            (
                r.line,
                r.title,
                "；".join(f"{label(kind, k)}: {seen.text(k, a) or '—'} → {seen.text(k, b) or '—'}" for k, (a, b) in r.changes.items()),
            )
            for r in seen.changed[:MAX_CHANGES_SHOWN]
        ]  # fmt: skip
        print(table((tr("行"), tr("名称"), tr("变化")), rows, 60))
    if answer["rejected"]:
        print(
            table(
                (tr("行"), tr("名称"), tr("原因")),
                [(r["line"], r["title"], r["reason"]) for r in answer["rejected"]],
                60,
            )
        )
        if answer["rejects_file"]:
            print(tr("有问题的行在 {file}", file=answer["rejects_file"]))
    if answer["dry_run"]:
        print(tr("这是预览，没有写入。"))


def _photometry(options: Options, args: Namespace) -> int:
    """Each file by itself; one that could not be attached makes the whole command say so in the end."""
    from presales_desktop.lighting.textfile import MAX_BYTES
    from presales_desktop.services import catalogue_photometry as light

    files = []
    for name in args.files:
        files.append((Path(name).name, read_bytes(Path(name), MAX_BYTES + 1)))  # the reader refuses what is longer
    with open_session(options) as session:
        found = session.run(light.import_photometry, files, dry_run=args.dry_run)
    answer = {
        "files": [
            {
                "name": f.name, "outcome": f.outcome, "model_no": f.model_no, "product_id": f.product_id,
                "code": f.code, "line": f.line, "message": light.reason_text(f),
                "warnings": [light.warning_text(w) for w in f.warnings],
            }
            for f in found.files
        ],
        "matched": len(found.matched),
        "unmatched": len(found.unmatched),
        "failed": len(found.failed),
        "dry_run": args.dry_run,
    }  # fmt: skip
    left = [*found.failed, *found.unmatched]
    if not options.as_json or not left:
        rows = [(f.name, OUTCOMES[f.outcome], f.model_no, light.reason_text(f)) for f in found.files]
        shown = table((tr("文件"), tr("结果"), tr("型号"), tr("说明")), [(a, tr(b), c, d) for a, b, c, d in rows], 60)
        print_result(answer, options.as_json, shown + ("\n" + tr("这是预览，没有写入。") if args.dry_run else ""))
    if left:
        error = UserError(
            "import.files_left", count=len(left), total=len(found.files), file=left[0].name, line=left[0].line
        )
        print_error(error, options.as_json, result=answer)
        return error.exit_code
    return 0


def report(options: Options, args: Namespace) -> int:
    """A document as a file; an unapproved one carries its watermark."""
    from presales_desktop.reports import registry as reports

    kind = registry.kind(args.kind)
    target = Path(args.out)
    found = reports.find(args.kind, target)
    with open_session(options) as session:

        def load(work: Work) -> Any:
            return found.load(work, kind.resolve(work, args.id))

        document = session.run(load)
    data = found.render(document, language())
    replace_file(target, data)
    print_result({"file": str(target), "bytes": len(data)}, options.as_json, tr("已生成 {file}", file=target))
    return 0


def lighting(options: Options, args: Namespace) -> int:
    """The light engine by command; needs no workspace."""
    from presales_desktop.lighting import scene

    answers: dict[str, Callable[[Path], dict[str, Any]]] = {
        "photometry": scene.photometry_answer,
        "utilisation": scene.utilisation_answer,
        "ugr": scene.ugr_answer,
        "lux": scene.lux_answer,
        "arrange": scene.arrange_answer,
    }
    try:
        answer = answers[args.what](Path(args.file))
    except LightingError as error:
        if error.file == Path(args.file).name:
            error.file = args.file
        raise as_input_error(error) from None
    if "warnings" in answer:
        answer = {**answer, "warnings": [_warning(w) for w in answer["warnings"]]}
    print_result(answer, options.as_json, "" if options.as_json else json.dumps(answer, ensure_ascii=False, indent=1))
    return 0


def _warning(warning: dict[str, Any]) -> str:
    """A doubt about a photometric file as a sentence with its line."""
    values = {"line": warning["line"] or "", **warning["values"]}
    said = tr(WARNINGS[warning["code"]]).format_map(values)
    return (
        f"{tr(' 第 {line} 行', line=warning['line']).strip()}：{said}"
        if warning["line"] and str(warning["line"]) not in said
        else said
    )


def as_input_error(error: LightingError) -> InputError:
    """The engine's error as the program's: same code, place and values."""
    made = InputError(error.code, file=error.file, line=error.line, field=error.field)
    made.values = dict(error.values)
    return made
