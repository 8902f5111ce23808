"""The gates of the clock and the calendar: may this be opened now, and may it expire when it does?"""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from engine.decide.question import PASSED, Answer, Question, could_not_run, failed, not_applicable
from engine.model.alert import Asset, Leg
from engine.model.decision import Reason
from engine.model.limits import ExpiryRule, SessionRule
from engine.parse.calendar import NEW_YORK, market_date
from engine.parse.sessions import last_trade, next_session_of, session_at


def session(question: Question) -> Answer:
    """Everything that is opened trades now, and it is neither too early nor too late in its session."""
    rule, now = question.playbook.risk.session, question.facts.now
    if not question.opening:
        return could_not_run(Reason.INCOMPLETE_CONTRACT, "what is opened is not known", rule.span)
    against = (_of_session(leg, now, rule) for leg in question.opening)
    first = next((answer for answer in against if answer is not None), None)
    if first is None and (rule.starts is not None or rule.ends is not None):
        first = _by_clock(now, rule, ZoneInfo(question.terms.time_zone))
    return first or PASSED


def expiry(question: Question) -> Answer:
    """Every option that is opened still trades, and expires within the days the playbook allows."""
    options = [leg for leg in question.opening if leg.asset is Asset.OPTION]
    if not options:
        return not_applicable("opens no option")
    rule, now = question.playbook.risk.expiry, question.facts.now
    if any(leg.expiry is None for leg in options):
        if "contract" in question.facts.assumed:
            return not_applicable("which contract is opened is assumed away")
        return could_not_run(Reason.INCOMPLETE_CONTRACT, "when it expires is not known", rule.span)
    against = (_of_expiry(leg, now, rule) for leg in options)
    return next((answer for answer in against if answer is not None), PASSED)


def _of_session(leg: Leg, now: datetime, rule: SessionRule) -> Answer | None:
    if leg.symbol is None:
        return could_not_run(Reason.INCOMPLETE_CONTRACT, "what is opened is not known", rule.span)
    found = session_at(leg.asset, leg.symbol, now, rule.hours)
    if found is None:
        opens = next_session_of(leg.asset, leg.symbol, now, rule.hours).open
        detail = f"{leg.symbol} has no {rule.hours} hours at {_shown(now)}; the next begin {_shown(opens)}"
        return failed(Reason.MARKET_CLOSED, detail, rule.span)
    begin, end = found.open + rule.not_before_open, found.close - rule.stop_before_close
    if now < begin:
        return failed(Reason.TOO_EARLY_IN_SESSION, f"{_shown(now)}; openings begin {_shown(begin)}", rule.span)
    if now >= end:
        return failed(Reason.TOO_LATE_IN_SESSION, f"{_shown(now)}; openings ended {_shown(end)}", rule.span)
    return None


def _by_clock(now: datetime, rule: SessionRule, zone: tzinfo) -> Answer | None:
    clock = now.astimezone(zone).time()
    if rule.starts is not None and clock < rule.starts:
        detail = f"{clock:%H:%M:%S}; openings begin {rule.starts:%H:%M}, {zone} time"
        return failed(Reason.TOO_EARLY_IN_SESSION, detail, rule.span)
    if rule.ends is not None and clock > rule.ends:
        detail = f"{clock:%H:%M:%S}; openings ended {rule.ends:%H:%M}, {zone} time"
        return failed(Reason.TOO_LATE_IN_SESSION, detail, rule.span)
    return None


def _of_expiry(leg: Leg, now: datetime, rule: ExpiryRule) -> Answer | None:
    if leg.expiry is None:
        return None
    last = last_trade(leg.symbol or "", leg.expiry)
    if last is None:
        return failed(Reason.NOT_A_SESSION, f"nothing trades on {leg.expiry:%A} {leg.expiry}")
    if now >= last:
        return failed(Reason.EXPIRED, f"it is {_shown(now)}, and trading in it ended {_shown(last)}")
    days = (leg.expiry - market_date(now)).days
    if days < rule.min_days:
        return failed(Reason.EXPIRES_TOO_SOON, f"{days} days to expiry, at least {rule.min_days}", rule.span)
    if rule.max_days is not None and days > rule.max_days:
        return failed(Reason.EXPIRES_TOO_LATE, f"{days} days to expiry, at most {rule.max_days}", rule.span)
    return None


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M:%S} New York"
