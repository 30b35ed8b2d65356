import Definitions
import Timeline

/// Whether a finished command is what a step expects. Without expectations: exit 0.
struct Expectations: Sendable {
    let list: [StepPlan.Expectation]

    /// Longest standard output that is matched or read as JSON, in bytes.
    static let outputLimit = 1 << 20

    init(_ list: [StepPlan.Expectation]) {
        // An expectation about output alone still needs a command that worked.
        let namesExit = list.contains { if case .exit = $0 { true } else { false } }
        self.list = namesExit ? list : [.exit(0)] + list
    }

    /// Why the result is not as expected; nil when it is. An unknown end is never as expected.
    func failure(of result: CommandResult) -> String? {
        switch result.outcome {
        case .unknown(let reason): return "the result is unknown: \(reason)"
        case .signaled(let name): return "it was killed by \(name)"
        case .exited(let code):
            for expectation in list {
                if let failure = failure(of: expectation, code: code, result) { return failure }
            }
            return nil
        }
    }

    private func failure(of expectation: StepPlan.Expectation, code: Int32, _ result: CommandResult) -> String? {
        switch expectation {
        case .exit(let expected):
            return code == expected ? nil : "exit \(code), expected \(expected)\(Self.lastWords(result))"
        case .stdout(let pattern):
            if result.truncated { return "its output was cut, so it cannot be matched" }
            guard let regex = try? Regex(pattern) else { return "'\(pattern)' is not a regular expression" }
            let text = String(decoding: result.stdout.prefix(Self.outputLimit), as: UTF8.self)
            return text.firstMatch(of: regex) == nil ? "its output does not match /\(pattern)/" : nil
        case .json(let comparison):
            if result.truncated { return "its output was cut, so it cannot be read as JSON" }
            guard let value = try? JSONReader.read(result.stdout, limits: .init(bytes: Self.outputLimit)) else {
                return "its output is not one JSON value"
            }
            if comparison.holds(in: value) == .yes { return nil }
            let found = JSONPath(comparison.path)?.value(in: value).map { String($0.text().prefix(120)) } ?? "nothing"
            return "\(comparison.path) is \(found), which is not \(comparison.operation.rawValue) as expected"
        }
    }

    private static func lastWords(_ result: CommandResult) -> String {
        let text = String(decoding: result.stderr.suffix(200), as: UTF8.self)
            .split(whereSeparator: \.isNewline).joined(separator: " | ")
        return text.isEmpty ? "" : ": \(text)"
    }
}
