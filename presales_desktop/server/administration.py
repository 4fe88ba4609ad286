"""org, user, device, escrow: what an administrator does at the console. Each is in the audit log of its organisation."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import re
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from presales_desktop.cli.output import print_result, table
from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.server.house import House
from presales_desktop.texts import tr
from presales_desktop.texts.common import ROLES
from sync import escrow

US = 1_000_000
MAX_SPELLED = 20


def _write_secret(path: Path, text: str) -> None:
    """A new file that only its owner reads; never over another one."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise InputError("file.exists", file=str(path)) from None
    except OSError:
        raise EnvironmentProblem("store.not_writable", file=str(path)) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def slug_of(name: str) -> str:
    """A slug from a name: pinyin for Chinese, its initials where that grows long, "org" where nothing is left."""
    from pypinyin import Style, lazy_pinyin

    spelled = "".join(lazy_pinyin(name))
    if len(spelled) > MAX_SPELLED:
        spelled = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    plain = re.sub(r"[^a-z0-9]+", "_", spelled.lower()).strip("_")[:MAX_SPELLED].strip("_")
    return plain if re.match(r"[a-z]", plain) else f"org_{plain}".rstrip("_")


def add_organisation(args: Namespace) -> int:
    """A new organisation with its recovery key, whose private half is written to a file or shown once."""
    with House.open(args) as house:
        slug = args.slug or slug_of(args.name)
        private, public = escrow.new_pair()
        if args.recovery_key is not None:
            _write_secret(args.recovery_key, private.hex() + "\n")
        try:
            house.add_organisation(slug, args.name, public)
        except BaseException:
            if args.recovery_key is not None:
                args.recovery_key.unlink(missing_ok=True)
            raise
        answer: dict[str, Any] = {"slug": slug, "name": args.name}
        text = tr("已建立公司 {name}（代号 {slug}）。", name=args.name, slug=slug)
        if args.recovery_key is None:
            answer["recovery_key"] = private.hex()
            text += "\n" + tr("恢复密钥（只显示这一次，请离线保管）：{key}", key=private.hex())
        else:
            answer["recovery_key_file"] = str(args.recovery_key)
            text += "\n" + tr("恢复密钥写在 {file}，请离线保管。", file=args.recovery_key)
        print_result(answer, args.as_json, text)
    return 0


def list_organisations(args: Namespace) -> int:
    """Every organisation."""
    with House.open(args) as house:
        rows = house.database.organisations()
        text = table((tr("代号"), tr("公司")), rows) if rows else tr("还没有公司。新建：presales-server org add NAME")
        print_result([{"slug": slug, "name": name} for slug, name in rows], args.as_json, text)
    return 0


def _password() -> str:
    """One line of standard input; at a terminal asked twice without an echo."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(tr("密码：") + " ")
    if first != getpass.getpass(tr("再输入一次：") + " "):
        raise InputError("account.password_differs")
    return first


def add_user(args: Namespace) -> int:
    """A person who works there, with an account."""
    with House.open(args) as house:
        slug = house.slug(args.org)
        user_id = house.add_user(
            slug,
            name=args.name,
            login=args.login or args.name,
            roles=tuple(args.role),
            department=args.department,
            superior=args.superior,
            password=_password(),
            email=args.email,
            phone=args.phone,
            must_change=args.must_change,
        )
        answer = {"id": str(user_id), "login": args.login or args.name, "organisation": slug}
        print_result(answer, args.as_json, tr("已建立账号 {login}。", login=args.login or args.name))
    return 0


def list_users(args: Namespace) -> int:
    """People with their accounts."""
    with House.open(args) as house:
        slug = house.slug(args.org)
        people = house.people(slug)
        rows = [
            (
                p["login"], p["name"], "、".join(tr(ROLES[r]) for r in p["roles"]), tr(ROLES[p["department"]]),
                p["superior"] or "", tr("停用") if p["disabled"] else "",
            )
            for p in people
        ]  # fmt: skip
        headers = (tr("登录名"), tr("姓名"), tr("岗位"), tr("部门"), tr("上级"), tr("状态"))
        print_result(people, args.as_json, table(headers, rows))
    return 0


def disable_user(args: Namespace) -> int:
    """No more logins; what the person did stays."""
    return _set_disabled(args, True, tr("已停用账号 {login}。", login=args.name))


def enable_user(args: Namespace) -> int:
    """The account is good again."""
    return _set_disabled(args, False, tr("已恢复账号 {login}。", login=args.name))


def _set_disabled(args: Namespace, disabled: bool, text: str) -> int:
    with House.open(args) as house:
        slug = house.slug(args.org)
        login = house.login_of(slug, args.name)
        house.set_disabled(slug, login, disabled)
        print_result({"login": login, "disabled": disabled}, args.as_json, text)
    return 0


def set_password(args: Namespace) -> int:
    """A new password; every device of the person must log in again."""
    with House.open(args) as house:
        slug = house.slug(args.org)
        login = house.login_of(slug, args.name)
        house.accounts(slug).set_password(login, _password(), must_change=args.must_change)
        print_result({"login": login}, args.as_json, tr("已重设 {login} 的密码。", login=login))
    return 0


def list_devices(args: Namespace) -> int:
    """Devices with when they were last seen."""
    with House.open(args) as house:
        slug = house.slug(args.org)
        names = {p["id"]: p["login"] for p in house.people(slug)}
        rows = []
        for device in house.accounts(slug).devices():
            login = names.get(str(device["user_id"]), "")
            if args.user and args.user != login:
                continue
            rows.append(
                {
                    "no": device["no"], "id": str(device["id"]), "login": login, "name": device["name"],
                    "seen_at": _moment(device["seen_at"]), "revoked_at": _moment(device["revoked_at"]),
                }
            )  # fmt: skip
        headers = (tr("号"), tr("登录名"), tr("设备"), tr("最近连接"), tr("停用时间"))
        lines = [(r["no"], r["login"], r["name"], r["seen_at"], r["revoked_at"]) for r in rows]
        print_result(rows, args.as_json, table(headers, lines))
    return 0


def _moment(microseconds: int | None) -> str | None:
    return None if microseconds is None else dt.datetime.fromtimestamp(microseconds / US, dt.UTC).isoformat()


def revoke_device(args: Namespace) -> int:
    """Tokens and signatures of the device count no more."""
    with House.open(args) as house:
        house.accounts(house.slug(args.org)).revoke(args.device)
        print_result({"device": args.device}, args.as_json, tr("已停用设备 {device}。", device=args.device))
    return 0


def open_escrow(args: Namespace) -> int:
    """A laptop's database key, for a person who lost his keyring."""
    with House.open(args) as house:
        sealed = house.accounts(house.slug(args.org)).escrow(args.device)
    try:
        private = bytes.fromhex(args.recovery_key.read_text("ascii").strip())
        key = escrow.open_sealed(sealed, private)
    except (OSError, ValueError, escrow.EscrowError):
        raise InputError("device.recovery_key", file=str(args.recovery_key)) from None
    print_result({"device": args.device, "key": key.hex()}, args.as_json, key.hex())
    return 0
