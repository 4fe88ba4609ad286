"""serve, check, backup, restore-finish, export-openapi: what whoever runs the server does."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from argparse import Namespace
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from presales_desktop.cli.output import print_error, print_result, table
from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.server.house import House
from presales_desktop.texts import tr
from sync.server import audit

CHECK_NAMES = {"database": "数据库", "sync": "同步表", "audit": "审计链", "files": "附件"}


def serve(args: Namespace) -> int:
    """Answer until a signal. Raises InputError server.tls_pair, server.tls_files, server.plaintext; EnvironmentProblem server.port."""
    _check_listening(args)
    from presales_desktop.server.serving import run

    with House.open(args) as house:
        return run(house, args)


def _check_listening(args: Namespace) -> None:
    from sync.server.app import ServeError, check_listening

    for path in (args.tls_cert, args.tls_key):
        if path is not None and not path.is_file():
            raise InputError("file.missing", file=str(path))
    try:
        check_listening(
            args.host, args.tls_cert, args.tls_key, without_tls=args.behind_proxy or args.plaintext_on_network
        )
    except ServeError as error:
        raise InputError(error.code, **error.params) from None
    if not 0 <= args.port <= 65535:
        raise InputError("server.port_range", port=args.port)


def check(args: Namespace) -> int:
    """Everything that can be verified; exit 3 when something is wrong."""
    with House.open(args) as house:
        slugs = [house.slug(args.org)] if args.org else [slug for slug, _ in house.database.organisations()]
        found: list[dict[str, Any]] = []
        for slug in slugs:
            found += [{"organisation": slug, "check": name, "problems": p} for name, p in _examine(house, slug)]
    sound = not any(one["problems"] for one in found)
    rows = [
        (
            one["organisation"],
            tr(CHECK_NAMES[one["check"]]),
            tr("正常") if not one["problems"] else "；".join(one["problems"]),
        )
        for one in found
    ]
    answer = {"sound": sound, "checks": found}
    if sound or not args.as_json:
        print_result(answer, args.as_json, table((tr("公司"), tr("检查"), tr("结果")), rows, 100))
    if sound:
        return 0
    error = EnvironmentProblem("server.unsound", count=sum(1 for one in found if one["problems"]))
    print_error(error, args.as_json, result=answer)
    return error.exit_code


def _examine(house: House, slug: str) -> list[tuple[str, list[str]]]:
    engine = house.organisation(slug).engine
    with engine.begin() as connection:
        broken = audit.verify(connection)
        database: list[str] = []
        if connection.dialect.name == "sqlite":
            database = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
            database += [str(tuple(row)) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    return [
        ("database", database),
        ("sync", house.core(slug).check()),
        ("audit", [] if broken is None else [f"{broken.n}: {broken.what}"]),
        ("files", house.blobs(slug).check()),
    ]


def backup(args: Namespace) -> int:
    """A verified copy in a new folder; what it covers counts as durable from then on."""
    target: Path = args.folder
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputError("file.exists", file=str(target))
    with House.open(args) as house:
        heads = {slug: house.core(slug).refresh(force=True) for slug, _ in house.database.organisations()}
        try:
            target.mkdir(parents=True, exist_ok=True, mode=0o700)
            if args.database is None:
                _copy_embedded(args.data, target, list(heads))
            else:
                _dump(args.database, target / "postgresql.dump")
            files = args.data / "files"
            if files.is_dir():
                shutil.copytree(files, target / "files", dirs_exist_ok=True)
        except OSError as error:
            raise EnvironmentProblem("server.backup_failed", file=str(target), reason=str(error)[:200]) from None
        for slug, head in heads.items():
            house.core(slug).durable(head)
    print_result(
        {"folder": str(target), "organisations": heads},
        args.as_json,
        tr("已备份 {count} 家公司到 {folder}，并已核对。", count=len(heads), folder=target),
    )
    return 0


def _copy_embedded(data: Path, target: Path, slugs: list[str]) -> None:
    for name in ("root.db", *(f"org_{slug}.db" for slug in slugs)):
        copy = target / name
        with closing(sqlite3.connect(data / name)) as source, closing(sqlite3.connect(copy)) as made:
            source.backup(made)
            said = made.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            raise EnvironmentProblem("server.backup_failed", file=str(copy), reason=str(said)[:200])


def _dump(url: str, target: Path) -> None:
    tool = shutil.which("pg_dump")
    if tool is None:
        raise EnvironmentProblem("server.pg_dump_missing")
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    for command in ([tool, "--format=custom", f"--file={target}", plain], ["pg_restore", "--list", str(target)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EnvironmentProblem("server.backup_failed", file=str(target), reason=done.stderr.strip()[-200:])


def restore_finish(args: Namespace) -> int:
    """A new epoch: laptops compare everything and offer again what the backup does not know."""
    with House.open(args) as house:
        slugs = [house.slug(args.org)] if args.org else [slug for slug, _ in house.database.organisations()]
        epochs = {slug: house.begin_epoch(slug, args.reason) for slug in slugs}
    text = "\n".join(tr("{slug}：纪元 {epoch}", slug=slug, epoch=epoch) for slug, epoch in epochs.items())
    print_result({"epochs": epochs}, args.as_json, text or tr("还没有公司。新建：presales-server org add NAME"))
    return 0


def export_openapi(args: Namespace) -> int:
    """The description of the interface."""
    from sync.server.openapi import document

    text = json.dumps(document(), ensure_ascii=False, indent=1)
    if args.out is None:
        sys.stdout.write(text + "\n")
        return 0
    temporary = args.out.with_suffix(args.out.suffix + ".tmp")
    try:
        temporary.write_text(text, "utf-8")
        temporary.replace(args.out)
    except OSError:
        raise EnvironmentProblem("store.not_writable", file=str(args.out)) from None
    print_result({"file": str(args.out)}, args.as_json, str(args.out))
    return 0
