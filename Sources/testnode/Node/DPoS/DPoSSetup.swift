import Consensus
import Crypto
import Glibc

/// Everything a DPoS node needs before its event loop runs. All of it can be handed to the loop's thread.
struct DPoSSetup: Sendable {
    let settings: DPoSNodeConfiguration
    let genesis: DPoSGenesis
    let flavour: Flavour
    let log: NodeLog
    let store: ChainStore
    /// As restored from the data; its first effects are not performed yet.
    let engine: DPoS
    /// Proves the node's name to peers; no producer's key.
    let linkKey: Curve25519.Signing.PrivateKey
    let board: SnapshotBoard
    let queue = SubmitQueue()

    /// Reads the files and opens the data, which may replay the block log.
    /// - Parameter dataDirectory: where the data lie, if it is named outside the configuration.
    init(
        configurationFile: String, genesisFile: String?, dataDirectory: String? = nil, mode: StartMode,
        flavour: Flavour, stopDescriptor: Int32
    ) throws(DPoSFailure) {
        self.flavour = flavour
        do {
            var settings = try DPoSNodeConfiguration(
                file: configurationFile, flavour: flavour, genesisFile: genesisFile)
            if let dataDirectory { settings.dataDirectory = dataDirectory }
            self.settings = settings
            genesis = try DPoSGenesis.read(file: settings.genesisFile)
            linkKey = try TestKeys.signingKey(seed: genesis.seed, name: settings.name)
        } catch {
            throw .usage("\(error)")
        }
        do {
            log = try NodeLog(path: settings.logFile, ip: settings.peerAddress.host)
        } catch {
            throw .unavailable("\(error)")
        }
        var own: Set<DPoS.ProducerIndex> = []
        for name in settings.producers {
            guard let index = genesis.consensus.producers.firstIndex(where: { $0.name == name }) else {
                throw .usage("\"\(name)\" is not a producer in \(settings.genesisFile); correct the key producer.")
            }
            own.insert(index)
        }
        let ports = DPoS.Ports.secp256k1(settings.privateKeys, genesis: genesis, flavour: flavour)
        let place = Self.place(settings, genesis, flavour, ports, log, stopDescriptor)
        let start: ChainStore.Start
        do throws(DPoSFailure) {
            if mode != .normal { log.write(.warn, "start with \(mode.rawValue)") }
            (store, start) = try ChainStore.open(place, mode: mode)
        } catch {
            log.write(.error, "the data cannot be used", ["error": .string("\(error)")])
            throw error
        }
        if store.state.wasDirty { log.write(.warn, "the state was not closed in order") }
        engine = DPoS(
            configuration: genesis.consensus, own: own, version: settings.version ?? flavour.version, root: start.root,
            reversible: start.reversible, records: start.records, ports: ports)
        board = SnapshotBoard(Self.snapshot(engine, best: engine.head.number, isSyncing: true, peers: []))
    }

    private static func place(
        _ settings: DPoSNodeConfiguration, _ genesis: DPoSGenesis, _ flavour: Flavour, _ ports: DPoS.Ports,
        _ log: NodeLog, _ stopDescriptor: Int32
    ) -> ChainStore.Place {
        ChainStore.Place(
            blocksPath: settings.dataDirectory + "/" + flavour.blocksFile,
            statePath: settings.dataDirectory + "/" + flavour.stateFile, configuration: genesis.consensus,
            ports: ports, refusesDirtyState: flavour.refusesDirtyState,
            replayBlocksPerSecond: settings.replayBlocksPerSecond,
            progress: { log.write(.info, "replaying", ["blockNum": .int($0), "target": .int($1)]) },
            isStopping: {
                var watched = pollfd(fd: stopDescriptor, events: Int16(POLLIN), revents: 0)
                return poll(&watched, 1, 0) > 0
            })
    }

    /// What RPC handlers read.
    var access: ChainAccess {
        ChainAccess(genesis: genesis, settings: settings, blocks: store.blocks, board: board, queue: queue)
    }

    func peerIdentity(head: @escaping () -> UInt64) -> PeerNetwork.Identity {
        PeerNetwork.Identity(
            name: settings.name, address: settings.peerAddress, networkID: genesis.id, shard: 0, key: linkKey,
            publicKey: Array(linkKey.publicKey.rawRepresentation), dials: settings.peers,
            knownPeers: settings.peers.count, head: head)
    }

    /// What RPC reports of the engine.
    static func snapshot(
        _ engine: DPoS, best: UInt64, isSyncing: Bool, peers: [String]
    ) -> ChainSnapshot {
        func reference(_ state: DPoS.ChainState) -> ChainSnapshot.Reference {
            ChainSnapshot.Reference(
                number: state.number, id: state.id,
                time: UInt64(max(0, engine.configuration.time(of: state.slot))) / 1_000_000_000,
                producer: state.producer.map { state.producers[$0].name } ?? "")
        }
        return ChainSnapshot(
            head: reference(engine.head), irreversible: reference(engine.root), state: engine.head,
            best: max(best, engine.head.number), isSyncing: isSyncing, peers: peers)
    }
}

extension DPoS.Ports {
    /// Signatures of secp256k1, SHA-256, and transactions of the dialect signed with their owner's active key.
    static func secp256k1(_ keys: [PrivateKey], genesis: DPoSGenesis, flavour: Flavour) -> DPoS.Ports {
        let held = Dictionary(keys.map { ($0.publicKey.bytes, $0) }, uniquingKeysWith: { $1 })
        let accounts = genesis.accounts
        let chainID = genesis.chainID
        return DPoS.Ports(
            sign: { digest, publicKey in held[publicKey]?.sign(digest: digest).bytes },
            verify: { digest, signature, publicKey in
                guard let signature = RecoverableSignature(bytes: signature), let key = PublicKey(bytes: publicKey)
                else { return false }
                return key.verifies(signature, digest: digest)
            },
            hash: { Array(SHA256.hash(data: $0)) },
            update: { transaction in
                guard var update = flavour.update(transaction.signed, chainID),
                    let account = accounts[update.owner],
                    let signature = RecoverableSignature(bytes: transaction.signature),
                    let active = PublicKey(bytes: account.activeKey),
                    active.verifies(signature, digest: Array(SHA256.hash(data: transaction.signed)))
                else { return nil }
                if update.signingKey == PublicKey.null.bytes { update.signingKey = [] }
                guard update.signingKey.isEmpty || PublicKey(bytes: update.signingKey) != nil else { return nil }
                return update
            })
    }
}
