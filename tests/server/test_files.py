"""A file that is whole on the server is told to every laptop by one row, however often somebody asks."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presales_desktop.models.attachments import FileReceipt, receipt_id
from presales_desktop.server.domain import TYPED_PART
from presales_desktop.server.house import House
from sync.server.database import Database

DATA = b"a plan of the hall"


def test_one_receipt_however_often_it_is_asked_for(tmp_path: Path) -> None:
    house = House(Database.open(None, tmp_path, (TYPED_PART,)), tmp_path)
    try:
        house.add_organisation("acme", "Acme", bytes(32))
        sha256 = hashlib.sha256(DATA).digest()
        blobs = house.blobs("acme")
        blobs.begin(sha256, len(DATA))
        blobs.put(sha256, 0, DATA, sha256)
        assert blobs.complete(sha256)
        visitor: Any = SimpleNamespace(organisation="acme")
        for _ in range(3):
            house.verified(visitor, sha256, len(DATA))
        with Session(house.organisation("acme").engine) as session:
            rows = session.scalars(select(FileReceipt)).all()
            assert [(r.id, r.sha256, r.size) for r in rows] == [(receipt_id(sha256.hex()), sha256.hex(), len(DATA))]
    finally:
        house.close()
