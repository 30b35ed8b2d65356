import Foundation
import Glibc

/// An HTTP server on all of this machine's own addresses and on an abstract Unix socket that greets everybody and counts
/// them. Child processes serve, so that no thread of the tests blocks.
struct Listener {
    let port: UInt16
    /// Name of the abstract socket: it is in no file system, only the network namespace keeps it apart.
    let abstractName = "firedrill-decoy-\(getpid())"
    private let folder: String
    private let server: Command
    private let abstractServer: Command

    /// - Parameter folder: receives the server's files.
    init(folder: String) async throws {
        self.folder = folder
        let greeting = """
            #!/bin/sh
            read -r request
            printf x >>"\(folder)/greeted"
            printf 'HTTP/1.0 200 OK\\r\\n\\r\\nhello'
            """
        try greeting.write(toFile: "\(folder)/greet", atomically: true, encoding: .utf8)
        chmod("\(folder)/greet", 0o755)
        let port = try Self.freePort()
        self.port = port
        server = try Command(["socat", "TCP4-LISTEN:\(port),fork,reuseaddr", "EXEC:\(folder)/greet"], folder: folder)
        abstractServer = try Command(
            ["socat", "ABSTRACT-LISTEN:\(abstractName),fork", "EXEC:\(folder)/greet"], folder: folder)
        let listening = try await eventually(within: .seconds(5)) {
            let text =
                FileManager.default.contents(atPath: "/proc/net/tcp").map { String(decoding: $0, as: UTF8.self) } ?? ""
            let sockets = FileManager.default.contents(atPath: "/proc/net/unix") ?? Data()
            return text.contains(":\(String(format: "%04X", port)) 00000000:0000 0A")
                && String(decoding: sockets, as: UTF8.self).contains("@\(abstractName)") ? true : nil
        }
        guard listening != nil else { throw TestFailure("the listener does not listen") }
    }

    /// How many connections were greeted.
    var accepted: Int { FileManager.default.contents(atPath: "\(folder)/greeted")?.count ?? 0 }

    func stop() async {
        for command in [server, abstractServer] {
            await command.send(SIGTERM)
            _ = try? await command.end(within: .seconds(5))
        }
    }

    /// A port that was free a moment ago.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw TestFailure("no port could be had") }
        return UInt16(bigEndian: address.sin_port)
    }

    /// The machine's IPv4 addresses besides loopback.
    static var ownAddresses: [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [String] = []
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else {
                continue
            }
            var name = [CChar](repeating: 0, count: 64)
            getnameinfo(address, socklen_t(MemoryLayout<sockaddr_in>.size), &name, 64, nil, 0, NI_NUMERICHOST)
            let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !text.hasPrefix("127.") { found.append(text) }
        }
        return found
    }
}
