"""`python -m benchmarks [SCRIPT...]`: every figure, or those of some scripts, in one table."""

import sys

from benchmarks.run import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
