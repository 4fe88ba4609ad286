"""login, sync, inbox: with the company's server, by the same services as the window."""

from __future__ import annotations

import contextlib
import getpass
import signal
import sys
import threading
from argparse import Namespace
from typing import Any

from presales_desktop.cli.output import cell, print_error, print_result, table
from presales_desktop.cli.session import Options, open_session
from presales_desktop.models.errors import InputError, PresalesError, UserError
from presales_desktop.services import joining, syncing
from presales_desktop.services.link import Link
from presales_desktop.services.listing import ListQuery
from presales_desktop.store.workspace import Workspace
from presales_desktop.texts import tr
from presales_desktop.texts.lookup import kind_title, label, sentence
from presales_desktop.texts.syncing import INBOX_KINDS, STATES

_CHOICES = {"theirs": "take_theirs", "mine": "reapply_mine", "drop": "settle", "asked": "ask_owner"}


def _password(options: Options) -> str:
    """One line of standard input, after the passphrase when that comes from there, too."""
    if sys.stdin.isatty():
        return getpass.getpass(tr("密码：") + " ")
    return sys.stdin.readline().rstrip("\r\n")


def _new_password() -> str:
    """What takes the place of a password that has to be changed: the next line of standard input, "" when there is none. Raises
    InputError account.password_differs."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    print(tr("这个密码须改为您自己的。"), file=sys.stderr)
    first = getpass.getpass(tr("新密码：") + " ")
    if first != getpass.getpass(tr("再输入一次：") + " "):
        raise InputError("account.password_differs")
    return first


def _progress(done: int, total: int, what: str) -> None:
    print(f"{done}/{total} {tr(what) if what else ''}" if total else tr(what), file=sys.stderr)


def login(options: Options, args: Namespace) -> int:
    """Connect the profile's workspace (made when there is none) and fetch what the person may see."""
    passphrase, password = options.passphrase(), _password(options)
    authority = "" if args.ca is None else joining.authority_of(args.ca)

    def join(new_password: str = "") -> Workspace:
        return joining.join(
            options.profile, args.url, args.user, password, passphrase, args.device, _progress,
            new_password=new_password, authority=authority,
        )  # fmt: skip

    try:
        workspace = join()
    except UserError as error:
        new = _new_password() if error.code == "account.must_change" else ""
        if not new:
            raise
        workspace = join(new)
    with workspace, contextlib.closing(Link(workspace)) as link:
        link.exchange(_progress)
        facts = link.status
    answer = {"profile": str(options.profile), "server": facts.url, "user": facts.login, "device": facts.device_no}
    text = tr("已登录 {url}（{login}，设备 {device}）。", url=facts.url, login=facts.login, device=facts.device_no)
    print_result(answer, options.as_json, text)
    return 0


def sync(options: Options, args: Namespace) -> int:
    """Send what waits and fetch what is new; with --watch until Ctrl+C."""
    with open_session(options) as session, contextlib.closing(Link(session.workspace)) as link:
        link.require_connected()
        if args.watch:
            _watch(link, options)
            return 0
        error: PresalesError | None = None
        try:
            link.exchange(_progress if not options.as_json else lambda *_: None, confirm=args.confirm_deletes)
        except PresalesError as caught:
            error = caught
        status = session.run(syncing.status)
        answer = {
            "state": status.state, "waiting": status.waiting, "inbox": status.inbox, "files": status.files,
            "pushed": link.pushed, "pulled": link.pulled, "server": status.url,
        }  # fmt: skip
        if error is not None:
            print_error(error, options.as_json, result=answer)
            return error.exit_code
        print_result(
            answer,
            options.as_json,
            tr("{state}：发出 {pushed} 项，收到 {pulled} 项，待发 {waiting} 项，收件箱 {inbox} 项。",
               state=tr(STATES[status.state]), pushed=link.pushed, pulled=link.pulled, waiting=status.waiting,
               inbox=status.inbox),
        )  # fmt: skip
    return 0


def _watch(link: Link, options: Options) -> None:
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())

    def say(status: syncing.SyncStatus) -> None:
        answer = {"state": status.state, "waiting": status.waiting, "inbox": status.inbox}
        text = f"{tr(STATES[status.state])} · {status.waiting} · {status.inbox}"
        if status.error_code:
            text += " · " + sentence(status.error_code, status.error_params)
        print_result(answer, options.as_json, text)
        sys.stdout.flush()

    link.on_status = say
    link.start()
    try:
        ended.wait()
    finally:
        link.stop()


def inbox(options: Options, args: Namespace) -> int:
    """What needs a person: list, show, resolve."""
    return {"list": _list, "show": _show, "resolve": _resolve}[args.action](options, args)


def _reason(row: syncing.InboxRow) -> str:
    return sentence(row.code, row.params, kind=row.record_kind) if row.code else ""


def _list(options: Options, args: Namespace) -> int:
    with open_session(options) as session:
        wanted = () if args.all else (("state", "open"),)
        page = session.run(syncing.list_inbox, ListQuery("", wanted or (("state", "settled"),), "", 1000))
        rows = [
            (r.id, tr(INBOX_KINDS[r.kind]), kind_title(r.record_kind), r.title, r.theirs_by, _reason(r))
            for r in page.rows
        ]
        headers = (tr("号"), tr("情况"), tr("种类"), tr("记录"), tr("对方"), tr("说明"))
        text = table(headers, rows, 60) if rows else tr("收件箱是空的。")
        print_result(page.rows, options.as_json, text)
    return 0


def _show(options: Options, args: Namespace) -> int:
    with open_session(options) as session:
        item = session.run(syncing.show_inbox, args.id)
        rows: list[tuple[Any, ...]] = [
            (label(item.row.record_kind, f.name), f.mine, f.theirs, f.base) for f in item.fields
        ]
        head = [f"{kind_title(item.row.record_kind)} · {item.row.title}", _reason(item.row)]
        who = tr(
            "我：{mine}  对方：{theirs} {name}",
            mine=cell(item.mine_at),
            theirs=cell(item.theirs_at),
            name=item.theirs_by,
        )
        text = "\n".join([*filter(None, head), who, table((tr("字段"), tr("我的"), tr("对方"), tr("原来")), rows, 40)])
        print_result(item, options.as_json, text)
    return 0


def _resolve(options: Options, args: Namespace) -> int:
    if args.take not in _CHOICES:
        raise InputError("sync.choice_unknown", choice=args.take, known="、".join(_CHOICES))
    with open_session(options) as session:
        ids = [args.id]
        if args.whole_commit:
            item = session.run(syncing.show_inbox, args.id)
            ids = list(session.run(syncing.of_commit, item.row.commit))
        session.run(syncing.settle, ids, _CHOICES[args.take], tuple(args.field))
        print_result({"resolved": ids, "take": args.take}, options.as_json, tr("已处理 {count} 项。", count=len(ids)))
    return 0
