"""What every measured client has in common: it reads requests as JSON lines and answers with what they cost.

A client's module gives `main` an object with open(), cold(), run(command, out, err), upload(source, target) and close();
each returns (wall seconds, seconds after the start at which each host was done, [what went wrong]).
"""

import json
import os
import resource
import sys
import time

# What is left to do after a call (callbacks, closing channels) belongs to its cost.
SETTLE = 0.15


def own_cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def own_peak():
    """Largest resident memory of this program in bytes. (What getrusage tells began with that of its parent.)"""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) * 1024


def reply(body):
    sys.stdout.write(json.dumps(body) + "\n")
    sys.stdout.flush()


def serve(client, cpu=own_cpu, peak=own_peak, settle=time.sleep):
    for line in sys.stdin:
        request = json.loads(line)
        work = request.pop("op")
        before = cpu()
        try:
            wall, done, failed = getattr(client, work)(**request)
        except Exception as error:  # an answer is owed; the caller counts it as a failed call
            wall, done, failed = 0.0, [], [f"{type(error).__name__}: {error}"]
        settle(SETTLE)
        reply(
            {
                "wall_s": wall,
                "client_cpu_s": cpu() - before,
                "peak_bytes": peak(),
                "done_s": done,
                "failed": failed[:8],
            }
        )
        if work == "close":
            return


class Place:
    """Where the hosts are and how to log in, as the caller passes it in the environment."""

    def __init__(self):
        folder = os.environ["BENCH_FOLDER"]
        with open(f"{folder}/addresses") as file:
            self.hosts = file.read().split()
        self.folder = folder
        self.key = f"{folder}/id_ed25519"
        self.known_hosts = f"{folder}/known_hosts"
        self.user = os.environ["BENCH_USER"]
