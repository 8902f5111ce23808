"""Which accounts a sign-in opens, for when nothing else names them."""

from engine.adapters.tastytrade.connection import Ask, Connection
from engine.adapters.tastytrade.values import Json, Unreadable, flag, rows, text


async def account_numbers(connection: Connection) -> tuple[str, ...]:
    """
    Return the numbers of the accounts that are not closed.

    Raises: NothingSent, OrderRefused as `ports.Broker` says.
    """
    ask = Ask("GET", "/customers/me/accounts", "list the accounts")
    return connection.read(ask, await connection.ask(ask), _numbers)


def _numbers(data: Json) -> tuple[str, ...]:
    accounts = [_inner(row) for row in rows(data)]
    return tuple(text(account, "account-number") for account in accounts if flag(account, "is-closed") is not True)


def _inner(row: Json) -> Json:
    account = row.get("account")
    if not isinstance(account, dict) or not text(account, "account-number"):
        raise Unreadable("an account has no number")
    return account
