import Glibc

/// The operators' small wallet, installed as `cli_wallet`: signs a witness update and prints the request that broadcasts
/// it. It reads what a node answered from files and talks to nobody, so any client (curl, over http or https) can carry
/// both.
enum WalletProgram {
    static let usage = """
        usage: cli_wallet update_witness OWNER URL SIGNING_KEY --config FILE --properties FILE [--key-file FILE]
               cli_wallet public_key [--key-file FILE]
               cli_wallet keygen --dialect steem|eos --seed TEXT --name NAME

        update_witness prints a condenser_api.broadcast_transaction_synchronous request, signed with the owner's active
        key. FILE of --config and --properties hold a node's answers to condenser_api.get_config and
        get_dynamic_global_properties. The private key is read from the key file or else from standard input.
        """

    /// A transaction may be included for so many seconds after the head block that it refers to.
    private static let secondsToExpiration: UInt32 = 60
    private static let largestInput = 1024 * 1024

    /// Prints the result, or ends the process: 64 for wrong arguments, 1 for an unreadable file, answer or key.
    static func main(arguments: [String]) {
        do throws(WalletFailure) {
            print(try run(arguments))
        } catch {
            Program.fail("cli_wallet: \(error.description)", status: error.status)
        }
    }

    private static func run(_ arguments: [String]) throws(WalletFailure) -> String {
        switch arguments.first {
        case "help", "--help", "-h": return usage
        case "keygen":
            guard let lines = KeyProgram.lines(Array(arguments.dropFirst())) else { throw .usage(KeyProgram.usage) }
            return lines
        case "public_key":
            let options = try options(Array(arguments.dropFirst()), known: ["--key-file"])
            return try key(options["--key-file"]).publicKey.text(.steem)
        case "update_witness" where arguments.count >= 4:
            let options = try options(
                Array(arguments.dropFirst(4)), known: ["--config", "--properties", "--key-file"])
            guard let config = options["--config"], let properties = options["--properties"] else {
                throw .usage("--config and --properties are needed.\n\(usage)")
            }
            return try request(
                owner: arguments[1], url: arguments[2], signingKey: arguments[3], key: key(options["--key-file"]),
                config: answer(config), properties: answer(properties)
            ).line
        default: throw .usage(usage)
        }
    }

    /// The request that broadcasts a signed update.
    /// - Parameters:
    ///   - config: what `get_config` gave.
    ///   - properties: what `get_dynamic_global_properties` gave.
    static func request(
        owner: String, url: String, signingKey: String, key: PrivateKey, config: JSON, properties: JSON
    ) throws(WalletFailure) -> JSON {
        guard let newKey = PublicKey(signingKey, prefix: .steem) else {
            throw .input("'\(signingKey)' is not a public key (STM...).")
        }
        guard (1...SteemLimits.nameBytes).contains(owner.utf8.count),
            (1...SteemLimits.urlBytes).contains(url.utf8.count)
        else { throw .input("the owner or the url is empty or too long.") }
        guard let chainID = config["STEEM_CHAIN_ID"]?.text.flatMap({ [UInt8](hex: $0) }), chainID.count == 32 else {
            throw .input("the answer to get_config has no STEEM_CHAIN_ID.")
        }
        guard let head = properties["head_block_id"]?.text.flatMap({ [UInt8](hex: $0) }),
            head.count == SteemTransaction.idBytes, let time = properties["time"]?.text.flatMap(SteemTime.seconds)
        else { throw .input("the answer to get_dynamic_global_properties has no head_block_id or no time.") }
        let reference = SteemTransaction.reference(blockID: head)
        let transaction = SteemTransaction(
            referenceNumber: reference.number, referencePrefix: reference.prefix,
            expiration: time + secondsToExpiration,
            update: SteemWitnessUpdate(
                owner: owner, url: url, signingKey: newKey, creationFee: SteemAsset(3000, .steem),
                maximumBlockSize: UInt32(SteemShapes.maximumBlockSize), interestRate: 0, fee: SteemAsset(0, .steem)))
        let signature = key.sign(digest: transaction.digest(chainID: chainID))
        let signatures = JSON.Member(name: "signatures", value: .array([.string(signature.bytes.hex)]))
        return .make([
            "jsonrpc": .string("2.0"), "id": .int(1),
            "method": .string("condenser_api.broadcast_transaction_synchronous"),
            "params": .array([.object(transaction.members(.condenser) + [signatures])]),
        ])
    }

    private static func options(_ arguments: [String], known: [String]) throws(WalletFailure) -> [String: String] {
        var options: [String: String] = [:]
        for index in stride(from: 0, to: arguments.count, by: 2) {
            guard known.contains(arguments[index]), index + 1 < arguments.count, options[arguments[index]] == nil else {
                throw .usage("'\(arguments[index])' is not expected here.\n\(usage)")
            }
            options[arguments[index]] = arguments[index + 1]
        }
        return options
    }

    /// The private key in a file, or on standard input. Its text never appears in a message.
    private static func key(_ file: String?) throws(WalletFailure) -> PrivateKey {
        let text = String(decoding: try read(file ?? "/dev/stdin"), as: UTF8.self).trimmingSpaces()
        guard let key = PrivateKey(wif: text.filter { !$0.isNewline }) else {
            throw .input("what was given is not a private key in wallet import format.")
        }
        return key
    }

    /// The `result` of a node's answer.
    private static func answer(_ file: String) throws(WalletFailure) -> JSON {
        guard let json = try? JSON.parse(try read(file), depth: JSONRPCDispatcher.maximumDepth) else {
            throw .input("\(file) is not JSON; did the node answer?")
        }
        guard let result = json["result"] else {
            throw .input(
                "\(file): the node answered without a result: \(json["error"]?["message"]?.text ?? "no error")")
        }
        return result
    }

    private static func read(_ file: String) throws(WalletFailure) -> [UInt8] {
        guard let handle = fopen(file, "re") else {
            throw .input("\(file) cannot be read: \(String(cString: strerror(errno))).")
        }
        defer { fclose(handle) }
        let bytes = [UInt8](unsafeUninitializedCapacity: largestInput + 1) { space, count in
            count = fread(space.baseAddress, 1, space.count, handle)
        }
        guard ferror(handle) == 0, bytes.count <= largestInput else {
            throw .input("\(file) cannot be read, or is larger than \(largestInput) bytes.")
        }
        return bytes
    }
}

/// Why the wallet did not do what it was asked.
enum WalletFailure: Error, Equatable {
    case usage(String)
    case input(String)

    var status: Int32 { if case .usage = self { 64 } else { 1 } }

    var description: String {
        switch self {
        case .usage(let text), .input(let text): text
        }
    }
}
