import Foundation
import Testing
import Timeline

extension DrillTests {
    /// Fixes compared with their controls.
    @Suite struct Validate {
        private static let scenario = "chaos/scenarios/counter-held.yaml"

        /// One fix that heals, one that changes nothing, a variant that breaks nothing, and a mutant.
        private static let fixes = """
            fault_variants:
              harmless: {summary: A file appears that nobody reads, faults: [{fault: file-made, at: 0s, hosts: red, with: {FILE: other}}]}
            fixes:
              start-again:
                summary: The watch takes the hold away and starts the counter again.
                facts: [T1-X1]
                overlay: chaos/fixes/start-again
                under: [harmless]
                expect: ttr<=6m
              new-motto:
                summary: A text that changes nothing.
                facts: [T1-X2]
                overlay: chaos/fixes/new-motto
                expect: no-outage
                window: 12m
            claims:
              T1-C1: {statement: It would have been over sooner, control: fault-only, treatment: "fix:start-again", measure: ttr, expect: ratio<=0.9}

            detection:
            """

        private static let fault = """
            fault: file-made
            summary: A file appears.
            capability: counter-stop
            parameters:
              FILE: {match: "[a-z]+", required: true}
            invariants:
              - whether the file is there
            fingerprint: {timeout: 5s, script: 'if [ -e "/srv/$FILE" ]; then echo there; else echo gone; fi'}
            inject: {timeout: 5s, script: 'echo made >"/srv/$FILE"'}
            prove: {timeout: 5s, script: '[ -e "/srv/$FILE" ]'}
            undo: {timeout: 5s, script: 'rm -f "/srv/$FILE"'}
            prove_undone: {timeout: 5s, script: '[ ! -e "/srv/$FILE" ]'}

            """

        /// A second after the counter has gone it is there again; until then everybody can see that it went.
        private static let watch = """
            #!/bin/sh
            while :; do
                if [ -e /srv/hold ] && ! sv status counter | grep -q '^run:'; then
                    sleep 1
                    rm -f /srv/hold
                    sv once counter
                fi
                sleep 0.2
            done

            """

        private static let mutant = """
            mutant: start-what-is-held
            scenario: counter-held
            of: start-again
            summary: The counter is started again and still held.
            source: T1-X1, starting is of no use while it is held
            overlay: chaos/mutants/start-what-is-held

            """

        private func prepare(_ root: TempRoot) throws {
            try root.edit(Self.scenario, "detection:\n", Self.fixes + "\n")
            // A busy machine must not look like an outage.
            try root.edit(Self.scenario, "horizon: 8m", "horizon: 14m")
            let path = "\(root.path)/\(Self.scenario)"
            try String(contentsOfFile: path, encoding: .utf8).replacing("within: 1500ms", with: "within: 4s")
                .write(toFile: path, atomically: false, encoding: .utf8)
            try root.edit(
                "chaos/incidents/T1.yaml", "  - {id: T1-R2,",
                """
                  - {id: T1-X1, text: The watch starts the counter again.}
                  - {id: T1-X2, text: A motto is hung up.}
                  - {id: T1-C1, text: It would have been over sooner.}
                  - {id: T1-R2,
                """)
            try write("chaos/faults/file-made.yaml", Self.fault, root)
            try write("chaos/fixes/start-again/worker/opt/counter/watch", Self.watch, root, executable: true)
            try write("chaos/fixes/new-motto/counters/etc/motto", "count on\n", root)
            try write("chaos/mutants/start-what-is-held.yaml", Self.mutant, root)
            try write(
                "chaos/mutants/start-what-is-held/worker/opt/counter/watch",
                Self.watch.replacing("        rm -f /srv/hold\n", with: ""), root, executable: true)
        }

        private func write(_ file: String, _ text: String, _ root: TempRoot, executable: Bool = false) throws {
            let path = "\(root.path)/\(file)"
            try FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            if executable { try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path) }
        }

        @Test func aFixIsToldFromOneThatIsNone() async throws {
            try await TempRoot.with(.counters) { root in
                try prepare(root)
                let check = try await root.firedrill(["check"])
                #expect(check.status == 0, "\(check.text)")
                let end = try await root.firedrill(["validate", "counter-held"], within: .seconds(300))
                try await root.expectNothingLeft()
                #expect(end.status == 1, "\(end.text)")
                #expect(root.runs.count == 5, "controls are shared: \(root.runs)")
                let report = try ValidationFile.only(of: root)
                #expect(
                    report.pairs.map { "\($0.fix) \($0.variant ?? "-") \($0.verdict)" } == [
                        "start-again - works", "start-again harmless inconclusive", "new-motto - does-not-work",
                    ], "\(end.text)")
                #expect(
                    report.pairs[1].reason.contains("no outage without the fix either"), "\(report.pairs[1].reason)")
                #expect(report.pairs[0].control.runs[0].outage == true && report.pairs[0].control.runs[0].ttr.censored)
                let hashes = report.pairs.map {
                    [$0.control.runs[0].deployed_sha256, $0.treatment.runs[0].deployed_sha256]
                }
                #expect(
                    hashes[0][0] == hashes[1][0] && hashes[0][1] == hashes[1][1]
                        && Set(hashes.flatMap { $0 }).count == 3)
                #expect(report.claims.map { "\($0.id) \($0.answer) \($0.n)" } == ["T1-C1 true 1"], "\(end.text)")
                #expect(report.claims[0].ratio?.value == nil, "the control never recovered: the ratio is a bound")
            }
        }

        @Test(.everyArm) func aMutantIsRejected() async throws {
            try await TempRoot.with(.counters) { root in
                try prepare(root)
                // Without the harmless variant, under which nothing can be shown.
                try root.edit(Self.scenario, "    under: [harmless]\n", "")
                let end = try await root.firedrill(["validate", "counter-held", "--mutants"], within: .seconds(180))
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                #expect(
                    try ValidationFile.only(of: root).mutants.map { "\($0.id) \($0.rejected)" } == [
                        "start-what-is-held true"
                    ])
            }
        }

        @Test func aStopEndsAllReplaysInOrder() async throws {
            try await TempRoot.with(.counters) { root in
                try prepare(root)
                let command = try root.start(["validate", "counter-held"])
                let first = try await root.runStarted()
                try await first.reached(.baseline)
                kill(command.pid, SIGINT)
                let end = try await command.end(within: .seconds(90))
                try await root.expectNothingLeft()
                #expect(end.status == 2, "\(end.text)")
                #expect(root.runs.count == 2, "nothing new was begun: \(root.runs)")
                #expect(try ValidationFile.only(of: root).pairs.allSatisfy { $0.verdict == "inconclusive" })
            }
        }

        @Test(arguments: [
            (["counter-held", "--fix", "start-agian"], "Did you mean 'start-again'?"),
            (["counter-held", "--overlay", "x"], "--expect"), (["counter-held", "--expect", "no-outage"], "--overlay"),
            (["counter-held", "--repeat", "0"], "between 1 and"), (["counter-hold"], "Did you mean 'counter-held'?"),
            (["counter-held", "--overlay", "x", "--expect", "no-outag"], "Did you mean 'no-outage'?"),
        ]) func aMistakeIsFoundBeforeAnythingIsPlayed(arguments: [String], words: String) async throws {
            try await TempRoot.with(.counters) { root in
                try prepare(root)
                let end = try await root.firedrill(["validate"] + arguments)
                #expect(end.status == 64 && end.errors.contains(words), "\(end.text)")
                #expect(root.runs.isEmpty)
            }
        }

        /// The changes that only look like fixes, all of them, on the real networks.
        @Test(.everyArm) func everyShippedMutantIsRejected() async throws {
            try await TempRoot.with(.package) { root in
                let end = try await root.firedrill(["validate", "all", "--mutants"], within: .seconds(3_600))
                try await root.expectNothingLeft()
                #expect(end.status == 0, "\(end.text)")
                let mutants = try ValidationFile.only(of: root).mutants
                #expect(!mutants.isEmpty && mutants.allSatisfy(\.rejected), "\(end.text)")
            }
        }
    }
}

/// `validation.json`, as far as tests look at it.
struct ValidationFile: Decodable {
    struct Run: Decodable {
        var outage: Bool?
        var ttr: VerdictFile.Time
        var deployed_sha256: String
    }
    struct Side: Decodable { var runs: [Run] }
    struct Ratio: Decodable { var value, high: Double? }
    struct Pair: Decodable {
        var fix, verdict, reason: String
        var variant: String?
        var control, treatment: Side
    }
    struct Claim: Decodable {
        var id, answer: String
        var n: Int
        var ratio: Ratio?
    }
    struct Mutant: Decodable {
        var id: String
        var rejected: Bool
    }
    var pairs: [Pair]
    var claims: [Claim]
    var mutants: [Mutant]

    static func only(of root: TempRoot) throws -> ValidationFile {
        let parent = "\(root.path)/.firedrill/validations"
        let names = try FileManager.default.contentsOfDirectory(atPath: parent)
        guard names.count == 1 else { throw TestFailure("there should be one validation: \(names)") }
        let file = URL(fileURLWithPath: "\(parent)/\(names[0])/validation.json")
        return try JSONDecoder().decode(ValidationFile.self, from: Data(contentsOf: file))
    }
}
