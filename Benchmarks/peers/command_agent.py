"""The tools that are command lines, over OpenSSH connections that stay open (ControlMaster).

usage: command_agent.py controlmaster | pdsh | clush | ansible
"""

import glob
import os
import resource
import subprocess
import sys
import time

import agent

HOSTS = "BENCH_HOSTS"


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Client:
    def __init__(self, tool):
        self.tool = tool
        self.place = agent.Place()
        self.count = len(self.place.hosts)
        self.home = f"{self.place.folder}/{tool}"
        os.makedirs(self.home, exist_ok=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": self.home,
            "LC_ALL": "C.UTF-8",
            "PDSH_SSH_ARGS_APPEND": "",
        }
        self.masters = []
        self.config("config", f"ControlPath {self.home}/%h")
        self.config("cold", "ControlPath none")
        hosts = ",".join(self.place.hosts)
        self.lines = "\n".join(self.place.hosts) + "\n"
        if tool == "pdsh":
            # pdsh's own words are "-oConnectTimeout" and the user; everything else comes from here.
            self.env["WCOLL"] = f"{self.place.folder}/addresses"
        if tool == "clush":
            self.hosts = hosts
        if tool == "ansible":
            with open(f"{self.home}/inventory", "w") as file:
                file.write(self.lines)
            with open(f"{self.home}/ansible.cfg", "w") as file:
                file.write(
                    f"[defaults]\ninventory={self.home}/inventory\nforks={self.count}\nlocal_tmp={self.home}/tmp\n"
                    "[connection]\npipelining=True\n"
                    f"[ssh_connection]\npipelining=True\nusetty=False\nssh_args=-F {self.home}/config -o ControlMaster=auto"
                    f" -o ControlPersist=600\ncontrol_path_dir={self.home}\ncontrol_path={self.home}/%%h\n"
                )
            self.env["ANSIBLE_CONFIG"] = f"{self.home}/ansible.cfg"

    def config(self, name, more):
        with open(f"{self.home}/{name}", "w") as file:
            file.write(
                f"User {self.place.user}\nIdentityFile {self.place.key}\nIdentitiesOnly yes\n"
                f"UserKnownHostsFile {self.place.known_hosts}\nGlobalKnownHostsFile /dev/null\nBatchMode yes\n"
                f"LogLevel ERROR\n{more}\n"
            )

    def argv(self, command, config):
        if self.tool == "controlmaster":
            return ["xargs", "-P", str(self.count), "-I{}", "ssh", "-F", f"{self.home}/{config}", "{}", command]
        if self.tool == "pdsh":
            self.env["PDSH_SSH_ARGS"] = f"-2 -a -x -F {self.home}/{config} %h"
            return ["pdsh", "-S", "-N", "-R", "ssh", "-f", str(self.count), command]
        if self.tool == "clush":
            return ["clush", "-S", "-N", "-w", self.hosts, "-f", str(self.count), "-l", self.place.user,
                    "-o", f"-F {self.home}/{config}", command]
        extra = [] if config == "config" else ["--ssh-common-args", f"-F {self.home}/cold -o ControlMaster=no"]
        return [sys.executable, "-m", "ansible", "adhoc", "all", "-m", "raw", "-a", command] + extra

    def call(self, argv, out=None, err=None):
        start = time.perf_counter()
        with open(f"{self.home}/out", "wb") as stdout, open(f"{self.home}/err", "wb") as stderr:
            ended = subprocess.run(
                argv, input=self.lines.encode(), stdout=stdout, stderr=stderr, env=self.env, timeout=110)
        wall = time.perf_counter() - start
        failed = []
        if ended.returncode != 0:
            for name in ("err", "out"):
                with open(f"{self.home}/{name}", errors="replace") as file:
                    failed.append(f"exit {ended.returncode}: {file.read(300)}")
        # Ansible and pdsh put words of their own around what a host said, and clush may drop none of it.
        for name, size in (("out", out), ("err", err)):
            seen = os.path.getsize(f"{self.home}/{name}")
            if size and seen < size * self.count and not (self.tool == "ansible" and name == "err"):
                failed.append(f"{name}: {seen} bytes")
        return wall, [], failed

    def open(self):
        if self.tool == "ansible":
            result = self.run("/bin/true", 0, 0)
        else:
            result = self.call(
                ["xargs", "-P", "32", "-I{}", "ssh", "-F", f"{self.home}/config", "-MNf", "{}"])
        self.masters = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, errors="replace") as file:
                    line = file.read()
            except OSError:
                continue
            if line.startswith("ssh") and f"{self.home}/" in line:
                self.masters.append(int(path.split("/")[2]))
        if len(self.masters) < self.count:
            result[2].append(f"{len(self.masters)} of {self.count} masters")
        return result

    def cold(self):
        return self.call(self.argv("/bin/true", "cold"))

    def run(self, command, out, err):
        return self.call(self.argv(command, "config"), out, err)

    def upload(self, source, target):
        argv = ["xargs", "-P", str(self.count), "-I{}", "scp", "-q", "-F", f"{self.home}/config", source, "{}:" + target]
        if self.tool == "clush":
            argv = self.argv("", "config")[:-1] + ["--copy", source, "--dest", target]
        return self.call(argv)

    def close(self):
        for pid in self.masters:
            try:
                os.kill(pid, 15)
            except ProcessLookupError:
                pass
        self.masters = []
        return 0.0, [], []

    def cpu(self):
        nanoseconds = 0
        for pid in self.masters:
            try:
                with open(f"/proc/{pid}/schedstat") as file:
                    nanoseconds += int(file.read().split()[0])
            except OSError:
                pass
        return children_cpu() + nanoseconds / 1e9

    def peak(self):
        # Of a child smaller than this process only that is known; then it does not count.
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        total = largest if largest > agent.own_peak() + (1 << 20) else 0
        for pid in self.masters:
            try:
                with open(f"/proc/{pid}/statm") as file:
                    total += int(file.read().split()[1]) * 4096
            except OSError:
                pass
        return total


client = Client(sys.argv[1])
agent.serve(client, cpu=client.cpu, peak=client.peak)
