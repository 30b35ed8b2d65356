/// An HTTP/1.1 response as it was received.
public struct HTTPResponse: Sendable, Hashable {
    /// Three digits, of the final answer.
    public var status: Int
    /// Lower-case names, in order of arrival; a repeated name is joined by `, `.
    public var headers: [String: String]
    /// At most the request's body limit.
    public var body: [UInt8]
    /// The body was longer than the limit and was cut there.
    public var isCut: Bool
}

/// Reads one HTTP/1.1 response (RFC 9112) from bytes as they come, with limits on everything. A value: no I/O.
struct HTTPResponseParser: Sendable {
    /// Longest head or trailer part, in bytes.
    static let headLimit = 16 << 10
    static let headerCountLimit = 100

    enum Progress: Sendable, Hashable {
        case needsMore
        case done(HTTPResponse)
        case failed(String)
    }

    private enum State: Sendable {
        case head
        /// Bytes still to come; nil when the body ends with the connection.
        case body(remaining: Int?)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case ended
    }

    let bodyLimit: Int
    private var state = State.head
    private var pending: [UInt8] = []
    private var response = HTTPResponse(status: 0, headers: [:], body: [], isCut: false)

    /// - Parameter bodyLimit: Bytes of the body after which the response counts as complete, and is marked as cut.
    init(bodyLimit: Int) { self.bodyLimit = bodyLimit }

    /// Takes in more bytes.
    mutating func consume(_ bytes: some Collection<UInt8>) -> Progress {
        pending += bytes
        while true {
            if let progress = step() { return progress }
        }
    }

    /// The peer closed the connection.
    mutating func finish() -> Progress {
        switch state {
        case .body(nil): .done(response)
        case .ended: .done(response)
        case .head where pending.isEmpty: .failed("the server closed the connection without an answer")
        default: .failed("the server closed the connection in the middle of its answer")
        }
    }

    /// One step; nil to go on.
    private mutating func step() -> Progress? {
        switch state {
        case .head:
            guard let end = pending.firstRange(of: [13, 10, 13, 10]) else {
                return pending.count > Self.headLimit
                    ? .failed("the head of the answer is longer than \(Self.headLimit) bytes") : .needsMore
            }
            let head = pending[..<end.lowerBound]
            guard head.count <= Self.headLimit else {
                return .failed("the head of the answer is longer than \(Self.headLimit) bytes")
            }
            let failure = readHead(String(decoding: head, as: UTF8.self))
            pending.removeFirst(end.upperBound)
            return failure.map { .failed($0) }
        case .body(let remaining): return readBody(remaining)
        case .chunkSize:
            guard let line = takeLine() else {
                return lineIsTooLong ? .failed("a chunk's size line is too long") : .needsMore
            }
            let digits = line.prefix { $0 != ";" }.trimmingPrefix(while: \.isWhitespace)
            guard !digits.isEmpty, digits.utf8.count <= 8, let size = Int(digits, radix: 16), size >= 0 else {
                return .failed("a chunk's size is not a number")
            }
            state = size == 0 ? .trailer : .chunk(remaining: size)
            return nil
        case .chunk(let remaining):
            guard !pending.isEmpty else { return .needsMore }
            let count = min(remaining, pending.count)
            if let cut = append(count) { return cut }
            state = count == remaining ? .chunkEnd : .chunk(remaining: remaining - count)
            return nil
        case .chunkEnd:
            guard pending.count >= 2 else { return .needsMore }
            guard pending.starts(with: [13, 10]) else { return .failed("a chunk does not end where its size says") }
            pending.removeFirst(2)
            state = .chunkSize
            return nil
        case .trailer:
            guard let line = takeLine() else { return lineIsTooLong ? .failed("the trailer is too long") : .needsMore }
            if line.isEmpty { state = .ended }
            return nil
        case .ended: return .done(response)
        }
    }

    private mutating func readBody(_ remaining: Int?) -> Progress? {
        if remaining == 0 {
            state = .ended
            return nil
        }
        guard !pending.isEmpty else { return .needsMore }
        let count = min(remaining ?? .max, pending.count)
        if let cut = append(count) { return cut }
        state = .body(remaining: remaining.map { $0 - count })
        return nil
    }

    /// Moves bytes into the body; done when that reaches the limit with more to come.
    private mutating func append(_ count: Int) -> Progress? {
        let room = bodyLimit - response.body.count
        response.body += pending.prefix(min(count, room))
        if count > room {
            response.isCut = true
            state = .ended
            return .done(response)
        }
        pending.removeFirst(count)
        return nil
    }

    private var lineIsTooLong: Bool { pending.count > 1_024 }

    private mutating func takeLine() -> String? {
        guard let end = pending.firstRange(of: [13, 10]), end.lowerBound <= 1_024 else { return nil }
        let line = String(decoding: pending[..<end.lowerBound], as: UTF8.self)
        pending.removeFirst(end.upperBound)
        return line
    }

    /// Reads status line and headers; returns what is wrong with them.
    private mutating func readHead(_ text: String) -> String? {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let parts = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let status = Int(parts[1]), status >= 100
        else { return "the answer is not HTTP/1.1" }
        guard lines.count <= Self.headerCountLimit else {
            return "the answer has more than \(Self.headerCountLimit) headers"
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                return "a header of the answer is malformed"
            }
            let name = line[..<colon].lowercased()
            let value = String(line[line.index(after: colon)...].trimmingPrefix(while: { $0 == " " || $0 == "\t" }))
            headers[name] = headers[name].map { $0 + ", " + value } ?? value
        }
        // An interim answer: the real one follows.
        if status < 200, status != 101 { return nil }
        response.status = status
        response.headers = headers
        if status == 204 || status == 304 {
            state = .ended
        } else if let coding = headers["transfer-encoding"] {
            guard coding.lowercased() == "chunked" else {
                return "the answer has the unknown transfer coding '\(coding.prefix(40))'"
            }
            state = .chunkSize
        } else if let length = headers["content-length"] {
            guard !length.isEmpty, length.utf8.count <= 15, length.allSatisfy({ ("0"..."9").contains($0) }),
                let count = Int(length)
            else { return "the answer's length is not a number" }
            state = .body(remaining: count)
        } else {
            state = .body(remaining: nil)
        }
        return nil
    }
}
