"""`presales-server`: hands the domain's tables, rules and permissions to sync.server. Needs no Qt (extra: [server])."""

from __future__ import annotations

from presales_desktop.server.main import main

__all__ = ["main"]
