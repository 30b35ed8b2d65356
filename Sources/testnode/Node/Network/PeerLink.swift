import Glibc

/// One TCP connection to a peer: buffers, framing and the state of its handshake. Lives on the event loop.
final class PeerLink {
    /// How far the connection has come.
    enum State {
        /// The connect has not ended yet.
        case connecting
        /// Our hello is sent, theirs is awaited.
        case greeting
        /// Our proof is sent, theirs is awaited.
        case proving(PeerHello)
        case up(PeerHello)
        case closed
    }

    /// What reading brought.
    enum ReadResult {
        case frames([PeerFrame])
        case ended
    }

    /// A peer that does not read is dropped when this much waits for it.
    static let maximumOutbox = 2 * 1024 * 1024
    private static let readLength = 16 * 1024

    let descriptor: Int32
    /// Who was dialled; nil for accepted connections.
    let dialled: HostPort?
    let nonce: [UInt8]
    var state: State
    /// When the handshake ended.
    var raisedAt: UInt64 = 0
    private(set) var lastReceived = EventLoop.monotonicNanoseconds()
    private(set) var lastSent = EventLoop.monotonicNanoseconds()
    private var inbox: ArraySlice<UInt8> = []
    private var outbox: ArraySlice<UInt8> = []

    init(descriptor: Int32, dialled: HostPort?, state: State) {
        self.descriptor = descriptor
        self.dialled = dialled
        self.state = state
        var generator = SystemRandomNumberGenerator()
        nonce = (0..<PeerHello.nonceLength).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    var wantsToWrite: Bool { !outbox.isEmpty }

    /// The peer's hello once its key is proven.
    var peer: PeerHello? {
        if case .up(let hello) = state { hello } else { nil }
    }

    /// Queues a frame and sends what the socket takes. False when the link is of no more use.
    func send(_ frame: [UInt8]) -> Bool {
        lastSent = EventLoop.monotonicNanoseconds()
        guard outbox.isEmpty else {
            outbox.append(contentsOf: frame)
            return outbox.count <= Self.maximumOutbox
        }
        outbox = ArraySlice(frame)
        return flush()
    }

    /// Sends what waits, as far as the socket takes it. False when the connection has failed.
    func flush() -> Bool {
        while !outbox.isEmpty {
            let sent = outbox.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 { return errno == EAGAIN || errno == EINTR }
            outbox = outbox.dropFirst(sent)
        }
        outbox = []
        return true
    }

    /// Reads what has arrived, at most `readLength` bytes at a time: poll reports the rest again.
    /// Throws when the peer does not speak the protocol.
    func receive() throws -> ReadResult {
        var received = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.readLength) { space, count in
            received = recv(descriptor, space.baseAddress, space.count, 0)
            count = max(0, received)
        }
        if received < 0, errno == EAGAIN || errno == EINTR { return .frames([]) }
        guard received > 0 else { return .ended }
        lastReceived = EventLoop.monotonicNanoseconds()
        if inbox.isEmpty { inbox = ArraySlice(chunk) } else { inbox.append(contentsOf: chunk) }
        var frames: [PeerFrame] = []
        while let frame = try PeerFrame.take(from: &inbox) { frames.append(frame) }
        if inbox.isEmpty { inbox = [] }
        return .frames(frames)
    }
}
