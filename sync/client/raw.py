"""Statements straight to SQLite's driver: a save is a dozen small ones, and SQLAlchemy's result objects cost more than the statements.

The connection's transaction must have begun (or be of no matter: a look). Errors are SQLAlchemy's, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run(connection: Connection, sql: str, given: Sequence[Any] = ()) -> Any:
    """The driver's cursor (or a result that reads like one) after SQL. GIVEN: a tuple of values, or a list of such tuples: once for each."""
    # Somebody wants to see every statement, or to cut the power at one.
    if connection._has_events or connection.engine._has_events:  # noqa: SLF001 - SQLAlchemy has no public word for it
        return connection.exec_driver_sql(sql, given)
    driver: Any = connection.connection.driver_connection
    try:
        if isinstance(given, list):
            return driver.executemany(sql, given)
        return driver.execute(sql, given)
    except driver.Error as error:
        raise DBAPIError.instance(sql, None, error, driver.Error, dialect=connection.dialect) from error


def scalar(connection: Connection, sql: str, given: Sequence[Any] = ()) -> Any:
    """The first column of the first row; None without a row."""
    row = run(connection, sql, given).fetchone()
    return None if row is None else row[0]
