"""What a kilobyte of a 16 kB text costs to read, against a kilobyte of a 1 kB text."""

from benchmarks.measure import Figure, table
from tests.corpus.shipped import shipped_reader
from tests.soak.lengths import LengthCost, costs_by_length

TARGET = 1.5


def figures() -> tuple[Figure, ...]:
    """Measure every kind of text; the ratio is of the long one's kilobyte to the short one's."""
    return tuple(_figure(cost) for cost in costs_by_length(shipped_reader()))


def _figure(cost: LengthCost) -> Figure:
    measured = f"{cost.short:,.1f} → {cost.long:,.1f} µs per kB"
    return Figure(f"1 kB → 16 kB of {cost.kind}", measured, cost.ratio, TARGET)


if __name__ == "__main__":
    print(table(figures()))
