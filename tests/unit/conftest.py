"""A playbook as a literal, for tests of the floors that do not know YAML."""

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.ladder import (
    Exits,
    Finally,
    Ladder,
    LadderBudget,
    LadderEnd,
    OneContract,
    Partial,
    PricePoint,
    Requote,
)
from engine.model.limits import (
    AlertQuantity,
    Allow,
    Counts,
    DuplicateRule,
    ExpiryRule,
    Hours,
    Risk,
    SessionRule,
    SizeBasis,
    SizeRule,
    Strategy,
    SymbolRule,
    UndefinedRisk,
)
from engine.model.listen import (
    AuthorKind,
    AuthorRule,
    Channel,
    Forwards,
    Images,
    Listen,
    MaxAge,
    OnDelete,
    OnEdit,
    Quotes,
    ReadFrom,
)
from engine.model.playbook import Playbook, ReadDefaults
from engine.model.reading import ReadRules
from engine.model.source import Span
from engine.model.stages import AutoPromote, Notify, Promotion, Stages


def line(number: int) -> Span:
    """Return a line of the playbook's file."""
    return Span("desk/momentum.yaml", number, 1, number, 20)


def _listen() -> Listen:
    alice = AuthorRule("301", "alice", AuthorKind.PERSON, True, True, Decimal("0.02"), line(11), line(11))
    bob = AuthorRule("302", "bob", AuthorKind.PERSON, False, True, None, line(12), line(12))
    opener = AuthorRule("303", "carol", AuthorKind.PERSON, True, False, None, line(13), line(13))
    bot = AuthorRule("401", "flow", AuthorKind.WEBHOOK, True, True, None, line(14), line(14))
    return Listen(
        span=line(10),
        channels=(Channel("100", "momentum", True, line(8)), Channel("101", "lottos", False, line(9))),
        authors=(alice, bob, opener, bot),
        read_from=frozenset(ReadFrom),
        quotes=Quotes.IGNORE,
        forwards=Forwards.REFUSE,
        forwards_span=line(15),
        images=Images.REFUSE,
        images_span=line(16),
        max_age=MaxAge(timedelta(seconds=30), timedelta(minutes=10), line(17), line(18)),
        good_for=timedelta(minutes=3),
        on_edit=OnEdit.REPLACE,
        on_edit_span=line(19),
        on_delete=OnDelete.CANCEL,
        on_delete_span=line(20),
    )


def _ladder() -> Ladder:
    return Ladder(
        name="normal",
        span=line(40),
        start=PricePoint.MID,
        end=PricePoint.NATURAL,
        rungs=(),
        requote=Requote.EVERY_RUNG,
        never_beyond=(),
        too_good=None,
        budget=LadderBudget(timedelta(minutes=2), 8, None, line(41)),
        market_moves=None,
        partial=Partial.KEEP,
        final=Finally(LadderEnd.CANCEL, timedelta(0), line(42)),
        allow_market=False,
    )


def _size() -> SizeRule:
    """1 % of $100,000."""
    one_percent, of, basis = Decimal("0.01"), Decimal(100_000), SizeBasis.MAX_LOSS
    return SizeRule(line(31), one_percent, of, basis, (), (), AlertQuantity.AT_MOST, None, None)


def _risk() -> Risk:
    return Risk(
        span=line(50),
        symbols=SymbolRule(None, frozenset(), line(51)),
        session=SessionRule(Hours.REGULAR, None, None, timedelta(0), timedelta(0), line(52)),
        expiry=ExpiryRule(0, None, line(53)),
        max_open_positions=None,
        max_orders_per_day=None,
        max_daily_loss=None,
        per_symbol=Counts(None, None, None, line(55)),
        per_author=Counts(None, None, None, line(56)),
        price_collar=None,
        max_spread=None,
        duplicates=DuplicateRule(timedelta(minutes=10), line(54)),
        cooldown=None,
    )


@pytest.fixture(scope="session")
def playbook() -> Playbook:
    """The usual playbook."""
    return make_playbook()


def make_playbook() -> Playbook:
    """A playbook that hears alice (301), bob (302, closes), carol (303, opens) and a webhook (401) in channel 100."""
    ladder = _ladder()
    return Playbook(
        name="momentum",
        span=line(1),
        file="desk/momentum.yaml",
        about="",
        owner="ops",
        enabled=True,
        enabled_span=line(1),
        listen=_listen(),
        libraries=(),
        read=ReadRules(),
        defaults=ReadDefaults(expiry=None, contract=None),
        refuse_when=(),
        allow=Allow(frozenset({Strategy.LONG_OPTION}), UndefinedRisk.NEVER, line(30)),
        size=_size(),
        ladders=(ladder,),
        open_ladder=ladder,
        close_ladder=ladder,
        exits=Exits(line(45), None, (), None, OneContract.LAST_TARGET, None),
        risk=_risk(),
        stages=Stages(line(60), None, None, Promotion(0, AutoPromote.NEVER)),
        notify=Notify((), ()),
        examples=(),
    )
