"""`signalbook trade`: messages to orders, through sandbox and production."""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from engine.adapters.clock import SystemClock
from engine.app.settings import Settings, settings
from engine.app.trading_run import TradeRun
from engine.app.trading_run import trade as run_trade
from engine.cli.arguments import read_at, read_span
from engine.cli.exit_code import ExitCode
from engine.cli.group import CommandFailed
from engine.cli.homes import command_there
from engine.cli.loading import did_you_mean, load_whole
from engine.cli.options import DEFAULT_PLAYBOOKS, HomeOption, JsonFlag, PlaybooksOption
from engine.cli.paper import SeedOption
from engine.cli.screen import out, print_json
from engine.cli.stopping import until_stopped
from engine.cli.trade_screen import TradeScreen
from engine.model.desk import Permission
from engine.model.message import Message
from engine.model.run import BadRow
from engine.paper.opening import Opening
from engine.playbook.rulebook import Rulebook
from engine.replay.archive_files import archives_in
from engine.replay.archive_order import in_time_order
from engine.replay.archive_tally import ReadTally


def trade(  # noqa: PLR0913 - one argument for each option
    archives: Annotated[list[Path], typer.Argument(help="Exports of channels whose messages are taken as posted now.")],
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    home: HomeOption = None,
    follow: Annotated[
        timedelta, typer.Option("--for", parser=read_span, metavar="TIME", help="To follow orders after the last one.")
    ] = timedelta(minutes=1),
    seed: SeedOption = 0,
    starts_at: Annotated[
        datetime | None,
        typer.Option("--at", parser=read_at, metavar="TIME", help="Its time at the start; else of the first message."),
    ] = None,
    approve_as: Annotated[
        str, typer.Option(metavar="NAME", help="Have this person of the desk approve all that is asked; only there.")
    ] = "",
    *,
    is_own: Annotated[
        bool, typer.Option("--own-exchange", help="Trade at a local exchange of this process: no network, no money.")
    ] = False,
    skips_quiet: Annotated[
        bool, typer.Option("--skip-quiet", help="Pass over time in which nothing is under way; at a local exchange.")
    ] = False,
    is_calm: Annotated[bool, typer.Option("--calm", help="Its sandbox is not slow, strict or moody.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Carry messages all the way: decided, proven in the sandbox, approved, checked, sent, followed to their ends.

    Where orders go is the desk's and the environment's to say (see .env.example): without credentials to a local
    exchange, `signalbook paper` or one of this process. Started again it goes on where it was, whatever ended it.

    Example: signalbook trade examples/desk/messages/1-tuesday.json --playbooks examples/desk --own-exchange
    """
    if approve_as and not is_own:
        raise typer.BadParameter("is for --own-exchange only; use signalbook approve", param_hint="--approve-as")
    rulebook = load_whole(playbooks)
    _check_approver(rulebook, approve_as)
    places = settings(home=home)
    exchange = Opening(seed=seed, pace=0.0 if is_calm else 1.0, is_calm=is_calm) if is_own else None
    run = _run(rulebook, _messages(archives), places, exchange)
    run = replace(run, begins_at=starts_at, follows_for=follow, skips_quiet=skips_quiet)
    with until_stopped() as stopping:
        screen = TradeScreen(stopping, is_json=as_json, approves=approve_as, home=home)
        asyncio.run(run_trade(run, screen, SystemClock(), time.monotonic))
    _show(screen, home, is_json=as_json)
    if stopping.is_wanted:
        raise typer.Exit(ExitCode.STOPPED)


def _check_approver(rulebook: Rulebook, name: str) -> None:
    """A name that could approve nothing is a typing mistake, and would be told only when something waits; "": none."""
    people = () if rulebook.desk is None else rulebook.desk.people
    able = [person.name for person in people if Permission.APPROVE in person.may]
    if name and name not in able:
        why = f"{name} may not approve" if any(person.name == name for person in people) else f"nobody is called {name}"
        hint = did_you_mean(name, able) or f"; who may: {', '.join(able) or 'nobody'}"
        raise typer.BadParameter(f"{why} in this desk{hint}", param_hint="--approve-as")


def _run(rulebook: Rulebook, messages: Sequence[Message], places: Settings, exchange: Opening | None) -> TradeRun:
    if rulebook.desk is None:
        raise CommandFailed("no_desk", "these playbooks have no desk, so there is no account", "add a desk.yaml")
    return TradeRun(places, rulebook, rulebook.desk, tuple(messages), exchange, None, None, tuple(sys.argv[1:]))


def _messages(archives: list[Path]) -> list[Message]:
    rows = in_time_order(archives_in(archives), ReadTally())
    return [row for row in rows if not isinstance(row, BadRow)]


def _show(screen: TradeScreen, home: Path | None, *, is_json: bool) -> None:
    if is_json:
        print_json({"kind": "over", "counts": dict(screen.counts)})
        return
    counts = ", ".join(f"{number} {kind}" for kind, number in sorted(screen.counts.items()))
    out().print(f"\n{counts or 'nothing happened'}", soft_wrap=True)
    commands = (command_there(command, home) for command in ("orders", "trace MESSAGE"))
    out().print(f"look further: {', '.join(commands)}", soft_wrap=True)
