"""Importing this module loads every record: migrations, the server and tests need the whole metadata."""

from presales_desktop.models import (
    attachments,
    cases,
    catalogue,
    contracts,
    customers,
    designs,
    journal,
    local,
    quotes,
    surveys,
    users,
)
from presales_desktop.models.base import Base

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "attachments",
    "cases",
    "catalogue",
    "contracts",
    "customers",
    "designs",
    "journal",
    "local",
    "quotes",
    "surveys",
    "users",
]
