import Glibc
import Testing

@testable import Timeline

/// A path in a fresh folder that is removed with everything in it.
private func withLog(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/firedrill-log-XXXXXX".utf8CString)
    let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
    let path = folder + "/events.jsonl"
    defer {
        unlink(path)
        rmdir(folder)
    }
    try body(path)
}

private func write(_ text: String, to path: String, append: Bool = false) throws {
    let file = try #require(fopen(path, append ? "a" : "w"))
    defer { fclose(file) }
    #expect(fputs(text, file) >= 0)
}

@Suite("The event log")
struct EventLogTests {
    @Test("every event reads back as it was written, also through Codable's own encoders")
    func roundTrip() throws {
        for event in everyEvent {
            let again = try Event(json: JSONReader.read(Array(event.line.utf8)))
            #expect(again == event)
            #expect(again.line == event.line)
        }
    }

    @Test("a line is flat, starts with its number, time, label and type, and has its other fields sorted")
    func format() {
        let event = Event(
            sequence: 3, monotonic: 12, wall: "2026-01-02T10:00:00.000Z",
            body: .signal(source: .alert, id: "p1", names: ["a0"], summary: "a0 \"down\"\n", resolved: false))
        #expect(
            event.line == #"{"n":3,"t":12,"wall":"2026-01-02T10:00:00.000Z","type":"signal","id":"p1","names":["a0"],"#
                + #""resolved":false,"source":"alert","summary":"a0 \"down\"\n"}"#)
    }

    @Test("what was appended can be read, whole and as it grows")
    func appendAndFollow() throws {
        try withLog { path in
            var writer = try EventLogWriter(path: path)
            var reader = EventLogReader(path: path)
            for (index, body) in everyBody.enumerated() {
                try writer.append(body, monotonic: Int64(index), wall: "w", durable: index % 5 == 0)
                if index % 3 == 0 { #expect(try reader.readNew().last?.body == body) }
            }
            #expect(try EventLogReader.readAll(path: path).events.map(\.body) == everyBody)
        }
    }

    @Test("a torn last line is ignored and noted, and completed when the rest comes")
    func tornLine() throws {
        try withLog { path in
            let lines = everyEvent.prefix(3).map(\.line)
            let torn = String(lines[2].prefix(20))
            try write(lines[0] + "\n" + lines[1] + "\n" + torn, to: path)
            let log = try EventLogReader.readAll(path: path)
            #expect(log.events.count == 2)
            #expect(log.tornBytes == 20)
            var reader = EventLogReader(path: path)
            #expect(try reader.readNew().count == 2)
            try write(String(lines[2].dropFirst(20)) + "\n", to: path, append: true)
            #expect(try reader.readNew() == [everyEvent[2]])
            #expect(reader.tornBytes == 0)
        }
    }

    @Test("a broken, missing or over-long line in the middle is an error with file and line")
    func brokenMiddle() throws {
        try withLog { path in
            let lines = everyEvent.prefix(4).map(\.line)
            try write(lines[0] + "\n" + lines[1].dropLast(2) + "\n" + lines[2] + "\n", to: path)
            let broken = #expect(throws: EventLogError.self) { try EventLogReader.readAll(path: path) }
            #expect(broken?.description.hasPrefix("\(path):2: ") == true)
            try write(lines[0] + "\n" + lines[2] + "\n", to: path)
            #expect(throws: EventLogError.outOfOrder(path: path, line: 2, found: 2, expected: 1)) {
                try EventLogReader.readAll(path: path)
            }
            try write(String(repeating: "x", count: EventLogWriter.lineLimit + 10), to: path)
            #expect(throws: EventLogError.lineTooLong(path: path, line: 1, limit: EventLogWriter.lineLimit)) {
                try EventLogReader.readAll(path: path)
            }
        }
    }

    @Test("a full disk is an error that names the file, and nothing is pretended to be written")
    func fullDisk() throws {
        var writer = try EventLogWriter(path: "/dev/full")
        #expect(throws: EventLogError.self) { try writer.append(.frozen, monotonic: 0, wall: "w") }
        #expect(writer.nextSequence == 0)
    }

    @Test("an event that no reader would accept is refused")
    func tooLong() throws {
        try withLog { path in
            var writer = try EventLogWriter(path: path)
            let message = String(repeating: "x", count: EventLogWriter.lineLimit)
            #expect(throws: EventLogError.self) {
                try writer.append(.note(level: .info, message: message), monotonic: 0, wall: "w")
            }
            try writer.append(.frozen, monotonic: 1, wall: "w")
            #expect(try EventLogReader.readAll(path: path).events.count == 1)
        }
    }

    @Test(
        "an event with a missing, wrong or unknown field says which",
        arguments: [
            (#"{"n":0,"t":1,"wall":"w","type":"frozen","x":1}"#, "no field 'x'"),
            (#"{"n":0,"t":1,"wall":"w","type":"thawed"}"#, "no event type 'thawed'"),
            (#"{"n":0,"t":1,"wall":"w","type":"hostLost","host":"a"}"#, "'reason' of the event 'hostLost' is missing"),
            (#"{"n":-1,"t":1,"wall":"w","type":"frozen"}"#, "'n'"),
            (#"{"n":0,"t":"1","wall":"w","type":"frozen"}"#, "a whole number"),
            (#"{"n":0,"t":1,"wall":"w","type":"phase","phase":"party"}"#, "one of boot, deploy"),
            (#"{"n":0,"t":1,"wall":"w","type":"sample","probe":"p","target":"t","started":1}"#, "exactly when"),
            (#"{"n":0,"t":1,"wall":"w","type":"harnessTime","name":"b","took":"3"}"#, "a duration"),
            (#"[]"#, "a JSON object"),
        ])
    func badFields(line: String, complaint: String) throws {
        let json = try JSONReader.read(Array(line.utf8))
        let error = #expect(throws: EventFormatError.self) { try Event(json: json) }
        #expect(error?.description.contains(complaint) == true, "\(error?.description ?? "")")
    }

    @Test("mutated logs are read or refused, never crash, and a refused one names a line")
    func fuzz() throws {
        try withLog { path in
            let whole = Array(everyEvent.map { $0.line + "\n" }.joined().utf8)
            var random = SeededRandom(state: 42)
            for _ in 0..<300 {
                var bytes = whole
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                    case 1: bytes.remove(at: at)
                    case 2: bytes.insert(contentsOf: Array(#"[{"\u00"#.utf8), at: at)
                    default: bytes.removeSubrange(at..<min(bytes.count, at + 40))
                    }
                }
                let file = try #require(fopen(path, "w"))
                fwrite(bytes, 1, bytes.count, file)
                fclose(file)
                do {
                    let log = try EventLogReader.readAll(path: path)
                    _ = Judge.verdict(criteria: .synthetic(), events: log.events).encoded()
                } catch let error as EventLogError {
                    #expect(error.description.hasPrefix(path + ":"))
                }
            }
        }
    }
}
