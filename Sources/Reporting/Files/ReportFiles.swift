import Glibc
import Timeline

/// Why a report could not be written.
public enum ReportError: Error, Sendable, Hashable, CustomStringConvertible {
    case cannotWrite(path: String, reason: String)

    /// A full sentence.
    public var description: String {
        switch self {
        case .cannotWrite(let path, let reason):
            "cannot write \(path): \(reason); the events are complete, so 'firedrill judge' can write it again"
        }
    }
}

/// Writes what is derived from a run into its folder: `verdict.json`, `junit.xml`, `report.html`.
public enum ReportFiles {
    /// Writes all three; each replaces an older one as a whole, so that no reader sees half a file.
    public static func write(
        _ verdict: Verdict, criteria: Criteria, events: [Event], scripts: [String: String] = [:], into folder: String
    ) throws(ReportError) {
        try write(verdict.encoded(), to: folder + "/verdict.json")
        try write(JUnitReport(verdict, startedAt: events.first?.wall ?? "").text, to: folder + "/junit.xml")
        try write(
            HTMLReport(verdict, criteria: criteria, events: events, scripts: scripts).text, to: folder + "/report.html")
    }

    /// Scripts of the response's steps by step name, from the text of `plan.json`; empty when it is no such thing,
    /// because a report without scripts is better than none.
    public static func scripts(inPlan text: [UInt8]) -> [String: String] {
        guard let plan = try? JSONReader.read(text, limits: .init(bytes: RunRecord.planLimit)),
            case .array(let steps)? = JSONPath(".response.steps")?.value(in: plan),
            let name = JSONPath(".name"), let script = JSONPath(".command.script")
        else { return [:] }
        let pairs = steps.compactMap { step -> (String, String)? in
            guard case .string(let name)? = name.value(in: step), case .string(let script)? = script.value(in: step)
            else { return nil }
            return (name, script)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Writes a file as a whole: no reader sees half of it.
    public static func write(_ text: String, to path: String) throws(ReportError) {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = failure(path)
                close(descriptor)
                unlink(draft)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        close(descriptor)
        guard rename(draft, path) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> ReportError {
        .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
}
