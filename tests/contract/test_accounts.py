"""Signing in, and what the SDK reads of accounts."""

from datetime import timedelta
from decimal import Decimal

import httpx2
import pytest
from tastytrade import Account, Session
from tastytrade.instruments import Equity
from tastytrade.order import MarketOrder, OrderAction
from tastytrade.utils import TastytradeError

from engine.paper.opening import ACCOUNTS, grants
from engine.paper.venue import Environment
from tests.contract.reach import Way, World, tell

HEADERS = {"User-Agent": "paper-tests/1.0"}


def test_everything_of_an_account_is_read(way: Way):
    """S-840."""

    async def story(world: World) -> None:
        async with world.session() as session:
            account = await Account.get(session, ACCOUNTS[Environment.PRODUCTION])
            share = await Equity.get(session, "AAPL")
            order = MarketOrder(legs=[share.build_leg(3, OrderAction.BUY_TO_OPEN)])
            await account.place_order(session, order, dry_run=False)
            world.pass_time(10)
            balance = await account.get_balances(session)
            positions = await account.get_positions(session, include_marks=True)
            status = await account.get_trading_status(session)
            history = await account.get_history(session, page_offset=None)
            requirements = await account.get_margin_requirements(session)
            fees = await account.get_total_fees(session, world.production.now().date())
            customer = await session.get_customer()
            assert await session.validate()

        assert account.margin_or_cash == "Margin"
        assert balance.cash_balance + balance.long_equity_value == balance.net_liquidating_value
        assert [(each.symbol, each.quantity, each.quantity_direction) for each in positions] == [("AAPL", 3, "Long")]
        assert positions[0].mark_price
        assert status.options_level == "No Restrictions"
        assert [(row.transaction_type, row.transaction_sub_type) for row in history] == [
            ("Trade", "Buy to Open"),
            ("Money Movement", "Deposit"),
        ]
        assert history[0].value == -(balance.cash_balance - 100_000).copy_abs() - history[0].clearing_fees  # type: ignore[operator]
        assert requirements.margin_requirement < 0
        assert fees.total_fees == history[0].clearing_fees
        assert customer.first_name == "Paper"

    tell(story, way)


def test_the_wrong_keys_open_nothing(way: Way):
    async def story(world: World) -> None:
        sandbox_grant = grants(Environment.SANDBOX)[0]
        stranger = Session(sandbox_grant.client_secret, sandbox_grant.refresh_token, transport=world.transport)
        async with stranger:
            with pytest.raises(TastytradeError, match="invalid_grant"):
                await Account.get(stranger)

    tell(story, way)


def test_forms_sign_in_as_well_as_json(way: Way):
    """S-843."""

    async def story(world: World) -> None:
        grant = grants(Environment.PRODUCTION)[0]
        form = {
            "grant_type": "refresh_token",
            "client_secret": grant.client_secret,
            "refresh_token": grant.refresh_token,
        }
        async with httpx2.AsyncClient(transport=world.transport, base_url="https://api.tastyworks.com") as client:
            answer = await client.post("/oauth/token", data=form, headers=HEADERS)
            again = await client.post("/oauth/token", json={**form, "grant_type": "client_credentials"})

        assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
        assert answer.json()["expires_in"] == 900
        assert again.status_code == 400

    tell(story, way)


def test_a_token_lives_a_quarter_of_an_hour(way: Way):
    """S-843, S-851."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await Account.get(session)
            world.clock.advance(timedelta(seconds=899))
            await Account.get(session)
            world.clock.advance(timedelta(seconds=1))
            with pytest.raises(TastytradeError, match="token_invalid"):
                await Account.get(session)
            await session.refresh(force=True)
            assert await Account.get(session)

    tell(story, way)


def test_a_token_that_may_only_read_cannot_trade(way: Way):
    """S-843."""

    async def story(world: World) -> None:
        grant = grants(Environment.PRODUCTION)[1]
        reader = Session(grant.client_secret, grant.refresh_token, transport=world.transport)
        async with reader:
            account = await world.account(reader)
            share = await Equity.get(reader, "AAPL")
            order = MarketOrder(legs=[share.build_leg(3, OrderAction.BUY_TO_OPEN)])
            with pytest.raises(TastytradeError, match="not_permitted"):
                await account.place_order(reader, order, dry_run=False)

        assert world.production.exchange.orders(account.account_number, world.production.now()) == ()

    tell(story, way)


def test_the_two_environments_share_no_account(way: Way):
    """S-841."""

    async def story(world: World) -> None:
        async with world.session(Environment.SANDBOX) as sandbox, world.session() as production:
            assert [each.account_number for each in await Account.get(sandbox)] == ["5WX00001"]
            assert [each.account_number for each in await Account.get(production)] == ["5WT00001"]
            other = await world.account(production)
            with pytest.raises(TastytradeError, match="not_permitted"):
                await other.get_balances(sandbox)

            account = await world.account(sandbox)
            share = await Equity.get(sandbox, "AAPL")
            order = MarketOrder(legs=[share.build_leg(3, OrderAction.BUY_TO_OPEN)])
            await account.place_order(sandbox, order, dry_run=False)
            world.pass_time(10)
            assert (await other.get_balances(production)).cash_balance == Decimal(100_000)
            assert await other.get_live_orders(production) == []

    tell(story, way)
