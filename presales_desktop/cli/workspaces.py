"""init, as, doctor, backup, recover, restore."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from presales_desktop.cli.output import print_error, print_result, table
from presales_desktop.cli.reading import read_bytes
from presales_desktop.cli.session import Options, open_session
from presales_desktop.models.errors import EnvironmentProblem, InputError, PermissionDenied
from presales_desktop.models.permissions import Role
from presales_desktop.services import doctor, users
from presales_desktop.services.work import Runner
from presales_desktop.store import backup as backups
from presales_desktop.store import keys
from presales_desktop.store import workspace as store
from presales_desktop.texts import tr


def init(options: Options, args: Namespace) -> int:
    """A new workspace: the demo company, or one user."""
    with store.create(options.profile, passphrase=options.passphrase(), demo=args.demo) as made:
        try:
            actor = _fill(made, args)
        except BaseException:
            # A half-filled workspace helps nobody: the folder is as it was before.
            made.close()
            store.discard(options.profile)
            raise
        answer = {"profile": str(options.profile), "demo": args.demo, "user": actor}
        print_result(
            answer,
            options.as_json,
            tr("工作区已建立：{folder}（当前用户 {name}）", folder=options.profile, name=actor["name"]),
        )
    return 0


def _fill(made: store.Workspace, args: Namespace) -> dict[str, Any]:
    runner = Runner(made.engine, users.FOUNDER)
    if args.demo:
        from presales_desktop.services.demo.fill import each_area, fill

        fill(
            made.engine,
            each_area(lambda done, total, what: print(f"{done * 100 // total} % {tr(what)}", file=sys.stderr)),
        )
        if args.user:
            runner.run(lambda work: users.set_acting(work, users.resolve(work, args.user)))
    else:
        roles = tuple(Role(r) for r in (args.role or ["sales"]))
        runner.run(users.found, args.user or tr("管理员"), roles, args.company)
    acting = runner.run(users.acting)[0]
    return {"id": acting.id, "name": acting.name, "roles": sorted(r.value for r in acting.roles)}


def act_as(options: Options, args: Namespace) -> int:
    """Switch the acting user of a demo workspace."""
    with open_session(options) as session:
        if not session.workspace.demo:
            raise PermissionDenied("store.not_demo")
        user_id = session.run(users.resolve, args.user)
        actor = session.run(users.actor_of, user_id)
        session.run(users.set_acting, user_id)
        print_result(
            {"id": actor.id, "name": actor.name, "roles": sorted(r.value for r in actor.roles)},
            options.as_json,
            tr("现在以 {name} 操作。", name=actor.name),
        )
    return 0


CHECK_NAMES = {
    "database": "数据库",
    "encryption": "加密页",
    "references": "引用",
    "journal": "操作日志",
    "files": "文件",
    "search": "搜索索引",
}


def examine(options: Options, args: Namespace) -> int:
    """All checks; exit 3 when one found something."""
    with open_session(options) as session:
        if args.rebuild_search:
            session.run(doctor.rebuild_search)
        findings = session.run(doctor.examine)
        sound = all(f.sound for f in findings)
        rows = [(tr(CHECK_NAMES[f.check]), tr("正常") if f.sound else tr("有问题"), f.detail) for f in findings]
        answer = {"sound": sound, "checks": findings}
        if sound or not options.as_json:
            print_result(answer, options.as_json, table((tr("检查"), tr("结果"), tr("说明")), rows, 60))
        if sound:
            return 0
        wrong = "、".join(tr(CHECK_NAMES[f.check]) for f in findings if not f.sound)
        error = EnvironmentProblem("doctor.unsound", checks=wrong, file=str(options.profile))
        print_error(error, options.as_json, result=answer)
        return error.exit_code


def backup(options: Options, args: Namespace) -> int:
    """One encrypted file; under the given passphrase when the workspace's own key lies in the keyring."""
    target = Path(args.file)
    passphrase = options.passphrase()
    with store.open_workspace(options.profile, passphrase=passphrase) as opened:
        portable = passphrase if opened.header.key_source == "keyring" else None
        size = backups.backup(opened, target, passphrase=portable)
    print_result(
        {"file": str(target), "bytes": size},
        options.as_json,
        tr("已备份到 {file}（{size} KB）", file=target, size=size // 1024),
    )
    return 0


def restore(options: Options, args: Namespace) -> int:
    """Back from a backup file."""
    source = Path(args.file)
    read_bytes(source, 1)
    aside = backups.restore(source, options.profile, passphrase=options.passphrase())
    print_result(
        {"profile": str(options.profile), "previous": str(aside) if aside else None},
        options.as_json,
        tr("已恢复到 {folder}。", folder=options.profile)
        + (tr("原有内容在 {folder}。", folder=aside) if aside else ""),
    )
    return 0


def recover(options: Options, args: Namespace) -> int:
    """Open the workspace again with its key, which an administrator took out of escrow: into the keyring, or under the passphrase that is
    given as everywhere."""
    passphrase = options.passphrase()
    if passphrase is None and not keys.keyring_usable():
        raise EnvironmentProblem("store.no_keyring")
    given = getpass.getpass(tr("密钥：") + " ") if sys.stdin.isatty() else sys.stdin.readline()
    try:
        key = bytes.fromhex(given.strip())
    except ValueError:
        raise InputError("store.key_wrong", file=str(options.profile)) from None
    keys.recover(options.profile, key, passphrase)
    with store.open_workspace(options.profile, passphrase=passphrase):  # it opens: only then it is said
        pass
    print_result(
        {"profile": str(options.profile)},
        options.as_json,
        tr("密钥正确，{folder} 可以打开了。", folder=options.profile),
    )
    return 0
