import Glibc

/// The pager's memory on disk: one JSON line a record, only ever appended to.
actor PagerJournal {
    /// Largest journal in bytes; more is refused, because all of it is also held in memory.
    static let largest = 64 * 1024 * 1024

    private let path: String
    private let descriptor: Int32
    private var size = 0
    private(set) var state = PagerState()

    /// Opens or makes the journal and replays it. A torn last line, which a crash can leave, is cut off.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreFiles.failure("open", path) }
        guard let file = fopen(path, "re") else { throw StoreFiles.failure("open", path) }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        var number = 0
        while true {
            let length = getline(&line, &capacity, file)
            guard length > 0, let start = line else { break }
            number += 1
            let bytes = UnsafeRawBufferPointer(start: start, count: length)
            guard bytes.last == 0x0A else {
                guard ftruncate(descriptor, off_t(size)) == 0 else { throw StoreFiles.failure("truncate", path) }
                break
            }
            guard let json = try? JSON.parse(Array(bytes.dropLast()), depth: 32), let record = PagerRecord(json),
                record.sequence == number
            else { throw StoreFailure.damaged(path: "\(path):\(number)") }
            state.apply(record)
            size += length
        }
    }

    deinit { close(descriptor) }

    /// Writes a record, then applies it.
    func append(_ content: PagerRecord.Content) throws(PagerRefusal) {
        if case .update(let id, _, _) = content, state.incident(id) == nil { throw .notFound }
        let record = PagerRecord(
            sequence: state.lastSequence + 1, wall: .now(), monotonic: Timestamp.monotonicNanoseconds(),
            content: content)
        let bytes = Array((record.json.line + "\n").utf8)
        guard size + bytes.count <= Self.largest else { throw .full }
        let written = write(descriptor, bytes, bytes.count)
        guard written == bytes.count else {
            let reason = String(cString: strerror(errno))
            if written > 0 { _ = ftruncate(descriptor, off_t(size)) }
            throw .storage("\(path): cannot append: \(reason)")
        }
        size += bytes.count
        state.apply(record)
    }
}

extension PagerRecord {
    var json: JSON {
        let stamp: [JSON.Member] = [
            .init(name: "sequence", value: .int(sequence)), .init(name: "wall_ns", value: .int(wall.nanoseconds)),
            .init(name: "mono_ns", value: .int(monotonic)),
        ]
        let rest: JSON =
            switch content {
            case .event(let service, let action, let dedupKey, let body):
                .make([
                    "kind": .string("event"), "service": .string(service), "action": .string(action.rawValue),
                    "dedup_key": .string(dedupKey), "body": body,
                ])
            case .update(let incident, let status, let agent):
                .make([
                    "kind": .string("update"), "incident": .string(incident), "status": .string(status.rawValue),
                    "agent": .string(agent),
                ])
            case .chat(let channel, let body):
                .make(["kind": .string("chat"), "channel": .string(channel), "body": body])
            }
        return .object(stamp + (rest.members ?? []))
    }

    /// Reads ``json``; nil if something is missing or wrong.
    init?(_ json: JSON) {
        guard let sequence = json["sequence"]?.integer, let wall = json["wall_ns"]?.integer,
            let monotonic = json["mono_ns"]?.integer
        else { return nil }
        self.sequence = sequence
        self.wall = Timestamp(nanoseconds: Int64(wall))
        self.monotonic = Int64(monotonic)
        switch json["kind"]?.text {
        case "event":
            guard let service = json["service"]?.text, let key = json["dedup_key"]?.text, let body = json["body"],
                let action = json["action"]?.text.flatMap(PagerEvent.Action.init)
            else { return nil }
            content = .event(service: service, action: action, dedupKey: key, body: body)
        case "update":
            guard let incident = json["incident"]?.text, let agent = json["agent"]?.text,
                let status = json["status"]?.text.flatMap(Incident.Status.init)
            else { return nil }
            content = .update(incident: incident, status: status, agent: agent)
        case "chat":
            guard let channel = json["channel"]?.text, let body = json["body"] else { return nil }
            content = .chat(channel: channel, body: body)
        default: return nil
        }
    }
}
