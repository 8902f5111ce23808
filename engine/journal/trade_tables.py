"""The tables of trading: the columns of each, in order, as Arrow carries them (see `tables`)."""

from typing import Final

import pyarrow as pa

_TEXT: Final = pa.string()
_JSON: Final = pa.string()
_DECIMAL: Final = pa.string()
_FLAG: Final = pa.bool_()
_INTEGER: Final = pa.int32()
_LARGE: Final = pa.int64()
_MOMENT: Final = pa.timestamp("us", "UTC")
_ENTRY: Final = (("run_id", _INTEGER), ("seq", _LARGE), ("written_at", _MOMENT))
_SLOT: Final = (
    ("account", _TEXT),
    ("slot_id", _TEXT),
    ("client_id", _TEXT),
    ("intent_id", _TEXT),
    ("role", _TEXT),
)

JOURNALED_DECISIONS: Final = pa.schema(
    [*_ENTRY, ("decision_id", _TEXT), ("message_id", _TEXT), ("event", _INTEGER)],
)
TRADE_TABLES: Final = {
    "intents": pa.schema(
        [
            *_ENTRY,
            ("intent_id", _TEXT),
            ("intent_key", _TEXT),
            ("decision_id", _TEXT),
            ("alert_index", _INTEGER),
            ("playbook", _TEXT),
            ("content_hash", _TEXT),
            ("stage", _TEXT),
            ("message_id", _TEXT),
            ("event", _INTEGER),
            ("channel_id", _TEXT),
            ("author_id", _TEXT),
            ("account", _TEXT),
            ("is_opening", _FLAG),
            ("contract", _TEXT),
            ("legs", _JSON),
            ("units", _LARGE),
            ("price", _DECIMAL),
            ("effect", _TEXT),
            ("alert_price", _DECIMAL),
            ("risk", _DECIMAL),
            ("decided_at", _MOMENT),
            ("good_until", _MOMENT),
        ]
    ),
    "flow_events": pa.schema(
        [
            *_ENTRY,
            ("intent_id", _TEXT),
            ("event", _TEXT),
            ("code", _TEXT),
            ("by_whom", _TEXT),
            ("why", _TEXT),
            ("body", _JSON),
        ]
    ),
    "checks": pa.schema(
        [
            *_ENTRY,
            ("intent_id", _TEXT),
            ("check_index", _INTEGER),
            ("name", _TEXT),
            ("status", _TEXT),
            ("blocks", _FLAG),
            ("code", _TEXT),
            ("detail", _TEXT),
        ]
    ),
    "orders": pa.schema(
        [
            *_ENTRY,
            *_SLOT,
            ("purpose", _TEXT),
            ("units", _LARGE),
            ("slot_units", _LARGE),
            ("contract", _TEXT),
            ("legs", _JSON),
            ("order_type", _TEXT),
            ("time_in_force", _TEXT),
            ("price", _DECIMAL),
            ("effect", _TEXT),
            ("stop_trigger", _DECIMAL),
            ("refusal", _TEXT),
            ("body", _JSON),
        ]
    ),
    "order_events": pa.schema(
        [
            *_ENTRY,
            *_SLOT,
            ("event", _TEXT),
            ("order_id", _TEXT),
            ("broker_status", _TEXT),
            ("price", _DECIMAL),
            ("state", _TEXT),
            ("filled", _LARGE),
            ("could_fill", _LARGE),
            ("is_whole", _FLAG),
            ("why", _TEXT),
            ("anomaly", _TEXT),
            ("alarms", _TEXT),
            ("body", _JSON),
        ]
    ),
    "fills": pa.schema(
        [
            *_ENTRY,
            *_SLOT,
            ("order_id", _TEXT),
            ("fill_id", _TEXT),
            ("symbol", _TEXT),
            ("action", _TEXT),
            ("quantity", _LARGE),
            ("price", _DECIMAL),
            ("filled_at", _MOMENT),
        ]
    ),
    "test_results": pa.schema(
        [
            *_ENTRY,
            ("intent_id", _TEXT),
            ("role", _TEXT),
            ("slot_id", _TEXT),
            ("playbook", _TEXT),
            ("content_hash", _TEXT),
            ("stage", _TEXT),
            ("contract", _TEXT),
            ("verdict", _TEXT),
            ("codes", _JSON),
            ("why", _TEXT),
            ("took_ms", _LARGE),
            ("day", pa.date32()),
        ]
    ),
    "stage_changes": pa.schema(
        [
            *_ENTRY,
            ("playbook", _TEXT),
            ("content_hash", _TEXT),
            ("stage", _TEXT),
            ("by_whom", _TEXT),
            ("why", _TEXT),
            ("engine", _TEXT),
            ("openings", _LARGE),
            ("evidence", _JSON),
        ]
    ),
    "control_actions": pa.schema(
        [
            *_ENTRY,
            ("kind", _TEXT),
            ("what", _TEXT),
            ("by_whom", _TEXT),
            ("why", _TEXT),
            ("body", _JSON),
        ]
    ),
    "account_events": pa.schema(
        [
            *_ENTRY,
            ("account", _TEXT),
            ("fact", _TEXT),
            ("symbol", _TEXT),
            ("detail", _TEXT),
            ("holding", _JSON),
            ("booking", _JSON),
        ]
    ),
}
"""They are of the whole journal, whose orders live longer than a run: dropping a run leaves them as they are."""
