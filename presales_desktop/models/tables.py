"""Importing this module loads every record: migrations, the server and tests need the whole metadata."""

from presales_desktop.models import (
    attachments,
    cases,
    catalogue,
    company,
    contracts,
    credit,
    customers,
    delegations,
    designs,
    journal,
    local,
    prices,
    quotes,
    surveys,
    users,
)
from presales_desktop.models.base import Base
from sync.client.blob_tables import blob_table
from sync.client.tables import client_tables

METADATA = Base.metadata
# What a laptop keeps for sync beside its rows; the server has tables of its own.
SYNC = client_tables(METADATA)
SYNC_BLOB = blob_table(METADATA)

__all__ = [
    "METADATA",
    "SYNC",
    "SYNC_BLOB",
    "attachments",
    "cases",
    "catalogue",
    "company",
    "contracts",
    "credit",
    "customers",
    "delegations",
    "designs",
    "journal",
    "local",
    "prices",
    "quotes",
    "surveys",
    "users",
]
