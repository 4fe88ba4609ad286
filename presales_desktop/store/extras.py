"""What the schema needs beyond tables: the full-text index and triggers that keep append-only tables append-only."""

from __future__ import annotations

from presales_desktop.models.journal import APPEND_ONLY_TABLES
from sync.client.tables import APPLYING

SEARCH_TABLE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_gram USING fts5"
    "(grams, content='', contentless_delete=1, detail=none, tokenize='unicode61')"
)

# The replica of sync writes what the server decided: while it does, within its own transaction, it raises this flag.
_PERSON = f"NOT EXISTS (SELECT 1 FROM sync_meta WHERE key = '{APPLYING}')"


def statements() -> tuple[str, ...]:
    """SQL (SQLite) to run once after the tables exist."""
    made = [SEARCH_TABLE]
    for table in APPEND_ONLY_TABLES:
        made += [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
            f"WHEN {_PERSON} BEGIN SELECT RAISE(ABORT, 'append_only'); END",
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} "
            f"WHEN {_PERSON} BEGIN SELECT RAISE(ABORT, 'append_only'); END",
        ]
    # What was submitted is frozen: its content can never be set again (I3).
    made += [
        f"CREATE TRIGGER IF NOT EXISTS {table}_frozen BEFORE UPDATE OF frozen, content_hash ON {table} "
        "WHEN OLD.frozen <> '' AND (NEW.frozen <> OLD.frozen OR NEW.content_hash <> OLD.content_hash) "
        f"AND {_PERSON} BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        for table in ("quote", "contract", "design", "survey_report")
    ]
    # Its lines and the costs it was judged by stay as they are, too.
    made += [
        f"CREATE TRIGGER IF NOT EXISTS {table}_frozen_{event.lower()} BEFORE {event} ON {table} "
        "WHEN (SELECT frozen FROM quote WHERE id = OLD.quote_id) <> '' "
        f"AND {_PERSON} BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        for table in ("quote_line", "quote_line_cost")
        for event in ("UPDATE", "DELETE")
    ]
    made += [
        f"CREATE TRIGGER IF NOT EXISTS contract_clause_frozen_{event.lower()} BEFORE {event} ON contract_clause "
        "WHEN (SELECT frozen FROM contract WHERE id = OLD.contract_id) <> '' "
        f"AND {_PERSON} BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        for event in ("UPDATE", "DELETE")
    ]
    # Of a step of the plan only the day on which it came is filled in later.
    made += [
        f"CREATE TRIGGER IF NOT EXISTS contract_step_frozen_{event.split()[0].lower()} BEFORE {event} ON contract_step "
        "WHEN (SELECT frozen FROM contract WHERE id = OLD.contract_id) <> '' "
        f"AND {_PERSON} BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        for event in ("UPDATE OF kind, title, amount_fen, base, days, due_on, note, sort", "DELETE")
    ]
    return tuple(made)
