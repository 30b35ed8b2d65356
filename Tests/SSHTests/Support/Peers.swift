import Glibc
import Synchronization

@testable import SSH

/// A peer that accepts connections and is no SSH server.
final class FakePeer: Sendable {
    enum Behaviour: Sendable {
        case silent
        case closing
        /// Sends these bytes once.
        case saying([UInt8])
        /// Sends these bytes again and again, as fast as they are taken.
        case flooding([UInt8])
    }

    let address = LoopbackPort.address()
    let port: UInt16
    private let listener: Int32
    private let open = Mutex<[Int32]>([])

    init(_ behaviour: Behaviour) throws {
        (listener, port) = try LoopbackPort.listen(on: address)
        let listener = listener
        BlockingThread.start { [weak self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { return }
                self?.open.withLock { $0.append(socket) }
                Self.serve(socket, behaviour)
            }
        }
    }

    /// Shutting down wakes the threads that use the sockets; they end before the numbers can be used again.
    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        open.withLock { $0.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    var target: SSHTarget {
        SSHTarget(
            name: "impostor", address: address, port: port, user: "nobody", privateKey: TestKeys.shared.userKey,
            hostKeys: [TestKeys.shared.hostKey])
    }

    private static func serve(_ socket: Int32, _ behaviour: Behaviour) {
        switch behaviour {
        case .silent: break
        case .closing: shutdown(socket, Int32(SHUT_RDWR))
        case .saying(let bytes): send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        case .flooding(let bytes):
            while send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 {}
        }
    }
}

/// Processes on this machine, seen from outside.
enum Processes {
    /// True when the process is gone or only waits to be collected.
    static func isGone(_ pid: Int) -> Bool {
        guard let stat = stat(of: pid) else { return true }
        return stat[0] == "Z" || stat[0] == "X"
    }

    /// Waits until a process is gone, at most `seconds`.
    static func waitUntilGone(_ pid: Int, seconds: Int = 60) async throws -> Bool {
        for _ in 0..<(seconds * 50) {
            if isGone(pid) { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// The fields of `/proc/pid/stat` after the name: state, parent, group, session.
    static func stat(of pid: Int) -> [Substring]? {
        guard let file = fopen("/proc/\(pid)/stat", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 1024)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let line = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let end = line.lastIndex(of: ")") else { return nil }
        return line[end...].dropFirst(2).split(separator: " ")
    }

    /// The sshd process that serves the connection under whose session `pid` runs.
    static func server(of pid: Int) -> Int? {
        guard let session = stat(of: pid).flatMap({ Int($0[3]) }) else { return nil }
        return stat(of: session).flatMap { Int($0[1]) }
    }
}

/// Numbers that a script printed, one per line.
func numbers(_ bytes: [UInt8]) -> [Int] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { Int($0) }
}

/// The reason of an `unknown` outcome, or nil.
func unknownReason(_ result: CommandResult) -> String? {
    if case .unknown(let reason) = result.outcome { reason } else { nil }
}

/// Reads a stream until it has printed a line with a number, such as a pid.
func firstNumber(_ iterator: inout CommandStream.Iterator) async throws -> Int {
    var text: [UInt8] = []
    while let element = try await iterator.next() {
        guard case .stdout(let bytes) = element else { continue }
        text += bytes
        if text.contains(Bytes.newline), let number = numbers(text).first { return number }
    }
    throw ChildProcess.Failure(description: "the stream ended before it printed a number")
}
