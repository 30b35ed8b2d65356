import Consensus

/// Transactions that clients send.
extension SteemMethods {
    /// How long a client that waits for its transaction's block is kept waiting, at most.
    private static let longestWait = Duration.seconds(15)
    private static let look = Duration.milliseconds(50)

    /// Checks a transaction as the real node does and hands it to the chain; throws `JSONRPCError`.
    func broadcast(_ json: JSON) throws -> SteemTransaction {
        let (transaction, signatures) = try SteemTransaction.read(json)
        let now = chain.snapshot
        try checkExpiration(transaction, at: now.head.time)
        try checkReference(transaction, head: now.head.number)
        let signature = try authorised(transaction, signatures)
        let signed = transaction.signed(chainID: chain.genesis.chainID)
        switch chain.submit(DPoS.Transaction(signed: signed, signature: signature.bytes)) {
        case .accepted: return transaction
        case .duplicate: throw SteemError.assertion("Duplicate transaction check failed")
        case .refused(let reason): throw SteemError.assertion(reason)
        }
    }

    /// The same, answered when the transaction stands in a block.
    func broadcastAndWait(_ json: JSON) async throws -> JSON {
        var looked = chain.snapshot.head.number
        let transaction = try broadcast(json)
        let deadline = ContinuousClock.now + Self.longestWait
        while ContinuousClock.now < deadline {
            let head = chain.snapshot.head
            // A fork may have been left meanwhile, so the last few blocks are read again.
            for number in (looked > 4 ? looked - 4 : 1)...max(head.number, 1) {
                guard let block = try chain.block(number: number),
                    let index = place(of: transaction, in: block.block)
                else { continue }
                return .make([
                    "id": .string(transaction.id.hex), "block_num": .int(number), "trx_num": .int(index),
                    "expired": .bool(false),
                ])
            }
            looked = head.number
            if head.time > UInt64(transaction.expiration) { break }
            try await Task.sleep(for: Self.look)
        }
        return .make([
            "id": .string(transaction.id.hex), "block_num": .int(0), "trx_num": .int(0), "expired": .bool(true),
        ])
    }

    private func place(of transaction: SteemTransaction, in block: DPoS.Block) -> Int? {
        let signed = transaction.signed(chainID: chain.genesis.chainID)
        return block.transactions.firstIndex { $0.signed == signed }
    }

    private func checkExpiration(_ transaction: SteemTransaction, at now: UInt64) throws {
        let expiration = UInt64(transaction.expiration)
        guard expiration >= now else { throw SteemError.expired("now <= trx.expiration") }
        guard expiration <= now + UInt64(SteemLimits.secondsUntilExpiration) else {
            throw SteemError.expired("trx.expiration <= now + STEEM_MAX_TIME_UNTIL_EXPIRATION")
        }
    }

    /// The last block whose number ends in the transaction's 16 bits must have the id that the transaction names.
    private func checkReference(_ transaction: SteemTransaction, head: UInt64) throws {
        let back = (head &- UInt64(transaction.referenceNumber)) & 0xffff
        guard back <= head else { throw SteemError.wrongReference() }
        // What stands before the first block is shown as an id of zeros.
        let id = head == back ? SteemShapes.noBlock : try chain.block(number: head - back)?.block.id
        guard let id, SteemTransaction.reference(blockID: id).prefix == transaction.referencePrefix else {
            throw SteemError.wrongReference()
        }
    }

    /// The one signature that the owner's active key made.
    private func authorised(
        _ transaction: SteemTransaction, _ signatures: [RecoverableSignature]
    ) throws -> RecoverableSignature {
        let owner = transaction.update.owner
        guard let account = chain.genesis.accounts[owner] else {
            throw SteemError.assertion("unknown key: account \(owner) does not exist")
        }
        let digest = transaction.digest(chainID: chain.genesis.chainID)
        guard let signature = signatures.first(where: { $0.signer(digest: digest)?.bytes == account.activeKey }) else {
            throw SteemError.missingAuthority(owner)
        }
        guard signatures.count == 1 else { throw SteemError.irrelevantSignature() }
        return signature
    }
}
