import Glibc
import Synchronization

@testable import SSH

/// Stands between a client and a real sshd and passes on what both say, until it is told to spoil what the server says.
/// What it spoils is encrypted and signed: it is a server with a wrong MAC, or a packet whose length is nonsense.
final class TamperingProxy: Sendable {
    enum Spoiling: Sendable, CaseIterable {
        /// One bit of what comes next differs: in the first block of a packet that is the length, further on the MAC fails.
        case flippingABit
        /// Bytes are lost, and the stream goes on.
        case dropping
        /// Both directions end at once, in the middle of a transfer.
        case cutting
        /// Nothing is passed on any more, and nothing ends.
        case stalling
    }

    let address = LoopbackPort.address()
    let port: UInt16
    private let listener: Int32
    private let open = Mutex<[Int32]>([])
    private let spoiling = Mutex<(how: Spoiling, after: Int)?>(nil)

    /// - Parameter server: what a client of this proxy reaches.
    init(to server: TestServer) throws {
        (listener, port) = try LoopbackPort.listen(on: address)
        let (listener, host, port) = (listener, server.address, server.port)
        BlockingThread.start { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let upstream = try? Self.connect(to: host, port) else {
                    close(client)
                    continue
                }
                self?.open.withLock { $0 += [client, upstream] }
                BlockingThread.start { [weak self] in self?.pass(from: client, to: upstream, spoils: false) }
                BlockingThread.start { [weak self] in self?.pass(from: upstream, to: client, spoils: true) }
            }
        }
    }

    /// The threads wake and end before the numbers of the sockets can be used again.
    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        open.withLock { $0.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
    }

    /// Spoils what the server says once it has said `bytes` more.
    func spoil(_ how: Spoiling, after bytes: Int) {
        spoiling.withLock { $0 = (how, bytes) }
    }

    private static func connect(to host: String, _ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var name = try LoopbackPort.ipv4(host, port: port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
        }
        guard status == 0 else {
            close(descriptor)
            throw ChildProcess.Failure(description: "no connection to \(host)")
        }
        return descriptor
    }

    private func pass(from source: Int32, to target: Int32, spoils: Bool) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            guard var piece = spoils ? spoiled(Array(buffer[0..<count])) : Array(buffer[0..<count]) else { break }
            while !piece.isEmpty {
                let sent = send(target, piece, piece.count, Int32(MSG_NOSIGNAL))
                guard sent > 0 else { break }
                piece.removeFirst(sent)
            }
        }
        for socket in [source, target] { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// What is passed on of `piece`; nil to end.
    private func spoiled(_ piece: [UInt8]) -> [UInt8]? {
        spoiling.withLock { spoiling in
            guard let (how, after) = spoiling else { return piece }
            guard piece.count > after else {
                spoiling = (how, after - piece.count)
                return piece
            }
            switch how {
            case .flippingABit:
                spoiling = nil
                var changed = piece
                changed[after] ^= 0x40
                return changed
            case .dropping:
                spoiling = nil
                return Array(piece[0..<after]) + piece.dropFirst(after + 7)
            case .cutting: return nil
            case .stalling:
                spoiling = (how, 0)
                return Array(piece[0..<after])
            }
        }
    }
}
