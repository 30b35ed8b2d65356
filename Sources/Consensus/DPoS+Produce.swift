extension DPoS {
    // MARK: Making blocks

    /// Makes a block when the slot belongs to an own producer whose present key this node holds.
    mutating func produce(_ slot: Slot) {
        guard slot > head.slot, let producer = head.scheduled(slot, configuration), own.contains(producer) else {
            return
        }
        let record = records[producer]
        // Also after a restart: one block a slot.
        if let record, record.slot >= slot { return }
        let key = head.producers[producer].signingKey
        guard !key.isEmpty else { return }
        let time = configuration.time(of: slot)
        pending.removeAll { $0.update.expiration < time }
        let transactions = Array(
            pending.lazy.filter { [head] in head.accepts($0.update, at: time) }
                .prefix(Limits.transactionsPerBlock).map(\.transaction))
        let header = Header(
            number: head.number + 1, parent: head.id, slot: slot, producer: producer,
            confirmsAbove: confirmsAbove(producer), version: version,
            transactionsHash: Header.hash(transactions, ports))
        guard let block = Block(header, transactions, key: key, ports) else {
            effects.append(log(.noPrivateKey(slot, producer, key: key)))
            return
        }
        let new = SigningRecord(
            producer: producer, slot: slot, number: block.number, id: block.id,
            highest: max(record?.highest ?? 0, block.number), confirmsAbove: header.confirmsAbove)
        records[producer] = new
        effects.append(.remember(new))
        effects.append(log(.produced(block.number, block.id, slot, producer, transactions: transactions.count)))
        if insert(block, isTrusted: true) { effects.append(.relay(block)) }
    }

    /// Highest block of this producer that is no ancestor of the next one. Besides this node's own record it counts
    /// blocks of the producer that another node made, as after a failover.
    private func confirmsAbove(_ producer: ProducerIndex) -> BlockNumber {
        var result: BlockNumber = 0
        if let record = records[producer] {
            result = chainID(of: record.number) == record.id ? record.confirmsAbove : record.highest
        }
        guard tree.count > chain.count else { return result }
        for entry in tree.values where entry.block.header.producer == producer {
            if chainID(of: entry.block.number) != entry.block.id { result = max(result, entry.block.number) }
        }
        return result
    }

    // MARK: Transactions

    mutating func admit(_ transaction: Transaction) -> Admission {
        guard transaction.signed.count <= Limits.transactionBytes, transaction.signature.count <= Limits.keyBytes else {
            return .notValid
        }
        let id = transaction.id(ports)
        guard head.transactions[id] == nil, !pending.contains(where: { $0.id == id }) else { return .duplicate }
        guard pending.count < Self.maximumPending else { return .full }
        guard let update = ports.update(transaction) else { return .notAuthorised }
        // By the head's time: it is the only clock that all nodes share.
        guard head.accepts(update, at: configuration.time(of: head.slot)) else { return .notValid }
        pending.append((id, transaction, update))
        effects.append(.relayTransaction(transaction))
        return .accepted
    }

    /// After the head has changed: what left the chain waits again, what joined it waits no more.
    mutating func settlePending(_ removed: [BlockID]) {
        for id in removed {
            for transaction in tree[id]?.block.transactions ?? [] {
                let id = transaction.id(ports)
                guard !pending.contains(where: { $0.id == id }), let update = ports.update(transaction) else {
                    continue
                }
                pending.append((id, transaction, update))
            }
        }
        pending.removeAll { [head] in head.transactions[$0.id] != nil }
    }
}
