"""Where a connected workspace keeps its device key and its refresh token: the OS keyring, or the encrypted database without one.

Implements sync.client.session.SecretStore.
"""

from __future__ import annotations

import contextlib

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from presales_desktop.models.local import Meta
from presales_desktop.store import keys
from presales_desktop.store.workspace import Workspace

_PREFIX = "secret."


class KeyringSecrets:
    """Secrets of one workspace in the OS keyring."""

    def __init__(self, workspace_id: str) -> None:
        self._service = f"{keys.SERVICE}:{workspace_id}"

    def get(self, name: str) -> str | None:
        """The secret, None when there is none."""
        import keyring

        return keyring.get_password(self._service, name) or None

    def set(self, name: str, value: str) -> None:
        """Keep it; "" removes it."""
        import keyring
        from keyring.errors import PasswordDeleteError

        if value:
            keyring.set_password(self._service, name, value)
            return
        with contextlib.suppress(PasswordDeleteError):  # there was none
            keyring.delete_password(self._service, name)


class DatabaseSecrets:
    """Secrets in the workspace's own encrypted database: what opens it is a passphrase that only a person knows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> str | None:
        """The secret, None when there is none."""
        with Session(self._engine) as session:
            found = session.scalar(select(Meta.value).where(Meta.key == _PREFIX + name))
        return str(found["value"]) if found else None

    def set(self, name: str, value: str) -> None:
        """Keep it; "" removes it."""
        with Session(self._engine) as session:
            session.execute(delete(Meta).where(Meta.key == _PREFIX + name))
            if value:
                session.add(Meta(key=_PREFIX + name, value={"value": value}))
            session.commit()


def secrets_of(workspace: Workspace) -> KeyringSecrets | DatabaseSecrets:
    """The store that fits how the workspace itself is locked."""
    if workspace.header.key_source == "keyring":
        return KeyringSecrets(workspace.header.id)
    return DatabaseSecrets(workspace.engine)
