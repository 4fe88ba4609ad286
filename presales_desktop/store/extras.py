"""What the schema needs beyond tables: the full-text index and triggers that keep append-only tables append-only."""

from __future__ import annotations

from presales_desktop.models.journal import APPEND_ONLY_TABLES

SEARCH_TABLE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_gram USING fts5"
    "(grams, content='', contentless_delete=1, detail=none, tokenize='unicode61')"
)


def statements() -> tuple[str, ...]:
    """SQL (SQLite) to run once after the tables exist."""
    made = [SEARCH_TABLE]
    for table in APPEND_ONLY_TABLES:
        made += [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'append_only'); END",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'append_only'); END",
        ]
    # What was submitted is frozen: its content can never be set again (I3).
    made += [
        f"CREATE TRIGGER IF NOT EXISTS {table}_frozen BEFORE UPDATE OF frozen, content_hash ON {table} "
        "WHEN OLD.frozen <> '' AND (NEW.frozen <> OLD.frozen OR NEW.content_hash <> OLD.content_hash) "
        "BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        for table in ("quote", "contract", "design", "survey_report")
    ]
    # Its lines and the costs it was judged by stay as they are, too.
    made += [
        f"CREATE TRIGGER IF NOT EXISTS {table}_frozen_{event.lower()} BEFORE {event} ON {table} "
        "WHEN (SELECT frozen FROM quote WHERE id = OLD.quote_id) <> '' "
        "BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        for table in ("quote_line", "quote_line_cost")
        for event in ("UPDATE", "DELETE")
    ]
    made += [
        f"CREATE TRIGGER IF NOT EXISTS contract_clause_frozen_{event.lower()} BEFORE {event} ON contract_clause "
        "WHEN (SELECT frozen FROM contract WHERE id = OLD.contract_id) <> '' "
        "BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        for event in ("UPDATE", "DELETE")
    ]
    return tuple(made)
