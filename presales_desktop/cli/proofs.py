"""verify: is a printed quote or contract what the company approved? Without a server."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from presales_desktop.cli.output import cell, print_error, print_result
from presales_desktop.cli.reading import read_bytes
from presales_desktop.cli.session import Options, Session, open_session
from presales_desktop.models.errors import InputError, UserError
from presales_desktop.reports import proofs as papers
from presales_desktop.services import printing, proofs
from presales_desktop.services.plain import to_plain
from presales_desktop.services.proofs import Checked
from presales_desktop.texts import tr
from presales_desktop.texts.lookup import kind_title
from presales_desktop.texts.proofs import REASONS, VERDICTS

MAX_PDF_BYTES = 100 * 1024 * 1024


def verify(options: Options, args: Namespace) -> int:
    """The verdict; exit 1 for all but "valid", with the same answer beside the error."""
    if (args.file is None) == (args.code is None):
        raise InputError(
            "usage.wrong", reason=tr("给出一个文件，或用 --code 给出二维码的内容"), help="presales verify --help"
        )
    changes: tuple[papers.Difference, ...] = ()
    with open_session(options) as session:
        if args.code is not None:
            checked = session.run(proofs.of_code, args.code)
        else:
            checked, changes = _file(session, Path(args.file))
    plain = to_plain(checked)
    said = tr(REASONS[checked.reason], **{name: cell(value) for name, value in plain.items()})
    answer: dict[str, Any] = {**plain, "message": said, "changes": changes[: papers.MAX_SHOWN]}
    if checked.verdict == "valid":
        print_result(answer, options.as_json, _text(checked, said))
        return 0
    if not options.as_json:
        for change in changes[: papers.MAX_SHOWN]:
            print(
                tr(
                    "第 {page} 页：{ours} → {theirs}",
                    page=change.page,
                    ours=change.ours or "—",
                    theirs=change.theirs or "—",
                )
            )
    error = UserError(f"proof.{checked.verdict}", label=checked.label, said=said, file=args.file)
    print_error(error, options.as_json, result=answer)
    return error.exit_code


def _file(session: Session, path: Path) -> tuple[Checked, tuple[papers.Difference, ...]]:
    data = read_bytes(path, MAX_PDF_BYTES + 1)
    if len(data) > MAX_PDF_BYTES:
        raise InputError("file.too_large", file=str(path), size=">100 MB", limit="100 MB")
    checked = session.run(proofs.of_file, data, str(path), papers.said(data))
    if checked.verdict != "altered":
        return checked, ()
    try:
        return checked, papers.differences(data, session.run(printing.pdf, checked.kind, checked.id))
    except (InputError, UserError, ImportError):
        return checked, ()  # the verdict stands without the places


def _text(checked: Checked, said: str) -> str:
    lines = [
        f"{tr(VERDICTS[checked.verdict])}：{kind_title(checked.kind)} {checked.label} {checked.title}".rstrip(),
        said,
        tr("金额 {amount}", amount=cell({"fen": checked.total_fen, "currency": "CNY"})),
    ]
    if checked.sent_at is not None:
        lines.append(
            tr("发给 {who}，{when}", who=checked.sent_to or "—", when=cell(to_plain({"at": checked.sent_at})["at"]))
        )
    return "\n".join(lines)
