"""`signalbook paper`: a local exchange that speaks as the broker does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.adapters.clock import SystemClock
from engine.cli.group import CommandFailed
from engine.cli.options import JsonFlag
from engine.cli.screen import err, out, print_json
from engine.paper.clock import PaperClock
from engine.paper.doors import QUOTE_PATHS
from engine.paper.hostility import Hostility
from engine.paper.listening import Ports, bound, listen, ports_of
from engine.paper.opening import Opening, grants, open_server
from engine.paper.server import PaperServer
from engine.paper.tape import Tape, TapeError, read_tape
from engine.paper.venue import Environment

_PORT = 8700
_YEARS = range(1990, 2101)
_MOST_SHOWN = 5

PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65534, help="Of the sandbox; production is at the next one. 0: any two.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Of prices, gaps and everything else that is by chance.")]
TapeOption = Annotated[
    Path | None, typer.Option("--tape", metavar="FILE", help="Quotes from a CSV or Parquet file, for its symbols.")
]
PaceOption = Annotated[float, typer.Option("--pace", min=0, help="What every delay is multiplied with; 0 for none.")]
SpeedOption = Annotated[
    float, typer.Option("--speed", min=0.001, max=100_000, help="Seconds that pass there in one second here.")
]
HostileOption = Annotated[
    float,
    typer.Option("--hostile", min=0, max=1, help="Share of requests, messages and orders that go wrong by chance."),
]
AtOption = Annotated[
    str, typer.Option("--at", metavar="TIME", help="The time to begin at, such as 2026-11-24T15:00Z; now if left out.")
]


def paper(  # noqa: PLR0913 - one argument for each option
    port: PortOption = _PORT,
    seed: SeedOption = 0,
    tape: TapeOption = None,
    pace: PaceOption = 1.0,
    starts_at: AtOption = "",
    speed: SpeedOption = 1.0,
    hostile: HostileOption = 0.0,
    *,
    is_calm: Annotated[
        bool, typer.Option("--calm", help="Neither environment is slow, strict, incomplete or moody.")
    ] = False,
    has_tape_only: Annotated[
        bool, typer.Option("--tape-only", help="No quotes but those of the tape; without it the rest is made up.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """
    Serve a local sandbox and a local production to the unpatched tastytrade SDK, until stopped.

    No money, no network. The sandbox is as awkward as the real one unless told to be calm. Prints where they are
    and the keys to them. Example: signalbook paper --seed 7 --at 2026-11-24T15:00Z
    """
    if has_tape_only and tape is None:
        raise typer.BadParameter("without a --tape there are no quotes at all", param_hint="--tape-only")
    clock = PaperClock(SystemClock(), _moment(starts_at), speed)
    read = _tape(tape)
    pace = 0.0 if is_calm else pace
    opening = Hostility(seed, hostile, pace).opening() if hostile else Opening(seed=seed, pace=pace, is_calm=is_calm)
    server = open_server(replace(opening, quotes=read if has_tape_only else None, tape=read), clock)
    try:
        sockets = bound(port)
    except OSError as error:
        remedy = "choose another with --port, or 0 for any"
        raise CommandFailed("port_in_use", f"port {port} or {port + 1}: {error.strerror}", remedy) from error
    if read is not None:
        _tell_what_is_not_listed(read, server)
    if as_json:
        print_json(_places(server, ports_of(sockets)))
    else:
        _show(server, ports_of(sockets))
    listen(server, sockets)


def _tape(path: Path | None) -> Tape | None:
    try:
        return None if path is None else read_tape(path)
    except TapeError as error:
        raise CommandFailed(error.code, str(error), error.remedy) from error


def _tell_what_is_not_listed(tape: Tape, server: PaperServer) -> None:
    """Name symbols of a tape nobody can order today: written otherwise than the broker does, or of another day."""
    exchange, now = server.production.exchange, server.production.now()
    unknown = [symbol for symbol in tape.symbols if exchange.listing.instrument(symbol, now) is None]
    if unknown:
        shown = ", ".join(map(repr, unknown[:_MOST_SHOWN])) + (", …" if len(unknown) > _MOST_SHOWN else "")
        err().print(f"not listed on {now:%Y-%m-%d}, so not to be traded then: {shown}", highlight=False, markup=False)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no time: write 2026-11-24T15:00Z") from error
    if moment is not None and moment.year not in _YEARS:
        raise typer.BadParameter(f"{text} is before {_YEARS.start} or after {_YEARS.stop - 1}")
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _places(server: PaperServer, ports: Ports) -> dict[str, Mapping[str, object]]:
    return {environment.value: _place(server, environment, port) for environment, port in ports.items()}


def _place(server: PaperServer, environment: Environment, port: int) -> dict[str, object]:
    trading, reading = grants(environment)
    return {
        "rest": f"http://127.0.0.1:{port}",
        "account_stream": f"ws://127.0.0.1:{port}",
        "quote_stream": f"ws://127.0.0.1:{port}{QUOTE_PATHS[environment]}",
        "accounts": list(server.venues[environment].exchange.accounts),
        "client_secret": trading.client_secret,
        "refresh_token": trading.refresh_token,
        "read_only_refresh_token": reading.refresh_token,
    }


def _show(server: PaperServer, ports: Ports) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("", *(environment.value for environment in ports)):
        table.add_column(column, overflow="fold")
    places = _places(server, ports)
    for row in places[Environment.SANDBOX]:
        table.add_row(row.replace("_", " "), *(_cell(place[row]) for place in places.values()))
    out().print(table)
    out().print(_HOW, soft_wrap=True)
    err().print("serving; stop with Ctrl-C")


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


_HOW = """
With the SDK, sandbox first:
  session = Session(client_secret, refresh_token, is_test=True, timeout=20)   # production: is_test=False
  session._client.base_url = rest
  alerts = AlertStreamer(session); alerts.base_url = account_stream           # before `async with`
The quote stream is found through the session.
Its time is read with        curl REST/_paper/clock
Tests make things wrong with curl REST/_paper/faults -H 'Content-Type: application/json' \\
                               -d '{"kind": "lost_after", "where": "place_order"}'
"""
