"""The tables rows are written to: the columns of each, in order, as Arrow carries them."""

from typing import Final

import pyarrow as pa

from engine.journal.trade_tables import JOURNALED_DECISIONS, TRADE_TABLES

_TEXT: Final = pa.string()
_JSON: Final = pa.string()
# Decimals travel as text: DuckDB rounds them to their column, which Arrow refuses to.
_DECIMAL: Final = pa.string()
_FLAG: Final = pa.bool_()
_INTEGER: Final = pa.int32()
_LARGE: Final = pa.int64()
_MOMENT: Final = pa.timestamp("us", "UTC")
_DAY: Final = pa.date32()

TABLES: Final = {
    "run_starts": pa.schema(
        [
            ("run_id", _INTEGER),
            ("started_at", _MOMENT),
            ("engine_version", _TEXT),
            ("arguments", _JSON),
            ("assumptions", _JSON),
            ("archives", _JSON),
            ("kind", _TEXT),
            ("name", _TEXT),
        ]
    ),
    "playbook_versions": pa.schema(
        [("run_id", _INTEGER), ("name", _TEXT), ("content_hash", _TEXT), ("file", _TEXT), ("text", _TEXT)]
    ),
    "rulebook_texts": pa.schema([("run_id", _INTEGER), ("rulebook", _TEXT), ("file", _TEXT), ("text", _TEXT)]),
    "decisions": pa.schema(
        [
            ("run_id", _INTEGER),
            ("decision_id", _TEXT),
            ("alert_index", _INTEGER),
            ("playbook", _TEXT),
            ("content_hash", _TEXT),
            ("message_id", _TEXT),
            ("event", _INTEGER),
            ("channel_id", _TEXT),
            ("author_id", _TEXT),
            ("author_name", _TEXT),
            ("posted_at", _MOMENT),
            ("judged_at", _MOMENT),
            ("verdict", _TEXT),
            ("reason", _TEXT),
            ("rule", _TEXT),
            ("detail", _TEXT),
            ("place", _TEXT),
            ("text", _TEXT),
            ("text_after_edit", _FLAG),
            ("nearest", _TEXT),
            ("is_order_shaped", _FLAG),
            ("account", _TEXT),
            ("intent_key", _TEXT),
            ("house_key", _TEXT),
            ("cancels", _JSON),
            ("assumed", _JSON),
            ("embeds", _JSON),
            ("quantity", _LARGE),
            ("unit_cost", _DECIMAL),
            ("cost", _DECIMAL),
            ("size_price", _DECIMAL),
            ("bound_by", _TEXT),
            ("action", _TEXT),
            ("symbol", _TEXT),
            ("asset", _TEXT),
            ("strike", _DECIMAL),
            ("option_right", _TEXT),
            ("expiry", _DAY),
            ("price", _DECIMAL),
            ("structure", _TEXT),
            ("pattern", _TEXT),
            ("outcome", _JSON),
            ("message", _JSON),
            ("facts", _JSON),
        ]
    ),
    "chatter": pa.schema(
        [
            ("run_id", _INTEGER),
            ("playbook", _TEXT),
            ("channel_id", _TEXT),
            ("message_id", _LARGE),
            ("event", _INTEGER),
            ("author_id", _LARGE),
            ("posted_at", _MOMENT),
            ("reason", _TEXT),
        ]
    ),
    "authors": pa.schema([("run_id", _INTEGER), ("author_id", _LARGE), ("name", _TEXT)]),
    "closed_positions": pa.schema(
        [
            ("run_id", _INTEGER),
            ("playbook", _TEXT),
            ("author_id", _TEXT),
            ("symbol", _TEXT),
            ("contract", _TEXT),
            ("opened_by", _TEXT),
            ("opened_at", _MOMENT),
            ("closed_by", _TEXT),
            ("closed_at", _MOMENT),
            ("quantity", _LARGE),
            ("open_price", _DECIMAL),
            ("close_price", _DECIMAL),
            ("profit", _DECIMAL),
            ("is_expired", _FLAG),
            ("is_assumed", _FLAG),
        ]
    ),
    "bad_rows": pa.schema(
        [("run_id", _INTEGER), ("file", _TEXT), ("row_index", _LARGE), ("code", _TEXT), ("reason", _TEXT)]
    ),
    "pattern_hits": pa.schema([("run_id", _INTEGER), ("playbook", _TEXT), ("pattern", _TEXT), ("hits", _LARGE)]),
    "run_ends": pa.schema(
        [
            ("run_id", _INTEGER),
            ("finished_at", _MOMENT),
            ("status", _TEXT),
            ("error", _TEXT),
            ("messages", _LARGE),
            ("unwatched", _LARGE),
            ("bad_rows", _LARGE),
            ("skipped_system", _LARGE),
        ]
    ),
    "dropped_runs": pa.schema(
        [("run_id", _INTEGER), ("dropped_at", _MOMENT), ("rows", _LARGE), ("export", _TEXT), ("sha256", _TEXT)]
    ),
    "journaled_decisions": JOURNALED_DECISIONS,
    **TRADE_TABLES,
}
# What a run is made of beyond the fact that there was one.
ROWS_OF_A_RUN: Final = (
    "playbook_versions",
    "rulebook_texts",
    "decisions",
    "chatter",
    "authors",
    "closed_positions",
    "bad_rows",
    "pattern_hits",
    "journaled_decisions",
)
