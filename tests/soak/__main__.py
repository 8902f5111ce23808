"""`python -m tests.soak`: read a million arbitrary messages."""

import sys

from tests.soak.messages import main

if __name__ == "__main__":
    sys.exit(main())
