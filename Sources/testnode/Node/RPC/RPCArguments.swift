/// The parameters of one request, read by position. Every accessor throws `JSONRPCError` with what was expected.
struct RPCArguments {
    let values: [JSON]

    /// The argument, whatever it is.
    func value(_ index: Int) throws -> JSON {
        guard index < values.count else {
            throw JSONRPCError.invalidParameters("missing value for required argument \(index)")
        }
        return values[index]
    }

    /// The argument if it is given and not null.
    func optional(_ index: Int) -> JSON? {
        guard index < values.count, values[index] != .null else { return nil }
        return values[index]
    }

    /// A text.
    func text(_ index: Int) throws -> String {
        guard let text = try value(index).text else {
            throw JSONRPCError.invalidParameters("argument \(index) must be a text")
        }
        return text
    }

    /// A number, plain or as a `0x` quantity.
    func number(_ index: Int) throws -> UInt64 {
        switch try value(index) {
        case .number(let text):
            if let number = UInt64(text) { return number }
        case .string(let text):
            if text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) { return number }
            if let number = UInt64(text) { return number }
        default: break
        }
        throw JSONRPCError.invalidParameters("argument \(index) must be a number")
    }

    /// A block number, or `latest`, `pending` or `earliest`; `latest` when it is missing.
    func blockNumber(_ index: Int, head: UInt64) throws -> UInt64 {
        guard let value = optional(index) else { return head }
        switch value {
        case .string("latest"), .string("pending"): return head
        case .string("earliest"): return 0
        default: return try number(index)
        }
    }

    /// A block hash: `0x` and 64 hexadecimal digits.
    func hash(_ index: Int) throws -> [UInt8] {
        guard case .string(let text) = try value(index), let hash = [UInt8](hex: text), hash.count == 32 else {
            throw JSONRPCError.invalidParameters("argument \(index) must be a block hash")
        }
        return hash
    }

    /// An account as `one1...` or `0x...`.
    func account(_ index: Int) throws -> AccountAddress {
        guard case .string(let text) = try value(index), let account = AccountAddress(text) else {
            throw JSONRPCError.invalidParameters("argument \(index) must be an account address (one1... or 0x...)")
        }
        return account
    }
}
