"""asyncssh on uvloop: `exec` gives every command a channel, `shell` writes it to one /bin/sh per host."""

import asyncio
import secrets
import sys
import time

import asyncssh
import uvloop

import agent


class Client:
    def __init__(self, mode):
        self.mode = mode
        self.place = agent.Place()
        self.loop = uvloop.new_event_loop()
        self.connections = {}
        self.shells = {}

    def settle(self, seconds):
        self.loop.run_until_complete(asyncio.sleep(seconds))

    async def connect(self, host):
        self.connections[host] = await asyncssh.connect(
            host,
            username=self.place.user,
            client_keys=[self.place.key],
            known_hosts=self.place.known_hosts,
            config=None,
            agent_path=None,
        )

    async def shell(self, host):
        self.shells[host] = await self.connections[host].create_process("exec /bin/sh", encoding=None)

    async def exec_command(self, host, command, out, err):
        result = await self.connections[host].run(command, encoding=None)
        if result.exit_status != 0:
            raise RuntimeError(f"exit {result.exit_status}")
        if len(result.stdout) != out or len(result.stderr) != err:
            raise RuntimeError(f"{len(result.stdout)} and {len(result.stderr)} bytes of output")

    async def shell_command(self, host, command, out, err):
        process = self.shells[host]
        mark = secrets.token_hex(16)
        process.stdin.write(f"{command}; echo {mark} $?\n".encode())
        text = await process.stdout.readuntil(mark.encode())
        code = await process.stdout.readline()
        if code.strip() != b"0":
            raise RuntimeError(f"exit {code}")
        if len(text) - len(mark) != out:
            raise RuntimeError(f"{len(text) - len(mark)} bytes of output")

    async def put(self, host, source, target):
        async with self.connections[host].start_sftp_client() as sftp:
            await sftp.put(source, target)

    def everywhere(self, body):
        done, failed = [], []

        async def one(host):
            try:
                await body(host)
                done.append(time.perf_counter() - start)
            except Exception as error:
                failed.append(f"{host}: {type(error).__name__}: {error}")

        async def every():
            await asyncio.gather(*(one(host) for host in self.place.hosts))
            return time.perf_counter() - start

        start = time.perf_counter()
        return self.loop.run_until_complete(every()), done, failed

    def open(self):
        async def one(host):
            await self.connect(host)
            if self.mode == "shell":
                await self.shell(host)

        return self.everywhere(one)

    def cold(self):
        async def one(host):
            await self.connect(host)
            await self.exec_command(host, "/bin/true", 0, 0)

        open_connections, self.connections = self.connections, {}
        result = self.everywhere(one)
        self.disconnect()
        self.connections = open_connections
        return result

    def run(self, command, out, err):
        body = self.shell_command if self.mode == "shell" else self.exec_command
        return self.everywhere(lambda host: body(host, command, out, err))

    def upload(self, source, target):
        return self.everywhere(lambda host: self.put(host, source, target))

    def disconnect(self):
        async def every():
            for connection in self.connections.values():
                connection.abort()
            for connection in self.connections.values():
                await connection.wait_closed()

        self.loop.run_until_complete(every())
        self.connections = {}

    def close(self):
        self.disconnect()
        return 0.0, [], []


client = Client(sys.argv[1])
agent.serve(client, settle=client.settle)
