/// The methods of the `steem` dialect: `condenser_api` and the older `call` form with positional parameters,
/// `database_api`, `block_api` and `network_broadcast_api` with named ones.
struct SteemMethods: Sendable {
    /// Most names in one request, as on the real chain.
    private static let maximumNames = 1000

    let chain: any ChainReading

    var shapes: SteemShapes { SteemShapes(chain: chain, now: chain.snapshot) }

    /// Runs one method; throws `JSONRPCError`.
    func call(_ method: String, _ parameters: JSON) async throws -> JSON {
        if method == "call" { return try await older(parameters) }
        let parts = method.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        // Before the interfaces had names, a method's name was enough.
        guard parts.count == 2 else { return try await condenser(method, positional(parameters)) }
        return try await run(parts[0], parts[1], parameters)
    }

    /// `call` with `[interface, method, parameters]`; the interface may be its old number.
    private func older(_ parameters: JSON) async throws -> JSON {
        guard let items = parameters.items, (2...3).contains(items.count), let method = items[1].text else {
            throw SteemError.parameters("call takes [api, method, parameters]")
        }
        let interface = items[0] == .int(0) ? "database_api" : items[0].text
        guard let interface else { throw SteemError.parameters("the api must be a name") }
        let arguments = items.count == 3 ? items[2] : .array([])
        switch (interface, arguments) {
        case ("database_api", .array), ("network_broadcast_api", .array):
            return try await condenser(method, positional(arguments))
        default: return try await run(interface, method, arguments)
        }
    }

    private func run(_ interface: String, _ method: String, _ parameters: JSON) async throws -> JSON {
        switch interface {
        case "condenser_api": return try await condenser(method, positional(parameters))
        case "database_api": return try database(method, parameters)
        case "block_api": return try blocks(method, parameters)
        case "network_broadcast_api" where method == "broadcast_transaction":
            guard let transaction = parameters["trx"] else { throw SteemError.parameters("trx is missing") }
            _ = try broadcast(transaction)
            return .make([:])
        case "network_broadcast_api": throw SteemError.unknownMethod(method)
        default: throw SteemError.unknownAPI(interface)
        }
    }

    private func positional(_ parameters: JSON) throws -> RPCArguments {
        guard let values = parameters.items else { throw SteemError.parameters("an array is expected") }
        return RPCArguments(values: values)
    }

    private func condenser(_ method: String, _ arguments: RPCArguments) async throws -> JSON {
        switch method {
        case "broadcast_transaction":
            _ = try broadcast(try arguments.value(0))
            return .make([:])
        case "broadcast_transaction_synchronous": return try await broadcastAndWait(try arguments.value(0))
        case "get_transaction_hex":
            return .string(try SteemTransaction.read(try arguments.value(0)).transaction.packed.hex)
        default: break
        }
        guard let answer = try witnesses(method, arguments) ?? accounts(method, arguments) ?? facts(method, arguments)
        else { throw SteemError.unknownMethod(method) }
        return answer
    }

    private func witnesses(_ method: String, _ arguments: RPCArguments) throws -> JSON? {
        let shapes = shapes
        switch method {
        case "get_witness_by_account": return shapes.witness(try arguments.text(0), .condenser) ?? .null
        case "get_witnesses_by_vote":
            let from = try arguments.text(0)
            return .array(shapes.witnesses(from: from, limit: try arguments.number(1), .condenser))
        case "lookup_witness_accounts":
            let from = try arguments.text(0)
            return .array(shapes.witnessNames(from: from, limit: try arguments.number(1)).map { .string($0) })
        case "get_active_witnesses": return shapes.activeWitnesses
        case "get_witness_schedule": return shapes.schedule(.condenser)
        case "get_witness_count": return .int(shapes.now.state.producers.count)
        default: return nil
        }
    }

    private func accounts(_ method: String, _ arguments: RPCArguments) throws -> JSON? {
        switch method {
        case "get_accounts", "lookup_account_names":
            return .array(try names(try arguments.value(0)).compactMap { shapes.account($0, .condenser) })
        case "get_account_count": return .int(chain.genesis.accounts.count)
        default: return nil
        }
    }

    private func facts(_ method: String, _ arguments: RPCArguments) throws -> JSON? {
        switch method {
        case "get_config": return shapes.config
        case "get_dynamic_global_properties": return shapes.properties(.condenser)
        case "get_chain_properties": return shapes.proposals(.condenser)
        case "get_version": return shapes.version
        case "get_hardfork_version": return .string(SteemShapes.hardfork)
        case "get_block":
            return try chain.block(number: try arguments.number(0)).map { shapes.block($0, .condenser) } ?? .null
        case "get_block_header":
            return try chain.block(number: try arguments.number(0)).map { shapes.header($0) } ?? .null
        default: return nil
        }
    }

    private func database(_ method: String, _ parameters: JSON) throws -> JSON {
        let shapes = shapes
        switch method {
        case "get_config": return shapes.config
        case "get_dynamic_global_properties": return shapes.properties(.appbase)
        case "get_version": return shapes.version
        case "get_active_witnesses": return .make(["witnesses": shapes.activeWitnesses])
        case "get_witness_schedule": return shapes.schedule(.appbase)
        case "get_hardfork_properties": return shapes.hardforks
        case "find_witnesses":
            let owners = try names(try named("owners", parameters))
            return .make(["witnesses": .array(owners.compactMap { shapes.witness($0, .appbase) })])
        case "list_witnesses":
            let limit = try named("limit", parameters).integer ?? -1
            guard (0...Self.maximumNames).contains(limit) else { throw SteemError.parameters("limit is too large") }
            let from = parameters["start"]?.text ?? ""
            return .make(["witnesses": .array(shapes.witnesses(from: from, limit: UInt64(limit), .appbase))])
        case "find_accounts":
            let accounts = try names(try named("accounts", parameters))
            return .make(["accounts": .array(accounts.compactMap { shapes.account($0, .appbase) })])
        default: throw SteemError.unknownMethod(method)
        }
    }

    private func blocks(_ method: String, _ parameters: JSON) throws -> JSON {
        guard ["get_block", "get_block_header"].contains(method) else { throw SteemError.unknownMethod(method) }
        guard let number = try named("block_num", parameters).integer.flatMap({ UInt64(exactly: $0) }) else {
            throw SteemError.parameters("block_num must be a number")
        }
        guard let block = try chain.block(number: number) else { return .make([:]) }
        return method == "get_block"
            ? .make(["block": shapes.block(block, .appbase)]) : .make(["header": shapes.header(block)])
    }

    private func named(_ name: String, _ parameters: JSON) throws -> JSON {
        guard let value = parameters[name] else { throw SteemError.parameters("\(name) is missing") }
        return value
    }

    private func names(_ list: JSON) throws -> [String] {
        guard let items = list.items, items.count <= Self.maximumNames else {
            throw SteemError.parameters("a list of at most \(Self.maximumNames) names is expected")
        }
        return try items.map { item in
            guard let name = item.text else { throw SteemError.parameters("a name is expected") }
            return name
        }
    }
}
