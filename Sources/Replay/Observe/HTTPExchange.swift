import Foundation

/// One request under way on the client's thread: connects, sends, reads.
struct HTTPExchange {
    let id: UInt64
    let descriptor: Int32
    /// Monotonic nanoseconds.
    let deadline: Int64
    private let done: CheckedContinuation<Result<HTTPResponse, ProbeFailure>, Never>
    private let bytes: [UInt8]
    private var sent = 0
    private var isConnected = false
    private var parser: HTTPResponseParser

    /// What it waits for, in words.
    var stage: String { !isConnected ? "connecting" : sent < bytes.count ? "sending" : "waiting for the answer" }
    var interest: Int16 { Int16(sent < bytes.count ? POLLOUT : POLLIN) }

    static func start(
        _ request: HTTPRequest, id: UInt64, deadline: Int64,
        done: CheckedContinuation<Result<HTTPResponse, ProbeFailure>, Never>
    ) -> Result<HTTPExchange, ProbeFailure> {
        guard let bytes = request.bytes else { return .failure(ProbeFailure("the request has a malformed header")) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = request.port.bigEndian
        guard inet_pton(AF_INET, request.address, &address.sin_addr) == 1 else {
            return .failure(ProbeFailure("'\(request.address)' is not an IPv4 address"))
        }
        let descriptor = socket(
            AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .failure(ProbeFailure("no socket: \(words(errno))")) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 || errno == EINPROGRESS else {
            let failure = ProbeFailure("cannot connect: \(words(errno))")
            close(descriptor)
            return .failure(failure)
        }
        return .success(
            HTTPExchange(
                id: id, descriptor: descriptor, deadline: deadline, done: done, bytes: bytes,
                parser: HTTPResponseParser(bodyLimit: request.bodyLimit)))
    }

    /// Goes on as far as the socket allows; the result when it has ended.
    mutating func advance(_ buffer: inout [UInt8]) -> Result<HTTPResponse, ProbeFailure>? {
        if !isConnected {
            var status: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &status, &size)
            guard status == 0 else { return .failure(ProbeFailure("cannot connect: \(Self.words(status))")) }
            isConnected = true
        }
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                // An answer may have come before the whole request was sent: read it.
                return errno == EAGAIN ? nil : .failure(ProbeFailure("cannot send: \(Self.words(errno))"))
            }
            sent += count
        }
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            let progress: HTTPResponseParser.Progress
            if count > 0 {
                progress = parser.consume(buffer[..<count])
            } else if count == 0 {
                progress = parser.finish()
            } else if errno == EINTR {
                continue
            } else {
                return errno == EAGAIN ? nil : .failure(ProbeFailure("the connection broke: \(Self.words(errno))"))
            }
            switch progress {
            case .needsMore: continue
            case .done(let response): return .success(response)
            case .failed(let reason): return .failure(ProbeFailure(reason))
            }
        }
    }

    /// Closes the socket and hands the result over; true, for filters.
    func end(_ result: Result<HTTPResponse, ProbeFailure>) -> Bool {
        close(descriptor)
        done.resume(returning: result)
        return true
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }
}
