import Consensus
import Crypto

/// Everything a node needs before its event loop runs: settings, genesis, keys, database, log. All of it can be
/// handed to the loop's thread.
struct NodeSetup: Sendable {
    let configuration: NodeConfiguration
    let genesis: Genesis
    let identity: NodeIdentity
    let committee: [Genesis.Validator]
    let consensus: Consensus.Configuration
    let cryptography: Cryptography
    let key: Curve25519.Signing.PrivateKey
    let store: BlockStore
    let log: NodeLog
    let genesisBlock: Block
    /// Last block and votes found in the database.
    let head: Head
    let votes: VoteRecord?
    let board: StatusBoard

    /// Reads the files and opens the database.
    init(configurationFile: String) throws(NodeFailure) {
        do {
            let configuration = try NodeConfiguration(file: configurationFile)
            let genesis = try Genesis.read(file: configuration.genesisFile)
            try self.init(configuration, genesis)
        } catch let error as NodeFailure {
            throw error
        } catch {
            throw NodeFailure(exit: .usage, description: "\(error)")
        }
    }

    private init(_ configuration: NodeConfiguration, _ genesis: Genesis) throws {
        self.configuration = configuration
        self.genesis = genesis
        guard let committee = genesis.committees[configuration.shard] else {
            throw NodeFailure(
                exit: .usage,
                description: "\(configuration.genesisFile) has no validator of shard \(configuration.shard).")
        }
        self.committee = committee
        do {
            log = try NodeLog(path: configuration.logFile, ip: configuration.peerAddress.host)
        } catch {
            throw NodeFailure(exit: .unavailable, description: "\(error)")
        }
        key = try TestKeys.signingKey(seed: genesis.seed, name: configuration.name)
        identity = try NodeIdentity(configuration, key: Array(key.publicKey.rawRepresentation), committee: committee)
        consensus = Consensus.Configuration(
            shard: UInt32(configuration.shard), committee: try Committee(keys: committee.map(\.publicKey)),
            blocksPerEpoch: genesis.blocksPerEpoch, timing: configuration.timing,
            version: configuration.protocolVersion)
        cryptography = .ed25519(key)
        genesisBlock = Block.genesis(
            shard: UInt32(configuration.shard), timestamp: Int64(genesis.time) * 1_000_000_000, payload: genesis.id,
            cryptography: cryptography)
        do {
            store = try BlockStore(
                directory: configuration.dataDirectory + "/harmony_db_\(configuration.shard)", networkID: genesis.id,
                shard: configuration.shard)
            (head, votes) = try store.restore(genesisBlock, balances: genesis.balances[configuration.shard] ?? [:])
        } catch {
            log.write(.error, "the database cannot be used", ["error": .string("\(error)")])
            throw NodeFailure(exit: .database, description: "\(error)")
        }
        let stored = Self.stored(head)
        board = StatusBoard(
            NodeStatus(
                head: stored, viewID: stored.viewID + 1, viewChangeID: stored.viewID + 1, mode: Mode.syncing.rawValue,
                phase: Phase.announce.rawValue, blockNumber: stored.number + 1, leader: stored.leader ?? 0,
                finality: .zero, isInSync: false, knownPeers: committee.count, connectedPeers: []))
    }

    /// The head as RPC reports it.
    static func stored(_ head: Head) -> StoredBlock {
        guard let certificate = head.certificate else { return StoredBlock(genesis: head.block) }
        return StoredBlock(CommittedBlock(block: head.block, certificate: certificate))
    }

    /// A final block as the database takes it, with the rewards that it pays.
    func stored(_ committed: CommittedBlock) -> (block: StoredBlock, credits: [AccountAddress: UInt128]) {
        let commit = LastCommit(payload: committed.block.payload)
        return (StoredBlock(committed), commit.rewards(genesis.blockReward, committee: committee))
    }

    /// Of two validators the one later in the committee dials, so that a pair has one link; nodes outside the committee
    /// dial all validators.
    func peerIdentity(head: @escaping () -> UInt64) -> PeerNetwork.Identity {
        PeerNetwork.Identity(
            name: configuration.name, address: configuration.peerAddress, networkID: genesis.id,
            shard: UInt32(configuration.shard), key: key, publicKey: identity.publicKey,
            dials: committee[..<(identity.committeeIndex ?? committee.count)].map(\.address),
            knownPeers: committee.count - 1, head: head)
    }
}

extension NodeIdentity {
    /// Finds the node in its committee; a validator must stand there with its address, an explorer must not.
    fileprivate init(
        _ configuration: NodeConfiguration, key: [UInt8], committee: [Genesis.Validator]
    ) throws(NodeFailure) {
        let index = committee.firstIndex { $0.publicKey == key }
        switch (configuration.role, index) {
        case (.validator, nil):
            throw NodeFailure(
                exit: .usage,
                description: "\"\(configuration.name)\" is not a validator of shard \(configuration.shard) in "
                    + "\(configuration.genesisFile); correct name or shard, or set role = explorer.")
        case (.explorer, .some):
            throw NodeFailure(
                exit: .usage,
                description: "\"\(configuration.name)\" is a validator in \(configuration.genesisFile); "
                    + "give the explorer another name.")
        case (.validator, .some(let index)) where committee[index].address != configuration.peerAddress:
            throw NodeFailure(
                exit: .usage,
                description: "\"\(configuration.name)\" has the address \(committee[index].address) in "
                    + "\(configuration.genesisFile) but \(configuration.peerAddress) in its configuration.")
        default: break
        }
        self.init(
            name: configuration.name, shard: configuration.shard, publicKey: key, committeeIndex: index,
            startTime: EventLoop.wallNanoseconds() / 1_000_000_000)
    }
}

extension Cryptography {
    /// Ed25519 signatures and SHA-256.
    static func ed25519(_ key: Curve25519.Signing.PrivateKey) -> Cryptography {
        Cryptography(
            // Signing fails only when the system has no randomness; an empty signature is refused by everybody.
            sign: { (try? key.signature(for: $0)).map { Array($0) } ?? [] },
            verify: { message, signature, publicKey in
                guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
                return key.isValidSignature(signature, for: message)
            },
            hash: { Array(SHA256.hash(data: $0)) })
    }
}
