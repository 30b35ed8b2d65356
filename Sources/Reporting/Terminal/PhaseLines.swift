import Timeline

/// The phases of a verdict beside the write-up's, in incident time.
struct PhaseLines {
    let phases: [Verdict.Phase]
    let style: TerminalStyle

    var lines: [String] {
        guard !phases.isEmpty else { return [] }
        let rows = phases.map { phase in
            (id: phase.fact, span: phase.spanText, documented: phase.documentedText, measured: phase.measuredText)
        }
        let heads = ("fact", "phase", "documented", "measured")
        let widths = (
            ([heads.0] + rows.map(\.id)).map(\.count).max() ?? 0,
            ([heads.1] + rows.map(\.span)).map(\.count).max() ?? 0,
            ([heads.2] + rows.map(\.documented)).map(\.count).max() ?? 0,
            ([heads.3] + rows.map(\.measured)).map(\.count).max() ?? 0
        )
        func line(_ id: String, _ span: String, _ documented: String, _ measured: String) -> String {
            let left = "  \(Text.padded(id, to: widths.0))  \(Text.padded(span, to: widths.1))"
            return left + "  \(Text.padded(documented, to: widths.2))  \(Text.padded(measured, to: widths.3))"
        }
        let head = style.row([(line(heads.0, heads.1, heads.2, heads.3) + "  result", nil)])
        return head
            + zip(phases, rows).flatMap { phase, row in
                style.row([
                    (line(row.id, row.span, row.documented, row.measured) + "  ", nil),
                    (phase.resultText, phase.result == .missed ? .red : nil),
                ])
            }
    }
}

extension Verdict.Phase {
    /// `onset to recovered:shard1`.
    var spanText: String { "\(from) to \(to)" }

    /// Every value that the write-up gives, with what it may differ by where that is judged:
    /// `1h33m36s ± 9m22s or 2h35m ± 15m30s`.
    var documentedText: String {
        documented.map {
            Text.incident($0.incident) + (result == .shown ? "" : " ± \(Text.incident($0.tolerance))")
        }.joined(separator: " or ")
    }

    /// Incident and wall time: `1h32m4s (184.1 s)`.
    var measuredText: String {
        guard let incident, let wall else { return "never" }
        return "\(Text.incident(incident)) (\(Text.seconds(wall)))"
    }

    /// The result, and which of several values it is about.
    var resultText: String {
        if result == .shown { return reason.isEmpty ? "not compared in this arm" : reason }
        if !reason.isEmpty { return "\(result.rawValue): \(reason)" }
        guard documented.count > 1, let value = documented.first(where: { $0.result == result }), result == .matched
        else { return result.rawValue }
        return "matched \(Text.incident(value.incident))"
    }
}
