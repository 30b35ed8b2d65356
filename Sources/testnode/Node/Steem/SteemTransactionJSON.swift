/// The JSON form of transactions, in both styles.
extension SteemTransaction {
    /// The members of the transaction, without signatures.
    func members(_ style: SteemStyle) -> [JSON.Member] {
        let body = JSON.make([
            "owner": .string(update.owner), "url": .string(update.url),
            "block_signing_key": .string(update.signingKey.text(.steem)),
            "props": .make([
                "account_creation_fee": update.creationFee.json(style),
                "maximum_block_size": .int(update.maximumBlockSize), "sbd_interest_rate": .int(update.interestRate),
            ]),
            "fee": update.fee.json(style),
        ])
        let operation: JSON =
            switch style {
            case .condenser: .array([.string("witness_update"), body])
            case .appbase: .make(["type": .string("witness_update_operation"), "value": body])
            }
        return JSON.make([
            "ref_block_num": .int(referenceNumber), "ref_block_prefix": .int(referencePrefix),
            "expiration": .string(SteemTime.text(UInt64(expiration))), "operations": .array([operation]),
            "extensions": .array([]),
        ]).members ?? []
    }

    /// Reads either style, with its signatures; throws `JSONRPCError` with what is wrong.
    static func read(_ json: JSON) throws -> (transaction: SteemTransaction, signatures: [RecoverableSignature]) {
        guard let number = json["ref_block_num"]?.integer.flatMap({ UInt16(exactly: $0) }),
            let prefix = json["ref_block_prefix"]?.integer.flatMap({ UInt32(exactly: $0) }),
            let expiration = json["expiration"]?.text.flatMap(SteemTime.seconds),
            let operations = json["operations"]?.items
        else { throw SteemError.badCast("a transaction needs ref_block_num, ref_block_prefix, expiration, operations") }
        guard operations.count == 1, let body = body(of: operations[0]) else {
            throw SteemError.assertion("this chain takes transactions with one witness_update operation")
        }
        guard json["extensions"]?.items?.isEmpty ?? true else { throw SteemError.assertion("unknown extension") }
        let signatures = try (json["signatures"]?.items ?? []).map { text in
            guard let bytes = text.text.flatMap({ [UInt8](hex: $0) }),
                let signature = RecoverableSignature(bytes: bytes)
            else { throw SteemError.badCast("a signature has 65 bytes in hexadecimal") }
            return signature
        }
        let transaction = SteemTransaction(
            referenceNumber: number, referencePrefix: prefix, expiration: expiration, update: try update(body))
        return (transaction, signatures)
    }

    private static func body(of operation: JSON) -> JSON? {
        if let pair = operation.items {
            // Number 11 instead of the name is the oldest spelling.
            let isUpdate = pair.first == .string("witness_update") || pair.first == .number("11")
            return pair.count == 2 && isUpdate ? pair[1] : nil
        }
        return operation["type"] == .string("witness_update_operation") ? operation["value"] : nil
    }

    private static func update(_ body: JSON) throws -> SteemWitnessUpdate {
        guard let owner = body["owner"]?.text, let url = body["url"]?.text,
            let key = body["block_signing_key"]?.text.flatMap({ PublicKey($0, prefix: .steem) }),
            let creationFee = SteemAsset(json: body["props"]?["account_creation_fee"]),
            let size = body["props"]?["maximum_block_size"]?.integer.flatMap({ UInt32(exactly: $0) }),
            let rate = body["props"]?["sbd_interest_rate"]?.integer.flatMap({ UInt16(exactly: $0) }),
            let fee = SteemAsset(json: body["fee"])
        else { throw SteemError.badCast("witness_update needs owner, url, block_signing_key, props and fee") }
        guard (1...SteemLimits.nameBytes).contains(owner.utf8.count) else {
            throw SteemError.assertion("Account name is invalid")
        }
        guard !url.isEmpty else { throw SteemError.assertion("URL size must be greater than 0") }
        guard url.utf8.count <= SteemLimits.urlBytes else { throw SteemError.assertion("URL is too long") }
        guard fee.symbol == .steem, creationFee.symbol == .steem else {
            throw SteemError.assertion("fees must be in STEEM")
        }
        return SteemWitnessUpdate(
            owner: owner, url: url, signingKey: key, creationFee: creationFee, maximumBlockSize: size,
            interestRate: rate, fee: fee)
    }
}

/// Times as the chain writes them: whole seconds of UTC, without a zone.
enum SteemTime {
    /// Such as `2018-07-28T07:00:00`.
    static func text(_ seconds: UInt64) -> String {
        String(Timestamp(nanoseconds: Int64(min(seconds, 8_000_000_000)) * 1_000_000_000).iso8601.prefix(19))
    }

    /// Seconds since 1970; nil for anything but the form that `text` writes.
    static func seconds(_ text: String) -> UInt32? {
        guard text.utf8.count == 19 else { return nil }
        let basic = text.filter { $0 != "-" && $0 != ":" } + "Z"
        guard let stamp = Timestamp(amzDate: basic), let seconds = UInt32(exactly: stamp.seconds),
            Self.text(UInt64(seconds)) == text
        else { return nil }
        return seconds
    }
}
