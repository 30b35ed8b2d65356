import Consensus

/// How a node of the DPoS engine looks from outside: its RPC, its transactions, its files. The engine and its driver know
/// none of it; `Dialects.all` names those that a configuration can choose.
protocol Dialect: Sendable {
    static var flavour: Flavour { get }

    /// - Parameter chain: what RPC handlers read.
    init(chain: any ChainReading)

    /// Answers one HTTP request on the RPC port.
    func answer(_ request: HTTP.Request) async -> HTTP.Response
}

/// What the driver needs to know of a dialect.
struct Flavour: Sendable {
    /// Value of the configuration key `dialect`.
    var name: String
    /// Name of the installed program, such as `steemd`.
    var program: String
    /// Version text in a producer's blocks, such as `0.23.1`, unless the configuration has another.
    var version: String
    /// Port that RPC listens on unless the configuration names another.
    var rpcPort: UInt16
    /// File of the block log below `data_dir`.
    var blocksFile: String
    /// File of the state below `data_dir`.
    var stateFile: String
    /// Whether a node whose state was not closed in order refuses to start until it is replayed (EOS), or goes on (Steem).
    var refusesDirtyState: Bool
    /// Arguments of the program beside `--config FILE`, such as `--replay-blockchain`, and what each starts.
    var starts: [String: StartMode]
    /// Argument that names the genesis file instead of the configuration, such as `--genesis-json`; nil for none.
    var genesisArgument: String?
    /// How a failure ends the process and what it says; nil for `DPoSFailure`'s own code and text.
    var ending: @Sendable (DPoSFailure) -> (code: Int32, text: String)?
    /// A signing key as people read it; empty bytes are the disabled producer's.
    var keyText: @Sendable (_ key: [UInt8]) -> String
    /// Reads what a transaction's signed bytes ask for; nil when they are not the dialect's serialisation of an update
    /// for the chain with this id. The driver checks the signature.
    var update: @Sendable (_ signed: [UInt8], _ chainID: [UInt8]) -> DPoS.Update?
}

/// The dialects that a configuration can choose.
enum Dialects {
    /// Add a dialect here.
    static let all: [any Dialect.Type] = [PlainDialect.self, SteemDialect.self, EOSDialect.self]
}

/// The driver's own dialect, for tests and tools: `GET /` answers the snapshot as JSON, `POST /` takes a transaction of
/// `PlainUpdate`.
struct PlainDialect: Dialect {
    static let flavour = Flavour(
        name: "plain", program: "dposd", version: "0.1", rpcPort: 9500, blocksFile: "blocks/blocks.log",
        stateFile: "state/state.bin", refusesDirtyState: false,
        starts: ["--replay": .replay, "--hard-replay": .hardReplay, "--delete-all": .deleteAll],
        genesisArgument: "--genesis", ending: { _ in nil }, keyText: { $0.isEmpty ? "none" : $0.hex },
        update: { PlainUpdate.decode($0, chainID: $1) })

    private let chain: any ChainReading

    init(chain: any ChainReading) {
        self.chain = chain
    }

    func answer(_ request: HTTP.Request) async -> HTTP.Response {
        if request.head.method == "POST" {
            guard let body = try? await request.body.collect(limit: 2 * DPoS.Limits.transactionBytes),
                let transaction = PlainUpdate.transaction(text: body)
            else { return HTTP.Response(400, type: "text/plain", text: "not a transaction\n") }
            return HTTP.Response(
                200, type: "application/json", text: JSON.string("\(chain.submit(transaction))").line + "\n")
        }
        let now = chain.snapshot
        let producers = now.state.producers.map { producer in
            JSON.make([
                "name": .string(producer.name), "missed": .int(producer.totalMissed),
                "lastBlock": .int(producer.lastBlock), "key": .string(producer.signingKey.hex),
            ])
        }
        let answer = JSON.make([
            "head": .int(now.head.number), "id": .string(now.head.id.hex), "producer": .string(now.head.producer),
            "irreversible": .int(now.irreversible.number), "irreversibleID": .string(now.irreversible.id.hex),
            "slot": .int(now.state.slot), "syncing": .bool(now.isSyncing),
            "participation": .int(now.state.participation),
            "peers": .array(now.peers.map { .string($0) }), "producers": .array(producers),
        ])
        return HTTP.Response(200, type: "application/json", text: answer.line + "\n")
    }
}
