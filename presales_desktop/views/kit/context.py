"""What every page is given: nothing is global."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.models.permissions import Actor, Ownership, Verdict, may
from presales_desktop.settings import DeviceSettings
from presales_desktop.views.kit.db import ChangeBus, Db
from presales_desktop.views.kit.jobs import Pool

if TYPE_CHECKING:
    from presales_desktop.views.kit.sync_desk import SyncDesk


class Navigation(Protocol):
    """Features meet here: they never import each other."""

    def open(self, kind: str, record_id: UUID, parts: Sequence[UUID] = ()) -> None:
        """Open the editor of a record ("quote", id), led to PARTS of it where its page can show them (`show_parts(ids)`)."""

    def new(self, kind: str, **initial: Any) -> None:
        """Open an empty editor, with INITIAL handed to its factory (case_id=…, design_id=…)."""

    def list(self, key: str, **filters: str) -> None:
        """Show a feature's list page ("customers"), optionally filtered."""

    def toast(self, text: str, *, tone: str = "neutral", action: tuple[str, Callable[[], None]] | None = None) -> None:
        """A short message at the bottom: tone "neutral", "good" or "bad"; ACTION (label, function), e.g. 撤销."""

    def show_error(self, error: BaseException, page: QWidget | None = None) -> None:
        """The one presenter of errors: a bar in PAGE (or in the current page), the crash dialog for bugs."""


@dataclass
class ViewContext:
    """Database, threads, navigation, settings, the acting user, and the link to the server."""

    db: Db
    pool: Pool
    bus: ChangeBus
    nav: Navigation
    settings: DeviceSettings
    actor: Actor
    sync: SyncDesk | None = None  # None: this workspace is connected to no server

    def may(self, right: str, of: Ownership | None = None) -> Verdict:
        """Whether the acting user has RIGHT: for greying out; services decide."""
        return may(self.actor, right, of)
