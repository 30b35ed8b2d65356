/// An error as nodeos answers it: an HTTP status, and the same status again in the body, because some clients look only
/// there.
///
/// Codes, names and texts are those of EOSIO's exception list (`eosio/chain/exceptions.hpp`); which status goes with
/// which exception is decided in its `http_plugin`.
struct EOSError: Error, Equatable {
    /// HTTP status.
    var status: Int
    /// The status in words, such as `Internal Service Error`.
    var message: String
    /// Code of the exception; 0 for one without a type.
    var code: Int
    /// Name of the exception, such as `unknown_block_exception`.
    var name: String
    /// What the exception means in general.
    var what: String
    /// What happened this time.
    var detail: String
    /// Where nodeos would have noticed it: source file and function.
    var place: (file: String, method: String)

    static func == (left: EOSError, right: EOSError) -> Bool {
        left.status == right.status && left.code == right.code && left.name == right.name && left.detail == right.detail
    }

    /// The body that goes with it.
    var body: JSON {
        .make([
            "code": .int(status), "message": .string(message),
            "error": .make([
                "code": .int(code), "name": .string(name), "what": .string(what),
                "details": .array([
                    .make([
                        "message": .string(detail), "file": .string(place.file), "line_number": .int(0),
                        "method": .string(place.method),
                    ])
                ]),
            ]),
        ])
    }

    /// No block with this number or id.
    static func unknownBlock(_ text: String, reversible: Bool = false) -> EOSError {
        EOSError(
            status: 400, message: "Unknown Block", code: 3_100_002, name: "unknown_block_exception",
            what: "Unknown block", detail: "Could not find \(reversible ? "reversible " : "")block: \(text)",
            place: ("chain_plugin.cpp", reversible ? "get_block_header_state" : "get_block"))
    }

    /// Neither a number nor an id of 64 hexadecimal digits.
    static func badBlockID(_ text: String) -> EOSError {
        failed(3_010_008, "block_id_type_exception", "Invalid block ID", "Invalid block ID: \(text)", "get_block")
    }

    /// A text that cannot be an account's name.
    static func badName(_ text: String) -> EOSError {
        failed(3_010_001, "name_type_exception", "Invalid name", "Name not properly normalized (name: \(text))", "set")
    }

    /// No such account.
    static func unknownAccount(_ name: String) -> EOSError {
        failed(0, "exception", "unspecified", "unknown key (eosio::chain::name): \(name)", "get_account")
    }

    /// The request's body is not JSON.
    static func parse(_ failure: JSONFailure) -> EOSError {
        failed(4, "parse_error_exception", "Parse Error", "\(failure)", "from_string")
    }

    /// The request's body lacks a parameter, or it has another type.
    static func badParameter(_ name: String) -> EOSError {
        failed(7, "bad_cast_exception", "Bad Cast", "parameter '\(name)' is missing or of another type", "as_string")
    }

    /// The chain's data could not be read.
    static let database = failed(
        3_060_000, "database_exception", "Database exception", "the block log cannot be read", "fetch_block_by_number")

    /// No such path.
    static let unknownEndpoint = EOSError(
        status: 404, message: "Not Found", code: 0, name: "exception", what: "unspecified",
        detail: "Unknown Endpoint", place: ("http_plugin.cpp", "handle_http_request"))

    /// The body is larger than this node reads.
    static func tooLarge(limit: Int) -> EOSError {
        EOSError(
            status: 413, message: "Payload Too Large", code: 0, name: "exception", what: "unspecified",
            detail: "the body is larger than \(limit) bytes", place: ("http_plugin.cpp", "handle_http_request"))
    }

    private static func failed(
        _ code: Int, _ name: String, _ what: String, _ detail: String, _ method: String
    ) -> EOSError {
        EOSError(
            status: 500, message: "Internal Service Error", code: code, name: name, what: what, detail: detail,
            place: ("chain_plugin.cpp", method))
    }
}
