"""Ends what a test started, if the test itself is killed: python3 guard.py FOLDER

Reads "+PID" and "-PID" lines from its standard input. When that ends, the test ended: whatever is left of those
processes is killed and FOLDER removed.
"""
import contextlib
import os
import shutil
import signal
import sys


def main(folder):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    running = set()
    for line in sys.stdin:
        (running.add if line[0] == "+" else running.discard)(int(line[1:]))
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
