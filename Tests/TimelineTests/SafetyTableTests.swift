import Foundation
import Testing

/// The table of results in `docs/safety.md` is what `docs/safety-results.json` says, and that is what tests measured.
///
/// After `make killtest fuzz`, `make safety-table` puts new figures into both.
@Suite("The page about safety") struct SafetyTableTests {
    private static let docs = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")
    private static let begin = "<!-- results: made by 'make safety-table', do not edit -->"
    private static let end = "<!-- end of results -->"

    /// What the tests measured, added up.
    struct Summary: Codable, Equatable {
        struct Kills: Codable, Equatable {
            var boundaries = 0
            var points = 0
            /// Runs that were over before their moment; nothing was tried.
            var tooLate = 0
            var residue = 0
            var passed = 0
            var openAfterHeal = 0
            var healedInside = 0
            var healedAsBefore = 0
            var methods: [String: Int] = [:]
        }
        struct Inputs: Codable, Equatable {
            var inputs = 0
            var refused = 0
            var slowest_ms = 0
            var peak_mib = 0
        }
        struct Decoys: Codable, Equatable {
            var attempts = 0
            var touches = 0
        }
        var kills = Kills()
        var fuzz: [String: Inputs] = [:]
        var decoys: [String: Decoys] = [:]
    }

    // MARK: from results

    private struct Outcome: Decodable {
        var method: String
        var wasTried: Bool
        var verdict: String
        var judgeStatus: Int
        var processesLeft, mountsLeft, addressesLeft, foldersLeft, openAfterHeal, healedInside, healedAsBefore: Int
    }
    private struct KillResults: Decodable {
        var boundaries: Int
        var points: [Outcome]
    }
    private struct FuzzResults: Decodable {
        var name: String
        var inputs, refused, slowest_ms, peak_mib: Int
    }

    private static func summary(of folder: String, over old: Summary) throws -> Summary {
        var summary = old
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        if names.contains(where: { $0.hasPrefix("killtest-") }) { summary.kills = Summary.Kills() }
        for name in names where name.hasSuffix(".json") {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            if name.hasPrefix("killtest-") {
                add(try JSONDecoder().decode(KillResults.self, from: data), to: &summary.kills)
            } else if name.hasPrefix("fuzz-") {
                let found = try JSONDecoder().decode(FuzzResults.self, from: data)
                summary.fuzz[found.name] = .init(
                    inputs: found.inputs, refused: found.refused, slowest_ms: found.slowest_ms, peak_mib: found.peak_mib
                )
            } else if name.hasPrefix("decoys-") {
                let key = String(name.dropFirst("decoys-".count).dropLast(".json".count))
                summary.decoys[key] = try JSONDecoder().decode(Summary.Decoys.self, from: data)
            }
        }
        return summary
    }

    private static func add(_ found: KillResults, to kills: inout Summary.Kills) {
        kills.boundaries = max(kills.boundaries, found.boundaries)
        for point in found.points {
            guard point.wasTried else {
                kills.tooLate += 1
                continue
            }
            kills.points += 1
            kills.methods[point.method, default: 0] += 1
            kills.residue += point.processesLeft + point.mountsLeft + point.addressesLeft + point.foldersLeft
            kills.passed += point.verdict == "passed" || point.judgeStatus == 0 ? 1 : 0
            kills.openAfterHeal += max(0, point.openAfterHeal)
            kills.healedInside += point.healedInside
            kills.healedAsBefore += point.healedAsBefore
        }
    }

    // MARK: as a table

    static func table(_ summary: Summary) -> String {
        let kills = summary.kills
        let methods = kills.methods.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        var rows = [
            ("kill points tried", "\(kills.points)", "\(kills.boundaries) boundaries of two arms; \(methods)"),
            (
                "processes, mounts, addresses, folders left", "\(kills.residue)",
                "after the network's end and `heal --all`"
            ),
            ("killed runs that `judge` passed", "\(kills.passed)", ""),
            ("faults open after `heal --all`", "\(kills.openAfterHeal)", ""),
            (
                "faults healed inside a live network", "\(kills.healedInside)",
                "\(kills.healedAsBefore) of them with their invariants as before the run"
            ),
        ]
        for (name, found) in summary.fuzz.sorted(by: { $0.key < $1.key }) {
            rows.append(
                (
                    "mutated inputs: \(name)", "\(found.inputs)",
                    "\(found.refused) refused; slowest \(found.slowest_ms) ms; peak \(found.peak_mib) MiB"
                ))
        }
        rows.append(
            ("mutated inputs in all", "\(summary.fuzz.values.reduce(0) { $0 + $1.inputs })", "no crash, no hang"))
        for (name, found) in summary.decoys.sorted(by: { $0.key < $1.key }) {
            rows.append(("touches of decoys: \(name)", "\(found.touches)", "\(found.attempts) attempts"))
        }
        return "| what | result | |\n| --- | --- | --- |\n"
            + rows.map { "| \($0.0) | \($0.1) | \($0.2) |\n" }.joined()
    }

    private static func put(_ table: String, into page: String) throws -> String {
        let begin = try #require(page.range(of: Self.begin), "docs/safety.md has no place for the table")
        let end = try #require(page.range(of: Self.end, range: begin.upperBound..<page.endIndex))
        return page[..<begin.upperBound] + "\n" + table + page[end.lowerBound...]
    }

    @Test("the table is what the results say")
    func tableHolds() throws {
        let file = Self.docs.appending(path: "safety-results.json")
        let pageFile = Self.docs.appending(path: "safety.md")
        var summary = (try? JSONDecoder().decode(Summary.self, from: Data(contentsOf: file))) ?? Summary()
        let variables = ProcessInfo.processInfo.environment
        if variables["FIREDRILL_WRITE_REFERENCE"] == "1" {
            if let folder = variables["FIREDRILL_RESULTS"] { summary = try Self.summary(of: folder, over: summary) }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try (encoder.encode(summary) + Data("\n".utf8)).write(to: file)
            let page = try String(contentsOf: pageFile, encoding: .utf8)
            try Self.put(Self.table(summary), into: page).write(to: pageFile, atomically: true, encoding: .utf8)
        }
        let page = try String(contentsOf: pageFile, encoding: .utf8)
        #expect(try Self.put(Self.table(summary), into: page) == page, "run 'make safety-table'")
        // What the page promises; whoever puts worse figures into it must not do so unseen.
        #expect(summary.kills.residue == 0 && summary.kills.passed == 0 && summary.kills.openAfterHeal == 0)
        #expect(summary.kills.healedInside == summary.kills.healedAsBefore)
        #expect(summary.decoys.values.allSatisfy { $0.touches == 0 && $0.attempts > 0 })
    }

    @Test("results add up")
    func sums() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "firedrill-results-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func point(_ tried: Bool, left: Int) -> String {
            """
            {"method":"kill-command","wasTried":\(tried),"verdict":"inconclusive","judgeStatus":2,"processesLeft":\(left),
            "mountsLeft":0,"addressesLeft":0,"foldersLeft":0,"openAfterHeal":0,"healedInside":1,"healedAsBefore":1}
            """
        }
        for (slice, points) in [
            ("1-of-2", [point(true, left: 2)]), ("2-of-2", [point(true, left: 1), point(false, left: 9)]),
        ] {
            try "{\"boundaries\":44,\"points\":[\(points.joined(separator: ","))]}".write(
                to: folder.appending(path: "killtest-\(slice).json"), atomically: true, encoding: .utf8)
        }
        try "{\"attempts\":7,\"touches\":0}".write(
            to: folder.appending(path: "decoys-guard.json"), atomically: true, encoding: .utf8)
        let summary = try Self.summary(of: folder.path, over: Summary())
        #expect(summary.kills.points == 2 && summary.kills.tooLate == 1 && summary.kills.residue == 3)
        #expect(summary.kills.healedAsBefore == 2 && summary.kills.boundaries == 44)
        #expect(summary.decoys == ["guard": .init(attempts: 7, touches: 0)])
        #expect(Self.table(summary).contains("| kill points tried | 2 |"))
    }
}
