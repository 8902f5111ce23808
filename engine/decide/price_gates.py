"""The gates of the market's price: near enough to the alert's and the mid, a narrow spread, not too good to be true."""

from decimal import Decimal

from engine.decide.defaults import is_signal
from engine.decide.pricing import order_price, over_mid
from engine.decide.question import PASSED, Answer, Question, could_not_run, failed, not_applicable
from engine.decide.spent import spent_over_mid
from engine.model.decision import Reason, Size
from engine.model.desk import HouseCollar
from engine.model.limits import PriceCollar
from engine.model.source import Span


def collar(question: Question) -> Answer:
    """The playbook's collar holds the price near the alert's and the mid."""
    rule = question.playbook.risk.price_collar
    return PASSED if rule is None else _in_collar(question, rule)


def spread(question: Question) -> Answer:
    """Bid and ask lie near enough to each other for the playbook."""
    limit = question.playbook.risk.max_spread
    return PASSED if limit is None else _narrow(question, limit.most, limit.span)


def too_good(question: Question) -> Answer:
    """The market is not so much better than the alert that one of them must be wrong."""
    ladder = question.playbook.open_ladder
    alert = question.alert
    if ladder.too_good is None or alert is None or alert.price is None or alert.price <= 0:
        return PASSED
    quote = question.quote
    if quote is None:
        return _no_quote(question, ladder.span)
    better = -quote.worse_by(quote.natural, alert.price)
    if better < alert.price * ladder.too_good:
        return PASSED
    detail = f"the market says {quote.natural}, the alert {alert.price}: better by {better / alert.price:.0%}"
    return failed(Reason.TOO_GOOD, f"{detail}, less than {_percent(ladder.too_good)} is believed", ladder.span)


def house(question: Question) -> Answer:
    """The desk's collars and its widest spread; its limits of value and size are part of the sizing."""
    limits = question.terms.house
    if limits is None:
        return PASSED
    answer = _in_collar(question, limits.price_collar)
    if answer is PASSED and limits.max_spread is not None:
        answer = _narrow(question, limits.max_spread, limits.span)
    if answer is PASSED and limits.price_collar.per_day is not None:
        answer = _in_daily_collar(question, limits.price_collar.per_day, limits.price_collar.span)
    return answer


def _in_collar(question: Question, rule: PriceCollar | HouseCollar) -> Answer:
    alert, quote = question.alert, question.quote
    if alert is None or (rule.from_alert is None and rule.from_mid is None):
        return PASSED
    if quote is None:
        return _no_quote(question, rule.span)
    if rule.from_alert is not None and alert.price is not None:
        worst = order_price(alert, quote, receives=quote.receives) or alert.price
        worse = quote.worse_by(quote.natural, worst)
        if worse > worst * rule.from_alert:
            detail = f"the market says {quote.natural}, the alert {worst}: at most {_percent(rule.from_alert)} worse"
            return failed(Reason.BEYOND_COLLAR, detail, rule.span)
    price = order_price(alert, quote, receives=quote.receives)
    if rule.from_mid is not None and price is not None and abs(price - quote.mid) > abs(quote.mid) * rule.from_mid:
        detail = f"the price is {price}, the mid {quote.mid}: at most {_percent(rule.from_mid)} apart"
        return failed(Reason.BEYOND_COLLAR, detail, rule.span)
    return PASSED


def _in_daily_collar(question: Question, most: Decimal, span: Span) -> Answer:
    if not isinstance(question.sized, Size):
        return PASSED  # refused or assumed away by its size already
    history, quote = question.about.history, question.quote
    if history is None:
        return could_not_run(Reason.HISTORY_UNKNOWN, "what openings of today pay beyond the mid is not known", span)
    if quote is None:
        return _no_quote(question, span)
    before = sum([spent_over_mid(question.facts, outcome) for outcome in question.before], Decimal(0))
    paid = history.house.over_mid + before + over_mid(question.sized, quote, question.opening)
    if paid <= most:
        return PASSED
    return failed(Reason.COLLAR_SPENT, f"${paid:,.2f} beyond the mid today, at most ${most:,}", span)


def _narrow(question: Question, most: Decimal, span: Span) -> Answer:
    quote = question.quote
    if quote is None:
        return _no_quote(question, span)
    if quote.spread <= abs(quote.mid) * most:
        return PASSED
    detail = f"bid and ask are {quote.spread} apart, the mid is {quote.mid}: at most {_percent(most)}"
    return failed(Reason.SPREAD_TOO_WIDE, detail, span)


def _no_quote(question: Question, span: Span) -> Answer:
    if "contract" in question.facts.assumed and question.alert is not None and is_signal(question.alert):
        return not_applicable("which contract is opened is assumed away, and with it its price")
    return could_not_run(Reason.QUOTE_UNKNOWN, "a limit on the price needs a quote, and there is none", span)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"
