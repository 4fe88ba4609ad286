"""What an entry of the inbox says, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from presales_desktop.models.fields import Field
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit.form import read_text

if TYPE_CHECKING:
    from presales_desktop.services.syncing import InboxItem, InboxRow

KINDS: dict[str, tuple[str, str]] = {
    "conflict": ("冲突", "amber"),
    "rejected": ("被退回", "bad"),
    "revoked": ("不再开放", "neutral"),
    "quarantine": ("暂存", "neutral"),
}
# (verb, what it does): buttons, in the order in which they stand.
CHOICES: dict[str, tuple[str, str]] = {
    "take_theirs": ("采用对方", "保留服务器上的值，放下我的这次修改。"),
    "reapply_mine": ("重新提交我的", "把勾选的内容作为新的修改再提交一次。"),
    "edit": ("打开修改", "打开这条记录，自己改成两边都对的样子。"),
    "ask_owner": ("问对方", "把一段说明复制到剪贴板，粘贴到微信或邮件里。"),
    "settle": ("知道了", "不再处理，移到已处理。"),
}


def chip(row: InboxRow) -> tuple[str, str]:
    """Word and tone of an entry."""
    word, tone = KINDS.get(row.kind, (row.kind, "neutral"))
    return tr(word), tone


def reason(row: InboxRow) -> str:
    """Why the server sent it back; "" for conflicts."""
    if not row.code or row.kind == "conflict":
        return ""
    return lookup.sentence(row.code, dict(row.params or {}), kind=row.record_kind)


def headline(item: InboxItem) -> str:
    """ "王敏 11-23 10:12 改过，您 11-23 11:03 也改了。" """
    row = item.row
    kind = lookup.kind_noun(row.record_kind)
    if row.kind == "conflict" and item.gone:
        return tr(
            "{who} {then} 删除了这条{kind}，您 {mine} 还在修改它。",
            who=item.theirs_by or tr("同事"), then=moment(item.theirs_at), kind=kind, mine=moment(item.mine_at),
        )  # fmt: skip
    if row.kind == "conflict":
        return tr(
            "{who} {then} 改了这条{kind}，您 {mine} 也改了同样的内容。",
            who=item.theirs_by or tr("同事"), then=moment(item.theirs_at), kind=kind, mine=moment(item.mine_at),
        )  # fmt: skip
    if row.kind == "rejected":
        said = {"create": tr("新建内容"), "delete": tr("删除操作")}.get(item.op, tr("修改内容"))
        return tr("服务器没有接受您（{mine}）的{what}。", mine=moment(item.mine_at), what=said)
    if row.kind == "revoked":
        return tr("这条{kind}不再对您开放，您还没上传的修改保留在这里。", kind=kind)
    return tr("这条{kind}来自更新的程序版本，本机暂时放不下，更新程序后会自动处理。", kind=kind)


def moment(at: Any) -> str:
    """A time inside a sentence."""
    return formats.ago(at) if at is not None else "—"


def value(record_kind: str, name: str, found: Any, fields: dict[str, Field]) -> str:
    """A value as it is read."""
    if found is None or found == "":
        return "—"
    field = fields.get(name)
    if isinstance(found, bool):
        return tr("是") if found else tr("否")
    if field is not None and not isinstance(found, UUID):
        try:
            return read_text(record_kind, field, found) or "—"
        except (TypeError, ValueError, AttributeError, ArithmeticError):
            return str(found)  # a value of a newer program: shown as it came
    return str(found)


def message(item: InboxItem, fields: dict[str, Field], me: str) -> str:
    """A ready sentence for the owner, with what is at stake."""
    row = item.row
    lines = [
        tr(
            "{who}，您好：{kind}“{title}”我们两人都改了，请帮忙确认以哪个为准。",
            who=item.theirs_by or tr("同事"), kind=lookup.kind_title(row.record_kind), title=row.title,
        )
        if row.kind == "conflict"
        else tr("您好：我对{kind}“{title}”的修改没有生效：{why}", kind=lookup.kind_title(row.record_kind), title=row.title, why=reason(row))
    ]  # fmt: skip
    for each in item.fields[:12]:
        label = lookup.label(row.record_kind, each.name)
        mine = value(row.record_kind, each.name, each.mine, fields)
        theirs = value(row.record_kind, each.name, each.theirs, fields)
        lines.append(tr("· {label}：我的 {mine}，您的 {theirs}", label=label, mine=mine, theirs=theirs))
    lines.append(tr("—— {me}", me=me))
    return "\n".join(lines)
