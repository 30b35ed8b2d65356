extension DPoS {
    /// Why a block does not belong on the chain it names.
    public enum Rejection: String, Error, Sendable, Hashable {
        case wrongParent = "it does not follow on its parent"
        case slotTaken = "its slot is not after its parent's"
        case fromTheFuture = "its slot has not come yet"
        case wrongProducer = "its producer is not scheduled for the slot"
        case producerDisabled = "its producer is disabled"
        case badSignature = "it is not signed with the producer's present key"
        case badTransactions = "its transactions do not match the header"
        case badTransaction = "a transaction is not valid"
        case tooLong = "a field is too long"
        case beforeIrreversible = "it would undo an irreversible block"
        case doubleProduction = "its producer made another block for the same slot"
    }

    /// Latest expiration of a transaction after the block that includes it, in nanoseconds: one hour, as on Steem.
    public static let longestExpiration: Int64 = 3_600_000_000_000
    /// Missed slots that are charged when a block ends a gap, at most: the oldest of a longer stand-still go free.
    static let longestCharge: UInt64 = 100_000
}

extension DPoS.ChainState {
    /// The state after `block`.
    /// - Parameter isTrusted: true for a block that this node checked before; its signatures are not checked again.
    /// - Returns: the new state; throws why the block does not follow on this state.
    public func applying(
        _ block: DPoS.Block, _ configuration: DPoS.Configuration, _ ports: DPoS.Ports, isTrusted: Bool = false
    ) throws(DPoS.Rejection) -> DPoS.ChainState {
        let header = block.header
        guard header.number == number + 1, header.parent == id else { throw .wrongParent }
        guard header.slot > slot else { throw .slotTaken }
        guard header.version.utf8.count <= DPoS.Limits.versionBytes else { throw .tooLong }
        guard scheduled(header.slot, configuration) == header.producer else { throw .wrongProducer }
        let key = producers[header.producer].signingKey
        guard !key.isEmpty else { throw .producerDisabled }
        if !isTrusted {
            guard block.isSealed(ports) else { throw .badTransactions }
            guard ports.verify(block.id, block.signature, key) else { throw .badSignature }
        }
        var next = self
        next.charge(header.slot, configuration)
        next.advance(block, configuration)
        try next.include(block.transactions, at: configuration.time(of: header.slot), ports)
        next.confirm(header, seen: proposedIrreversible, quorum: configuration.quorum)
        return next
    }

    /// Counts the slots between the last block and `slot` against their producers. Before the first block nobody is
    /// late.
    private mutating func charge(_ slot: DPoS.Slot, _ configuration: DPoS.Configuration) {
        guard number > 0 else { return }
        var round = round
        var order = schedule
        for missed in max(self.slot + 1, slot - min(slot, DPoS.longestCharge))..<max(slot, self.slot + 1) {
            if configuration.round(of: missed) != round {
                round = configuration.round(of: missed)
                order = configuration.schedule(for: round, producers)
            }
            let producer = order[configuration.turn(of: missed)]
            if !producers[producer].signingKey.isEmpty { producers[producer].totalMissed += 1 }
        }
    }

    private mutating func advance(_ block: DPoS.Block, _ configuration: DPoS.Configuration) {
        let header = block.header
        let gap = header.slot - slot
        if number > 0 { recentSlots = gap >= 128 ? 1 : recentSlots << gap | 1 }
        let round = configuration.round(of: header.slot)
        if round != self.round {
            self.round = round
            schedule = configuration.schedule(for: round, producers)
        }
        number = header.number
        id = block.id
        slot = header.slot
        producer = header.producer
        producers[header.producer].lastSlot = header.slot
        producers[header.producer].lastBlock = header.number
        producers[header.producer].version = header.version
    }

    private mutating func include(
        _ included: [DPoS.Transaction], at time: Int64, _ ports: DPoS.Ports
    ) throws(DPoS.Rejection) {
        transactions = transactions.filter { $0.value >= time }
        guard included.count <= DPoS.Limits.transactionsPerBlock else { throw .tooLong }
        for transaction in included {
            guard let update = ports.update(transaction), accepts(update, at: time),
                transactions.updateValue(update.expiration, forKey: transaction.id(ports)) == nil,
                let owner = producers.firstIndex(where: { $0.name == update.owner })
            else { throw .badTransaction }
            producers[owner].signingKey = update.signingKey
            producers[owner].url = update.url
        }
    }

    /// Whether a block at `time` could include the update, as far as its content goes.
    func accepts(_ update: DPoS.Update, at time: Int64) -> Bool {
        update.expiration >= time && update.expiration - time <= DPoS.longestExpiration
            && update.url.utf8.count <= DPoS.Limits.urlBytes && update.signingKey.count <= DPoS.Limits.keyBytes
            && producers.contains { $0.name == update.owner }
    }

    /// Counts a block as its producer's confirmation of its ancestors, and as news of what it had seen confirmed.
    ///
    /// A block is proposed irreversible when a quorum confirms it, and irreversible when a quorum made blocks knowing
    /// that, none of them having made a block on another fork at its height or above. See README, "Irreversibility".
    private mutating func confirm(_ header: DPoS.Header, seen: DPoS.BlockNumber, quorum: Int) {
        let own = header.producer
        producers[own].confirmsAbove = max(producers[own].confirmsAbove, header.confirmsAbove)
        producers[own].seenProposed = seen
        func highest(_ upTo: KeyPath<DPoS.ProducerState, DPoS.BlockNumber>, above floor: DPoS.BlockNumber) -> UInt64 {
            var best = floor
            for candidate in producers.lazy.map({ $0[keyPath: upTo] }) where candidate > best {
                let count = producers.count { $0.confirmsAbove < candidate && candidate <= $0[keyPath: upTo] }
                if count >= quorum { best = candidate }
            }
            return best
        }
        proposedIrreversible = highest(\.lastBlock, above: proposedIrreversible)
        irreversible = highest(\.seenProposed, above: irreversible)
    }
}
