"""Certification against the local exchange: what it finds, what it leaves behind, and what it can never do."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest

from engine.adapters.tastytrade.connection import Connection, Pace
from engine.adapters.tastytrade.destination import Credentials, production, sandbox
from engine.app.certificates import read_certificates
from engine.app.certification import Certified, Certifying, bench_of, certify
from engine.app.credentials import Access
from engine.certify.bench import Record, TradeBench
from engine.certify.findings import Finding, Outcome
from engine.certify.run import probes_of
from engine.model.desk import AccountKind
from engine.model.environment import Environment
from engine.model.errors import CredentialsRefused, InvariantBroken
from engine.paper import venue
from engine.paper.faults import Trouble
from engine.paper.opening import ACCOUNTS, Opening, grants
from tests.contract.reach import CALM, Way, World, tell

DAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AWKWARD = Opening(seed=7, pace=0.0)
MAIN = "import sys; from engine.cli.main import main; sys.argv[0] = 'signalbook'; main()"
CHANGES = ("place_order", "cancel_order", "replace_order", "edit_order", "place_complex_order", "cancel_complex_order")


class Audience:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.findings: list[Finding] = []
        self.left: tuple[str, ...] | None = None
        self.begun = anyio.Event()

    def began(self, probe: str) -> None:
        self.names.append(probe)
        if probe == "replacing":
            self.begun.set()

    def found(self, finding: Finding) -> None:
        self.findings.append(finding)

    def cleared(self, left: tuple[str, ...]) -> None:
        self.left = left


def access_of(world: World, environment: Environment, secret: str = "") -> Access:
    kind = environment.kind
    of = venue.Environment(kind.value)
    keys = grants(of)[0]
    place = sandbox if kind is AccountKind.SANDBOX else production
    credentials = Credentials(secret or keys.client_secret, keys.refresh_token)
    return Access(kind.value, environment, place(world.transport), ACCOUNTS[of], credentials)


def certifying(world: World, folder: Path, *only: str, seconds: float = 5.0) -> Certifying:
    async def wait(length: float) -> None:
        world.pass_time(length)
        await anyio.sleep(0.1)

    return Certifying(folder, world.clock, DAY, frozenset(only), Pace(seconds=seconds, per_minute=10_000), wait)


def certified(
    folder: Path, environment: Environment, *only: str, way: Way = Way.IN_PROCESS, opening: Opening = CALM
) -> tuple[Certified, Audience]:
    """Certify against a new exchange."""
    told = Audience()
    done: list[Certified] = []

    async def story(world: World):
        done.append(await certify(access_of(world, environment), certifying(world, folder, *only), told))
        orders = world.sandbox.exchange.accounts
        assert orders
        for place in world.server.venues.values():
            assert working(place) == []

    tell(story, way, opening)
    return done[0], told


def working(place: venue.Venue) -> list[object]:
    """Return the orders of an environment that still could fill."""
    number = place.exchange.accounts[0]
    return [each for each in place.exchange.live_orders(number, place.now()) if not each.status.is_final]


def outcomes(done: Certified) -> dict[str, Outcome]:
    return {each.probe: each.outcome for each in done.certificate.findings}


def test_the_awkward_sandbox_is_as_the_engine_assumes(way: Way, tmp_path: Path):
    done, told = certified(tmp_path, Environment.PAPER_SANDBOX, way=way, opening=AWKWARD)

    expected = {probe.name: Outcome.PASSED for probe in probes_of(AccountKind.SANDBOX)}
    assert outcomes(done) == expected | {"partial-replaced": Outcome.COULD_NOT_RUN}
    assert told.names == list(expected)
    assert told.left == done.certificate.left == ()


def test_production_is_as_the_engine_assumes(way: Way, tmp_path: Path):
    done, told = certified(tmp_path, Environment.PAPER_PRODUCTION, way=way, opening=AWKWARD)

    assert outcomes(done) == {probe.name: Outcome.PASSED for probe in probes_of(AccountKind.PRODUCTION)}
    assert told.left is None


def test_what_differs_is_told_with_what_came(tmp_path: Path):
    """A calm sandbox takes every version and has live quotes, which the real one does not."""
    done, _ = certified(tmp_path, Environment.PAPER_SANDBOX, "version-header", "quote-lag")

    assert outcomes(done) == {"version-header": Outcome.DIFFERS, "quote-lag": Outcome.DIFFERS}
    came = {each.probe: each.came for each in done.certificate.findings}
    assert came["version-header"] == "as the client sends it: 200; 20251101: 200; 20000101: 406"


def test_the_certificate_the_report_and_every_answer_are_written_without_secrets(tmp_path: Path):
    done, _ = certified(tmp_path, Environment.PAPER_SANDBOX, opening=AWKWARD)

    texts = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.*") if path.is_file()}
    keys = grants(venue.Environment.SANDBOX)[0]
    secrets = (ACCOUNTS[venue.Environment.SANDBOX], keys.client_secret, keys.refresh_token, "Bearer ", "eyJ")
    assert [(path.name, each) for path, text in texts.items() for each in secrets if each in text] == []
    assert done.folder == tmp_path / "2026-11-22-paper-sandbox"
    assert list(read_certificates(tmp_path)) == [done.certificate]
    assert "cancelling: passed" in texts[done.folder / "report.txt"]
    answers = sorted(path.name for path in (done.folder / "answers").iterdir())
    assert len(answers) > 50
    deleted = [text for path, text in sorted(texts.items()) if "cancelling" in path.name and '"DELETE ' in text]
    assert json.loads(deleted[0])["body"]["data"]["status"] in ("Cancel Requested", "Cancelled", "Live")


def test_a_second_run_of_a_day_keeps_the_first(tmp_path: Path):
    for _ in range(2):
        certified(tmp_path, Environment.PAPER_PRODUCTION, "reading")

    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "2026-11-22-paper-production",
        "2026-11-22-paper-production-2",
    ]


# ---------------------------------------------------------------- production never places


def test_production_is_asked_nothing_that_changes_anything(tmp_path: Path):
    asked: list[str] = []

    async def story(world: World):
        await certify(access_of(world, Environment.PAPER_PRODUCTION), certifying(world, tmp_path), Audience())
        asked.extend(each.route for each in world.production.journey.asked)

    tell(story, Way.IN_PROCESS)
    assert len(asked) > 20
    assert set(asked) & set(CHANGES) == set()


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.PAPER_PRODUCTION])
def test_the_bench_of_production_has_no_way_to_an_order(tmp_path: Path, environment: Environment):
    """Nothing of ours that can be reached from it has a method that changes anything."""

    async def story(world: World):
        access = access_of(world, environment)
        async with Connection(access.destination, access.credentials).opened() as connection:
            bench = bench_of(access, connection, certifying(world, tmp_path), Record())
            ways = {
                f"{type(each).__name__}.{name}"
                for each in reachable(bench)
                for name in ("place", "replace", "cancel", "place_complex", "cancel_complex")
                if hasattr(each, name)
            }

            assert ways == set()
            with pytest.raises(InvariantBroken):
                TradeBench(bench, None, None)  # type: ignore[arg-type]

    tell(story, Way.IN_PROCESS)


def reachable(start: object) -> Iterator[object]:
    """Yield every object of the engine that can be reached from one by its attributes."""
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        each = waiting.pop()
        if (
            id(each) in seen
            or isinstance(each, str)
            or not type(each).__module__.startswith("engine.")
            or "paper" in type(each).__module__
        ):
            continue
        seen.add(id(each))
        yield each
        names = [*getattr(each, "__dict__", {}), *getattr(type(each), "__slots__", ())]
        waiting += [getattr(each, name) for name in names if hasattr(each, name)]
        waiting += (
            [getattr(value, "__self__", None) for value in vars(each).values()] if hasattr(each, "__dict__") else []
        )
    assert len(seen) > 5


def test_a_sandbox_bench_places_nothing_but_one_share_far_from_the_market(tmp_path: Path):
    async def story(world: World):
        access = access_of(world, Environment.PAPER_SANDBOX)
        async with Connection(access.destination, access.credentials).opened() as connection:
            bench = TradeBench(
                bench_of(access, connection, certifying(world, tmp_path), Record()),
                None,  # type: ignore[arg-type]
                None,  # type: ignore[arg-type]
            )
            share = bench.share("x")
            for order in (
                replace(share, price=None),
                replace(share, price=share.price * 3 if share.price else None),
                replace(share, legs=(replace(share.legs[0], quantity=2),)),
                replace(share, legs=(replace(share.legs[0], symbol="SPXL"),)),
                replace(share, legs=share.legs * 2),
            ):
                with pytest.raises(InvariantBroken):
                    await bench.place(order)

    tell(story, Way.IN_PROCESS)


# ---------------------------------------------------------------- whatever happens, orders are taken back


def test_a_run_that_is_broken_off_takes_its_orders_back(tmp_path: Path):
    told = Audience()

    async def story(world: World):
        told.begun = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(certify, access_of(world, Environment.PAPER_SANDBOX), certifying(world, tmp_path), told)
            await told.begun.wait()
            await anyio.sleep(0.02)
            assert working(world.sandbox) != []
            group.cancel_scope.cancel()

        assert working(world.sandbox) == []

    tell(story, Way.IN_PROCESS)
    assert told.left == ()


@pytest.mark.parametrize("trouble", [Trouble.LOST_AFTER, Trouble.ERROR_AFTER, Trouble.CUT, Trouble.LOST_BEFORE])
def test_an_order_nobody_answered_for_is_found_and_taken_back(tmp_path: Path, trouble: Trouble):
    told = Audience()

    async def story(world: World):
        world.sandbox.faults.script(trouble, "place_order")
        here = certifying(world, tmp_path, "identifier-echo", seconds=0.5)
        done = await certify(access_of(world, Environment.PAPER_SANDBOX), here, told)

        assert outcomes(done) == {"identifier-echo": Outcome.COULD_NOT_RUN}
        assert done.certificate.findings[0].came.startswith("outcome_unknown: ")
        assert working(world.sandbox) == []

    tell(story, Way.IN_PROCESS)
    assert told.left == ()


def test_what_cannot_be_taken_back_is_told(tmp_path: Path):
    told = Audience()

    async def story(world: World):
        world.sandbox.faults.script(Trouble.SERVER_ERROR, "cancel_order", times=1000)
        here = certifying(world, tmp_path, "visible-after")
        await certify(access_of(world, Environment.PAPER_SANDBOX), here, told)

        assert working(world.sandbox) != []

    tell(story, Way.IN_PROCESS)
    assert told.left is not None
    assert "it is not known whether orders named certify-" in told.left[0]


def test_refused_credentials_end_everything(tmp_path: Path):
    async def story(world: World):
        access = access_of(world, Environment.PAPER_SANDBOX, secret="wrong-secret")
        with pytest.raises(CredentialsRefused):
            await certify(access, certifying(world, tmp_path), Audience())

    tell(story, Way.IN_PROCESS)
    assert list(read_certificates(tmp_path)) == []


def test_a_service_that_is_down_is_told_apart_from_one_that_differs(tmp_path: Path):
    async def story(world: World):
        world.production.faults.chances[Trouble.SERVER_ERROR] = 1.0
        here = certifying(world, tmp_path, "reading", "refusals")
        try:
            done = await certify(access_of(world, Environment.PAPER_PRODUCTION), here, Audience())
        except CredentialsRefused:
            return
        assert set(outcomes(done).values()) <= {Outcome.COULD_NOT_RUN, Outcome.DIFFERS}

    tell(story, Way.IN_PROCESS)


# ---------------------------------------------------------------- the command


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", MAIN, "certify", "tastytrade", *arguments]


def test_the_command_certifies_a_local_exchange(tmp_path: Path):
    done = subprocess.run(
        command("--paper", "--yes", "--json", "--only", "reading", "--only", "visible-after", "--home", str(tmp_path)),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [each["environment"] for each in said["certificates"]] == ["paper-sandbox", "paper-production"]
    assert all(Path(each["folder"], "report.txt").exists() for each in said["certificates"])
    assert "cancelled afterwards whatever happens" in done.stderr
    assert "nothing is placed" in done.stderr


def test_ctrl_c_waits_until_the_orders_are_taken_back(tmp_path: Path):
    process = subprocess.Popen(
        command("--paper", "--yes", "--home", str(tmp_path)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    seen = ""
    deadline = time.monotonic() + 60
    while "visible-after …" not in seen and time.monotonic() < deadline:
        assert process.stderr
        seen += process.stderr.read(1)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "no order of this run is left" in rest
    assert list((tmp_path / "certification").glob("*/certificate.json")) == []
    assert list((tmp_path / "certification").glob("*/answers/*clearing*")) != []


def test_without_a_yes_nothing_is_placed(tmp_path: Path):
    done = subprocess.run(
        command("--paper", "--home", str(tmp_path)),
        input="n\n", capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 130
    assert not (tmp_path / "certification").exists()
