/// A DPoS node's own settings, from a file of `key = value` lines; lists are separated by spaces or commas.
struct DPoSNodeConfiguration: Sendable {
    var genesisFile: String
    /// Name of the node; its peers' logs show it.
    var name: String
    var peerAddress: HostPort
    var rpcAddress: HostPort
    var dataDirectory: String
    var logFile: String
    /// Producers that this node makes blocks for, with the keys it has.
    var producers: [String]
    /// Private keys. Never logged.
    var privateKeys: [PrivateKey]
    /// Whom the node keeps a link to; others may dial it.
    var peers: [HostPort]
    /// Blocks a node that is behind fetches per second, at most: it makes a sync take as long as the chain is high.
    var syncBlocksPerSecond: Int
    /// Blocks a replay applies per second, at most; nil for no limit. Below 1 a short block log takes as long as one of
    /// years.
    var replayBlocksPerSecond: Double?
    /// Version text in this node's blocks; nil for the dialect's.
    var version: String?

    private static let keys = [
        "dialect", "genesis", "name", "address", "p2p_port", "rpc_port", "data_dir", "log_file", "producer",
        "private_key", "peer", "sync_blocks_per_second", "replay_blocks_per_second", "version",
    ]
    private static let defaultPeerPort = 9000
    private static let mostPeers = 128

    /// Reads and checks the file.
    /// - Parameter genesisFile: the genesis file, if it is named outside the configuration.
    init(file: String, flavour: Flavour, genesisFile: String? = nil) throws(ConfigurationFailure) {
        try self.init(try Configuration(file: file, keys: Self.keys), flavour, genesisFile)
    }

    init(file: String, text: String, flavour: Flavour) throws(ConfigurationFailure) {
        try self.init(try Configuration(file: file, text: text, keys: Self.keys), flavour, nil)
    }

    private init(_ settings: Configuration, _ flavour: Flavour, _ genesis: String?) throws(ConfigurationFailure) {
        if let genesis { genesisFile = genesis } else { genesisFile = try settings.required("genesis") }
        name = try settings.required("name")
        guard name.utf8.count <= PeerHello.maximumNameLength else {
            throw settings.bad("name", "at most \(PeerHello.maximumNameLength) bytes long")
        }
        let host = try settings.required("address")
        guard !host.contains(":"), let address = HostPort(host, defaultPort: 1) else {
            throw settings.bad("address", "an IPv4 address without a port")
        }
        func port(_ key: String, _ fallback: Int) throws(ConfigurationFailure) -> HostPort {
            let number = try settings.integer(key, in: 1...65535, default: fallback)
            return HostPort(address: address.address, port: UInt16(number))
        }
        peerAddress = try port("p2p_port", Self.defaultPeerPort)
        rpcAddress = try port("rpc_port", Int(flavour.rpcPort))
        dataDirectory = try settings.required("data_dir")
        logFile = try settings.required("log_file")
        producers = Self.list(settings["producer"])
        privateKeys = []
        for text in Self.list(settings["private_key"]) {
            guard let key = PrivateKey(wif: text) else {
                throw settings.bad("private_key", "a list of private keys in wallet import format (the text 5...)")
            }
            privateKeys.append(key)
        }
        peers = []
        for text in Self.list(settings["peer"]) {
            guard let peer = HostPort(text, defaultPort: UInt16(Self.defaultPeerPort)), peers.count < Self.mostPeers
            else {
                throw settings.bad("peer", "a list of at most \(Self.mostPeers) IPv4 addresses with optional ports")
            }
            if peer != peerAddress { peers.append(peer) }
        }
        syncBlocksPerSecond = try settings.integer("sync_blocks_per_second", in: 1...100_000, default: 500)
        if let text = settings["replay_blocks_per_second"] {
            guard let pace = Double(text), pace == 0 || (0.001...1_000_000).contains(pace) else {
                throw settings.bad("replay_blocks_per_second", "a number from 0.001 to 1000000, or 0 for no limit")
            }
            replayBlocksPerSecond = pace == 0 ? nil : pace
        }
        version = settings["version"]
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}
