"""
Writes docs/traces.md: what `signalbook trace` shows of every kind of alert, of one run on this machine.

Times differ from run to run, so no target of the Makefile does this: python -m tests.trace_page
"""

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from typer.testing import CliRunner

from engine.adapters.clock import SystemClock
from engine.cli.main import app
from engine.paper.opening import Opening
from tests.trading_week import FRIDAY, SEED, posted, shipped, steady, traded_week

PAGE: Final = Path(__file__).parents[1] / "docs" / "traces.md"
SHOWN: Final = (
    "Shares",
    "One option",
    "Vertical",
    "Butterfly",
    "Iron condor",
    "Future",
    "Option on a future, with an approval",
    "A close of part of a position",
    "All out",
)
_CALM: Final = Opening(seed=SEED, pace=0.0, is_calm=True)
_AWKWARD: Final = Opening(seed=SEED)
_WIDTH: Final = "150"
_PASSED: Final = re.compile(r"^[ │]+ {2}[✓–] ")


def page(day: str) -> str:
    """Trade, and return the page. day: today's."""
    with TemporaryDirectory() as home:
        calm = traded_week(Path(home) / "calm", steady(_CALM), shipped("4-friday.json"), speed=1.0)
        ways = [_section(name, calm.home, message.id) for name, message in zip(SHOWN, calm.messages, strict=True)]
        asked = posted(FRIDAY, ("BTO 1 /MESZ6 @ 6842",))
        awkward = traded_week(Path(home) / "awkward", steady(_AWKWARD), asked, speed=1.0)
        last = _section("A future at a sandbox that takes none", awkward.home, asked[0].id, _AWKWARD_SAYS)
    return "\n".join((_HEAD.format(day=day), *ways, last))


_HEAD: Final = """\
# What happens to an alert, with times

What `signalbook trace` shows of the nine alerts of `examples/desk/messages/4-friday.json`, once a playbook has earned
production as in `make demo`. Made on {day}, one run, engine and local exchange in one process over loopback TCP, on
a shared machine with two cores. The exchange answers at once and its prices stand still: the figures say where our own
time goes, not how fast a broker is. Checks that passed, or did not apply, are left out. `ms` counts from when the
message was taken in, `+ms` from the line before. None of it has met the real service
([certification.md](certification.md)).

What to look for:

- **decision**: every gate, on facts asked for just before; on disk before anything follows from it.
- **sandbox**: the same order, there. Live is enough for this playbook; then it is cancelled, and what filled is closed
  again (`unwinding`) while the alert goes on.
- **approval**: only above the playbook's amount, or where the sandbox could not judge.
- **checks**: prices, account, limits and the broker's dry run of exactly this order, right before it is sent.
- **production**: `order on disk` comes before `send begins`. The account's stream may tell of a fill before, or
  instead of, the answer to the request.
- **mirror**: a close is repeated in the sandbox for the record; it holds nothing there, which is what it says.
"""
_AWKWARD_SAYS: Final = """\
The same exchange as awkward as the real one is known to be, with its delays: the sandbox takes seconds, and rejects
every future in the words of an outage. The playbook says `on_unavailable: ask`, so a person decides.

"""


def _section(name: str, home: Path, message_id: str, says: str = "") -> str:
    result = CliRunner().invoke(app, ["trace", message_id, "--home", str(home)], env={"COLUMNS": _WIDTH})
    assert result.exit_code == 0, result.output
    way = "\n".join(_shortened(result.stdout))
    return f"## {name}\n\n{says}```\n{way}\n```\n"


def _shortened(printed: str) -> Iterator[str]:
    for line in printed.rstrip("\n").split("\n")[2:]:  # without the message's id and when it was posted
        if _PASSED.match(line) is None:
            yield line.rstrip()


if __name__ == "__main__":
    PAGE.write_text(page(f"{SystemClock().now().astimezone(UTC):%Y-%m-%d}"), encoding="utf-8")
