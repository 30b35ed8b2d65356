import Foundation
import Synchronization

/// A loopback HTTP server for tests: every connection gets its own thread and whatever bytes the handler returns.
final class TestServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let handler: @Sendable (String) -> Reply

    enum Reply: Sendable {
        /// Bytes to send, in pieces, before the connection is closed.
        case bytes([[UInt8]])
        /// Says nothing until the client goes away.
        case silence
    }

    init(_ handler: @escaping @Sendable (String) -> Reply) throws {
        self.handler = handler
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { [listener] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size) == 0 && listen(listener, 256) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        guard status else { throw CocoaError(.featureUnsupported) }
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [listener] in
            while true {
                let peer = accept(listener, nil, nil)
                guard peer >= 0 else { return }
                Thread { self.serve(peer) }.start()
            }
        }
        thread.start()
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)); close(listener) }

    private func serve(_ peer: Int32) {
        defer { close(peer) }
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while request.firstRange(of: [13, 10, 13, 10]) == nil {
            let count = read(peer, &buffer, buffer.count)
            guard count > 0 else { return }
            request += buffer[..<count]
        }
        switch handler(String(decoding: request, as: UTF8.self)) {
        case .silence: _ = read(peer, &buffer, buffer.count)
        case .bytes(let pieces):
            for piece in pieces {
                _ = piece.withUnsafeBytes { send(peer, $0.baseAddress, piece.count, Int32(MSG_NOSIGNAL)) }
                if pieces.count > 1 { usleep(2_000) }
            }
        }
    }

    static func ok(_ body: String, status: String = "200 OK") -> Reply {
        .bytes([Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)])
    }
}
