import Consensus

/// What all nodes of a DPoS network agree on before the first block, read from the genesis file. Line based, like
/// `Genesis`: a keyword, then its values; `#` starts a comment. Keys stand once unless they are marked repeatable.
///
///     engine        dpos
///     network       testnet-name
///     seed          text from which the test keys are derived (rest of the line)
///     chain_id      64 hexadecimal digits     optional; else the id of the genesis file
///     genesis_time  1767225600                seconds since 1970
///     slot          500ms
///     repetitions   12                        blocks in a row; default 1
///     schedule      ordered                   or shuffled; default ordered
///     irreversible_percent 75                 optional, 51...100; else more than two thirds
///     producer      alice alice-signing http://alice.example    repeatable: account, key name [url]
///     account       bob 1000                  repeatable: account, balance in whole tokens
struct DPoSGenesis: Sendable {
    /// An account and what it owns.
    struct Account: Sendable, Hashable {
        var name: String
        /// Whole tokens; nothing moves them.
        var balance: UInt64
        /// Active key, 33 bytes: derives from the seed and `activeKeyName`. It signs updates of the producer of this name.
        var activeKey: [UInt8]
    }

    var network: String
    var seed: String
    /// Identifies the chain to clients, 32 bytes.
    var chainID: [UInt8]
    /// SHA-256 of the file's normalised text; peers and data with another one are refused.
    var id: [UInt8]
    /// Seconds since 1970.
    var time: UInt64
    var slot: Duration
    var consensus: DPoS.Configuration
    /// By name; producers that no `account` line names have a balance of 0.
    var accounts: [String: Account]

    /// Key name that an account's active key derives from.
    static func activeKeyName(_ account: String) -> String { account + "-active" }

    /// Reads and checks a genesis file.
    static func read(file: String) throws(GenesisError) -> DPoSGenesis {
        try parse(try Genesis.text(of: file), file: file)
    }

    /// Reads the genesis file's text, lines or EOSIO's JSON; `file` only names it in errors.
    static func parse(_ text: String, file: String) throws(GenesisError) -> DPoSGenesis {
        var parser = DPoSGenesisParser(file: file)
        let text = EOSGenesis.isJSON(text) ? try EOSGenesis.lines(json: text, file: file) : text
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            try parser.read(line: String(line), number: index + 1)
        }
        return try parser.finish()
    }
}
