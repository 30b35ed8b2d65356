"""Measures replays from outside, from what they record anyway: boot, deploy, first block, memory, tear-down and how they
grow; probes' intervals; the time to recover against the nodes' own block logs.

usage: replay.py PROJECT OUT [--hosts 8,32,64,128,240] [--rounds 3] [--drills 3] [--watched 40]
"""

import argparse
import glob
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

SHARD = 4
SERVERS = 5
# Wall seconds for one command of firedrill.
PATIENCE = 420
PROBE_SLACK = 0.020


def say(text):
    print(f"bench-replay: {text}", file=sys.stderr, flush=True)


def events(folder):
    with open(f"{folder}/events.jsonl") as file:
        for line in file:
            try:
                yield json.loads(line)
            except ValueError:
                return  # a torn last line


def quantile(values, share):
    """The smallest value seen that at least this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered), max(1, -int(-share * len(ordered) // 1))) - 1] if ordered else None


def network_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


def status(pid, field, file="status"):
    """Bytes of a field of /proc/PID/status, or None."""
    try:
        with open(f"/proc/{pid}/{file}") as lines:
            for line in lines:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def inside(config):
    """Processes of a running testnet: pids of the replay and of its nodes. `config` names one pid in its namespace."""
    with open(config) as file:
        pid = next(line.split("--target ")[1].split()[0] for line in file if "--target " in line)
    network = network_of(pid)
    replay, nodes = None, []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        process = path.split("/")[2]
        try:
            with open(path) as file:
                words = file.read().split("\0")
        except OSError:
            continue
        if "_replay" in words[1:2] and network_of(process) == network:
            replay = process
        elif words[0].endswith("harmony/harmony") and network_of(process) == network:
            nodes.append(process)
    return replay, nodes


def first_blocks(machines):
    """For each node its first block and its "started", in monotonic seconds."""
    blocks, starts = {}, {}
    for log in glob.glob(f"{machines}/*/var/log/harmony.log"):
        name = log.split("/")[-4]
        with open(log) as file:
            for line in file:
                if not line.endswith("\n"):
                    break
                entry = json.loads(line)
                if entry["message"] == "started":
                    starts.setdefault(name, (entry["mono"] / 1e9, entry["pid"]))
                elif "consensus reached" in entry["message"]:
                    blocks[name] = entry["mono"] / 1e9
                    break
    return blocks, starts


def booted(firedrill, root, testnet, hosts):
    """Boots one network, waits for a block of every shard, measures it and takes it down."""
    begin = time.monotonic()
    up = subprocess.run(
        [firedrill, "up", testnet, "--root", root], capture_output=True, text=True, timeout=PATIENCE)
    if up.returncode != 0:
        raise RuntimeError(f"firedrill up {testnet}: {up.stderr.strip()[-400:]}")
    ready = time.monotonic()
    config = next(line.split("-F ")[1].split()[0] for line in up.stdout.splitlines() if "-F " in line)
    folder = os.path.dirname(config)
    try:
        shards = (hosts - SERVERS) // SHARD
        while True:
            blocks, starts = first_blocks(f"{folder}/machines")
            known = {name.split("-")[0] for name in blocks}
            if len(known) >= shards:
                break
            if time.monotonic() > ready + 60:
                raise RuntimeError(f"{testnet}: {len(known)} of {shards} shards have a block a minute after boot")
            time.sleep(0.2)
        by_shard = {}
        for name, at in blocks.items():
            shard = name.split("-")[0]
            by_shard[shard] = min(at, by_shard.get(shard, at))
        time.sleep(2)
        replay, nodes = inside(config)
        private = [
            (status(node, "Private_Dirty", "smaps_rollup") or 0) + (status(node, "Private_Clean", "smaps_rollup") or 0)
            for node in nodes
        ]
        connected = [float(event["t"]) / 1e9 for event in events(folder) if event["type"] == "hostReady"]
        result = {
            "hosts": hosts,
            "ready_s": ready - begin,
            "servers_reached_s": max(connected) - begin,
            "first_block_s": max(by_shard.values()) - begin,
            "orchestrator_peak_bytes": status(replay, "VmHWM"),
            "orchestrator_bytes": status(replay, "VmRSS"),
            "node_private_bytes": statistics.median(private) if private else None,
            "nodes": len(nodes),
        }
    finally:
        begin = time.monotonic()
        subprocess.run([firedrill, "down", testnet, "--root", root], capture_output=True, timeout=PATIENCE)
        down = time.monotonic() - begin
    result["teardown_s"] = down
    return result


def node_start(program, rounds=20):
    """Wall seconds until the node's program has loaded and ended (`version`), median: what starting it costs at least."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run([program, "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def interval_seconds(text):
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    total, number = 0.0, ""
    index = 0
    while index < len(text):
        if text[index].isdigit() or text[index] == ".":
            number += text[index]
            index += 1
            continue
        unit = "ms" if text.startswith("ms", index) else text[index]
        total += float(number) * units[unit]
        number = ""
        index += len(unit)
    return total


def drill(firedrill, root, scenario, arm):
    """Plays one arm and reads what it recorded."""
    before = set(glob.glob(f"{root}/.firedrill/runs/*"))
    begin = time.monotonic()
    ended = subprocess.run(
        [firedrill, "run", scenario, "--arm", arm, "--root", root, "--quiet"],
        capture_output=True, text=True, timeout=PATIENCE)
    wall = time.monotonic() - begin
    folders = sorted(set(glob.glob(f"{root}/.firedrill/runs/*")) - before)
    if not folders:
        raise RuntimeError(f"firedrill run {scenario} --arm {arm}: {ended.stderr.strip()[-400:]}")
    folder = folders[-1]
    with open(f"{folder}/verdict.json") as file:
        verdict = json.load(file)
    with open(f"{folder}/plan.json") as file:
        plan = json.load(file)
    # After the fault only looks that the steady state and impact read are at their interval to the end.
    measuring = {
        (check["probe"], target)
        for part in ("steadyState", "impact") for check in plan["criteria"][part]
        for targets in check["scopes"].values() for target in targets
    }
    looks, faulted = {}, False
    for event in events(folder):
        faulted = faulted or event["type"] == "fault" and event["stage"] == "injectStarted"
        if event["type"] == "sample" and (not faulted or (event["probe"], event["target"]) in measuring):
            looks.setdefault((event["probe"], event["target"]), []).append(event["started"] / 1e9)
    probes = []
    for probe in plan["probes"]:
        nominal = interval_seconds(probe["interval"])
        gaps = [
            later - earlier
            for target in probe["targets"]
            for earlier, later in zip(looks.get((probe["id"], target), []), looks.get((probe["id"], target), [])[1:])
        ]
        if gaps:
            probes.append({
                "probe": probe["id"], "targets": len(probe["targets"]), "nominal_s": nominal, "gaps": len(gaps),
                "median_s": statistics.median(gaps), "p99_s": quantile(gaps, 0.99), "largest_s": max(gaps),
            })
    return {
        "scenario": scenario, "arm": arm, "run": os.path.basename(folder), "verdict": verdict["verdict"],
        "reasons": verdict["reasons"], "wall_s": wall, "harness": verdict["harness"],
        "cross_check": verdict.get("cross_check", []), "probes": probes,
    }


def seconds(value):
    return "–" if value is None else f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def megabytes(value):
    return "–" if value is None else f"{value / 1e6:.1f} MB"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def markdown(report):
    text = "# Replay benchmark\n\n" + "".join(f"- {name}: {value}\n" for name, value in report["machine"].items())
    if report["growth"]:
        text += "\n## Growth\n\nMedians; times are from the start of `firedrill up`.\n\n"
        sizes = sorted({one["hosts"] for one in report["growth"]})
        rows = []
        for hosts in sizes:
            same = [one for one in report["growth"] if one["hosts"] == hosts]

            def middle(key):
                values = [one[key] for one in same if one[key] is not None]
                return statistics.median(values) if values else None

            rows.append(
                [hosts, len(same), seconds(middle("servers_reached_s")), seconds(middle("ready_s")),
                 seconds(middle("first_block_s")), seconds(middle("teardown_s")),
                 megabytes(middle("orchestrator_peak_bytes")), megabytes(middle("node_private_bytes"))])
        text += table(
            ["hosts", "boots", "all servers reached", "deployed, nodes answer", "first block of every shard", "tear-down",
             "orchestrator, peak", "node, private"], rows)
    for one in report["drills"]:
        text += f"\n## {one['scenario']} --arm {one['arm']} ({one['hosts']} hosts): {one['verdict']}\n\n"
        named = one["harness"]
        text += (
            f"Whole run {seconds(one['wall_s'])}; boot {seconds(named['boot_s'])}, other overhead "
            f"{seconds(named['overhead_s'])}, tear-down {seconds(named['teardown_s'])}.\n\n")
        text += table(
            ["probe", "targets", "nominal", "median", "p99", "p99 / nominal", "largest"],
            [[p["probe"], p["targets"], seconds(p["nominal_s"]), seconds(p["median_s"]), seconds(p["p99_s"]),
              f"{p['p99_s'] / p['nominal_s']:.2f}", seconds(p["largest_s"])] for p in one["probes"]])
        if one["cross_check"]:
            text += "\n" + table(
                ["scope", "TTR by probes", "by block logs", "difference"],
                [[c["scope"], seconds(c.get("probes_s")), seconds(c.get("logs_s")), seconds(c.get("difference_s"))]
                 for c in one["cross_check"]])
    if report.get("node_start_s"):
        text += f"\nThe node's program starts in {seconds(report['node_start_s'])} (median of 20 × `testnode version`).\n"
    return text


def machine():
    def first(path, prefix=""):
        with open(path) as file:
            return next((line for line in file if line.startswith(prefix)), "").split(":")[-1].strip()

    return {
        "processor": f"{first('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "memory": first("/proc/meminfo", "MemTotal"),
        "kernel": first("/proc/sys/kernel/osrelease"),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("project")
    parser.add_argument("out")
    parser.add_argument("--hosts", default="8,32,64,128,240")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--drills", type=int, default=3)
    parser.add_argument("--watched", type=int, default=40)
    options = parser.parse_args()
    project, out = pathlib.Path(options.project), pathlib.Path(options.out)
    firedrill = str(project / ".build/release/firedrill")
    root = str(out / "root")
    os.makedirs(root, exist_ok=True)
    report = {"format": 1, "machine": machine(), "growth": [], "drills": []}

    def write():
        (out / "replay.json").write_text(json.dumps(report, indent=2) + "\n")
        (out / "replay.md").write_text(markdown(report))

    def generate(shards, validators):
        made = subprocess.run(
            [sys.executable, str(project / "Benchmarks/replay/growth.py"), str(project), root, str(shards),
             str(validators)], capture_output=True, text=True, check=True)
        testnet, scenario, hosts = made.stdout.split()
        return testnet, scenario, int(hosts)

    report["node_start_s"] = node_start(str(project / ".build/release/testnode"))
    for wanted in [int(size) for size in options.hosts.split(",") if size]:
        testnet, _, hosts = generate(max(1, round((wanted - SERVERS) / SHARD)), SHARD)
        for _ in range(options.rounds):
            try:
                one = booted(firedrill, root, testnet, hosts)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                say(f"{hosts} hosts: {error}")
                report.setdefault("failed", []).append({"hosts": hosts, "reason": str(error)})
                write()
                break
            say(f"{hosts} hosts: first block {seconds(one['first_block_s'])}, tear-down {seconds(one['teardown_s'])}")
            report["growth"].append(one)
            write()
    drills = []
    if options.watched:
        _, scenario, hosts = generate(4, options.watched // 4)
        drills += [(root, scenario, "no-fault", hosts)]
    drills += [(str(project), "harmony-release-bucket", "runbook", 33)] * options.drills
    for place, scenario, arm, hosts in drills:
        try:
            one = drill(firedrill, place, scenario, arm)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            say(str(error))
            report.setdefault("failed", []).append({"hosts": hosts, "reason": str(error)})
            continue
        one["hosts"] = hosts
        worst = max((p["p99_s"] / p["nominal_s"] for p in one["probes"]), default=0)
        say(f"{scenario} --arm {arm}: {one['verdict']}, p99 of probe intervals at most {worst:.2f} of nominal")
        report["drills"].append(one)
        write()
    write()


main()
