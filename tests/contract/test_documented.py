"""
What the exchange serves against what the broker documents.

documented.json holds the paths of the documents with the names in their queries, the words of their enums, and the
names of the values of everything they describe.
"""

import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import pytest
import tastytrade.account
import tastytrade.instruments
import tastytrade.market_data
import tastytrade.market_sessions
import tastytrade.order
from pydantic import BaseModel
from tastytrade.order import OrderStatus

from engine.paper.visits import ROUTES
from engine.paper.words import Action, ComplexType, Effect, InstrumentType, OrderType, Status, TimeInForce
from tests.contract.reach import Way, World, tell
from tests.contract.recordings import ACCOUNT, CASES, MARKET, PAYLOADS, Case, ask

DOCUMENTED = json.loads((Path(__file__).parent / "documented.json").read_text(encoding="utf-8"))
SERVED_ALL_THE_SAME = {
    "POST /sessions/validate": "asked by the SDK",
    "GET /customers/me": "documented with an id, and asked by the SDK with `me`",
    "GET /customers/me/accounts": "likewise",
    "GET /customers/me/accounts/{}": "likewise",
    "GET /market-data/{}/{}": "asked by the SDK",
    "GET /instruments/equity-options": "asked by the SDK; the sandbox refuses it to everyone",
}
ASKING = re.compile(r'(?:call\.(?:one|every)|_day)\((?:call, )?"([^"]+)"')
MODULES = (
    tastytrade.account,
    tastytrade.instruments,
    tastytrade.market_data,
    tastytrade.market_sessions,
    tastytrade.order,
)


def _plain(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def test_every_path_is_documented():
    """S-856."""
    documented = {_plain(each) for each in DOCUMENTED["paths"]}
    served = {f"{route.method} {_plain(route.pattern)}" for route in ROUTES}

    assert served - documented == set(SERVED_ALL_THE_SAME)


def test_every_name_in_a_query_is_documented():
    """S-856."""
    names = {name.removesuffix("[]") for names in DOCUMENTED["paths"].values() for name in names}
    sources = [path.read_text(encoding="utf-8") for path in Path("engine/paper").glob("*.py")]
    asked = {
        name for text in sources for name in re.findall(r'(?:call\.(?:one|every)|_day)\((?:call, )?"([^"]+)"', text)
    }

    assert len(asked) > 15
    assert asked <= names


@pytest.mark.parametrize(
    ("words", "name", "besides"),
    [
        (Action, "action", set()),
        (InstrumentType, "instrument-type", set()),
        (OrderType, "order-type", set()),
        (TimeInForce, "time-in-force", set()),
        (ComplexType, "type", set()),
        (Effect, "price-effect", {"None"}),  # which answers say of nothing
    ],
)
def test_every_word_is_documented(words: type[StrEnum], name: str, besides: set[str]):
    """S-856."""
    assert {word.value for word in words} <= set(DOCUMENTED["enums"][name]) | besides


def test_every_status_is_one_the_sdk_knows():
    assert {status.value for status in Status} == {status.value for status in OrderStatus}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_says_nothing_the_broker_never_says(case: Case):
    """S-856."""

    async def story(world: World) -> None:
        async with world.session() as session:
            await session.refresh()
            await session._client.post(f"{ACCOUNT}/orders", json=MARKET)
            world.pass_time(10)
            answer = await ask(session._client, case)
        said = list(_said(answer["data"]))
        assert {key for key, _ in said} - _known() == set()
        assert [(key, value) for key, value in said if not _is_documented(key, value)] == []

    tell(story, Way.IN_PROCESS)


def _said(value: object) -> Iterator[tuple[str, object]]:
    """Yield every key of a value and of all within it, but the symbols some are."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "marks":
                yield key, inner
                yield from _said(inner)
    elif isinstance(value, list):
        for each in value:
            yield from _said(each)


def _is_documented(key: str, value: object) -> bool:
    """Return whether a value is a word of its enum; where it has none, whatever it is."""
    words = DOCUMENTED["enums"].get(key)
    return words is None or not isinstance(value, str) or value in {*words, "None"}


def _known() -> set[str]:
    recorded = (json.loads(path.read_text(encoding="utf-8")) for path in PAYLOADS.glob("*.json"))
    models = (model for module in MODULES for model in _models(module))
    named = {field.alias or name for model in models for name, field in model.model_fields.items()}
    return {*DOCUMENTED["keys"], *(key for body in recorded for key, _ in _said(body)), *named}


def _models(module: ModuleType) -> Iterator[type[BaseModel]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, BaseModel):
            yield value
