"""The groups that limits count an opening for."""

from engine.decide.ids import root_of
from engine.decide.tallies import Scope
from engine.model.position import Position


def scopes(playbook: str, account: str, author_id: str, symbol: str | None) -> tuple[Scope, ...]:
    """
    Return the scopes an opening counts for, in the order of `History`.

    Each account counts by itself: what is tried in the sandbox takes nothing from production. Who only observes has a
    house of its own.
    """
    house, of = f"in {account}" if account else f"of {playbook}", root_of(symbol)
    return (
        (playbook, account),
        (playbook, account, "symbol", of),
        (playbook, account, "author", author_id),
        (house,),
        (house, "symbol", of),
        (house, "author", author_id),
    )


def scopes_of(position: Position) -> tuple[Scope, ...]:
    """Return the scopes a position counts for."""
    return scopes(position.playbook, position.account, position.author_id, position.symbol)
