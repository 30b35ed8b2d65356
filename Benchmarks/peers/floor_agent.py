"""No SSH at all: one waiting shell per host, all released at once by the end of one pipe; what is left is the work itself."""

import os
import resource
import subprocess
import time

import agent


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Client:
    def __init__(self):
        self.place = agent.Place()

    def open(self):
        return 0.0, [], []

    def run(self, command, out, err):
        reading, writing = os.pipe()
        # "/srv" is each host's own folder; seen from here it has another name.
        shells = [
            subprocess.Popen(
                ["/bin/sh", "-c", 'read -r go; exec /bin/sh -c "$1"', "sh",
                 command.replace("/srv/", f"{self.place.folder}/hosts/{host}/")],
                stdin=reading, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for host in self.place.hosts
        ]
        os.close(reading)
        time.sleep(0.3)
        start = time.perf_counter()
        os.close(writing)
        codes = [shell.wait() for shell in shells]
        return time.perf_counter() - start, [], [f"exit {code}" for code in codes if code != 0]

    def close(self):
        return 0.0, [], []


agent.serve(Client(), cpu=children_cpu)
