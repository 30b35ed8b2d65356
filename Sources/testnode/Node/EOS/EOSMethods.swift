import Consensus

/// The methods of nodeos's `chain_api_plugin` that this chain has something to say about. Names and shapes as in
/// EOSIO 1.1, and as the public client libraries read them.
struct EOSMethods: Sendable {
    /// Rows that one `get_producers` answers when it is not told, as in nodeos.
    private static let defaultRows = 50
    /// Rows that one `get_producers` answers, at most.
    private static let mostRows = 1000
    /// Longest number or id of a block, in characters.
    private static let longestBlockText = 64

    let chain: any ChainReading

    /// Answers one method.
    ///
    /// - Parameters:
    ///   - method: What follows `/v1/chain/` in the path.
    ///   - parameters: The request's body; members that a method does not know are ignored, as nodeos does.
    /// - Throws: `EOSError`.
    func call(_ method: String, _ parameters: JSON) throws -> JSON {
        switch method {
        case "get_info": return info()
        case "get_block": return try block(parameters)
        case "get_block_header_state": return try headerState(parameters)
        case "get_account": return try account(parameters)
        case "get_producers": return try producers(parameters)
        case "get_producer_schedule": return schedule()
        case "get_currency_balance": return try balance(parameters)
        case "get_abi": return .make(["account_name": .string(try known(parameters, "account_name").name)])
        case "get_code": return try code(parameters)
        default: throw EOSError.unknownEndpoint
        }
    }

    // MARK: Blocks

    private func block(_ parameters: JSON) throws -> JSON {
        let text = try Self.blockText(parameters)
        guard let found = try find(text) else { throw EOSError.unknownBlock(text) }
        return shape(of: found)
    }

    private func headerState(_ parameters: JSON) throws -> JSON {
        let text = try Self.blockText(parameters)
        let snapshot = chain.snapshot
        // nodeos keeps such a state for blocks that can still be undone only.
        guard let found = try find(text), found.block.number >= snapshot.irreversible.number else {
            throw EOSError.unknownBlock(text, reversible: true)
        }
        return headerState(of: found, snapshot)
    }

    private static func blockText(_ parameters: JSON) throws -> String {
        let text: String
        switch parameters["block_num_or_id"] {
        case .string(let given): text = given
        case .number(let given): text = given
        default: throw EOSError.badParameter("block_num_or_id")
        }
        guard (1...longestBlockText).contains(text.utf8.count) else { throw EOSError.badBlockID(text) }
        return text
    }

    private func find(_ text: String) throws -> ChainBlock? {
        do {
            if let number = UInt64(text) { return try chain.block(number: number) }
            guard let id = [UInt8](hex: text), id.count == Self.longestBlockText / 2 else {
                throw EOSError.badBlockID(text)
            }
            return try chain.block(id: id)
        } catch let error as EOSError {
            throw error
        } catch {
            throw EOSError.database
        }
    }

    // MARK: Accounts

    /// An account that the genesis names, or a producer.
    private func known(_ parameters: JSON, _ key: String) throws -> DPoSGenesis.Account {
        guard let name = parameters[key]?.text else { throw EOSError.badParameter(key) }
        guard EOSText.isName(name) else { throw EOSError.badName(name) }
        guard let account = chain.genesis.accounts[name] else { throw EOSError.unknownAccount(name) }
        return account
    }

    private func account(_ parameters: JSON) throws -> JSON {
        shape(of: try known(parameters, "account_name"), chain.snapshot)
    }

    private func balance(_ parameters: JSON) throws -> JSON {
        let account = try known(parameters, "account")
        // There is one token on this chain.
        guard parameters["code"]?.text == "eosio.token" else { return .array([]) }
        if let symbol = parameters["symbol"]?.text, symbol.uppercased() != "EOS" { return .array([]) }
        return .array([.string(EOSText.asset(account.balance))])
    }

    private func code(_ parameters: JSON) throws -> JSON {
        let account = try known(parameters, "account_name")
        return .make([
            "account_name": .string(account.name), "code_hash": .string(String(repeating: "0", count: 64)),
            "wast": .string(""), "wasm": .string(""),
        ])
    }

    // MARK: Producers

    private func producers(_ parameters: JSON) throws -> JSON {
        let lower = parameters["lower_bound"]?.text ?? ""
        guard lower.isEmpty || EOSText.isName(lower) else { throw EOSError.badName(lower) }
        let limit = max(0, min(parameters["limit"]?.integer ?? Self.defaultRows, Self.mostRows))
        let rest = chain.snapshot.state.producers.sorted { $0.name < $1.name }.drop { $0.name < lower }
        return .make([
            "rows": .array(rest.prefix(limit).map(row(of:))),
            "total_producer_vote_weight": .string("0.00000000000000000"),
            "more": .string(rest.dropFirst(limit).first?.name ?? ""),
        ])
    }

    private func schedule() -> JSON {
        .make(["active": activeSchedule(chain.snapshot), "pending": .null, "proposed": .null])
    }
}
