"""Futures and options on them, as the broker writes them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from engine.paper.expiries import option_roots
from engine.paper.instrument_views import letter, strike_json, ticks_json
from engine.paper.instruments import Chain, Expiration, Future, FutureOption
from engine.paper.products import FutureProduct
from engine.paper.wire import Json, moment, number

_DISPLAY: Final = Decimal("0.01")
_MARKET_ZONE: Final = {"offset-seconds": 34200, "timezone": "Market Zone", "timing": "Default"}


def product_json(product: FutureProduct) -> Json:
    """Write a product of futures."""
    months = list(product.months)
    return {
        "active-months": months,
        "back-month-first-calendar-symbol": True,
        "cash-settled": True,
        "clearing-code": product.code,
        "clearing-exchange-code": "16",
        "clearport-code": product.code,
        "code": product.code,
        "description": product.description,
        "display-factor": number(_DISPLAY),
        "exchange": product.exchange,
        "first-notice": False,
        "futures-trading-cutoff-times": [_MARKET_ZONE],
        "legacy-code": product.code,
        "legacy-exchange-code": product.exchange,
        "listed-months": months,
        "market-sector": _sector(product),
        "notional-multiplier": number(product.multiplier),
        "option-products": [_option_product_json(product, root) for root in option_roots(product)],
        "product-type": "Financial",
        "roll": {
            "active-count": 3,
            "business-days-offset": 4,
            "cash-settled": True,
            "first-notice": False,
            "name": "equity_index",
        },
        "root-symbol": f"/{product.code}",
        "security-group": product.code,
        "small-notional": product.code.startswith("M"),
        "streamer-exchange-code": product.venue,
        "supported": True,
        "tick-size": number(product.ticks[0].value),
    }


def _option_product_json(product: FutureProduct, root: str) -> Json:
    is_regular = root == product.option_root
    return {
        "cash-settled": False,
        "clearing-code": root,
        "clearing-exchange-code": "16",
        "clearing-price-multiplier": "1.0",
        "clearport-code": root,
        "code": root,
        "display-factor": number(_DISPLAY),
        "exchange": product.exchange,
        "expiration-type": "Quarterly" if is_regular else "Weekly",
        "futures-trading-cutoff-times": [_MARKET_ZONE],
        "is-am-settled": False,
        "is-rollover": False,
        "legacy-code": root,
        "market-sector": _sector(product),
        "product-type": "Physical",
        "root-symbol": root,
        "settlement-delay-days": 0,
        "supported": True,
    }


def _sector(product: FutureProduct) -> str:
    return "Equity Index" if product.friday or product.code in ("MNQ", "NQ") else "Commodity"


def future_json(future: Future, product: FutureProduct) -> Json:
    """Write one month of a future. On the wire it has no instrument type."""
    return {
        "active": True,
        "active-month": future.is_active_month,
        "back-month-first-calendar-symbol": True,
        "closing-only-date": future.expiry.isoformat(),
        "contract-size": number(future.multiplier),
        "display-factor": number(_DISPLAY),
        "exchange": future.exchange,
        "exchange-symbol": future.symbol.lstrip("/"),
        "expiration-date": future.expiry.isoformat(),
        "expires-at": moment(future.stops_trading_at),
        "first-notice-date": future.expiry.isoformat(),
        "future-product": product_json(product),
        "is-closing-only": False,
        "is-tradeable": True,
        "last-trade-date": future.expiry.isoformat(),
        "main-fraction": "0.0",
        "next-active-month": future.is_next_active_month,
        "notional-multiplier": number(future.multiplier),
        "option-tick-sizes": ticks_json(future.option_ticks),
        "product-code": future.product,
        "product-group": f"{future.exchange}_{future.product}",
        "roll-target-symbol": future.roll_target,
        "security-id": str(sum(map(ord, future.symbol))),
        "spread-tick-sizes": [{"symbol": future.roll_target, "value": "0.05"}],
        "stops-trading-at": moment(future.stops_trading_at),
        "streamer-exchange-code": product.venue,
        "streamer-symbol": future.streamer_symbol,
        "sub-fraction": "0.0",
        "symbol": future.symbol,
        "tick-size": number(future.ticks[0].value),
        "tick-sizes": ticks_json(future.ticks),
    }


def future_option_json(option: FutureOption, today: date) -> Json:
    """Write an option on a future; without a name in the quote stream where a listing lacks it."""
    written: Json = {
        "active": True,
        "days-to-expiration": (option.expiry - today).days,
        "display-factor": number(_DISPLAY),
        "exchange": option.exchange,
        "exchange-symbol": f"{option.contract} {letter(option.right)}{number(option.strike)}",
        "exercise-style": "American",
        "expiration-date": option.expiry.isoformat(),
        "expires-at": moment(option.stops_trading_at),
        "future-price-ratio": "1.0",
        "instrument-type": option.instrument_type.value,
        "is-closing-only": False,
        "is-confirmed": True,
        "is-exercisable-weekly": True,
        "is-primary-deliverable": True,
        "is-vanilla": True,
        "last-trade-time": "0",
        "maturity-date": option.expiry.isoformat(),
        "multiplier": "1.0",
        "notional-value": number(option.multiplier * _DISPLAY),
        "option-root-symbol": option.root,
        "option-type": letter(option.right),
        "product-code": option.product,
        "root-symbol": f"/{option.product}",
        "security-exchange": "2",
        "settlement-type": "Future",
        "stops-trading-at": moment(option.stops_trading_at),
        "strike-factor": "1.0",
        "strike-price": number(option.strike),
        "sx-id": "0",
        "symbol": option.symbol,
        "underlying-count": "1.0",
        "underlying-symbol": option.underlying,
    }
    return written | ({"streamer-symbol": option.streamer_symbol} if option.streamer_symbol else {})


def future_chains_json(chains: Iterable[Chain], futures: Iterable[Future], today: date) -> Json:
    """Write the options of a product, nested by month, expiry and strike."""
    months = {future.symbol: future for future in futures}
    return {
        "futures": [_month_json(future, today) for future in months.values()],
        "option-chains": [
            {
                "underlying-symbol": chain.underlying,
                "root-symbol": chain.root,
                "exercise-style": "American",
                "expirations": [_expiration_json(each, months[chain.underlying], today) for each in chain.expirations],
            }
            for chain in chains
        ],
    }


def _month_json(future: Future, today: date) -> Json:
    return {
        "symbol": future.symbol,
        "root-symbol": f"/{future.product}",
        "maturity-date": future.expiry.isoformat(),
        "expiration-date": future.expiry.isoformat(),
        "days-to-expiration": (future.expiry - today).days,
        "active-month": future.is_active_month,
        "next-active-month": future.is_next_active_month,
        "stops-trading-at": moment(future.stops_trading_at),
        "expires-at": moment(future.stops_trading_at),
    }


def _expiration_json(expiration: Expiration, future: Future, today: date) -> Json:
    return {
        "asset": expiration.root,
        "days-to-expiration": (expiration.expiry - today).days,
        "display-factor": number(_DISPLAY),
        "expiration-date": expiration.expiry.isoformat(),
        "expiration-type": expiration.expiration_type,
        "expires-at": moment(expiration.stops_trading_at),
        "notional-value": number(future.multiplier * _DISPLAY),
        "option-contract-symbol": expiration.contract,
        "option-root-symbol": expiration.root,
        "root-symbol": f"/{future.product}",
        "settlement-type": expiration.settlement,
        "stops-trading-at": moment(expiration.stops_trading_at),
        "strike-factor": "1.0",
        "strikes": [strike_json(strike) for strike in expiration.strikes],
        "tick-sizes": ticks_json(expiration.ticks),
        "underlying-symbol": expiration.underlying,
    }
