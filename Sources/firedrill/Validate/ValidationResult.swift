import Definitions
import Foundation
import Glibc
import Replay
import Reporting
import Timeline

/// Turns what was played into a report, and keeps it.
struct ValidationResult {
    let comparisons: Comparisons
    let played: ValidationRun.Played
    let commit: String

    var report: ValidationReport {
        ValidationReport(
            commit: commit, machine: Self.machine, pairs: comparisons.pairs.map(pair),
            claims: comparisons.claims.map { entry in
                ValidationReport.ClaimResult(
                    scenario: entry.scenario, incident: entry.incident, claim: entry.claim,
                    control: side(entry.controlCell), treatment: side(entry.treatmentCell))
            },
            mutants: comparisons.mutants.map { mutant in
                ValidationReport.MutantResult(
                    id: mutant.id, fix: mutant.fix, summary: mutant.summary, pairs: mutant.pairs.map(pair))
            })
    }

    private func pair(_ pair: Comparisons.FixPair) -> ValidationReport.Pair {
        ValidationReport.Pair(
            scenario: pair.scenario, incident: pair.incident, fix: pair.fix, facts: pair.facts, variant: pair.variant,
            promise: pair.promise, control: side(pair.controlCell), treatment: side(pair.treatmentCell),
            notClaimed: pair.notClaimed)
    }

    private func side(_ cell: Comparisons.Cell) -> ComparedSide {
        ComparedSide(arm: cell.arm.description, runs: played.runs[cell] ?? [])
    }

    /// Kind of machine and processors; nothing that names it.
    private static var machine: String {
        var info = utsname()
        uname(&info)
        let kind = withUnsafeBytes(of: &info.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let memory = ProcessInfo.processInfo.physicalMemory >> 30
        return "Linux \(kind), \(ProcessInfo.processInfo.activeProcessorCount) processors, \(memory) GiB"
    }

    /// Writes `.firedrill/validations/<time>/validation.json`; returns its path.
    static func write(_ text: String, root: String, identity: Identity) throws -> String {
        let label = SystemClock().wallLabel().prefix(19).filter { $0 != "-" && $0 != ":" }
        let parent = "\(root)/.firedrill/validations"
        for attempt in 1...99 {
            let folder = "\(parent)/\(label)Z" + (attempt == 1 ? "" : "-\(attempt)")
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            guard mkdir(folder, 0o755) == 0 else {
                if errno == EEXIST { continue }
                throw BootError.fileSystem(path: folder, action: "create", reason: String(cString: strerror(errno)))
            }
            let file = "\(folder)/validation.json"
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            if geteuid() == 0 {
                for path in [parent, folder, file] { lchown(path, identity.uid, identity.gid) }
            }
            return file
        }
        throw Stop("\(parent) has too many results of this second", .harnessError)
    }
}
