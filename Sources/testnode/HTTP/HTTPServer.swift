import Dispatch
import FlyingSocks
import Glibc

extension HTTP {
    /// Why a server cannot listen.
    enum ListenFailure: Error, CustomStringConvertible {
        case notAnAddress(String)
        case cannotListen(address: String, port: UInt16, reason: String)

        var description: String {
            switch self {
            case .notAnAddress(let text): "'\(text)' is not an IPv4 address; write for example 127.0.4.2."
            case .cannotListen(let address, let port, let reason):
                "Cannot listen on \(address):\(port): \(reason). Check that the address is free and that the port may be used."
            }
        }
    }

    /// Accepts connections on one address and hands their requests to a handler, many connections at once.
    struct Server: Sendable {
        typealias Handler = @Sendable (Request) async -> Response

        let limits: Limits
        let handler: Handler
        private let listener: Int32
        /// Port that was bound; differs from the one asked for when that was 0.
        let port: UInt16

        /// Binds and listens, so that a client's first connection works as soon as this returns.
        /// - Parameters:
        ///   - address: an IPv4 address.
        ///   - port: 0 for any free one.
        init(address: String, port: UInt16, limits: Limits = Limits(), handler: @escaping Handler) throws(ListenFailure)
        {
            self.limits = limits
            self.handler = handler
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else { throw .notAnAddress(address) }
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let listener = socket(AF_INET, kind, 0)
            self.listener = listener
            var one: Int32 = 1
            setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
            }
            guard listener >= 0, bound == 0, listen(listener, SOMAXCONN) == 0 else {
                let reason = String(cString: strerror(errno))
                if listener >= 0 { close(listener) }
                throw .cannotListen(address: address, port: port, reason: reason)
            }
            var length = size
            _ = withUnsafeMutablePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
            }
            self.port = UInt16(bigEndian: name.sin_port)
        }

        /// Serves until the task is cancelled or the listening socket fails.
        func run() async throws {
            defer { close(listener) }
            signal(SIGPIPE, SIG_IGN)  // sendfile(2) has no MSG_NOSIGNAL.
            let pool: SocketPool<ePoll> = .ePoll(maxEvents: 64)
            try await pool.prepare()
            let deadlines = Deadlines()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pool.run() }
                group.addTask { try await deadlines.sweep() }
                group.addTask(executorPreference: DiskExecutor.shared) { try await accept(pool, deadlines) }
                try await group.next()
                group.cancelAll()
            }
        }

        private func accept(_ pool: SocketPool<ePoll>, _ deadlines: Deadlines) async throws {
            let socket = Socket(file: .init(rawValue: listener))
            try await withThrowingDiscardingTaskGroup { group in
                while true {
                    var name = sockaddr_in()
                    let descriptor = Self.acceptOne(listener, &name)
                    guard descriptor >= 0 else {
                        switch errno {
                        case EAGAIN: try await pool.suspendSocket(socket, untilReadyFor: .read)
                        case EINTR, ECONNABORTED: continue
                        // No descriptor or memory left just now: serve what is open, then go on.
                        case EMFILE, ENFILE, ENOBUFS, ENOMEM: try await Task.sleep(for: .milliseconds(50))
                        default: throw SocketError.makeFailed("accept")
                        }
                        continue
                    }
                    let isFull = deadlines.count >= limits.connections
                    deadlines.set(limits.idle, for: descriptor)
                    let peer = Self.text(of: name.sin_addr)
                    group.addTask {
                        await serve(descriptor, from: peer, isFull: isFull, pool, deadlines)
                        deadlines.close(descriptor)
                    }
                }
            }
        }

        private static func acceptOne(_ listener: Int32, _ name: inout sockaddr_in) -> Int32 {
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = withUnsafeMutablePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.accept(listener, $0, &length)
                }
            }
            guard descriptor >= 0 else { return descriptor }
            // Not atomic with accept(2) (Swift's Glibc has no accept4), which is harmless: nothing here starts
            // programs.
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            var one: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
            return descriptor
        }

        private static func text(of address: in_addr) -> String {
            let number = UInt32(bigEndian: address.s_addr)
            return "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
        }

        private func serve(
            _ descriptor: Int32, from peer: String, isFull: Bool, _ pool: SocketPool<ePoll>, _ deadlines: Deadlines
        ) async {
            let connection = Connection(descriptor: descriptor, pool: pool, deadlines: deadlines, limits: limits)
            do {
                guard !isFull else {
                    try await connection.send(Response(503), keepAlive: false, isHead: false)
                    return
                }
                while let head = try await connection.readHead() {
                    guard try await answer(head, from: peer, on: connection) else {
                        await connection.lingerAndClose()
                        return
                    }
                }
            } catch let failure as Failure {
                // A head or framing that cannot be understood: say so, then end, because what follows is unknown.
                let status =
                    switch failure {
                    case .badRequest: 400
                    case .headTooLarge: 431
                    case .bodyTooLarge: 413
                    case .disconnected, .truncatedBody: 0
                    }
                guard status != 0 else { return }
                let response = Response(status, type: "text/plain", text: "\(failure)\n")
                try? await connection.send(response, keepAlive: false, isHead: false)
                await connection.lingerAndClose()
            } catch {
                // The server is shutting down, or the socket failed: nobody is left to tell.
            }
        }

        /// Handles one request; false if the connection must end.
        private func answer(_ head: Head, from peer: String, on connection: Connection) async throws -> Bool {
            let body = try Body(head: head, connection: connection)
            let response = await handler(Request(head: head, body: body, peer: peer))
            var keepAlive = head.minorVersion >= 1 || head.headers.lists("keep-alive", in: "connection")
            if head.headers.lists("close", in: "connection") || response.closesConnection { keepAlive = false }
            // A client that still waits for 100 Continue may or may not send its body after a final response.
            if body.awaitsContinue || body.isBroken { keepAlive = false }
            try await connection.send(response, keepAlive: keepAlive, isHead: head.method == "HEAD")
            guard keepAlive else { return false }
            return try await body.drain(limit: limits.drainedBytes)
        }
    }
}

extension HTTP.Connection {
    /// Sends a response; of an answer to HEAD only the head, with the length that GET would have.
    func send(_ response: HTTP.Response, keepAlive: Bool, isHead: Bool) async throws {
        var text = "HTTP/1.1 \(response.status) \(HTTP.reason(response.status))\r\n"
        for (name, value) in response.headers { text += "\(name): \(value)\r\n" }
        if response.status >= 200, response.status != 204, response.status != 304 {
            if !response.headers.contains(where: { $0.name.lowercased() == "content-length" }) {
                text += "Content-Length: \(response.payload.count)\r\n"
            }
        }
        text += "Date: \(Timestamp.now().httpDate)\r\n"
        text += keepAlive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n"
        var bytes = Array(text.utf8)
        switch response.payload {
        case .bytes(let body):
            if !isHead { bytes += body }
            try await write(bytes)
        case .file(let file, let range):
            try await write(bytes)
            if !isHead { try await write(file, range) }
        }
    }
}

extension HTTP {
    /// Reason phrase of a status code (RFC 9110 section 15).
    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 416: "Range Not Satisfiable"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: status < 400 ? "OK" : "Error"
        }
    }

    /// Runs request handlers on Dispatch's own threads: they read and write local files with blocking calls,
    /// which must not occupy the cooperative pool.
    final class DiskExecutor: TaskExecutor {
        static let shared = DiskExecutor()
        private let queue = DispatchQueue(label: "requests", attributes: .concurrent)

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}
