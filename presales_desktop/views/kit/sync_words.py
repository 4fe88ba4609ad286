"""How sync stands, in one word, one icon and one colour; the same in the corner and in the sync centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from presales_desktop.texts import lookup, tr
from presales_desktop.texts.syncing import STATES
from presales_desktop.views.kit import format as formats

if TYPE_CHECKING:
    from presales_desktop.services.syncing import SyncStatus

# (icon, tone) by state.
LOOKS: dict[str, tuple[str, str]] = {
    "standalone": ("hard-drive", "faint"),
    "offline": ("cloud-off", "secondary"),
    "waiting": ("arrow-up", "amber"),
    "syncing": ("refresh-cw", "accent"),
    "up_to_date": ("cloud", "good"),
    "needs_you": ("inbox", "amber"),
    "needs_login": ("key-round", "bad"),
}


def short(status: SyncStatus) -> str:
    """For the corner: the word, and the number that matters."""
    word = tr(STATES.get(status.state, status.state))
    if status.state == "needs_you" and status.inbox:
        return tr("{n} 项需要处理", n=status.inbox)
    if status.state == "syncing" and status.total:
        return f"{word} {min(100, status.done * 100 // status.total)}%"
    if status.state in ("waiting", "offline") and status.waiting:
        return tr("{word} · {n} 项待上传", word=word, n=status.waiting)
    return word


def sentence(status: SyncStatus) -> str:
    """For the sync centre: what that means."""
    said = {
        "standalone": tr("资料只在这台电脑上。"),
        "offline": tr("连不上服务器，照常工作即可。联网后自动同步。"),
        "waiting": tr("有 {n} 项修改等着上传。", n=status.waiting),
        "syncing": tr("正在与服务器交换修改。"),
        "up_to_date": tr("全部修改都在服务器上，同事的修改也都到了。"),
        "needs_you": tr("有 {n} 项需要您决定，其他修改照常同步。", n=status.inbox) if status.inbox else "",
        "needs_login": tr("登录已失效。修改都保存在本机，重新登录后继续同步。"),
    }
    return said.get(status.state, "")


def problem(status: SyncStatus) -> str:
    """The sentence of the last error; "" when there is none, or when nobody answered: being offline is no error."""
    if not status.error_code or status.error_code == "network.offline":
        return ""
    return lookup.sentence(status.error_code, dict(status.error_params or {}))


def last_time(status: SyncStatus) -> str:
    """When the last round went through."""
    if status.last_at is None:
        return tr("还没有同步过")
    return tr("上次同步 {when}", when=formats.ago(status.last_at))
