/// The chain's errors: a JSON-RPC error whose `data` names the exception, as clients look for it in the message.
enum SteemError {
    static func assertion(_ reason: String) -> JSONRPCError {
        make(10, "assert_exception", "Assert Exception", reason)
    }

    static func badCast(_ reason: String) -> JSONRPCError {
        make(7, "bad_cast_exception", "Bad Cast", reason)
    }

    static func missingAuthority(_ owner: String) -> JSONRPCError {
        make(
            3_010_000, "tx_missing_active_auth", "missing required active authority",
            "Missing Active Authority \(owner)")
    }

    static func irrelevantSignature() -> JSONRPCError {
        make(3_100_000, "tx_irrelevant_sig", "irrelevant signature included", "Unnecessary signature(s) detected")
    }

    static func expired(_ reason: String) -> JSONRPCError {
        make(4_030_100, "transaction_expiration_exception", "transaction expiration exception", reason)
    }

    static func wrongReference() -> JSONRPCError {
        make(
            4_030_200, "transaction_tapos_exception", "transaction tapos exception",
            "trx.ref_block_prefix == tapos_block_summary.block_id._hash[ 1 ]")
    }

    static func unknownMethod(_ method: String) -> JSONRPCError {
        JSONRPCError(code: -32601, message: "Could not find method \(method)")
    }

    static func unknownAPI(_ name: String) -> JSONRPCError {
        JSONRPCError(code: -32601, message: "Could not find API \(name)")
    }

    static func parameters(_ reason: String) -> JSONRPCError {
        JSONRPCError(code: -32602, message: "Invalid parameters: \(reason)")
    }

    private static func make(_ code: Int, _ name: String, _ title: String, _ reason: String) -> JSONRPCError {
        JSONRPCError(
            code: -32000, message: "\(title):\(reason)",
            data: .make([
                "code": .int(code), "name": .string(name), "message": .string(title),
                "stack": .array([.make(["format": .string(reason)])]),
            ]))
    }
}
