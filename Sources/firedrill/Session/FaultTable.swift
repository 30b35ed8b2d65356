import Foundation
import Replay
import Timeline

/// Open faults as a table for people, or as JSON.
struct FaultTable {
    private struct Row: Encodable {
        var run, testnet, host, fault, stage, since: String
        /// Whole seconds; nil when the journal's label is no time.
        var age_s: Int?
        var lease, network: String
        var reason: String?
    }

    private var rows: [Row] = []

    init(_ runs: [RunFaults], now: Date = Date()) {
        for run in runs {
            for fault in run.faults {
                let network =
                    switch run.network {
                    case .inUse: "in use by its run"
                    case .kept: "up"
                    case .gone: "gone"
                    }
                rows.append(
                    Row(
                        run: run.name, testnet: fault.identity.testnet, host: fault.host, fault: fault.plan.id,
                        stage: fault.stage.rawValue, since: fault.since, age_s: Self.age(fault.since, now),
                        lease: run.network == .gone ? "none" : LeaseReading(run.folder, host: fault.host).text,
                        network: network, reason: fault.reason))
            }
        }
    }

    /// One line per fault, aligned, and the command that heals.
    var lines: [String] {
        guard !rows.isEmpty else { return ["nothing is open"] }
        let cells =
            [["run", "testnet", "host", "fault", "stage", "age", "lease", "network"]]
            + rows.map { row in
                [
                    row.run, row.testnet, row.host, row.fault, row.stage,
                    row.age_s.map { DurationText(.seconds($0)).description } ?? "?", row.lease, row.network,
                ]
            }
        let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines = cells.map { row in
            zip(row.dropLast(), widths).map { $0.padding(to: $1) }.joined(separator: "  ") + "  " + (row.last ?? "")
        }
        for (index, row) in rows.enumerated().reversed() {
            if let reason = row.reason { lines.insert("    last undo: \(Self.plain(reason))", at: index + 2) }
        }
        return lines + [
            "", "'firedrill heal --all' undoes what is open, or 'firedrill heal --run RUN' what one run left.",
        ]
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(rows), as: UTF8.self)
        }
    }

    /// A host's words must not move a terminal's cursor.
    private static func plain(_ text: String) -> String {
        String(text.prefix(300).map { $0.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } ? "?" : $0 })
    }

    private static func age(_ label: String, _ now: Date) -> Int? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let since = try? Date(label, strategy: style) else { return nil }
        return max(0, Int(now.timeIntervalSince(since)))
    }
}
