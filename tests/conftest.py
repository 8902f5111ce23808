"""What all tests need of the process they run in."""

import signal

# A shell that runs something in the background has it ignore Ctrl-C, and so would every command started by a test.
signal.signal(signal.SIGINT, signal.default_int_handler)
