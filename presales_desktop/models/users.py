"""Users: a name, a department, roles and a superior."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record


class User(Record):
    """Somebody who works here. `login` is what `as USER` and a later server take; `name` is what people read."""

    __tablename__ = "user"
    KIND: ClassVar[str] = "user"

    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    department: Mapped[str]
    roles: Mapped[list[str]]
    superior_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)

    def search_entry(self) -> tuple[str, str, str] | None:
        return None
