/// The verdict of `SyntheticRun.runbook()`. A change here is a change of the format or of a rule: say so in the docs.
let goldenVerdict = ##"""
    {
      "arm": "runbook",
      "broke_s": 4.510,
      "budgets": {
        "detect": {
          "limit": 300.000,
          "measured": 165.000,
          "met": true
        },
        "mitigate": {
          "limit": 600.000,
          "measured": 471.300,
          "met": true
        },
        "recover": {
          "limit": 900.000,
          "measured": 471.300,
          "met": true
        }
      },
      "by_scope": {
        "shard0": {
          "breaks": 1,
          "ttm": {
            "censored": false,
            "incident_s": 411.300,
            "source": "probes",
            "wall_s": 13.710
          },
          "ttr": {
            "censored": false,
            "incident_s": 411.300,
            "source": "probes",
            "wall_s": 13.710
          }
        },
        "shard1": {
          "breaks": 1,
          "ttm": {
            "censored": false,
            "incident_s": 471.300,
            "source": "probes",
            "wall_s": 15.710
          },
          "ttr": {
            "censored": false,
            "incident_s": 471.300,
            "source": "probes",
            "wall_s": 15.710
          }
        }
      },
      "commit": "abc",
      "cross_check": [
        {
          "agree": true,
          "difference_s": 0.210,
          "logs_s": 13.500,
          "probes_s": 13.710,
          "scope": "shard0",
          "source": "a0"
        },
        {
          "agree": true,
          "difference_s": 0.210,
          "logs_s": 15.500,
          "probes_s": 15.710,
          "scope": "shard1",
          "source": "b0"
        }
      ],
      "exit_code": 0,
      "facts": [
        {
          "at": 6.810,
          "evidence": "stalled: shard0 at 116, no rise for 4.5 s; 2 of 4 answer | shard1 at 117, no rise for 3.5 s; 2 of 4 answer",
          "finding": "observed",
          "id": "T1-S1",
          "inferred": false,
          "kind": "onset",
          "observed": true,
          "required": true,
          "summary": "All shards stop."
        },
        {
          "at": 3.620,
          "evidence": "gone: 4 of 4 match (a0 .running false, a1 .running false, b0 .running false, …)",
          "finding": "observed",
          "id": "T1-S2",
          "inferred": false,
          "kind": "onset",
          "observed": true,
          "required": true,
          "summary": "Two nodes of each shard are gone."
        },
        {
          "at": -0.500,
          "evidence": "up: 4 of 4 match (a2 .running true, a3 .running true, b2 .running true, …)",
          "finding": "observed",
          "id": "T1-S3",
          "inferred": true,
          "kind": "context",
          "observed": true,
          "required": true,
          "summary": "The others keep running."
        }
      ],
      "harness": {
        "boot_s": 2.210,
        "named_s": {},
        "overhead_s": 6.580,
        "teardown_s": 1.000
      },
      "incident": "T1",
      "notes": [],
      "outage": true,
      "phases": [],
      "precision_s": 0.510,
      "reasons": [
        "Recovered 7m51s of incident time after the fault (15.7 s of wall time), within the budget of 15m."
      ],
      "run": "run-1",
      "scenario": "two-shards",
      "seed": 7,
      "size": null,
      "stamps": {
        "acknowledged": 7.500,
        "baseline_started": -8.500,
        "clean": 23.800,
        "effect": 0.500,
        "first_act": 9.500,
        "first_steady": -10.290,
        "frozen": 22.500,
        "inject_completed": 0.000,
        "inject_started": -0.500,
        "run_ended": 25.000,
        "run_started": -12.500,
        "signal": 5.500,
        "steady_before_fault": -10.290,
        "teardown_started": 24.000
      },
      "time_scale": 30.000,
      "times": {
        "tta": {
          "censored": false,
          "incident_s": 285.000,
          "source": "response",
          "wall_s": 9.500
        },
        "ttd": {
          "censored": false,
          "incident_s": 165.000,
          "source": "alert",
          "wall_s": 5.500
        },
        "ttm": {
          "censored": false,
          "incident_s": 471.300,
          "source": "probes",
          "wall_s": 15.710
        },
        "ttr": {
          "censored": false,
          "incident_s": 471.300,
          "source": "probes",
          "wall_s": 15.710
        }
      },
      "variant": null,
      "verdict": "passed"
    }
    """##
