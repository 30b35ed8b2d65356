import Foundation
import Testing
import Timeline

extension DrillTests {
    /// The witness whose failover script restarts for ever, on its full testnet. Heavy: few of these.
    @Suite struct Steem {
        private static let scenario = "steem-witness-failover"
        /// A run takes less than a minute on an idle machine with two processors.
        private static let patience = Duration.seconds(240)
        private static let latent = (1...4).map { "S1-L\($0)" }
        private static let symptoms = (1...6).map { "S1-S\($0)" }

        @Test func theSilentFailoverIsReplayedAndTheRunbookMovesProductionToABackup() async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(["run", Self.scenario], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                let run = try root.onlyRun()
                let verdict = try run.verdict()
                #expect(verdict.verdict == "passed", "\(verdict.reasons)")
                for id in Self.latent + Self.symptoms {
                    let fact = try #require(verdict.fact(id), "\(id)")
                    #expect(fact.observed && fact.at != nil && !fact.evidence.isEmpty, "\(fact)")
                }
                let ttd = try #require(verdict.times.ttd.wall_s)
                let tta = try #require(verdict.times.tta.wall_s)
                let ttr = try #require(verdict.by_scope["witness"]?.ttr.wall_s)
                #expect(verdict.times.ttd.source == "report", "nobody is paged")
                #expect(0 < ttd && ttd < tta && tta < ttr)
                let check = try #require(verdict.cross_check.first { $0.scope == "witness" })
                #expect(check.agree == true, "\(check), precision \(verdict.precision_s)")
                #expect(verdict.precision_s < 10, "a precision that admits anything says nothing")
                try expectWhoProduced(run)
                try expectNoPrivateKey(in: run, end)
            }
        }

        /// The primary's last words are the signal; the backup that the runbook chose made blocks, the other none.
        private func expectWhoProduced(_ run: RunFiles) throws {
            let blocks = { (host: String) in
                try run.text("hosts/\(host)/steemd.log").split(separator: "\n").count {
                    $0.contains(#""message":"produced block""#)
                }
            }
            #expect(try run.text("hosts/primary/steemd.out").contains("signal 11"))
            #expect(try blocks("primary") > 0)
            #expect(try blocks("backup-1") > 0)
            #expect(try blocks("backup-2") == 0)
            #expect(try blocks("harbour-backup") > 0, "the control's script switched")
            let script = try run.text("hosts/failover/failover.log")
            #expect(script.matches(of: /starting, reading lighthouse from http:/).count >= 3)
            #expect(script.contains("watching lighthouse"), "the runbook pointed the script at https")
        }

        /// Keys in wallet import format begin with 5 and have 51 characters.
        private func expectNoPrivateKey(in run: RunFiles, _ end: Command.End) throws {
            let key = /\b5[HJK][1-9A-HJ-NP-Za-km-z]{49}\b/
            #expect(end.text.firstMatch(of: key) == nil)
            for name in try FileManager.default.subpathsOfDirectory(atPath: run.path)
            where !name.hasSuffix(".sock") && !name.hasPrefix("staged/firedrill") {
                guard let bytes = FileManager.default.contents(atPath: "\(run.path)/\(name)"), bytes.count < 8 << 20
                else { continue }
                #expect(String(decoding: bytes, as: UTF8.self).firstMatch(of: key) == nil, "\(name) holds a key")
            }
        }

        @Test(.everyArm) func withoutAResponseTheWitnessStaysOut() async throws {
            try await play("fault-only", status: 1) { verdict in
                #expect(verdict.verdict == "failed")
                #expect(verdict.by_scope["witness"]?.ttr.censored == true)
                for id in Self.symptoms { #expect(verdict.fact(id)?.observed == true, "\(id)") }
            }
        }

        @Test func restartingTheScriptAsItIsHelpsNothing() async throws {
            try await play("wrong-response:restart-failover", status: 1) { verdict in
                #expect(verdict.by_scope["witness"]?.ttr.censored == true)
                for id in Self.symptoms { #expect(verdict.fact(id)?.observed == true, "\(id)") }
            }
        }

        @Test(.everyArm) func withoutAFaultNobodyIsTold() async throws {
            try await play("no-fault", status: 0) { #expect($0.verdict == "passed", "\($0.reasons)") }
        }

        private func play(_ arm: String, status: Int32, _ expect: (VerdictFile) -> Void) async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(
                    ["run", Self.scenario, "--arm", arm, "--quiet"], within: Self.patience)
                try await root.expectNothingLeft()
                #expect(end.status == status, "\(end.text)")
                expect(try root.onlyRun().verdict())
            }
        }
    }
}
