"""What every error code means, and what to do about it: the source of docs/errors.md."""

from collections.abc import Mapping
from typing import Final

from engine.app.error_codes_of_trading import OF_BROKER, OF_CONTROL, OF_STAGES

OF_YAML: Final[Mapping[str, tuple[str, str]]] = {
    "alias_not_allowed": ("The file uses an anchor, an alias or a merge key.", "Write the value out where it is used."),
    "bad_indentation": ("A line begins where no key above it does.", "Indent it like the line it belongs to."),
    "duplicate_key": ("A key stands twice in one place.", "Keep one of them."),
    "empty_file": ("There is nothing in the file.", "Begin with `signalbook new NAME`."),
    "file_too_large": ("The file is larger than any playbook can be.", "Split it, or check that it is the right file."),
    "not_a_key": ("What stands before the colon cannot be a key.", "Write a plain name."),
    "not_utf8": ("The file is not UTF-8 text.", "Save it as UTF-8 in your editor."),
    "several_documents": ("A second document begins in the file.", "Write one file for each."),
    "split_by_comma": ("A comma inside `{ }` or `[ ]` splits a number in two.", 'Quote the number: `"$5,000"`.'),
    "tab_indentation": ("A tab indents a line.", "Use spaces."),
    "too_deep": ("Values are nested deeper than the language ever needs.", "Look for a bracket that is never closed."),
    "unreadable_file": ("The file cannot be read.", "Check the path, and who may read it."),
    "unreadable_folder": ("The folder is not there or cannot be read.", "Check the path."),
    "no_playbooks": ("The folder holds no playbook.", "Check the path, or begin with `signalbook new NAME`."),
    "yaml_syntax": ("The text is not YAML.", "Look at the caret: most often a quote, a bracket or a colon."),
    "yaml_tag": ("The file uses a YAML tag (`!…`).", "Quote the text if it begins with an exclamation mark."),
}

OF_SHAPE: Final[Mapping[str, tuple[str, str]]] = {
    "bad_amount": ("Neither a price nor a percentage.", 'Write `"$0.10"` or `10%`.'),
    "bad_color": ("Not a colour.", 'Write six hexadecimal digits in quotes: `"#19C2FF"`.'),
    "bad_date": ("Not a date, or a day there is none.", "Write `2026-11-27`."),
    "bad_duration": ("Not a duration in the range allowed here.", "Write `30s`, `10m`, `2h` or `1d`."),
    "bad_fraction": ("Not a fraction.", "Write `1/2`."),
    "bad_moment": (
        "Not a date, a time and a time zone, or a time there is none.",
        "Write `2026-11-24 10:05 America/New_York`.",
    ),
    "bad_money": ("Not an amount of dollars.", 'Write `"$5,000"`.'),
    "bad_name": ("Not a name.", "Use small letters, digits, `-` and `_`."),
    "bad_number": ("Not a number of the kind needed here.", "See what the message expects."),
    "bad_percent": ("Not a percentage, or outside its range.", "Write the sign: `2%`."),
    "bad_range": ("Not a range.", "Write `0..7`, the smaller number first."),
    "bad_snowflake": ("Not a Discord id.", "Copy it in Discord with developer mode on, and keep the quotes."),
    "bad_symbol": ("Not a symbol.", "Write it in capitals; futures with their slash."),
    "bad_time": ("Not a time of day.", "Write `9:30`."),
    "bad_time_zone": ("Not a time zone.", "Write its full name: `America/New_York`."),
    "conflicting_keys": ("Keys that exclude each other stand together.", "Keep one of them."),
    "missing_key": ("A key that is needed is missing.", "Add it."),
    "not_a_choice": ("Not one of the words allowed here.", "Take one of those the message lists."),
    "out_of_range": ("Too small or too large.", "See the limits in the message."),
    "repeated_item": ("A list holds the same item twice.", "Remove one."),
    "retired_key": ("A key of an earlier version of the language.", "Write the new key the message names."),
    "secret_in_file": (
        "A secret seems to stand in the file.",
        "Name the environment variable instead, and change the secret.",
    ),
    "too_few": ("There is nothing, or too little, in it.", "Add what is missing, or remove the key."),
    "too_many": ("There is too much in it.", "Remove some."),
    "unknown_key": ("A key the language does not have here.", "See the nearest one, and docs/language.md."),
    "wrong_type": (
        "A value of the wrong kind: a list for a text, a text for a number.",
        "See what the message expects.",
    ),
}

OF_READING: Final[Mapping[str, tuple[str, str]]] = {
    "bad_constant": ("A pattern sets a field to what it cannot be.", "Take one of the values the message names."),
    "bad_regex": ("A regular expression does not compile.", "Look at the caret; mind the quotes."),
    "bad_template": ("A template is not well formed.", "Close every `{`, and write a lone brace twice."),
    "broken_library": ("A library in use has errors of its own.", "Mend the library first."),
    "duplicate_pattern": ("Two patterns have one name.", "Rename one."),
    "empty_pattern": ("A pattern matches a text with nothing in it.", "Make at least one piece required."),
    "empty_template": ("A template says nothing.", "Write it, or remove the key."),
    "library_clash": (
        "Two libraries have one name and say different things.",
        "Delete yours if it is an older copy of a shipped one; else rename it.",
    ),
    "missing_rank": (
        "The legs of a structure skip a strike.",
        "Number the strikes from 1, lowest first, without a gap.",
    ),
    "never_and_also": ("A symbol is never a ticker and also one.", "Remove it from one of the two lists."),
    "no_action": ("A pattern never says what to do.", "Read `{action}`, or set it with `set: {action: BTO}`."),
    "no_patterns": ("Nothing can be read.", "Add patterns, or `use` a library."),
    "re2_unsupported": ("RE2 has no look-around and no back-references.", "Write it without them."),
    "reserved_code": ("A rule has a code of the engine's own.", "Choose another code."),
    "unknown_field": ("A field the reader does not have.", "See the nearest one, and docs/language.md."),
    "unknown_library": ("There is no such library.", "See the nearest name."),
    "unknown_structure": ("There is no such structure.", "See the nearest name."),
    "unreachable_pattern": ("A pattern reads a text that is not read.", "Add the text to `listen.read_from`."),
    "wide_gap": ("A gap so wide makes every message slow to match.", "Name what stands between, or narrow the gap."),
    "word_clash": ("One spelling has two meanings.", "Remove it from one of them."),
}

OF_RULES: Final[Mapping[str, tuple[str, str]]] = {
    "bad_expression": ("The condition is not well formed.", "See docs/language.md, Conditions."),
    "constant_condition": ("The condition always has the same answer.", "Ask about the alert, or remove it."),
    "never_equal": ("Two things are compared that can never be equal.", "See what the message expects."),
    "not_a_condition": ("The expression is no question.", "Compare it with something."),
    "not_allowed": (
        "The language of conditions and templates does not have this.",
        "Say it with what it has; see docs/language.md.",
    ),
    "unknown_filter": ("There is no such filter here.", "See the nearest name."),
    "unknown_name": ("There is no such name here.", "See the nearest name."),
}

OF_MEANING: Final[Mapping[str, tuple[str, str]]] = {
    "allowed_and_denied": ("A symbol is allowed and denied.", "Remove it from one of the two lists."),
    "breaks_own_cap": ("A ladder goes further than it allows itself.", "Lower the rung, or widen `never_beyond`."),
    "cannot_log_in": ("An account names too little to log in with.", "Name the environment variables."),
    "closes_age_sooner": ("Closes would be too late before openings are.", "Give closes at least as long."),
    "closes_too_much": ("The targets close more than the position.", "Let them add up to 100% at most."),
    "duplicate_account": ("Two accounts take their number from one variable.", "Check which is which."),
    "duplicate_author": ("Two authors have one name.", "Rename one."),
    "duplicate_channel": ("Two channels have one name.", "Rename one."),
    "duplicate_person": ("Two people have one Discord id.", "Keep one of them."),
    "duplicate_playbook": ("Two files have one playbook name; neither goes live.", "Rename one."),
    "empty_session": ("The day of trading ends before it begins.", "Check the two times."),
    "example_failed": ("An example gives something else than it says.", "Run `signalbook explain` on its text."),
    "flat_path": ("The path of a ladder begins where it ends.", "Choose two different prices."),
    "flatten_too_slow": ("A position could not be flat before the close.", "Begin earlier, or use a faster ladder."),
    "ladder_outlives_budget": ("The rungs take longer than the ladder may.", "Shorten them, or raise `budget.time`."),
    "may_not_approve": ("Somebody named to approve may not.", "Give them the permission in desk.yaml."),
    "needs_allow_market": ("The end of the ladder needs a permission.", "Write `allow_market: yes`, if you mean it."),
    "no_desk": ("The playbook needs a desk, and there is none that loads.", "Write desk.yaml beside it, or mend it."),
    "no_expiry": ("No expiry is left.", "Check the smallest and largest number of days."),
    "no_first_target": ("The stop waits for a target that is not there.", "Write targets, or remove the key."),
    "no_symbol": ("No symbol is left.", "Check what is allowed and denied."),
    "nobody_approves": (
        "Nobody but the author could approve.",
        "Name another person; an author never approves his own.",
    ),
    "placeholder_id": (
        "An id is the placeholder of a starter or an example.",
        "Copy the real one in Discord; it is a warning until then.",
    ),
    "nobody_may_open": ("No author may open.", "Nothing, if it is meant: the playbook only closes."),
    "outlives_alert": ("A wait is longer than the alert is good for.", "Shorten it, or raise `good_for`."),
    "over_house_limit": (
        "The playbook asks for more than the desk allows.",
        "Lower it, or have the desk's limit changed.",
    ),
    "production_untested": ("Orders would reach production without a sandbox.", "Add a sandbox stage."),
    "rest_not_last": ("Targets come after the one that closes the rest.", "Make it the last."),
    "rung_beyond_path": ("A rung goes beyond the end of its path.", "Lower it, or move the end."),
    "rungs_go_back": ("A rung offers less than the one before.", "Order them."),
    "second_desk": ("There are two desks.", "Keep one."),
    "size_unbounded": ("Nothing bounds what an opening may use.", "Write a percentage, or `at_most`."),
    "targets_not_rising": ("A target lies below the one before.", "Order them."),
    "too_many_messages": (
        "One order would send more messages a minute than the account may.",
        "Hold rungs longer, or use fewer.",
    ),
    "too_many_replaces": (
        "The rungs change the price more often than the budget allows.",
        "Use fewer, or raise `budget.replaces`.",
    ),
    "undefined_risk": ("A kind without a limit to its loss is allowed, though that risk never is.", "Remove the kind."),
    "unknown_account": ("There is no such account in the desk.", "See the nearest name."),
    "unknown_answer": (
        "An example answers an earlier message that is not there.",
        "Count from 1, the first of `earlier`.",
    ),
    "unknown_author": ("There is no such author.", "See the nearest name."),
    "unknown_code": ("There is no such refusal.", "See docs/reasons.md and the playbook's own codes."),
    "unknown_ladder": ("There is no such ladder.", "See the nearest name."),
    "unknown_playbook": ("Expectations name a playbook there is not.", "See the nearest name."),
    "unknown_person": ("There is no such person.", "See the nearest name."),
    "unknown_tag": ("There is no such size tag.", "Add its words under `read.words.size`."),
    "unreachable_default": ("What a default fills in is always refused.", "Change the default, or the limit."),
    "unreachable_size": ("A size is written for a symbol that is refused.", "Remove one of the two."),
    "unreachable_stop": ("A source of the stop can never be used.", "Put it before the one that is always there."),
    "unused_ladder": ("Nothing uses a ladder.", "Nothing; it is a warning."),
    "wrong_account_kind": (
        "A sandbox account stands where a production one belongs, or the other way round.",
        "Name the other.",
    ),
}

OF_ARCHIVES: Final[Mapping[str, tuple[str, str]]] = {
    "archive_bad_gzip": ("The file is not whole gzip.", "Copy or export it again."),
    "archive_bad_zstd": ("The file is not whole Zstandard.", "Copy or export it again."),
    "archive_empty": ("There is nothing in the file.", "Export it again."),
    "archive_no_room": (
        "There is no room for what a replay keeps of its archives while it reads them.",
        "Make room in the temporary folder, or set `TMPDIR`.",
    ),
    "archive_not_csv": ("The file is not CSV as DiscordChatExporter writes it.", "Export it again."),
    "archive_not_found": ("There is no such file or folder, or no archive in it.", "Check the path."),
    "archive_exists": ("A Parquet archive is there already.", "Name another place, or remove it first."),
    "archive_not_parquet": ("The file is not whole Parquet.", "Convert the export again."),
    "archive_not_json": ("The file is not JSON.", "Export it again."),
    "archive_not_utf8": ("The file is not UTF-8 text.", "Export it again."),
    "archive_part_missing": ("A part of a split export is missing.", "Put it beside the others."),
    "archive_truncated": ("The file ends too soon.", "Copy or export it again."),
    "archive_twice": ("One archive is named in two forms.", "Name one of them."),
    "archive_unreadable": ("The file cannot be read.", "Check who may read it."),
    "archive_unwritable": ("A Parquet archive cannot be written.", "Check the folder, and the room left."),
    "archive_wrong_shape": (
        "The file is JSON or CSV, but no export of a channel.",
        "Name a DiscordChatExporter export.",
    ),
}

OF_STORE: Final[Mapping[str, tuple[str, str]]] = {
    "export_differs": ("An exported file does not hold what was to be in it.", "Check the disk, and export again."),
    "run_not_found": ("There is no such run, or none that finished.", "Take one of those the message lists."),
    "run_without_facts": ("The run is of a version that did not log facts.", "Replay the archives again."),
    "store_busy": ("Another program has the file open.", "Wait for it or end it; one program at a time can write."),
    "store_damaged": ("The file is damaged.", "Move it away, and replay into a new one."),
    "store_disk_full": ("The disk is full.", "Make room and run it again."),
    "store_failed": ("DuckDB refused, for the reason it gives.", "Name another file."),
    "store_foreign": ("The file is a DuckDB file of something else.", "Name another file."),
    "store_gone": ("The file was removed or replaced during the run.", "Run it again, and leave the file alone."),
    "store_not_duckdb": ("The file is no DuckDB file.", "Name another file."),
    "store_not_of_journal": (
        "The file was made of another journal, or of more of it than there is.",
        "Make it anew: `signalbook journal rebuild`.",
    ),
    "store_not_found": ("There is no such file.", "Replay or trade first, or check the path."),
    "store_too_new": ("A newer version wrote the file.", "Open it with that version."),
    "store_too_old": (
        "An older version wrote the file, and it is only to be read.",
        "Replay into it once, or use that version.",
    ),
    "store_unwritable": ("The file or its folder cannot be written.", "Choose another place."),
}

OF_JOURNAL: Final[Mapping[str, tuple[str, str]]] = {
    "journal_busy": ("Another process writes the journal.", "Wait for it or end it; one process at a time can write."),
    "journal_damaged": (
        "The journal is damaged where it was whole before, or entries of it are gone.",
        "Run `signalbook journal verify`; restore the folder, or move it away and begin a new one.",
    ),
    "journal_unusable": (
        "Trading goes on without a journal it can write to: openings are refused, cancels still go out.",
        "Make room or mend the disk, and start again; what is in doubt is looked up then.",
    ),
    "journal_fsync_failed": (
        "The disk did not take what was written.",
        "Check the disk, then start again; nothing is written until then.",
    ),
    "journal_full": (
        "There is no room for the journal: openings stop, the reserve is for what closes and cancels.",
        "Make room, then start again.",
    ),
    "journal_not_found": ("There is no journal in the folder.", "Trade or feed first, or check the path."),
    "journal_too_new": ("A newer version wrote the journal.", "Use that version, or a newer one."),
    "journal_unwritable": ("The journal cannot be read or written.", "See the reason; check who may use the folder."),
}

OF_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "bad_line": ("A line of `parse --jsonl` is no object with text and at.", "Look at the line with the same number."),
    "bad_setting": ("An environment variable cannot be used.", "Correct or unset it."),
    "cannot_write": ("A file cannot be written.", "Check the folder."),
    "decision_not_found": ("The run holds no such message or decision.", "List them with `signalbook decisions`."),
    "feed_differs": (
        "The run was begun with other archives or other assumptions.",
        "Name another run, or begin this one anew with `--restart`.",
    ),
    "file_exists": ("The file is there already.", "Choose another name."),
    "home_not_found": (
        "The folder a command is to look into is not there; nothing was made.",
        "Name the folder the desk trades in with `--home` or `SIGNALBOOK_HOME`.",
    ),
    "mixed_brokers": (
        "Some accounts of the desk are at tastytrade and some at the local exchange.",
        "Set `SIGNALBOOK_BROKER=paper`, or take `broker: paper` out of the desk.",
    ),
    "no_credentials": (
        "A variable an account takes its number or secrets from is missing or odd.",
        "Fill it in as `.env.example` says.",
    ),
    "not_a_playbook": ("The file is a desk, a library or something else.", "Name the file of a playbook."),
    "playbook_error": ("Playbooks have errors; they are listed above it.", "Mend them, or name a single playbook."),
    "playbook_not_found": ("There is no playbook of that name.", "Take one of those the message lists."),
    "not_in_run": ("The run holds nothing of that playbook or author.", "Take one of those the message lists."),
    "production_off": (
        "`SIGNALBOOK_PRODUCTION` is not exactly `yes`, so production accounts cannot be reached.",
        "Set it for real money; leave it for anything else.",
    ),
    "not_in_orders": ("There are no orders of that account or playbook.", "Take one of those the message lists."),
    "trace_not_found": (
        "The log holds no message, intent or order of that id.",
        "Take one of those the message lists; a message no playbook listens to is not logged.",
    ),
    "run_of_journal": ("The run came through the journal.", "Run `signalbook verify` without `--db`."),
    "port_in_use": ("Another program listens at the port.", "Choose another with `--port`, or 0 for any."),
    "shared_credentials": (
        "Two accounts have a number or secrets in common that may not be.",
        "Give each account its own number, and sandbox and production secrets of their own.",
    ),
    "tape_out_of_order": ("A quote is older than the one before it.", "Add the quotes of a symbol in order."),
    "tape_unreadable": ("A tape of quotes cannot be read.", "Look at the row it names, or check the path."),
    "text_not_kept": ("The text of messages that say nothing is not kept.", "Take it from the archive."),
    "wrong_usage": ("An option or argument is wrong; only in the JSON of an error.", "See `--help`."),
}

ALL: Final = (
    ("Playbooks: the YAML itself", OF_YAML),
    ("Playbooks: keys and values", OF_SHAPE),
    ("Playbooks: words and patterns", OF_READING),
    ("Playbooks: conditions and templates", OF_RULES),
    ("Playbooks: what they mean together", OF_MEANING),
    ("Archives (status 4)", OF_ARCHIVES),
    ("The DuckDB file (status 5)", OF_STORE),
    ("The journal (status 6)", OF_JOURNAL),
    ("The broker (status 7; 8 for credentials_refused)", OF_BROKER),
    ("The running engine (status 9 when it is not there or does not answer; else 1)", OF_CONTROL),
    ("Stages of playbooks, and a looser desk", OF_STAGES),
    ("Commands", OF_COMMANDS),
)
