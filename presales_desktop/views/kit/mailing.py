"""An e-mail draft in the person's own mail program: nothing is sent by us, no password is kept."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from presales_desktop.services.saving import replace_file
from presales_desktop.texts import tr
from presales_desktop.views.kit import dialogs


async def open_mail(page: Any, name: str, data: bytes) -> None:
    """Ask where the draft (an .eml called NAME) may stand, write it, and open it in the mail program. PAGE is a widget with a `ctx`."""
    path = await dialogs.choose_save(page, tr("保存邮件草稿"), name, [tr("邮件 (*.eml)")])
    if path is None:
        return
    await page.ctx.pool.run(replace_file, path, data)
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        page.ctx.nav.toast(tr("没有找到邮件程序：草稿已保存为 {name}，请用邮件程序打开。", name=path.name))
