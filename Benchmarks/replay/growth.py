"""Writes a root folder with a testnet like H1's but of another size, and with its scenario played on it.

usage: growth.py PROJECT ROOT SHARDS VALIDATORS     validators of each shard, at least four
prints the names of testnet and scenario and the number of hosts
"""

import pathlib
import re
import shutil
import sys

# ops, bucket, pager, monitor, wallet
SERVERS = 5
# Of each shard's validators: the community's, with and without automatic updates; the others are the team's.
COMMUNITY = 3
SCENARIO = "harmony-release-bucket"
INCIDENT = "H1"


def replace(text, pattern, new):
    changed, count = re.subn(pattern, new, text, flags=re.M)
    if count == 0:
        sys.exit(f"growth.py: found no line like {pattern}; adapt Benchmarks/replay/growth.py")
    return changed


def testnet(project, root, name, shards, validators):
    target = root / "testnet" / name
    shutil.copytree(project / "testnet/harmony-four-shards", target)
    lists = target / "layers/ops/opt/ops/mainnet"
    pattern = (lists / "shard0.txt.mustache").read_text()
    for old in lists.iterdir():
        old.unlink()
    for shard in range(shards):
        (lists / f"shard{shard}.txt.mustache").write_text(pattern.replace("shard0", f"shard{shard}"))
    text = (target / "testnet.yaml").read_text()
    text = replace(text, r"^testnet: .*", f"testnet: {name}")
    text = replace(text, r"^(boot|settle)_timeout: .*", r"\1_timeout: 170s")
    text = replace(text, r"^  shard: \[.*\]", f"  shard: [{', '.join(f'shard{n}' for n in range(shards))}]")
    text = replace(text, r"shard: 0\.\.3", f"shard: 0..{shards - 1}")
    text = replace(text, r"n: 1\.\.4\}", f"n: 1..{validators - COMMUNITY}}}")
    # What is to be measured must not end at a limit meant for seven validators a shard.
    text = replace(text, r"timeout: (10|20)s", "timeout: 120s")
    (target / "testnet.yaml").write_text(text)


def scenario(project, root, name):
    shutil.rmtree(root / "chaos", ignore_errors=True)
    shutil.rmtree(root / "runbooks", ignore_errors=True)
    shutil.copytree(project / "chaos", root / "chaos", ignore=shutil.ignore_patterns("scenarios", "mutants"))
    shutil.copytree(project / "runbooks", root / "runbooks")
    for incident in (root / "chaos/incidents").iterdir():
        if incident.stem != INCIDENT:
            incident.unlink()
    text = (project / f"chaos/scenarios/{SCENARIO}.yaml").read_text()
    text = replace(text, r"^testnet: .*", f"testnet: {name}")
    (root / "chaos/scenarios").mkdir()
    (root / f"chaos/scenarios/{SCENARIO}.yaml").write_text(text)


def main(project, root, shards, validators):
    project, root = pathlib.Path(project), pathlib.Path(root)
    name = f"harmony-{shards}x{validators}"
    shutil.rmtree(root / "testnet", ignore_errors=True)
    testnet(project, root, name, shards, validators)
    scenario(project, root, name)
    print(name, SCENARIO, SERVERS + shards * validators)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
