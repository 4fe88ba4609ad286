"""The grammar of `presales-server`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from presales_desktop.cli.arguments import Parser
from presales_desktop.models.permissions import DEPARTMENTS, Role
from presales_desktop.paths import config_dir
from presales_desktop.texts import tr

PORT = 8470

Group = Any  # argparse names the type of add_subparsers() only privately
Command = Callable[[Group, str, str, str], argparse.ArgumentParser]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line understood. Raises InputError usage.wrong."""
    return build().parse_args(arguments)


def _everywhere(parser: argparse.ArgumentParser, *, top: bool) -> None:
    missing = argparse.SUPPRESS
    folder = os.environ.get("PRESALES_SERVER_DATA") or str(config_dir() / "server")
    url = os.environ.get("PRESALES_SERVER_DATABASE") or None
    parser.add_argument(
        "--data", metavar="DIR", type=Path, default=Path(folder) if top else missing, help=tr("服务器的数据文件夹")
    )
    parser.add_argument(
        "--database",
        metavar="URL",
        default=url if top else missing,
        help=tr("PostgreSQL 地址 postgresql://…；不给时用数据文件夹里的内置数据库"),
    )
    parser.add_argument(
        "--json", action="store_true", dest="as_json", default=False if top else missing, help=tr("用 JSON 回答")
    )
    parser.add_argument("--lang", choices=("zh", "en"), default=None if top else missing, help=tr("语言"))


def build() -> Parser:
    """The parser of everything."""
    parser = Parser(
        prog="presales-server",
        description=tr("灯饰售前管理的公司服务器：同步、账号、权限、附件。"),
        epilog=tr("示例") + ": presales-server serve --data ./server",
    )
    _everywhere(parser, top=True)
    parser.add_argument("--version", action="store_true", help=tr("显示程序版本"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(group: Group, name: str, text: str, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = group.add_parser(
            name, help=text, description=text, epilog=f"{tr('示例')}: presales-server {example}"
        )
        _everywhere(made, top=False)
        return made

    _serve(
        command(commands, "serve", tr("启动服务器"), "serve --host 0.0.0.0 --tls-cert server.crt --tls-key server.key")
    )
    org = commands.add_parser("org", help=tr("公司")).add_subparsers(dest="action", metavar="add|list", required=True)
    add = command(org, "add", tr("新建公司"), "org add 灯港照明 --slug dengang --recovery-key recovery.key")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--slug", metavar="SLUG", help=tr("代号：小写字母、数字和下划线"))
    add.add_argument("--recovery-key", metavar="FILE", type=Path, help=tr("恢复密钥写到这个文件（请离线保管）"))
    command(org, "list", tr("列出公司"), "org list")
    _users(commands, command)
    _devices(commands, command)
    check = command(commands, "check", tr("检查完整性：数据库、提交序号、审计链、附件"), "check")
    check.add_argument("--org", metavar="SLUG")
    command(commands, "backup", tr("备份到一个文件夹"), "backup /backup/2026-11-24").add_argument(
        "folder", metavar="DIR", type=Path
    )
    restore = command(commands, "restore-finish", tr("从备份恢复之后执行：开始新的纪元"), "restore-finish")
    restore.add_argument("--org", metavar="SLUG")
    restore.add_argument("--reason", default="restore", metavar="TEXT")
    openapi = command(commands, "export-openapi", tr("输出接口说明（OpenAPI）"), "export-openapi --out openapi.json")
    openapi.add_argument("--out", metavar="FILE", type=Path)
    escrow = command(
        commands, "escrow", tr("用恢复密钥取出一台设备的数据库密钥"), "escrow 7 --recovery-key recovery.key"
    )
    escrow.add_argument("device", type=int, metavar="NO")
    escrow.add_argument("--recovery-key", type=Path, required=True, metavar="FILE")
    escrow.add_argument("--org", metavar="SLUG")
    return parser


def _serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", metavar="HOST", help=tr("监听地址"))
    parser.add_argument("--port", type=int, default=PORT, metavar="PORT", help=tr("端口，默认 {port}", port=PORT))
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help=tr("证书链（PEM）"))
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help=tr("私钥（PEM）"))
    parser.add_argument(
        "--behind-proxy", action="store_true", help=tr("前面有负责加密的代理，允许不加密地监听这个地址")
    )
    parser.add_argument("--plaintext-on-network", action="store_true", help=tr("明知不安全，也在网络上不加密地监听"))
    parser.add_argument("--attachments", metavar="URL", help=tr("附件存储：文件夹或 s3://桶/前缀；默认在数据文件夹"))


def _users(commands: Group, make: Command) -> None:
    user = commands.add_parser("user", help=tr("账号")).add_subparsers(
        dest="action", metavar="add|list|disable|enable|password", required=True
    )
    add = make(
        user, "add", tr("新建账号；密码从标准输入读取"), "user add 王敏 --role sales --department sales --superior 赵磊"
    )
    add.add_argument("name", metavar="NAME")
    add.add_argument("--login", metavar="LOGIN", help=tr("登录名，默认与姓名相同"))
    add.add_argument("--role", action="append", required=True, choices=[r.value for r in Role], help=tr("可多次给出"))
    add.add_argument("--department", required=True, choices=DEPARTMENTS)
    add.add_argument("--superior", metavar="NAME")
    add.add_argument("--email", default="", metavar="ADDRESS")
    add.add_argument("--phone", default="", metavar="PHONE")
    add.add_argument("--must-change", action="store_true", help=tr("首次登录后须修改密码"))
    add.add_argument("--org", metavar="SLUG")
    listing = make(user, "list", tr("列出账号"), "user list")
    listing.add_argument("--org", metavar="SLUG")
    for name, text in (
        ("disable", tr("停用账号")),
        ("enable", tr("恢复账号")),
        ("password", tr("重设密码；从标准输入读取")),
    ):
        one = make(user, name, text, f"user {name} 王敏")
        one.add_argument("name", metavar="NAME")
        if name == "password":
            one.add_argument("--must-change", action="store_true", help=tr("下次登录后须修改密码"))
        one.add_argument("--org", metavar="SLUG")


def _devices(commands: Group, make: Command) -> None:
    device = commands.add_parser("device", help=tr("设备")).add_subparsers(
        dest="action", metavar="list|revoke", required=True
    )
    listing = make(device, "list", tr("列出设备"), "device list --user 王敏")
    listing.add_argument("--user", metavar="NAME")
    listing.add_argument("--org", metavar="SLUG")
    revoke = make(device, "revoke", tr("停用设备：令牌和签名立即失效"), "device revoke 7")
    revoke.add_argument("device", type=int, metavar="NO")
    revoke.add_argument("--org", metavar="SLUG")
