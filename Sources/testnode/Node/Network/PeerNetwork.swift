import Crypto
import Glibc

/// The links of one node: dials the peers it is given, accepts everybody else of its network and shard, and keeps
/// trying. Everybody proves the key that it names. Two nodes that dial each other end up with one link. Lives on the
/// event loop.
final class PeerNetwork {
    /// Names a link while it is up.
    typealias LinkID = Int32

    /// What the owner of the network is told.
    enum Event {
        case up(LinkID, PeerHello)
        case down(LinkID, PeerHello)
        case frame(LinkID, PeerHello, PeerFrame)
    }

    /// Waits between attempts to reach a peer double up to this, so that a restarted one is back in under a second.
    static let firstRetry = Duration.milliseconds(100)
    static let longestRetry = Duration.milliseconds(800)
    /// A connect or handshake that takes longer is given up.
    static let handshakeTimeout = Duration.seconds(2)
    /// A quiet link is pinged after this and dropped after `deadAfter`: a partition leaves no other trace.
    static let pingAfter = Duration.seconds(2)
    static let deadAfter = Duration.seconds(6)
    /// Links accepted beyond the known peers, at most.
    static let maximumObservers = 64

    private struct Dial {
        var retry = PeerNetwork.firstRetry
        /// Key of whoever answered there last.
        var key: [UInt8]?
    }

    private let loop: EventLoop
    private let identity: Identity
    private let onEvent: (Event) -> Void
    private let log: (String) -> Void
    private var listener: Int32 = -1
    private var links: [LinkID: PeerLink] = [:]
    private var dials: [HostPort: Dial] = [:]

    /// Who this node is to its peers.
    struct Identity {
        var name: String
        var address: HostPort
        var networkID: [UInt8]
        var shard: UInt32
        var key: Curve25519.Signing.PrivateKey
        var publicKey: [UInt8]
        /// Whom to dial.
        var dials: [HostPort]
        /// How many peers the network has at least.
        var knownPeers: Int
        /// Head number to tell peers, asked whenever it is needed.
        var head: () -> UInt64
    }

    init(
        loop: EventLoop, identity: Identity, log: @escaping (String) -> Void, onEvent: @escaping (Event) -> Void
    ) {
        self.loop = loop
        self.identity = identity
        self.log = log
        self.onEvent = onEvent
    }

    /// Listens, and starts dialling.
    func start() throws(TCPSocket.Failure) {
        listener = try TCPSocket.listen(on: identity.address)
        loop.watch(listener, for: Int16(POLLIN)) { [unowned self] _ in acceptOne() }
        for address in identity.dials {
            dials[address] = Dial()
            dial(address)
        }
        scheduleCare()
    }

    /// Closes all links.
    func stop() {
        for link in links.values { discard(link, because: nil) }
        if listener >= 0 {
            loop.unwatch(listener)
            close(listener)
            listener = -1
        }
    }

    /// Peers whose keys are proven.
    var peers: [(LinkID, PeerHello)] {
        links.values.compactMap { link in link.peer.map { (link.descriptor, $0) } }
    }

    /// How many peers this node tries to keep a link to.
    var knownPeerCount: Int { max(dials.count, identity.knownPeers) }

    /// Sends one frame to a peer; a link that has gone is not an error, as messages can be lost anyway.
    func send(_ kind: PeerFrame.Kind, _ payload: [UInt8], to id: LinkID) {
        send(frame: PeerFrame.encode(kind, payload), to: id)
    }

    /// Sends one frame to every peer that `accepts` it.
    func broadcast(_ kind: PeerFrame.Kind, _ payload: [UInt8], where accepts: (PeerHello) -> Bool = { _ in true }) {
        let frame = PeerFrame.encode(kind, payload)
        for (id, hello) in peers where accepts(hello) { send(frame: frame, to: id) }
    }

    private func send(frame: [UInt8], to id: LinkID) {
        guard let link = links[id] else { return }
        guard link.send(frame) else { return discard(link, because: "it takes no more data") }
        updateEvents(of: link)
    }

    private func updateEvents(of link: PeerLink) {
        loop.setEvents(Int16(link.wantsToWrite ? POLLIN | POLLOUT : POLLIN), on: link.descriptor)
    }

    // MARK: Making links

    private func dial(_ address: HostPort) {
        if let key = dials[address]?.key, links.values.contains(where: { $0.peer?.publicKey == key }) {
            // It has dialled us meanwhile.
            loop.schedule(after: Self.longestRetry) { [unowned self] in dial(address) }
            return
        }
        do {
            let descriptor = try TCPSocket.connect(to: address, from: identity.address)
            let link = PeerLink(descriptor: descriptor, dialled: address, state: .connecting)
            add(link, events: Int16(POLLOUT))
        } catch {
            redial(address)
        }
    }

    private func redial(_ address: HostPort) {
        guard let dial = dials[address] else { return }
        dials[address]?.retry = min(dial.retry * 2, Self.longestRetry)
        loop.schedule(after: dial.retry) { [unowned self] in self.dial(address) }
    }

    private func acceptOne() {
        guard let descriptor = TCPSocket.accept(listener) else { return }
        guard links.count <= identity.knownPeers + Self.maximumObservers else {
            close(descriptor)
            return
        }
        let link = PeerLink(descriptor: descriptor, dialled: nil, state: .greeting)
        add(link, events: Int16(POLLIN))
        greet(link)
    }

    private func add(_ link: PeerLink, events: Int16) {
        links[link.descriptor] = link
        loop.watch(link.descriptor, for: events) { [unowned self] revents in handle(link, revents) }
        loop.schedule(after: Self.handshakeTimeout) { [weak self, weak link] in
            guard let self, let link, link.peer == nil else { return }
            discard(link, because: nil)
        }
    }

    private func discard(_ link: PeerLink, because reason: String?) {
        if case .closed = link.state { return }
        let peer = link.peer
        link.state = .closed
        links[link.descriptor] = nil
        loop.unwatch(link.descriptor)
        close(link.descriptor)
        if let peer {
            if let reason { log("link to \(peer.name) dropped: \(reason)") }
            onEvent(.down(link.descriptor, peer))
        }
        if let address = link.dialled { redial(address) }
    }

    // MARK: Serving links

    private func handle(_ link: PeerLink, _ revents: Int16) {
        if case .closed = link.state { return }
        if case .connecting = link.state {
            guard TCPSocket.connectSucceeded(link.descriptor) else { return discard(link, because: nil) }
            link.state = .greeting
            return greet(link)
        }
        if revents & Int16(POLLOUT) != 0 {
            guard link.flush() else { return discard(link, because: "sending failed") }
            updateEvents(of: link)
        }
        guard revents & Int16(POLLIN | POLLERR | POLLHUP) != 0 else { return }
        do {
            switch try link.receive() {
            case .ended: discard(link, because: "the peer closed it")
            case .frames(let frames):
                for frame in frames {
                    if case .closed = link.state { return }
                    try handle(frame, on: link)
                }
            }
        } catch {
            discard(link, because: "the peer does not keep to the protocol")
        }
    }

    private func greet(_ link: PeerLink) {
        let hello = PeerHello(
            networkID: identity.networkID, shard: identity.shard, name: identity.name, publicKey: identity.publicKey,
            nonce: link.nonce, head: identity.head())
        send(.hello, hello.encoded(), to: link.descriptor)
        if links[link.descriptor] != nil { updateEvents(of: link) }
    }

    private func handle(_ frame: PeerFrame, on link: PeerLink) throws {
        switch (link.state, frame.kind) {
        case (.greeting, .hello):
            let hello = try PeerHello.decode(frame.payload)
            guard hello.networkID == identity.networkID, hello.shard == identity.shard,
                hello.publicKey != identity.publicKey
            else { return discard(link, because: "wrong network or shard") }
            link.state = .proving(hello)
            let text = PeerHello.proofText(
                networkID: identity.networkID, challenge: hello.nonce, key: identity.publicKey)
            send(.proof, Array(try identity.key.signature(for: text)), to: link.descriptor)
        case (.proving(let hello), .proof):
            let key = try Curve25519.Signing.PublicKey(rawRepresentation: hello.publicKey)
            let text = PeerHello.proofText(
                networkID: identity.networkID, challenge: link.nonce, key: hello.publicKey)
            guard key.isValidSignature(Array(frame.payload), for: text) else { throw ByteReader.Malformed() }
            raise(link, hello)
        case (.up(let hello), .consensus), (.up(let hello), .ping), (.up(let hello), .blockRequest),
            (.up(let hello), .blocks), (.up(let hello), .transaction):
            onEvent(.frame(link.descriptor, hello, frame))
        default: throw ByteReader.Malformed()
        }
    }

    private func raise(_ link: PeerLink, _ hello: PeerHello) {
        if let address = link.dialled {
            dials[address]?.retry = Self.firstRetry
            dials[address]?.key = hello.publicKey
        }
        for old in links.values.filter({ $0 !== link && $0.peer?.publicKey == hello.publicKey }) {
            if isPreferred(old, over: link, hello) { return discard(link, because: nil) }
            // A peer that restarted comes back before its old link is seen to be dead.
            let isTwin = (old.dialled == nil) != (link.dialled == nil)
            discard(old, because: isTwin ? nil : "a newer link replaces it")
        }
        link.raisedAt = EventLoop.monotonicNanoseconds()
        link.state = .up(hello)
        onEvent(.up(link.descriptor, hello))
    }

    /// When two nodes have dialled each other at about the same time, both keep the link of the one with the lower key.
    private func isPreferred(_ old: PeerLink, over new: PeerLink, _ hello: PeerHello) -> Bool {
        let isYoung = EventLoop.monotonicNanoseconds() - old.raisedAt < Self.handshakeTimeout.wholeNanoseconds
        guard isYoung, (old.dialled == nil) != (new.dialled == nil) else { return false }
        return (old.dialled != nil) == identity.publicKey.lexicographicallyPrecedes(hello.publicKey)
    }

    // MARK: Care

    private func scheduleCare() {
        loop.schedule(after: .seconds(1)) { [unowned self] in
            care()
            scheduleCare()
        }
    }

    private func care() {
        let now = EventLoop.monotonicNanoseconds()
        for link in Array(links.values) where link.peer != nil {
            if now - link.lastReceived > Self.deadAfter.wholeNanoseconds {
                discard(link, because: "nothing was heard for \(Self.deadAfter)")
            } else if now - link.lastSent > Self.pingAfter.wholeNanoseconds {
                var writer = ByteWriter()
                writer.integer(identity.head())
                send(.ping, writer.bytes, to: link.descriptor)
            }
        }
    }
}
