import Consensus

/// The objects that the `harmony` dialect answers with.
extension HarmonyMethods {
    var committee: [Genesis.Validator] { genesis.committees[identity.shard] ?? [] }

    /// The block named by the first argument.
    func block(_ arguments: RPCArguments) throws -> StoredBlock? {
        try store.block(number: try arguments.blockNumber(0, head: board.current.head.number))
    }

    func lastBlock(ofEpoch epoch: UInt64) -> UInt64 {
        let (next, overflow) = (epoch &+ 1).multipliedReportingOverflow(by: genesis.blocksPerEpoch)
        return overflow || next == 0 ? UInt64.max : next - 1
    }

    private func leader(_ block: StoredBlock) -> AccountAddress {
        block.leader.map { committee[$0].account } ?? .zero
    }

    private func leaderAddress(_ block: StoredBlock) -> String { leader(block).bech32 }

    /// A block as `eth_getBlockByNumber` answers. Ethereum's clients know accounts only as `0x` and hexadecimal.
    func ethereumShape(of block: StoredBlock, _ arguments: RPCArguments) throws -> JSON {
        let members = try shape(of: block, arguments, optionsAt: 1, .hex).members ?? []
        return .object(
            members.map { $0.name == "miner" ? .init(name: $0.name, value: .string(leader(block).hex)) : $0 })
    }

    /// Header as `latestHeader` answers; the commit signature is that of the block before.
    func header(of block: StoredBlock) throws -> JSON {
        let last =
            block.encoded.isEmpty
            ? LastCommit(nil) : LastCommit(payload: try CommittedBlock(decoding: block.encoded).block.payload)
        return .make([
            "blockHash": .string("0x" + block.hash.hex), "blockNumber": .int(block.number),
            "shardID": .int(identity.shard), "leader": .string(leaderAddress(block)), "viewID": .int(block.viewID),
            "epoch": .int(block.epoch), "timestamp": .string(UTCText.go(seconds: block.time)),
            "unixtime": .int(block.time), "lastCommitSig": .string(last.signatures.hex),
            "lastCommitBitmap": .string(last.bitmap.hex), "vrf": .string(""), "vrfProof": .string(""),
            "crossLinks": .array([]),
        ])
    }

    /// Header in the Ethereum-like shape of `getLatestChainHeaders`.
    func chainHeader(_ block: StoredBlock) -> JSON {
        .make([
            "parentHash": .string("0x" + block.parentHash.hex), "miner": .string(leaderAddress(block)),
            "number": Style.hex.number(block.number), "timestamp": Style.hex.number(block.time),
            "hash": .string("0x" + block.hash.hex), "viewID": Style.hex.number(block.viewID),
            "epoch": Style.hex.number(block.epoch), "shardID": .int(identity.shard),
        ])
    }

    /// A block as `getBlockByNumber` answers. The second argument may ask for the signers (`withSigners`).
    func shape(of block: StoredBlock, _ arguments: RPCArguments, optionsAt index: Int, _ style: Style) throws -> JSON {
        let zero = JSON.string("0x" + String(repeating: "0", count: 64))
        let withSigners = arguments.optional(index)?["withSigners"] == .bool(true)
        return .make([
            "number": style.number(block.number), "hash": .string("0x" + block.hash.hex),
            "parentHash": .string("0x" + block.parentHash.hex), "miner": .string(leaderAddress(block)),
            "epoch": style.number(block.epoch), "viewID": style.number(block.viewID),
            "timestamp": style.number(block.time), "size": style.number(block.encoded.count),
            "nonce": .int(0), "difficulty": .int(0), "gasLimit": style.number(80_000_000), "gasUsed": style.number(0),
            "extraData": .string("0x"), "mixHash": zero, "stateRoot": zero, "receiptsRoot": zero,
            "transactionsRoot": zero, "logsBloom": .string("0x" + String(repeating: "0", count: 512)),
            "transactions": .array([]), "stakingTransactions": .array([]), "transactionsInEthHash": .array([]),
            "uncles": .array([]),
            "signers": withSigners ? .array(block.signers.map { .string(committee[$0].account.bech32) }) : nil,
        ])
    }

    func signers(_ arguments: RPCArguments, _ name: (Genesis.Validator) -> JSON) throws -> JSON {
        guard let block = try block(arguments) else { throw JSONRPCError.server("the block is unknown") }
        return .array(block.signers.map { name(committee[$0]) })
    }

    func validators(_ arguments: RPCArguments, _ style: Style) throws -> JSON {
        let head = board.current.head.number
        let members = try committee.map { member in
            JSON.make([
                "address": .string(member.account.bech32),
                "balance": style.number(try store.balance(of: member.account, at: head)),
            ])
        }
        return .make(["shardID": .int(identity.shard), "validators": .array(members)])
    }

    func shardingStructure() -> JSON {
        .array(
            genesis.committees.keys.sorted().map { shard in
                .make([
                    "current": .bool(shard == identity.shard), "shardID": .int(shard),
                    "http": .string(genesis.endpoints[shard]?.http ?? ""),
                    "ws": .string(genesis.endpoints[shard]?.ws ?? ""),
                ])
            })
    }

    func metadata(_ status: NodeStatus) -> JSON {
        let connected = status.connectedPeers.count
        return .make([
            "blskey": .array(identity.committeeIndex == nil ? [] : [.string(identity.publicKey.hex)]),
            "version": .string(identity.version), "network": .string(genesis.network),
            "chain-config": .make([
                "chain-id": .int(genesis.chainID), "prestaking-epoch": .int(0), "staking-epoch": .int(0),
            ]),
            "is-leader": .bool(identity.committeeIndex == status.leader), "shard-id": .int(identity.shard),
            "current-block-number": .int(status.head.number), "current-epoch": .int(status.head.epoch),
            "blocks-per-epoch": .int(genesis.blocksPerEpoch),
            "role": .string(identity.committeeIndex == nil ? "ExplorerNode" : "Validator"),
            "dns-zone": .string(""), "is-archival": .bool(true), "is-backup": .bool(false),
            "node-unix-start-time": .int(identity.startTime), "peerid": .string(identity.peerID),
            "consensus": .make([
                "viewId": .int(status.viewID), "viewChangeId": .int(status.viewChangeID), "mode": .string(status.mode),
                "phase": .string(status.phase), "blocknum": .int(status.blockNumber),
                "finality": .int(status.finality.wholeNanoseconds / 1_000_000),
            ]),
            "p2p-connectivity": .make([
                "total-known-peers": .int(status.knownPeers), "connected": .int(connected),
                "not-connected": .int(max(0, status.knownPeers - connected)),
            ]),
            "sync-peers": .make([:]),
        ])
    }

    func peerInfo(_ status: NodeStatus) -> JSON {
        let topic = "\(genesis.network)/shard/\(identity.shard)"
        return .make([
            "peerid": .string(identity.peerID), "blocked-peers": .array([]),
            "connected-peers": .array([
                .make(["topic": .string(topic), "peers": .array(status.connectedPeers.map { .string($0) })])
            ]),
        ])
    }
}
