"""import, report, lighting."""

from __future__ import annotations

import json
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from typing import Any

from presales_desktop.cli.output import print_result, table
from presales_desktop.cli.records import read_json
from presales_desktop.cli.session import Options, open_session
from presales_desktop.lighting.errors import LightingError
from presales_desktop.models.errors import InputError
from presales_desktop.services import imports, plain, registry, spreadsheets
from presales_desktop.services.work import Work
from presales_desktop.texts import language, tr
from presales_desktop.texts.lighting import WARNINGS
from presales_desktop.texts.lookup import label


def replace_file(path: Path, data: bytes) -> None:
    """Write PATH so that it is either the old or the complete new content. Raises InputError file.not_writable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".writing", delete=False) as handle:
            temporary = Path(handle.name)
            handle.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise InputError("file.not_writable", file=str(path), reason=error.strerror or "") from None


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
    sheet = spreadsheets.read_table(path, known=known)
    with open_session(options) as session:
        seen = session.run(imports.preview, target, sheet, mapping, _progress)
        answer: dict[str, Any] = {
            "file": str(path),
            "sheet": sheet.name,
            "mapping": seen.mapping,
            "new": len(seen.new),
            "changed": len(seen.changed),
            "unchanged": len(seen.unchanged),
            "rejected": [
                {"line": r.line, "title": r.title, "reason": imports.reasons(r, target.kind)} for r in seen.rejected
            ],
            "changes": [
                {"line": r.line, "title": r.title, "fields": {k: list(v) for k, v in r.changes.items()}}
                for r in seen.changed[:200]
            ],
            "dry_run": args.dry_run,
        }
        answer["rejects_file"] = _write_rejects(args, path, seen)
        refused = bool(seen.rejected) and not args.partial
        if not args.dry_run and not refused and (seen.new or seen.changed):
            session.run(imports.apply, seen, args.partial, _progress)
        if refused and not args.dry_run:
            _print_import(options, answer)
            return 1
    _print_import(options, answer)
    return 0


def _write_rejects(args: Namespace, path: Path, seen: imports.Preview) -> str | None:
    if not seen.rejected or (args.dry_run and not args.rejects):
        return None
    target = Path(args.rejects) if args.rejects else path.with_name(f"{path.stem}-{tr('未导入')}.xlsx")
    replace_file(target, imports.annotated(seen))
    return str(target)


def _print_import(options: Options, answer: dict[str, Any]) -> None:
    refused = bool(answer["rejected"])
    if options.as_json:
        print_result(answer, True)
        return
    print(tr("新增 {new}，更新 {changed}，不变 {unchanged}，有问题 {rejected}",
             new=answer["new"], changed=answer["changed"], unchanged=answer["unchanged"], rejected=len(answer["rejected"])))  # fmt: skip
    if answer["changes"]:
        rows = [
            (
                c["line"],
                c["title"],
                "；".join(f"{label('', k)}: {_said(a)} → {_said(b)}" for k, (a, b) in c["fields"].items()),
            )
            for c in answer["changes"]
        ]
        print(table((tr("行"), tr("名称"), tr("变化")), rows, 60))
    if refused:
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


def _said(value: Any) -> str:
    return "—" if value in (None, "") else str(plain.to_plain(value))


def _photometry(options: Options, args: Namespace) -> int:
    from presales_desktop.services import catalogue_photometry

    files = []
    for name in args.files:
        path = Path(name)
        try:
            files.append((path.name, path.read_bytes()))
        except OSError as error:
            raise InputError("file.unreadable", file=name, reason=error.strerror or "") from None
    with open_session(options) as session:
        result = session.run(catalogue_photometry.import_photometry, files, dry_run=args.dry_run)
    told = [(f.name, f.outcome, f.model_no, catalogue_photometry.reason_text(f)) for f in result.files]
    words = {"matched": tr("已匹配"), "unmatched": tr("未匹配"), "failed": tr("读不出")}
    answer = {
        **{name: len(getattr(result, name)) for name in words},
        "dry_run": args.dry_run,
        "files": [
            {
                "name": f.name,
                "outcome": f.outcome,
                "model_no": f.model_no,
                "code": f.code,
                "line": f.line,
                "message": said[3],
            }
            for f, said in zip(result.files, told, strict=True)
        ],
    }
    rows = [(name, words[outcome], model, said) for name, outcome, model, said in told]
    text = table((tr("文件"), tr("结果"), tr("型号"), tr("说明")), rows, 70)
    if args.dry_run:
        text += "\n" + tr("这是预览，没有写入。")
    print_result(answer, options.as_json, text)
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

    answers = {
        "photometry": scene.photometry_answer,
        "utilisation": scene.utilisation_answer,
        "ugr": scene.ugr_answer,
        "lux": scene.lux_answer,
        "arrange": scene.arrange_answer,
    }
    try:
        answer = answers[args.what](Path(args.file))
    except LightingError as error:
        raise as_input_error(error) from None
    if "warnings" in answer:
        answer = {**answer, "warnings": [_warning(w) for w in answer["warnings"]]}
    if options.as_json:
        print_result(answer, True)
    else:
        print(json.dumps(answer, ensure_ascii=False, indent=1))
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
