"""The command line's grammar: every command with a help text and an example, in the language asked for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from presales_desktop.models.errors import InputError
from presales_desktop.models.permissions import Role
from presales_desktop.services import registry
from presales_desktop.texts import tr

IMPORTS = ("customers", "products", "prices", "photometry")
LIGHTING = ("photometry", "utilisation", "ugr", "lux", "arrange")


Add = Callable[[str, str, str], argparse.ArgumentParser]


# What argparse says, and how we say it; anything else is passed on as it is.
_SAID: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"the following arguments are required: (?P<names>.+)"), "还缺 {names}"),
    (re.compile(r"argument (?P<name>\S+): invalid choice: (?P<found>.+?) \(choose from (?P<known>.+)\)"),
     "{name} 不能是 {found}，可用：{known}"),
    (re.compile(r"argument (?P<name>\S+): expected (at least )?one argument"), "{name} 后面还缺一个值"),
    (re.compile(r"argument (?P<name>\S+): ignored explicit argument (?P<found>.+)"), "{name} 后面不能带值 {found}"),
    (re.compile(r"argument (?P<name>\S+): invalid \w+ value: (?P<found>.+)"), "{name} 应为整数，而不是 {found}"),
    (re.compile(r"argument (?P<name>\S+): (?P<known>\S+…\S+)"), "{name} 应在 {known} 之间"),
    (re.compile(r"unrecognized arguments: (?P<names>.+)"), "不认识 {names}"),
    (re.compile(r"ambiguous option: (?P<name>\S+) could match (?P<known>.+)"), "{name} 不明确，可能是 {known}"),
)  # fmt: skip


def said(message: str) -> str:
    """A message of argparse in the language of now."""
    for pattern, text in _SAID:
        found = pattern.fullmatch(message)
        if found:
            values = {k: v.replace("'", "").replace(", ", tr("、")) for k, v in found.groupdict().items()}
            return tr(text, **values)
    return message


class Help(argparse.HelpFormatter):
    """The usage line in the language of now."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Begin with our word for "usage"."""
        super().add_usage(usage, actions, groups, tr("用法") + ": " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """Wrong usage becomes an InputError, so that `--json` answers in JSON here, too."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(formatter_class=Help, add_help=False, **keywords)
        self._positionals.title = tr("参数")
        self._optionals.title = tr("选项")
        self.add_argument("-h", "--help", action="help", default=argparse.SUPPRESS, help=tr("显示这个说明"))

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing and leaving."""
        raise InputError("usage.wrong", reason=said(message), help=f"{self.prog} --help")


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line understood. Raises InputError usage.wrong."""
    parser = build()
    args, rest = parser.parse_known_args(_joined(arguments))
    # argparse takes an empty list of FIELD=VALUE for what stands before an option and leaves what comes after it.
    if rest and isinstance(getattr(args, "values", None), list) and not any(word.startswith("-") for word in rest):
        args.values = [*args.values, *rest]
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return args


def _joined(arguments: Sequence[str]) -> list[str]:
    """ARGUMENTS with "--sort -updated_at" as "--sort=-updated_at": to argparse the minus would begin an option."""
    made: list[str] = []
    for word in arguments:
        if made and made[-1] == "--sort" and re.match(r"-[a-z]", word):
            made[-1] = f"--sort={word}"
        else:
            made.append(word)
    return made


def _globals(parser: argparse.ArgumentParser, *, top: bool) -> None:
    """The options that may stand before or after the command."""
    missing = None if top else argparse.SUPPRESS
    off = False if top else argparse.SUPPRESS
    parser.add_argument("--profile", metavar="DIR", default=missing, help=tr("工作区文件夹"))
    parser.add_argument("--lang", choices=("zh", "en"), default=missing, help=tr("语言"))
    parser.add_argument("--json", action="store_true", dest="as_json", default=off, help=tr("用 JSON 回答"))
    parser.add_argument(
        "--passphrase-stdin",
        action="store_true",
        default=off,
        help=tr("从标准输入读取口令（也可用 PRESALES_PASSPHRASE）"),
    )


def build() -> Parser:
    """The parser of everything."""
    parser = Parser(
        prog="presales",
        description=tr("灯饰售前管理：没有界面的同一套程序。不带命令时打开窗口。"),
        epilog=tr("示例") + ": presales --json list quote --where state=sent --limit 20",
    )
    _globals(parser, top=True)
    parser.add_argument("--version", action="store_true", help=tr("显示程序版本"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, text: str, example: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, epilog=f"{tr('示例')}: presales {tr(example)}")
        _globals(made, top=False)
        return made

    _workspace_commands(command)
    _record_commands(command)
    _file_commands(command)
    _sync_commands(command)
    return parser


def _workspace_commands(add: Add) -> None:
    init = add("init", tr("新建工作区，空的或带演示数据"), "init --demo")
    init.add_argument("--demo", action="store_true", help=tr("带演示公司的数据"))
    init.add_argument("--user", metavar="NAME", help=tr("第一个用户的姓名"))
    init.add_argument(
        "--role", action="append", choices=[r.value for r in Role], help=tr("第一个用户的岗位，可多次给出")
    )
    init.add_argument("--company", metavar="NAME", default="", help=tr("公司名称"))
    describe = add("describe", tr("列出记录种类；给出种类时列出字段、状态、步骤和权限"), "describe quote")
    describe.add_argument("kind", nargs="?", metavar="KIND", choices=registry.names())
    who = add("as", tr("以另一个演示用户操作（仅演示工作区）"), "as zhoufang")
    who.add_argument("user", metavar="USER")
    add("doctor", tr("检查数据库、引用、日志、文件和搜索索引"), "doctor").add_argument(
        "--rebuild-search", action="store_true", help=tr("重建搜索索引")
    )
    add("backup", tr("加密备份到一个文件"), "backup presales-2026-11-23.backup").add_argument("file", metavar="FILE")
    add("recover", tr("用管理员交还的密钥（标准输入）重新打开工作区；没有钥匙串时另给新口令"), "recover < key.txt")
    add("restore", tr("从备份文件恢复；原有内容移到 backups/"), "restore presales-2026-11-23.backup").add_argument(
        "file", metavar="FILE"
    )
    tour = add("tour", tr("在演示工作区走完整个流程，保存截图和 PDF"), "tour build/tour")
    tour.add_argument("folder", metavar="DIR")
    tour.add_argument("--steps", type=int, default=0, metavar="N", help=tr("只走前 N 步"))
    add("screenshots", tr("把每个页面存成图片：中英文、浅色深色"), "screenshots build/screenshots").add_argument(
        "folder", metavar="DIR"
    )


def _record_commands(add: Add) -> None:
    listing = add("list", tr("列出记录"), "list customer --search 酒店 --sort -updated_at --limit 20")
    listing.add_argument("kind", metavar="KIND", choices=registry.names())
    listing.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help=tr("只列出这样的，可多次给出（见 describe）"),
    )
    listing.add_argument("--search", default="", metavar="TEXT", help=tr("只列出含有这些文字的"))
    listing.add_argument("--sort", default="", metavar="FIELD", help=tr("按字段排序；前面加 - 为倒序"))
    listing.add_argument("--limit", type=_positive, default=50, metavar="N", help=tr("最多 N 条，默认 50"))
    listing.add_argument("--after", metavar="ID", help=tr("从这条之后接着列"))
    show = add("show", tr("显示一条记录的全部内容"), "show quote BJ20261123-001")
    show.add_argument("kind", metavar="KIND", choices=registry.names())
    show.add_argument("id", metavar="ID")
    new = add("new", tr("新建记录"), "new customer name=中山星辉灯饰有限公司 phone=13800000000")
    new.add_argument("kind", metavar="KIND", choices=registry.names())
    new.add_argument("values", nargs="*", metavar="FIELD=VALUE")
    new.add_argument("--from", dest="source", metavar="FILE.json", help=tr("字段和明细写在 JSON 文件里"))
    change = add("set", tr("修改记录"), "set case XM20261123-001 next_step=上门量房")
    change.add_argument("kind", metavar="KIND", choices=registry.names())
    change.add_argument("id", metavar="ID")
    change.add_argument("values", nargs="*", metavar="FIELD=VALUE")
    change.add_argument("--from", dest="source", metavar="FILE.json", help=tr("字段和明细写在 JSON 文件里"))
    do = add("do", tr("执行一个步骤：提交、通过、退回、发送、签署……"), "do quote BJ20261123-001 approve comment=同意")
    do.add_argument("kind", metavar="KIND", choices=registry.names())
    do.add_argument("id", metavar="ID")
    do.add_argument("action", metavar="ACTION")
    do.add_argument("values", nargs="*", metavar="KEY=VALUE")
    find = add("search", tr("全文搜索：中文片段和拼音首字母"), "search 星辉")
    find.add_argument("text", metavar="TEXT", nargs="+")
    find.add_argument("--limit", type=_positive, default=30, metavar="N", help=tr("最多 N 条，默认 30"))


def _file_commands(add: Add) -> None:
    imports = add("import", tr("导入 Excel、CSV 或光度文件"), "import customers 客户名单.xlsx --dry-run")
    imports.add_argument("what", choices=IMPORTS, metavar="|".join(IMPORTS))
    imports.add_argument("files", nargs="+", metavar="FILE")
    imports.add_argument("--dry-run", action="store_true", help=tr("只预览，不写入"))
    imports.add_argument("--map", metavar="FILE.json", help=tr("列对应：{字段: 列标题}"))
    imports.add_argument("--partial", action="store_true", help=tr("有问题的行跳过，其余导入"))
    imports.add_argument("--rejects", metavar="FILE.xlsx", help=tr("有问题的行写到这里（默认在原文件旁）"))
    report = add("report", tr("生成文件：PDF、Excel"), "report quote BJ20261123-001 --out 报价单.pdf")
    report.add_argument("kind", metavar="KIND", choices=registry.names())
    report.add_argument("id", metavar="ID")
    report.add_argument("--out", required=True, metavar="FILE", help=tr("写到这个文件；类型由扩展名决定"))
    check = add("verify", tr("核对报价单或合同的 PDF：有效、已被改动或已被取代；不需要服务器"), "verify 报价单.pdf")
    check.add_argument("file", nargs="?", metavar="FILE.pdf")
    check.add_argument("--code", metavar="TEXT", help=tr("核对纸上二维码的内容"))
    lighting = add("lighting", tr("光度文件与照度计算"), "lighting lux scene.json")
    lighting.add_argument("what", choices=LIGHTING, metavar="|".join(LIGHTING))
    lighting.add_argument("file", metavar="FILE")


def _sync_commands(add: Add) -> None:
    login = add(
        "login",
        tr("登录公司服务器；密码从标准输入读取，须改密码时第二行是新密码"),
        "login https://sync.example.com wangmin",
    )
    login.add_argument("url", metavar="URL")
    login.add_argument("user", metavar="USER")
    login.add_argument("--device", default="", metavar="NAME", help=tr("这台设备的名称"))
    login.add_argument(
        "--ca", type=Path, metavar="FILE", help=tr("为公司服务器作保的 CA 证书（PEM）；不给时用系统信任的")
    )
    sync = add("sync", tr("与服务器同步一次"), "sync --watch")
    sync.add_argument("--watch", action="store_true", help=tr("持续同步，直到 Ctrl+C"))
    sync.add_argument("--confirm-deletes", action="store_true", help=tr("确认服务器要求的大量删除"))
    inbox = add("inbox", tr("收件箱：冲突和被拒绝的修改"), "inbox resolve 3 --take theirs")
    actions = inbox.add_subparsers(dest="action", metavar="list|show|resolve", required=True)
    listing = actions.add_parser("list", help=tr("列出"))
    listing.add_argument("--all", action="store_true", help=tr("列出已处理的"))
    show = actions.add_parser("show", help=tr("显示一项：我的、对方、原来"))
    resolve = actions.add_parser("resolve", help=tr("处理一项"))
    for one in (show, resolve):
        one.add_argument("id", type=int, metavar="ID")
    resolve.add_argument(
        "--take", required=True, metavar="theirs|mine|drop|asked", help=tr("采用对方、采用我的、放弃、已询问")
    )
    resolve.add_argument("--field", action="append", default=[], metavar="FIELD", help=tr("只采用这些字段，可多次给出"))
    resolve.add_argument("--whole-commit", action="store_true", help=tr("同一次修改的各项一起处理"))
    for one in (listing, show, resolve):
        _globals(one, top=False)


def _positive(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 100_000:
        raise argparse.ArgumentTypeError("1…100000")
    return value
