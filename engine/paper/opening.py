"""An exchange as it is opened: its two environments, their accounts and the keys to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from engine.paper.account_hub import MESSAGES
from engine.paper.clock import PaperClock
from engine.paper.conduct import AccountSetup, Conduct, Quirk, Setup
from engine.paper.exchange import Exchange
from engine.paper.faults import Slip, Trouble
from engine.paper.listing import NO_GAPS, Gaps, Listing
from engine.paper.manners import AWKWARD_PRODUCTION, AWKWARD_SANDBOX, CALM, Manners
from engine.paper.quotes import QuoteSource
from engine.paper.server import PaperServer
from engine.paper.synthetic import SyntheticMarket
from engine.paper.tape import Tape, TapeOver
from engine.paper.tokens import Grant
from engine.paper.venue import Environment, Venue
from engine.paper.visits import REQUESTS

ACCOUNTS: Final = {Environment.SANDBOX: "5WX00001", Environment.PRODUCTION: "5WT00001"}
_FIRST_IDS: Final = {Environment.SANDBOX: 270_000, Environment.PRODUCTION: 410_000_000}
_OFFLINE_CHANCE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Opening:
    """
    How an exchange is opened.

    seed: of everything that is by chance. pace: what every time is multiplied with, 0 for none. is_calm: neither
    environment is awkward. quotes: of everything; a market made up from the seed when None, whose prices change every
    quote_step, and each order that waits is held against each of them. tape: takes the place of
    those for the symbols it holds. accounts: of each environment; one of $100,000 each when left out.
    manners: of both environments, whatever else is said of them here; None to follow from the rest.
    quirks, faults: how often orders go odd ways, and requests and messages go wrong, in both environments, from 0 to
    1; besides what an awkward one does anyway.
    """

    seed: int = 0
    pace: float = 1.0
    is_calm: bool = False
    quotes: QuoteSource | None = None
    quote_step: timedelta = timedelta(seconds=1)
    tape: Tape | None = None
    accounts: Mapping[Environment, tuple[AccountSetup, ...]] = field(default_factory=dict)
    manners: Manners | None = None
    quirks: Mapping[Quirk, float] = field(default_factory=dict)
    faults: Mapping[Trouble | Slip, float] = field(default_factory=dict)


def open_server(opening: Opening, clock: PaperClock) -> PaperServer:
    """Open an exchange; the quotes of its two environments are the same."""
    listing = Listing(gaps=NO_GAPS)
    quotes = opening.quotes or SyntheticMarket(listing, opening.seed, opening.quote_step)
    if opening.tape is not None:
        quotes = TapeOver(opening.tape, quotes)
    now = clock.now()
    exchanges = {
        Environment.SANDBOX: Exchange(_setup(opening, Environment.SANDBOX), _sandbox_listing(opening), quotes, now),
        Environment.PRODUCTION: Exchange(_setup(opening, Environment.PRODUCTION), listing, quotes, now),
    }
    return PaperServer({name: _venue(opening, name, exchange, clock) for name, exchange in exchanges.items()})


def grants(environment: Environment) -> tuple[Grant, ...]:
    """Return the keys to an environment: one to trade with, one to read with."""
    secret = f"paper-{environment}-secret"
    return (
        Grant(secret, f"paper-{environment}-refresh"),
        Grant(secret, f"paper-{environment}-read-only", can_trade=False),
    )


def _venue(opening: Opening, name: Environment, exchange: Exchange, clock: PaperClock) -> Venue:
    venue = Venue(name, exchange, clock, _manners(opening, name), grants(name))
    venue.faults.chances |= opening.faults
    venue.faults.requests, venue.faults.messages = REQUESTS, MESSAGES
    return venue


def _sandbox_listing(opening: Opening) -> Listing:
    return Listing(gaps=NO_GAPS if opening.is_calm else Gaps(seed=opening.seed))


def _manners(opening: Opening, environment: Environment) -> Manners:
    if opening.manners is not None:
        return opening.manners
    if opening.is_calm:
        return replace(CALM, seed=opening.seed)
    manners = AWKWARD_SANDBOX if environment is Environment.SANDBOX else AWKWARD_PRODUCTION
    return replace(manners, seed=opening.seed, pace=opening.pace)


def _setup(opening: Opening, environment: Environment) -> Setup:
    given = opening.accounts.get(environment)
    return Setup(
        accounts=given or (AccountSetup(ACCOUNTS[environment]),),
        seed=opening.seed,
        conduct=_conduct(opening, environment),
        first_id=_FIRST_IDS[environment],
    )


def _conduct(opening: Opening, environment: Environment) -> Conduct:
    if environment is Environment.PRODUCTION:
        return Conduct(pace=opening.pace, chances=opening.quirks, venue="CBOE")
    if opening.is_calm:
        return Conduct(pace=opening.pace, chances=opening.quirks)
    chances = {Quirk.SESSION_OFFLINE: _OFFLINE_CHANCE, **opening.quirks}
    return Conduct(pace=opening.pace, chances=chances, futures_are_offline=True)
