"""parallel-ssh with its native client (libssh2 on gevent): one ParallelSSHClient whose connections stay open."""

import gc
import os
import time

from gevent import joinall, sleep
from pssh.clients import ParallelSSHClient

import agent


class Client:
    def __init__(self):
        self.place = agent.Place()
        self.client = None

    def open(self):
        start = time.perf_counter()
        self.client = ParallelSSHClient(
            self.place.hosts,
            user=self.place.user,
            pkey=self.place.key,
            pool_size=len(self.place.hosts),
            num_retries=1,
            allow_agent=False,
        )
        _, _, failed = self.run("/bin/true", 0, 0)
        return time.perf_counter() - start, [], failed

    def cold(self):
        warm = self.client
        result = self.open()
        self.client = warm
        gc.collect()
        return result

    def run(self, command, out, err):
        start = time.perf_counter()
        outputs = self.client.run_command(command, stop_on_errors=False)
        sizes = []
        if out or err:
            for output in outputs:
                # Lines come without their ends; the files that are printed consist of whole lines of ASCII.
                sizes.append(
                    (sum(len(line) + 1 for line in output.stdout), sum(len(line) + 1 for line in output.stderr))
                )
        self.client.join(outputs)
        wall = time.perf_counter() - start
        failed = [f"{o.host}: {o.exception or o.exit_code}" for o in outputs if o.exception or o.exit_code != 0]
        failed += [f"{size} bytes of output" for size in sizes if size != (out, err)]
        return wall, [], failed

    def upload(self, source, target):
        start = time.perf_counter()
        joinall(self.client.copy_file(source, target), raise_error=True)
        return time.perf_counter() - start, [], []

    def close(self):
        # Its connections end with it.
        self.client = None
        gc.collect()
        return 0.0, [], []


os.environ.pop("SSH_AUTH_SOCK", None)
agent.serve(Client(), settle=sleep)
