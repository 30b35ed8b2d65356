/// The `harmony` RPC dialect: methods of the namespaces `hmy` (quantities as hexadecimal strings) and `hmyv2`
/// (plain numbers), and the few `net` and `eth` methods that client libraries call. Field names as in chains.md,
/// "Harmony (FBFT)", and as the Python client library reads them.
struct HarmonyMethods: Sendable {
    /// How a namespace writes numbers.
    enum Style: Sendable {
        case hex
        case plain

        func number(_ value: some BinaryInteger) -> JSON {
            switch self {
            case .hex: .string("0x" + String(value, radix: 16))
            case .plain: .int(value)
            }
        }
    }

    /// Blocks one `getBlocks` answers, at most.
    static let maximumBlocks: UInt64 = 1024
    private static let gasPrice = 1_000_000_000

    let genesis: Genesis
    let identity: NodeIdentity
    let store: BlockStore
    let board: StatusBoard

    /// Runs one method; throws `JSONRPCError`.
    func call(_ method: String, _ parameters: [JSON]) throws -> JSON {
        let parts = method.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw JSONRPCError.unknownMethod(method) }
        let arguments = RPCArguments(values: parameters)
        let result: JSON?
        switch parts[0] {
        case "hmy": result = try harmony(parts[1], arguments, .hex)
        case "hmyv2": result = try harmony(parts[1], arguments, .plain)
        case "net", "eth", "web3": result = try ethereum(method, arguments)
        default: result = nil
        }
        guard let result else { throw JSONRPCError.unknownMethod(method) }
        return result
    }

    private func harmony(_ name: Substring, _ arguments: RPCArguments, _ style: Style) throws -> JSON? {
        if let answer = try chain(name, arguments, style) { return answer }
        if let answer = try blocks(name, arguments, style) { return answer }
        if let answer = try accounts(name, arguments, style) { return answer }
        return nil
    }

    private func chain(_ name: Substring, _ arguments: RPCArguments, _ style: Style) throws -> JSON? {
        let status = board.current
        switch name {
        case "blockNumber": return style.number(status.head.number)
        case "latestHeader": return try header(of: status.head)
        case "getLatestChainHeaders":
            return .make([
                "beacon-chain-header": chainHeader(status.head), "shard-chain-header": chainHeader(status.head),
            ])
        case "getNodeMetadata": return metadata(status)
        case "getPeerInfo": return peerInfo(status)
        case "getEpoch": return style.number(status.head.epoch)
        case "getLeader": return .string(committee[status.leader].account.bech32)
        case "inSync", "beaconInSync": return .bool(status.isInSync)
        case "syncing": return .bool(!status.isInSync)
        case "protocolVersion": return style.number(1)
        case "chainId": return style.number(genesis.chainID)
        case "gasPrice": return style.number(Self.gasPrice)
        case "getShardID": return style.number(identity.shard)
        case "getShardingStructure": return shardingStructure()
        // Shards of a test network exchange nothing, and no node keeps bad blocks.
        case "getLastCrossLinks", "getCurrentBadBlocks": return .array([])
        case "getValidators": return try validators(arguments, style)
        case "getValidatorKeys": return .array(committee.map { .string($0.publicKey.hex) })
        case "epochLastBlock": return style.number(try lastBlock(ofEpoch: arguments.number(0)))
        case "isLastBlock":
            let number = try arguments.number(0)
            return .bool(number == lastBlock(ofEpoch: number / genesis.blocksPerEpoch))
        default: return nil
        }
    }

    private func blocks(_ name: Substring, _ arguments: RPCArguments, _ style: Style) throws -> JSON? {
        switch name {
        case "getHeaderByNumber":
            return try block(arguments).map { try header(of: $0) } ?? .null
        case "getBlockByNumber":
            return try block(arguments).map { try shape(of: $0, arguments, optionsAt: 1, style) } ?? .null
        case "getBlockByHash":
            let block = try store.block(hash: try arguments.hash(0))
            return try block.map { try shape(of: $0, arguments, optionsAt: 1, style) } ?? .null
        case "getBlocks":
            let first = try arguments.number(0)
            let last = min(try arguments.number(1), board.current.head.number)
            guard last < first || last - first < Self.maximumBlocks else {
                throw JSONRPCError.invalidParameters("at most \(Self.maximumBlocks) blocks in one request")
            }
            guard first <= last else { return .array([]) }
            let blocks = try store.blocks(from: first, limit: Int(last - first) + 1)
            return .array(try blocks.map { try shape(of: $0, arguments, optionsAt: 2, style) })
        case "getBlockTransactionCountByNumber", "getBlockStakingTransactionCountByNumber":
            return try block(arguments).map { _ in style.number(0) } ?? .null
        case "getBlockTransactionCountByHash", "getBlockStakingTransactionCountByHash":
            return try store.block(hash: try arguments.hash(0)).map { _ in style.number(0) } ?? .null
        case "getBlockSigners": return try signers(arguments) { .string($0.account.bech32) }
        case "getBlockSignerKeys": return try signers(arguments) { .string($0.publicKey.hex) }
        case "isBlockSigner":
            let account = try arguments.account(1)
            guard let block = try block(arguments) else { return .bool(false) }
            return .bool(block.signers.contains { committee[$0].account == account })
        default: return nil
        }
    }

    private func accounts(_ name: Substring, _ arguments: RPCArguments, _ style: Style) throws -> JSON? {
        switch name {
        case "getBalance":
            return style.number(try store.balance(of: try arguments.account(0), at: board.current.head.number))
        case "getBalanceByBlockNumber":
            let number = try arguments.blockNumber(1, head: board.current.head.number)
            guard number <= board.current.head.number else { throw JSONRPCError.server("block \(number) is unknown") }
            return style.number(try store.balance(of: try arguments.account(0), at: number))
        case "getTransactionCount", "getAccountNonce", "getTransactionsCount", "getStakingTransactionsCount":
            // There are no transactions on this chain: rewards are its only transfers.
            _ = try arguments.account(0)
            return style.number(0)
        case "getTransactionsHistory": return .make(["transactions": .array([])])
        case "getStakingTransactionsHistory": return .make(["staking_transactions": .array([])])
        default: return nil
        }
    }

    private func ethereum(_ method: String, _ arguments: RPCArguments) throws -> JSON? {
        let status = board.current
        switch method {
        case "net_version": return .string(String(genesis.chainID))
        case "net_peerCount": return Style.hex.number(status.connectedPeers.count)
        case "net_listening": return .bool(true)
        case "web3_clientVersion": return .string(identity.version)
        case "eth_blockNumber": return Style.hex.number(status.head.number)
        case "eth_chainId": return Style.hex.number(genesis.chainID)
        case "eth_gasPrice": return Style.hex.number(Self.gasPrice)
        case "eth_syncing": return .bool(!status.isInSync)
        case "eth_getBalance":
            let number = try arguments.blockNumber(1, head: status.head.number)
            return Style.hex.number(try store.balance(of: try arguments.account(0), at: number))
        case "eth_getTransactionCount": return Style.hex.number(0)
        case "eth_getBlockByNumber":
            return try block(arguments).map { try ethereumShape(of: $0, arguments) } ?? .null
        default: return nil
        }
    }
}
