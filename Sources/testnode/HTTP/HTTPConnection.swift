import FlyingSocks
import Glibc

extension HTTP {
    /// One accepted connection: buffered reads, complete writes, each wait bounded by a deadline in ``Deadlines``.
    final class Connection {
        private static let readSize = 64 * 1024

        private let socket: Socket
        private let pool: any AsyncSocketPool
        private let deadlines: Deadlines
        private let limits: Limits
        private var buffer: [UInt8] = []

        private var descriptor: Int32 { socket.file.rawValue }

        init(descriptor: Int32, pool: any AsyncSocketPool, deadlines: Deadlines, limits: Limits) {
            socket = Socket(file: .init(rawValue: descriptor))
            self.pool = pool
            self.deadlines = deadlines
            self.limits = limits
        }

        // MARK: Reading

        /// The next request head, or nil if the peer ended the connection between requests.
        func readHead() async throws -> Head? {
            deadlines.set(limits.idle, for: descriptor)
            var scanned = 0
            while true {
                if let end = HeadParser.end(in: buffer, from: scanned) {
                    guard end <= limits.headBytes else { throw Failure.headTooLarge }
                    let head = try HeadParser.parse(buffer[..<end], limits: limits)
                    buffer.removeFirst(end)
                    return head
                }
                guard buffer.count < limits.headBytes else { throw Failure.headTooLarge }
                scanned = buffer.count
                guard try await fill() else {
                    if buffer.isEmpty { return nil }
                    throw Failure.disconnected
                }
            }
        }

        /// At least one and at most `count` bytes of a body.
        func readBody(atMost count: Int) async throws -> [UInt8] {
            deadlines.set(limits.stall, for: descriptor)
            if buffer.isEmpty {
                guard try await fill() else { throw Failure.truncatedBody }
            }
            if buffer.count <= count {
                defer { buffer = [] }
                return buffer
            }
            defer { buffer.removeFirst(count) }
            return Array(buffer.prefix(count))
        }

        /// A line of a chunked body without its line end, at most `longest` bytes.
        func readLine(longest: Int) async throws -> String {
            deadlines.set(limits.stall, for: descriptor)
            while true {
                if let end = buffer.firstIndex(of: 0x0A) {
                    var line = buffer[..<end]
                    if line.last == 0x0D { line = line.dropLast() }
                    guard line.count <= longest else { throw Failure.badRequest("a line of the body is too long") }
                    defer { buffer.removeFirst(end + 1) }
                    return String(decoding: line, as: UTF8.self)
                }
                guard buffer.count <= longest + 1 else { throw Failure.badRequest("a line of the body is too long") }
                guard try await fill() else { throw Failure.truncatedBody }
            }
        }

        /// Appends what the peer sent to the buffer; false at the end of the stream.
        private func fill() async throws -> Bool {
            while true {
                var received = 0
                let piece = [UInt8](unsafeUninitializedCapacity: Self.readSize) { space, count in
                    received = recv(descriptor, space.baseAddress, space.count, 0)
                    count = max(0, received)
                }
                if received > 0 {
                    if buffer.isEmpty { buffer = piece } else { buffer += piece }
                    return true
                }
                if received == 0 { return false }
                switch errno {
                case EINTR: continue
                case EAGAIN: try await pool.suspendSocket(socket, untilReadyFor: .read)
                default: throw Failure.disconnected
                }
            }
        }

        // MARK: Writing

        func write(_ bytes: [UInt8]) async throws {
            var sent = 0
            while sent < bytes.count {
                deadlines.set(limits.stall, for: descriptor)
                let count = bytes.withUnsafeBytes { all in
                    Glibc.send(descriptor, all.baseAddress?.advanced(by: sent), all.count - sent, Int32(MSG_NOSIGNAL))
                }
                if count >= 0 {
                    sent += count
                } else {
                    try await waitToWrite()
                }
            }
        }

        /// Sends part of a file with `sendfile(2)`.
        func write(_ file: OpenFile, _ range: Range<Int>) async throws {
            var offset = off_t(range.lowerBound)
            while offset < range.upperBound {
                deadlines.set(limits.stall, for: descriptor)
                // A megabyte at a time, so that one fast client cannot hold a thread for a whole large object.
                let sent = sendfile(descriptor, file.descriptor, &offset, min(range.upperBound - Int(offset), 1 << 20))
                if sent == 0 { throw Failure.disconnected }  // The file was cut short: a promise that cannot be kept.
                if sent < 0 { try await waitToWrite() } else { await Task.yield() }
            }
        }

        private func waitToWrite() async throws {
            switch errno {
            case EINTR: return
            case EAGAIN: try await pool.suspendSocket(socket, untilReadyFor: .write)
            default: throw Failure.disconnected
            }
        }

        /// Ends the sending side and reads what is still on its way, so that the peer gets the response
        /// instead of a reset. Bounded by the idle limit and by `limits.drainedBytes`.
        func lingerAndClose() async {
            shutdown(descriptor, Int32(SHUT_WR))
            deadlines.set(.seconds(2), for: descriptor)
            var drained = buffer.count
            buffer = []
            while drained < limits.drainedBytes, (try? await fill()) == true {
                drained += buffer.count
                buffer = []
            }
        }
    }
}
