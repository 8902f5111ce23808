"""
How well a labelled corpus is read: what is right, what is refused, and what would have cost money.

    python tests/corpus/score.py [ALERTS.jsonl] [--show wrong|refused|all]

What a label's `score` asks:
  read           right when exactly one alert comes back and agrees in every field stated; refused
                 when none does, which is safe; else wrong.
  multi          read when an alert comes back whose strikes all stand in the text or the label;
                 refused when none does; a naked leg when an opening alert has one leg.
  quiet, refuse  nothing that opens or closes may come back; else a false order.
  skip           not scored.
A stated null must be null: no price, no quantity, and for a fraction none or all.
"""

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from engine.model.alert import Alert, Leg, Reading
from tests.corpus.rows import ALERTS, CorpusRow, Label, corpus_rows

ACTIONS = {"BTO": "buy_to_open", "STO": "sell_to_open", "BTC": "buy_to_close", "STC": "sell_to_close"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
STRIKE_KEYS = ("short_strike", "long_strike", "lower", "body", "upper")
COSTLY = ("wrong", "false_order", "naked_leg")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one message was read. why: the field that disagrees; ""."""

    kind: str
    why: str = ""


def verdict(row: CorpusRow, reading: Reading) -> Verdict:
    """Return how a message was read, by the rule its label asks for."""
    alerts = [alert for alert in reading.alerts if alert.action.opens or alert.action.closes]
    if row.score in ("quiet", "refuse"):
        return Verdict("false_order", "an order came back") if alerts else Verdict("quiet")
    if row.score == "multi":
        return _verdict_on_legs(row, alerts)
    if not alerts:
        return Verdict("refused")
    why = difference(row.expected or {}, alerts[0]) if len(alerts) == 1 else "number of alerts"
    return Verdict("wrong", why) if why else Verdict("right")


def difference(label: Label, alert: Alert) -> str:
    """Return the first field of a label that an alert does not agree with; "" when all do."""
    if len(alert.legs) > 1:
        return "legs"
    leg = alert.legs[0] if alert.legs else None
    checks = (
        ("action", alert.action.value == ACTIONS[label["action"]]),
        ("symbol", _plain(alert.symbol or (leg.symbol if leg else None)) == _plain(label["symbol"])),
        ("contract", _same_contract(label, leg)),
        ("price", "price" not in label or _same(label["price"], alert.price)),
        ("quantity", _same_quantity(label, alert)),
        ("fraction", _same_fraction(label, alert)),
    )
    return next((name for name, holds in checks if not holds), "")


def tally(pairs: Iterable[tuple[CorpusRow, Reading]]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Count verdicts, over all and by family."""
    total: Counter[str] = Counter()
    families: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row, reading in pairs:
        kind = verdict(row, reading).kind
        total[kind] += 1
        families[row.family][kind] += 1
    return total, dict(families)


def _verdict_on_legs(row: CorpusRow, alerts: list[Alert]) -> Verdict:
    if not alerts:
        return Verdict("multi_refused")
    if any(alert.action.opens and len(alert.legs) < 2 for alert in alerts):
        return Verdict("naked_leg", "legs")
    whole = all(_strikes_are_stated(row, alert) for alert in alerts if alert.legs)
    return Verdict("multi_read") if whole else Verdict("wrong", "strikes")


def _strikes_are_stated(row: CorpusRow, alert: Alert) -> bool:
    label = row.expected or {}
    stated = {Decimal(number) for number in re.findall(r"[0-9]+(?:\.[0-9]+)?", row.text)}
    stated |= {Decimal(label[key]) for key in STRIKE_KEYS if label.get(key) is not None}
    strikes = [leg.strike for leg in alert.legs if leg.strike is not None]
    return bool(strikes or "shares" in row.text.lower()) and all(strike in stated for strike in strikes)


def _same_contract(label: Label, leg: Leg | None) -> bool:
    strike, right, expiry = label.get("strike"), label.get("right"), label.get("expiry")
    if leg is None:
        return strike is None and right is None
    if strike is not None and not _same(strike, leg.strike):
        return False
    if right and (leg.right is None or leg.right.value[0].upper() != right[0]):
        return False
    return not expiry or _same_date(expiry, leg.expiry)


def _same_quantity(label: Label, alert: Alert) -> bool:
    if "qty" not in label or (label.get("qty_optional") and alert.quantity is None):
        return True
    return _same(label["qty"], alert.quantity)


def _same_fraction(label: Label, alert: Alert) -> bool:
    got = alert.fraction
    if label.get("close_all"):
        return got in (None, 1)
    if "fraction" not in label:
        return True
    want = label["fraction"]
    return got in (None, 1) if want is None else got is not None and abs(got - Decimal(want)) <= Decimal("0.02")


def _same(want: object, got: Decimal | int | None) -> bool:
    if want is None or got is None:
        return want is got
    stated = Fraction(str(want).lstrip("$").replace(",", ""))
    return Fraction(got) == stated


def _same_date(want: str, got: date | None) -> bool:
    parts = _date_parts(want.lower())
    if parts is None:
        return True
    year, month, day = parts
    return got is not None and (got.month, got.day) == (month, day) and year in (None, got.year)


def _date_parts(text: str) -> tuple[int | None, int, int] | None:
    """Year (None when unsaid), month and day of a written date; None for "0dte" and the like."""
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := re.fullmatch(r"(\d\d?)[/-](\d\d?)(?:[/-](?:20)?(\d\d))?", text):
        return 2000 + int(match[3]) if match[3] else None, int(match[1]), int(match[2])
    if (match := re.fullmatch(r"(\d\d?)\s*([a-z]{3})[a-z]*\.?\s*(?:20)?(\d\d)?", text)) and match[2] in MONTHS:
        return 2000 + int(match[3]) if match[3] else None, MONTHS.index(match[2]) + 1, int(match[1])
    return None


def _plain(symbol: str | None) -> str:
    return (symbol or "").lstrip("$/").upper()


def main() -> None:
    """Read a corpus with the shipped libraries and print the score."""
    from tests.corpus.shipped import shipped_reader

    parser = argparse.ArgumentParser(description="Score alert reading on a labelled corpus.")
    parser.add_argument("corpus", type=Path, nargs="?", default=ALERTS)
    parser.add_argument("--show", default="wrong", help="wrong, all, or one kind of verdict")
    options = parser.parse_args()
    reader = shipped_reader()
    pairs = [(row, reader.read(row.message)) for row in corpus_rows(options.corpus) if row.score != "skip"]
    for row, reading in pairs:
        found = verdict(row, reading)
        if options.show in ("all", found.kind) or (options.show == "wrong" and found.kind in COSTLY):
            print(f"{found.kind:13} {found.why:12} {row.text!r}\n    want {row.expected}\n    got  {_said(reading)}")
    total, families = tally(pairs)
    for family, counts in sorted(families.items()):
        print(f"{family:20} {dict(counts)}")
    print(f"\n{dict(total)}")


def _said(reading: Reading) -> str:
    if reading.refusal:
        return f"{reading.refusal.code}: {reading.refusal.reason}"
    return "; ".join(_alert_said(alert) for alert in reading.alerts)


def _alert_said(alert: Alert) -> str:
    legs = (f"[{leg.action} {leg.symbol} {leg.strike} {leg.right} {leg.expiry} *{leg.ratio}]" for leg in alert.legs)
    return f"{alert.action} {alert.symbol} {alert.price} x{alert.quantity} f{alert.fraction} {' '.join(legs)}"


if __name__ == "__main__":
    main()
