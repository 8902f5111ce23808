"""
`python -m tests.soak.journal_faults --count 1000 --seed 1`: alter journals; `verify` must name the entry.

What only a witness could show must lie behind the last one, in the tail `verify` says nobody has seen.
"""

import argparse
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.journal.log import read_entries
from engine.journal.verify_log import Fault, Verdict, verify
from engine.model.entry import Entry, Witness
from engine.model.errors import JournalError
from tests.soak.altered_journal import Altered, altered_journal, write_journal

ALTERED_EACH = 20


@dataclass(frozen=True, slots=True)
class Result:
    """What became of altered journals. missed: what was not seen though it could be; named, unseen: how many."""

    named: int
    unseen: int
    missed: tuple[str, ...]


def judge(count: int, seed: int, folder: Path) -> Result:
    """Alter that many journals in a folder and verify each."""
    seen: Counter[str] = Counter()
    missed: list[str] = []
    for index in range(count):
        whole = folder / f"whole-{index // ALTERED_EACH}"
        if not whole.exists():
            write_journal(whole, random.Random(f"{seed}:{index // ALTERED_EACH}"))
        place = folder / f"altered-{index}"
        altered, witness = altered_journal(whole, place, f"{seed}:{index}")
        verdict = verify(place)
        wrong = _wrong(altered, witness, verdict) or _wrongly_read(whole, place, altered)
        seen["unseen" if verdict.ok else "named"] += 1
        if wrong:
            missed.append(f"{index}: {altered.what} (entry {altered.seq}, witness {witness.seq}): {wrong}")
    return Result(seen["named"], seen["unseen"], tuple(missed))


def _wrong(altered: Altered, witness: Witness, verdict: Verdict) -> str:
    if verdict.ok:
        is_judged = altered.is_visible or altered.seq <= witness.seq
        return "nothing was found" if is_judged else ""
    if altered.is_visible:
        # Where a hash was changed with its entry, it is the next one that does not fit.
        is_named = any(problem.seq in (altered.seq, altered.seq + 1) for problem in verdict.problems)
    else:
        faults = (Fault.NOT_AS_WITNESSED, Fault.TRUNCATED)
        is_named = any(problem.fault in faults for problem in verdict.problems) and altered.seq <= witness.seq
    return "" if is_named else f"another was named: {verdict.problems}"


def _wrongly_read(whole: Path, place: Path, altered: Altered) -> str:
    """A reader stops or raises before it takes anything for an entry that is none, unless all hashes were forged."""
    written = list(read_entries(whole))
    read: list[Entry] = []
    try:
        read.extend(read_entries(place))
    except JournalError as error:
        return "" if error.code == "journal_damaged" else f"reading says {error.code}"
    is_forged = "made to fit" in altered.what
    return "" if is_forged or read == written[: len(read)] else "read as if it were whole"


def main() -> int:
    """Judge and tell; 1 when anything was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = judge(given.count, given.seed, Path(folder))
    print(
        f"{given.count} altered journals: {result.named} named, {result.unseen} behind the last witness and not visible"
    )
    for each in result.missed:
        print(f"MISSED {each}")
    return 1 if result.missed else 0


if __name__ == "__main__":
    sys.exit(main())
