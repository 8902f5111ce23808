"""What the exit status of the command means."""

from enum import IntEnum


class ExitCode(IntEnum):
    """
    The status every command ends with; documented in the README.

    FINDINGS: the command worked and found something to act on (a text that is refused, versions
    that differ). CREDENTIALS: the broker does not accept who we are; do not start again before they are
    checked. ENGINE: no engine runs, or it does not answer.
    USAGE: wrong options or arguments. BUG: a fault of the program itself.
    """

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    PLAYBOOKS = 3
    ARCHIVE = 4
    STORE = 5
    JOURNAL = 6
    BROKER = 7
    CREDENTIALS = 8
    ENGINE = 9
    BUG = 70
    STOPPED = 130
