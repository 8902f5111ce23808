"""`signalbook resume`: lifts what was restricted."""

from typing import Annotated, Any

import typer

from engine.adapters.clock import SystemClock
from engine.app.agreed_desk import desk_in_force
from engine.app.control_client import ControlClient
from engine.app.control_words import EngineNotRunning
from engine.app.json_form import json_form
from engine.app.kill_accounts import desk_of
from engine.app.settings import Settings
from engine.app.states_without_engine import states_without_engine
from engine.app.trading_state import Place, Restrictions, place_of, why_not_lifted
from engine.app.trading_state_file import TradingStateFile
from engine.cli.group import CommandFailed
from engine.cli.homes import existing_home
from engine.cli.kill import ScopeOption
from engine.cli.options import DEFAULT_PLAYBOOKS, HomeOption, JsonFlag, PlaybooksOption
from engine.cli.screen import out, print_json, visible
from engine.model.desk import Desk


def resume(  # noqa: PLR0913 - one argument for each option
    scope: ScopeOption,
    by: Annotated[str, typer.Option(help="Who lifts it: a name of the desk that may control.")],
    why: Annotated[str, typer.Option(help="The reason, for those who come after.")],
    playbooks: PlaybooksOption = DEFAULT_PLAYBOOKS,
    home: HomeOption = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """
    Lift what a kill, or the engine itself, has restricted, for exactly the place it was said for.

    The running engine does it; where none runs the journal says so to the next one. What the engine has set by itself
    only a person of a readable desk lifts. An engine that hangs is to be ended first.

    Example: signalbook resume --scope all --by carol --why "quotes are back"
    """
    places = existing_home(home)
    desk = desk_of(playbooks)
    known = TradingStateFile(places.trading_state).read().known
    gone = tuple(each for each in known if place_of(each) == scope)
    _check(desk, by, gone)
    try:
        answer = ControlClient(places.control).ask("resume", place=str(scope), by=by, why=why)
    except EngineNotRunning:
        if not gone and not places.journal.exists():  # to open one that is not there would make it
            raise _nothing_at(scope) from None
        answer = _without_engine(places, desk, scope, by, why)
    if as_json:
        print_json(answer)
        return
    for each in answer["lifted"]:
        out().print(visible(f"lifted: {_said(each)}"), soft_wrap=True)
    for each in answer["in_force"]:
        out().print(visible(f"still in force: {_said(each)}"), soft_wrap=True)


def _without_engine(places: Settings, desk: Desk | None, place: Place, by: str, why: str) -> dict[str, Any]:
    clock = SystemClock()
    with states_without_engine(places, clock) as states:
        gone = states.at(place)
        if not gone:
            raise _nothing_at(place)
        _check(desk, by, gone)
        _check(desk_in_force(places.journal, desk), by, gone)  # nobody is let in by what the file adds, or cannot say
        lifted = states.lift(place, by, why)
        return {"lifted": json_form(lifted), "in_force": json_form(states.in_force(clock.now()))}


def _nothing_at(place: Place) -> CommandFailed:
    message = f"nothing is restricted for exactly {place}"
    return CommandFailed("nothing_to_lift", message, "signalbook status lists what is")


def _check(desk: Desk | None, by: str, gone: Restrictions) -> None:
    refusal = why_not_lifted(desk, by, gone)
    if refusal is not None:
        raise CommandFailed("may_not_resume", refusal, "ask somebody the desk lets control")


def _said(restriction: dict[str, str]) -> str:
    of = f" {restriction['of']}" if restriction["of"] else ""
    return f"{restriction['scope']}{of} {restriction['state']}, by {restriction['by']}: {restriction['why']}"
