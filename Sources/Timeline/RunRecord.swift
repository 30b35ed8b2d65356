import FoundationEssentials
import Glibc

/// The files of a run folder that a verdict is computed from.
public enum RunRecord {
    /// Most of `plan.json` that is read, bytes.
    public static let planLimit = 64 << 20

    /// Why a run folder cannot be judged.
    public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        case cannotRead(path: String, reason: String)
        case tooLarge(path: String, limit: Int)
        case notAPlan(path: String, reason: String)

        /// A full sentence.
        public var description: String {
            switch self {
            case .cannotRead(let path, let reason): "cannot read \(path): \(reason); is this a run folder?"
            case .tooLarge(let path, let limit): "\(path) is larger than \(limit) bytes, which no plan is"
            case .notAPlan(let path, let reason): "\(path) holds no criteria to judge by: \(reason)"
            }
        }
    }

    /// The `criteria` of the plan in `folder`; the rest of `plan.json` is not looked at.
    public static func criteria(in folder: String) throws(Failure) -> Criteria {
        struct PlanFile: Decodable { var criteria: Criteria }
        let path = folder + "/plan.json"
        let bytes = try read(path)
        do {
            return try JSONDecoder().decode(PlanFile.self, from: Data(bytes)).criteria
        } catch {
            throw .notAPlan(path: path, reason: Self.reason(error))
        }
    }

    /// The events of the run in `folder`; throws `EventLogError`.
    public static func events(in folder: String) throws(EventLogError) -> EventLogReader.Log {
        try EventLogReader.readAll(path: folder + "/events.jsonl")
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?: "the key '\(path(context.codingPath + [key]))' is missing"
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?, .dataCorrupted(let context)?:
            "\(path(context.codingPath)): \(context.debugDescription)"
        default: "\(error)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String { keys.map(\.stringValue).joined(separator: ".") }

    private static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotRead(path: path, reason: EventLogError.reason()) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .cannotRead(path: path, reason: EventLogError.reason()) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= planLimit else { throw .tooLarge(path: path, limit: planLimit) }
        }
    }
}
