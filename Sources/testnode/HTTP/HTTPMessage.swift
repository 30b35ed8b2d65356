import Glibc

/// The testnet's own small HTTP/1.1 server (RFC 9112), shared by the bucket and the pager.
///
/// It sits on FlyingSocks' event pool instead of FlyingFox's `HTTPServer`, because the programs behind it must bound
/// request heads, idle connections and stalled clients, answer `Expect: 100-continue`, and stream files without a copy.
enum HTTP {
    /// Header fields in the order they came. Names are stored in lower case.
    struct Headers: Sendable, Equatable {
        private(set) var fields: [(name: String, value: String)] = []

        static func == (left: Headers, right: Headers) -> Bool {
            left.fields.elementsEqual(right.fields) { $0.name == $1.name && $0.value == $1.value }
        }

        mutating func add(_ name: String, _ value: String) {
            fields.append((name.lowercased(), value))
        }

        /// The first value of a field; `name` in lower case.
        subscript(name: String) -> String? {
            fields.first { $0.name == name }?.value
        }

        /// All values of a field in order; `name` in lower case.
        func all(_ name: String) -> [String] {
            fields.lazy.filter { $0.name == name }.map(\.value)
        }

        /// True if a comma separated field such as `Connection` lists `token` (both compared in lower case).
        func lists(_ token: String, in name: String) -> Bool {
            all(name).contains { value in
                value.lowercased().split(separator: ",").contains { $0.trimmingSpaces() == token }
            }
        }
    }

    /// Request line and header fields.
    struct Head: Sendable {
        /// As sent, such as `GET`.
        var method: String
        /// Path of the request target, still percent-encoded, always starting with `/` (or `*`).
        var path: String
        /// Query of the request target without `?`, still percent-encoded; empty if there was none.
        var query: String
        /// The y of HTTP/1.y.
        var minorVersion: Int
        var headers = Headers()
    }

    /// One request as a handler sees it. The body must be read by the task that handles the request.
    struct Request {
        let head: Head
        let body: Body
        /// Address of the peer, such as `127.0.4.2`.
        let peer: String
    }

    /// What is sent after the response's header fields.
    enum Payload: Sendable {
        case bytes([UInt8])
        /// Part of a file, streamed by the kernel: nothing of it is held in memory.
        case file(OpenFile, Range<Int>)

        /// Length in bytes.
        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .file(_, let range): range.count
            }
        }
    }

    struct Response: Sendable {
        var status: Int
        var headers: [(name: String, value: String)] = []
        var payload: Payload = .bytes([])
        /// Ends the connection after this response.
        var closesConnection = false

        init(_ status: Int, headers: [(name: String, value: String)] = [], payload: Payload = .bytes([])) {
            self.status = status
            self.headers = headers
            self.payload = payload
        }

        init(_ status: Int, type: String, text: String) {
            self.init(status, headers: [("Content-Type", type)], payload: .bytes(Array(text.utf8)))
        }
    }

    /// An open file, closed when the last response that uses it is gone.
    final class OpenFile: Sendable {
        let descriptor: Int32
        /// Size in bytes when it was opened.
        let size: Int

        /// Opens a regular file for reading; nil with `errno` set if it cannot be opened.
        init?(path: String) {
            let opened = open(path, O_RDONLY | O_CLOEXEC)
            guard opened >= 0 else { return nil }
            var status = stat()
            guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                close(opened)
                return nil
            }
            descriptor = opened
            size = Int(status.st_size)
        }

        deinit { close(descriptor) }
    }

    /// Bounds that protect the server from its peers.
    struct Limits: Sendable {
        /// Request line and header fields together, in bytes.
        var headBytes = 32 * 1024
        /// Number of header fields.
        var headerFields = 128
        /// Connections served at once; further ones get 503.
        var connections = 512
        /// Longest time to wait for a request head, from the first connection or the previous response.
        var idle: Duration = .seconds(60)
        /// Longest time without a byte moving in a request body or a response.
        var stall: Duration = .seconds(30)
        /// Unread request body that is thrown away to keep a connection usable, in bytes; more ends the connection.
        var drainedBytes = 16 * 1024 * 1024
    }

    /// Why a request could not be read.
    enum Failure: Error, CustomStringConvertible, Equatable {
        case badRequest(String)
        case headTooLarge
        case bodyTooLarge(limit: Int)
        case disconnected
        case truncatedBody

        var description: String {
            switch self {
            case .badRequest(let why): "The request is not valid HTTP/1.1: \(why)."
            case .headTooLarge: "The request line and header fields are larger than this server accepts."
            case .bodyTooLarge(let limit): "The request body is larger than the \(limit) bytes accepted here."
            case .disconnected: "The peer ended the connection."
            case .truncatedBody: "The peer ended the connection in the middle of the request body."
            }
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end (the optional whitespace of RFC 9110 section 5.6.3).
    func trimmingSpaces() -> String {
        var view = Array(utf8)[...]
        while let first = view.first, first == 0x20 || first == 0x09 { view = view.dropFirst() }
        while let last = view.last, last == 0x20 || last == 0x09 { view = view.dropLast() }
        return String(decoding: view, as: UTF8.self)
    }
}
