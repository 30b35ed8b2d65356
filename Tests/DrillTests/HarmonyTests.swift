import Foundation
import Testing
import Timeline

extension DrillTests {
    /// The scenario that comes with the package, on its full testnet. Heavy: few of these.
    @Suite struct Harmony {
        private static let shards = ["shard0", "shard1", "shard2", "shard3"]
        /// A run takes less than a minute on an idle machine with two processors.
        private static let patience = Duration.seconds(240)

        @Test func theReleaseBucketOutageIsReplayedAndItsRunbookBringsItBack() async throws {
            try await TempRoot.with(.package) { root in
                let command = try root.start(["run", "harmony-release-bucket"])
                let run = try await root.runStarted()
                try await run.reached(.settle)
                let secrets = try secrets(in: run)
                #expect(secrets.count >= 3, "bucket key, bucket secret, routing key")
                let seen = try await processLines(of: command)
                let end = try await command.end(within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                try expectVerdict(run)
                try expectNoSecret(of: secrets, in: run, seen: seen, end)
                let junit = try run.text("junit.xml")
                #expect(junit.contains("<testsuite") && !junit.contains("<failure"))
                #expect(try run.text("report.html").contains("H1-S4"))
                let before = try run.bytes("verdict.json")
                let judged = try await root.firedrill(["judge", run.path])
                #expect(judged.status == 0, "\(judged.text)")
                #expect(try run.bytes("verdict.json") == before, "the same record gives the same bytes")
            }
        }

        private func expectVerdict(_ run: RunFiles) throws {
            let verdict = try run.verdict()
            #expect(verdict.verdict == "passed", "\(verdict.reasons)")
            for fact in verdict.facts where fact.kind != "response" {
                #expect(fact.observed && fact.at != nil && !fact.evidence.isEmpty, "\(fact)")
            }
            #expect(Set(verdict.facts.filter { $0.kind != "latent" }.map(\.id)) == Set((1...9).map { "H1-S\($0)" }))
            let ttd = try #require(verdict.times.ttd.wall_s)
            let tta = try #require(verdict.times.tta.wall_s)
            let ttm = try #require(verdict.times.ttm.wall_s)
            let ttr = try #require(verdict.times.ttr.wall_s)
            #expect(verdict.times.ttd.source == "alert")
            #expect(0 < ttd && ttd < tta && tta < ttm && ttm <= ttr)
            for shard in Self.shards {
                let times = try #require(verdict.by_scope[shard], "\(shard)")
                let recovered = try #require(times.ttr.wall_s, "\(shard)")
                #expect(recovered > tta && recovered <= ttr)
                #expect(times.ttm.wall_s != nil && times.ttm.incident_s != nil && times.ttr.incident_s != nil)
                let check = try #require(verdict.cross_check.first { $0.scope == shard }, "\(shard)")
                #expect(check.agree == true, "\(check)")
                let logs = try #require(check.logs_s, "the block logs of \(shard) say nothing")
                #expect(abs(logs - recovered) <= verdict.precision_s + 0.001, "\(check)")
            }
            // Generous: the figures themselves are for a machine that does nothing else.
            let boot = try #require(verdict.harness.boot_s)
            let overhead = try #require(verdict.harness.overhead_s)
            let teardown = try #require(verdict.harness.teardown_s)
            #expect(boot < 30 && overhead < 30 && teardown < 10, "\(verdict.harness)")
        }

        /// The values that were made for this run, read from what is deployed.
        private func secrets(in run: RunFiles) throws -> Set<String> {
            var found: Set<String> = []
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(run.path)/staged")
            where name != "firedrill" {
                let bytes = try run.bytes("staged/\(name)")
                guard bytes.count < 65_536 else { continue }
                let text = String(decoding: bytes, as: UTF8.self)
                for expression in [
                    /service\.network = (\w{16,})/, /S3_KEY=(\w{16,})/, /S3_SECRET=(\w{16,})/, /ROUTING_KEY=(\w{16,})/,
                ] {
                    if let match = text.firstMatch(of: expression) { found.insert(String(match.1)) }
                }
            }
            return found
        }

        /// Every command line that the run's processes show until the fault has been in for a while.
        private func processLines(of command: Command) async throws -> Set<String> {
            var seen: Set<String> = []
            let end = ContinuousClock.now + .seconds(25)
            while ContinuousClock.now < end, await command.isRunning {
                for process in Residue.descendants(of: command.pid) {
                    seen.insert(process.arguments.joined(separator: " "))
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            return seen
        }

        private func expectNoSecret(of secrets: Set<String>, in run: RunFiles, seen: Set<String>, _ end: Command.End)
            throws
        {
            #expect(seen.contains { $0.contains("harmony") }, "the sampling sees the hosts' processes")
            for secret in secrets {
                #expect(!seen.contains { $0.contains(secret) }, "a process list shows a secret")
                #expect(!end.text.contains(secret), "the output shows a secret")
                for name in try FileManager.default.subpathsOfDirectory(atPath: run.path) {
                    guard let bytes = FileManager.default.contents(atPath: "\(run.path)/\(name)") else { continue }
                    #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name) holds a secret")
                }
            }
        }

        @Test func restoringTheBucketAloneBringsNothingBack() async throws {
            try await TempRoot.with(.package) { root in
                // Long enough for the symptom (ten minutes without a block after the response), and no longer.
                try root.edit("chaos/scenarios/harmony-release-bucket.yaml", "horizon: 34m", "horizon: 31m")
                let end = try await root.firedrill(
                    ["run", "harmony-release-bucket", "--arm", "wrong-response:restore-only", "--quiet"],
                    within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == 1, "\(end.text)")
                let verdict = try root.onlyRun().verdict()
                #expect(verdict.verdict == "failed", "\(verdict.reasons)")
                #expect(verdict.fact("H1-S6")?.observed == true)
                #expect(verdict.times.ttr.censored && verdict.by_scope.values.allSatisfy(\.ttr.censored))
            }
        }
    }
}
