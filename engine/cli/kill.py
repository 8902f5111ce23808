"""`signalbook kill`: no more openings, by whatever way is left."""

import getpass
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from engine.app.control_client import ControlClient
from engine.app.control_words import ControlError, EngineHung, EngineNotRunning
from engine.app.json_form import json_form
from engine.app.kill_direct import AccountFate
from engine.app.settings import Settings, settings
from engine.app.trading_state import EVERYWHERE, Place, Restrictions, read_place, restricted
from engine.app.trading_state_file import TradingStateError, TradingStateFile
from engine.cli.arguments import read_span
from engine.cli.exit_code import ExitCode
from engine.cli.homes import why_no_home
from engine.cli.options import DEFAULT_PLAYBOOKS, HomeOption, JsonFlag, PlaybooksOption
from engine.cli.screen import err, out, print_json, visible
from engine.lifecycle.states import OVER
from engine.model.activity import Restriction, Scope, TradingState

_BETWEEN_LOOKS: Final = 0.5
_TO_TELL: Final = 2.0
_OVER: Final = frozenset(state.value for state in OVER)
_MEANS: Final = {
    TradingState.REDUCING: "no openings; cancels, stops and closes go on",
    TradingState.HALTED: "no openings and no automatic closes; cancels and a person's own closes go on",
}


def read_scope(text: str | Place) -> Place:
    """Return a place; a default is one already. Raises: typer.BadParameter."""
    try:
        return text if isinstance(text, Place) else read_place(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


ScopeOption = Annotated[
    Place,
    typer.Option(
        "--scope", parser=read_scope, metavar="PLACE", help="all, account:ALIAS, playbook:NAME, author:ID, channel:ID."
    ),
]
DirectFlag = Annotated[
    bool, typer.Option("--direct", help="Cancel openings straight at the broker: needs no engine, journal or desk.")
]
WithinOption = Annotated[
    timedelta, typer.Option("--within", parser=read_span, metavar="TIME", help="How long to wait for the cancels.")
]


@dataclass
class _Outcome:
    """
    What has come of it so far.

    problems: what did not go as it should. doubts: why it may not be the place that was meant. has_home: whether the
    folder of the engine is there.
    """

    in_force: Restrictions = ()
    cancelling: tuple[dict[str, Any], ...] = ()
    accounts: tuple[AccountFate, ...] = ()
    problems: list[str] = field(default_factory=list)
    doubts: tuple[str, ...] = ()
    is_clear: bool = False
    has_engine: bool = False
    has_home: bool = True


def kill(  # noqa: PLR0913 - one argument for each option
    scope: ScopeOption = EVERYWHERE,
    by: Annotated[str, typer.Option(help="Who wants it; the login name when left out.")] = "",
    why: Annotated[str, typer.Option(help="The reason, for those who come after.")] = "no reason given",
    within: WithinOption = timedelta(seconds=60),
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    home: HomeOption = None,
    *,
    halt: Annotated[bool, typer.Option("--halt", help="No automatic closes either.")] = False,
    direct: DirectFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Stop openings: nothing new is sent, and what may still open a position is cancelled.

    Positions and the orders that close them stay. First the file of trading states is written, which the engine reads
    before it sends anything; then the running engine is asked to cancel. With --direct the broker is asked, and no
    engine is needed. Status 0 means that no opening can fill any more; 1 and 9 that some may. In a home that is not
    there nothing is written.

    Example: signalbook kill --by carol --why "quotes look wrong"
    """
    if direct and scope.scope not in (Scope.ALL, Scope.ACCOUNT):
        raise typer.BadParameter("an order at the broker does not say whose it is: --direct takes all or account:ALIAS")
    places = settings(home=home)
    state = TradingState.HALTED if halt else TradingState.REDUCING
    restriction = Restriction(state, scope.scope, scope.of, by or _login(), why)
    outcome = _Outcome()
    _persist(restriction, places, outcome)
    if direct:
        if not places.journal.exists():
            why = "an engine of another home goes on sending; name its home with --home"
            outcome.doubts = (f"no engine has ever traded in {places.home}: {why}",)
        _directly(restriction, places, playbooks, within.total_seconds(), outcome)
        _tell_engine(restriction, places, outcome)
    elif outcome.has_home:
        _by_engine(restriction, places, within.total_seconds(), outcome)
    _show(restriction, places, outcome, is_json=as_json)
    if not outcome.is_clear:
        is_answered = direct or outcome.has_engine or not outcome.has_home
        raise typer.Exit(ExitCode.FINDINGS if is_answered else ExitCode.ENGINE)


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


# ---------------------------------------------------------------- what is done, in this order


def _persist(restriction: Restriction, places: Settings, outcome: _Outcome) -> None:
    gone = why_no_home(places)
    if gone is not None:
        outcome.has_home = False
        outcome.problems.append(f"{gone.code}: {gone.message}, so no engine trades there; {gone.remedy}")
        return
    file = TradingStateFile(places.trading_state)
    try:
        outcome.in_force = file.change(lambda known: restricted(known, restriction), tightens=True)
    except TradingStateError as error:
        outcome.problems.append(f"{error.code}: {error.message}")


def _by_engine(restriction: Restriction, places: Settings, within: float, outcome: _Outcome) -> None:
    client = ControlClient(places.control)
    try:
        answer = client.ask("kill", **_request(restriction))
        outcome.has_engine = True
        outcome.cancelling = tuple(answer.get("cancelling", ()))
        outcome.problems += answer.get("problems", ())
        outcome.doubts = tuple(answer.get("doubts", ()))
        unreachable = tuple(answer.get("unreachable", ()))
        outcome.problems += unreachable
        left = _waited(client, restriction, {str(order["id"]) for order in outcome.cancelling}, within)
    except ControlError as error:
        outcome.problems.append(f"{error.code}: {error.message}; openings may still be at the broker, and may fill")
        return
    outcome.is_clear = not (left or unreachable or outcome.doubts)
    if left:
        outcome.problems.append(f"not confirmed as cancelled after {within:g} s: {', '.join(sorted(left))}")


def _waited(client: ControlClient, restriction: Restriction, wanted: set[str], within: float) -> set[str]:
    """Wait until no opening works where there shall be none; return those that still do."""
    until = time.monotonic() + within
    while True:
        orders = client.ask("status").get("orders", ())
        left = {str(order["id"]) for order in orders if _is_left(order, restriction, wanted)}
        if not left or time.monotonic() >= until:
            return left
        time.sleep(_BETWEEN_LOOKS)


def _is_left(order: dict[str, Any], restriction: Restriction, wanted: set[str]) -> bool:
    """Return whether an order is an opening that is to be cancelled, and may still fill."""
    if order.get("state") in _OVER or not order.get("opens"):
        return False
    is_asked = any(order["id"] == each or str(order["id"]).startswith(f"{each}-") for each in wanted)
    is_here = restriction.scope is Scope.ACCOUNT and order.get("account") == restriction.of
    return is_asked or is_here or restriction.scope is Scope.ALL


def _directly(restriction: Restriction, places: Settings, playbooks: Path, within: float, outcome: _Outcome) -> None:
    from engine.cli.kill_at_broker import killed  # slow, and only now: the state must be on disk before anything else

    outcome.accounts = killed(restriction, places, playbooks, within, outcome.problems)
    are_clear = bool(outcome.accounts) and all(account.is_clear for account in outcome.accounts)
    outcome.is_clear = are_clear and not outcome.doubts
    outcome.problems += [f"{each.account}: {each.problem}" for each in outcome.accounts if each.problem]


def _tell_engine(restriction: Restriction, places: Settings, outcome: _Outcome) -> None:
    """So that it is in the journal too; the broker was asked already."""
    try:
        ControlClient(places.control, _TO_TELL).ask("kill", **_request(restriction))
        outcome.has_engine = True
    except (EngineNotRunning, EngineHung):
        return
    except ControlError as error:
        outcome.problems.append(f"{error.code}: {error.message}")


def _request(restriction: Restriction) -> dict[str, str]:
    place = Place(restriction.scope, restriction.of)
    return {"place": str(place), "state": restriction.state.value, "by": restriction.by, "why": restriction.why}


# ---------------------------------------------------------------- what is shown


def _show(restriction: Restriction, places: Settings, outcome: _Outcome, *, is_json: bool) -> None:
    if is_json:
        print_json(_fields(restriction, outcome))
        return
    screen = out()
    place = Place(restriction.scope, restriction.of)
    if outcome.has_home:
        screen.print(f"{place}: {restriction.state.value}, {_MEANS[restriction.state]}", soft_wrap=True)
    if outcome.in_force:
        screen.print(f"written to {places.trading_state}", soft_wrap=True)
    for line in _cancelling(outcome.cancelling):
        screen.print(line, soft_wrap=True)
    if outcome.accounts:
        screen.print(_fate_table(outcome.accounts))
    for problem in (*outcome.doubts, *outcome.problems):
        err().print(Text.assemble(("attention", "bold yellow"), f": {visible(problem)}"), soft_wrap=True)
    if outcome.is_clear:
        what = "no opening" if restriction.scope is Scope.ALL else f"no opening of {place}"
        screen.print(f"{what} can fill any more", soft_wrap=True)
    else:
        err().print(Text.assemble(("OPENINGS MAY STILL BE LIVE", "bold red"), _advice(outcome)), soft_wrap=True)


def _advice(outcome: _Outcome) -> str:
    if outcome.doubts:
        return ": run it again for the place that is meant, or without --scope for all"
    if outcome.accounts:
        return ": run it again, or cancel by hand at the broker"
    return ": signalbook kill --direct cancels them straight at the broker"


def _cancelling(orders: Iterable[dict[str, Any]]) -> Iterable[str]:
    for order in orders:
        yield visible(f"the engine cancels {order['id']} in {order.get('account')}: {order.get('what')}")


def _fate_table(accounts: Iterable[AccountFate]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("account", "order", "ours", "what", "became", ""):
        table.add_column(column, overflow="fold")
    for account in accounts:
        for order in account.orders:
            cells = (account.account, order.id, order.client_id, order.what, order.fate.value, order.detail)
            table.add_row(*map(visible, cells))
        if not account.orders:
            table.add_row(visible(account.account), "", "", "no working order" if account.is_clear else "", "", "")
    return table


def _fields(restriction: Restriction, outcome: _Outcome) -> dict[str, object]:
    return {
        "set": json_form(restriction),
        "in_force": json_form(outcome.in_force),
        "has_engine": outcome.has_engine,
        "cancelling": list(outcome.cancelling),
        "accounts": json_form(outcome.accounts),
        "doubts": list(outcome.doubts),
        "problems": outcome.problems,
        "is_clear": outcome.is_clear,
    }
