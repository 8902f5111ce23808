"""Shares and options on them, as the broker writes them."""

from datetime import date
from typing import Final

from engine.model.instrument import Right
from engine.paper.instruments import Chain, Equity, EquityOption, Expiration, Strike, Tick, Ticks
from engine.paper.wire import Json, moment, number

_SHARES_A_CONTRACT: Final = 100


def ticks_json(ticks: Ticks) -> list[Json]:
    """Write a table of ticks."""
    return [_tick_json(tick) for tick in ticks]


def _tick_json(tick: Tick) -> Json:
    written: Json = {"value": number(tick.value)}
    return written if tick.threshold is None else {"threshold": number(tick.threshold), **written}


def letter(right: Right) -> str:
    """Return C or P."""
    return right[0].upper()


def equity_json(equity: Equity) -> Json:
    """Write a share, a fund or an index."""
    return {
        "active": True,
        "bypass-manual-review": False,
        "description": equity.description,
        "id": equity.id,
        "instrument-type": equity.instrument_type.value,
        "is-closing-only": False,
        "is-etf": equity.is_etf,
        "is-fractional-quantity-eligible": not equity.is_index,
        "is-fraud-risk": False,
        "is-illiquid": False,
        "is-index": equity.is_index,
        "is-options-closing-only": False,
        "lendability": "Easy To Borrow",
        "listed-market": "ARCX" if equity.is_etf else "XNAS",
        "market-time-instrument-collection": "Equity",
        "option-tick-sizes": ticks_json(equity.option_ticks),
        "overnight-trading-permitted": False,
        "short-description": equity.description,
        "streamer-symbol": equity.streamer_symbol,
        "symbol": equity.symbol,
        "tick-sizes": ticks_json(equity.ticks),
    }


def option_json(option: EquityOption, today: date) -> Json:
    """Write an option on a share or an index."""
    return {
        "active": True,
        "days-to-expiration": (option.expiry - today).days,
        "exercise-style": "European" if option.is_european else "American",
        "expiration-date": option.expiry.isoformat(),
        "expiration-type": option.expiration_type,
        "expires-at": moment(option.stops_trading_at),
        "instrument-type": option.instrument_type.value,
        "is-closing-only": False,
        "market-time-instrument-collection": "Cash Settled Equity Option" if option.is_european else "Equity Option",
        "option-chain-type": "Standard",
        "option-type": letter(option.right),
        "root-symbol": option.root,
        "settlement-type": option.settlement,
        "shares-per-contract": _SHARES_A_CONTRACT,
        "stops-trading-at": moment(option.stops_trading_at),
        "streamer-symbol": option.streamer_symbol,
        "strike-price": number(option.strike),
        "symbol": option.symbol,
        "underlying-symbol": option.underlying,
    }


def chain_json(chain: Chain, today: date) -> Json:
    """Write the options of one root, nested by expiry and strike."""
    return {
        "deliverables": [
            {
                "amount": "100.0",
                "deliverable-type": "Shares",
                "description": f"100 shares of {chain.underlying}",
                "id": sum(map(ord, chain.root)),
                "instrument-type": "Equity",
                "percent": "100",
                "root-symbol": chain.root,
                "symbol": chain.underlying,
            }
        ],
        "expirations": [_expiration_json(each, today) for each in chain.expirations],
        "option-chain-type": "Standard",
        "root-symbol": chain.root,
        "shares-per-contract": _SHARES_A_CONTRACT,
        "tick-sizes": ticks_json(chain.ticks),
        "underlying-symbol": chain.underlying,
    }


def compact_chain_json(chain: Chain) -> Json:
    """Write the options of one root as two lists of symbols."""
    strikes = [strike for expiration in chain.expirations for strike in expiration.strikes]
    return {
        "option-chain-type": "Standard",
        "root-symbol": chain.root,
        "settlement-type": chain.expirations[0].settlement if chain.expirations else "PM",
        "shares-per-contract": _SHARES_A_CONTRACT,
        "streamer-symbols": [name for strike in strikes for name in (strike.call_streamer, strike.put_streamer)],
        "symbols": [name for strike in strikes for name in (strike.call, strike.put)],
        "underlying-symbol": chain.underlying,
    }


def _expiration_json(expiration: Expiration, today: date) -> Json:
    return {
        "days-to-expiration": (expiration.expiry - today).days,
        "expiration-date": expiration.expiry.isoformat(),
        "expiration-type": expiration.expiration_type,
        "settlement-type": expiration.settlement,
        "strikes": [strike_json(strike) for strike in expiration.strikes],
    }


def strike_json(strike: Strike) -> Json:
    """Write the two options of a strike; without names in the quote stream where a listing lacks them."""
    written: Json = {"call": strike.call, "put": strike.put, "strike-price": number(strike.price)}
    if strike.call_streamer:
        written |= {"call-streamer-symbol": strike.call_streamer, "put-streamer-symbol": strike.put_streamer}
    return written
