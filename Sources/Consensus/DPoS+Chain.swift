extension DPoS {
    // MARK: Taking blocks

    mutating func receive(_ block: Block, now: Slot, isNew: Bool) {
        guard tree[block.id] == nil, block.number > root.number, withheld[block.id] == nil else { return }
        guard block.header.slot <= now + 1 else { return reject(block, .fromTheFuture) }
        if let twin = withheld[block.header.parent], knows(twin.header.parent) {
            // Another producer has built on it, so the network took it.
            withheld[twin.id] = nil
            insert(twin, isTrusted: false)
        }
        guard knows(block.header.parent) else { return keepOrphan(block) }
        let seat = Seat(slot: block.header.slot, producer: block.header.producer)
        if seats[seat] != nil, isNew {
            if withheld.count < Self.maximumOrphans, block.isSealed(ports) { withheld[block.id] = block }
            return reject(block, .doubleProduction)
        }
        guard insert(block, isTrusted: false) else { return }
        if isNew { effects.append(.relay(block)) }
        adoptOrphans(of: block.id, now: now)
    }

    private mutating func reject(_ block: Block, _ reason: Rejection) {
        effects.append(log(.rejected(block.number, block.id, block.header.producer, reason)))
    }

    private mutating func keepOrphan(_ block: Block) {
        guard block.number > root.number + 1 else { return reject(block, .beforeIrreversible) }
        if !orphans.contains(where: { $0.id == block.id }) {
            if orphans.count >= Self.maximumOrphans { orphans.removeFirst() }
            orphans.append(block)
        }
        effects.append(.needBlocks(upTo: block.number))
    }

    private mutating func adoptOrphans(of id: BlockID, now: Slot) {
        let children = orphans.filter { $0.header.parent == id }
        guard !children.isEmpty else { return }
        orphans.removeAll { $0.header.parent == id }
        for child in children { receive(child, now: now, isNew: false) }
    }

    /// Checks a block whose parent is known, and follows it if its chain is better. False when it is not valid.
    @discardableResult
    mutating func insert(_ block: Block, isTrusted: Bool) -> Bool {
        guard let parent = state(of: block.header.parent) else { return false }
        let state: ChainState
        do {
            state = try parent.applying(block, configuration, ports, isTrusted: isTrusted)
        } catch {
            reject(block, error)
            return false
        }
        tree[block.id] = Entry(block: block, state: state, proposed: state.proposedIrreversible)
        let seat = Seat(slot: block.header.slot, producer: block.header.producer)
        if seats[seat] == nil { seats[seat] = block.id }
        keepState(block.id)
        effects.append(.store(block))
        // The proposed irreversible block comes first: whoever has seen one never goes back to a chain without it.
        if (state.proposedIrreversible, state.number) > (head.proposedIrreversible, head.number) { follow(state) }
        return true
    }

    // MARK: States

    private mutating func keepState(_ id: BlockID) {
        stateOrder.append(id)
        guard stateOrder.count > 2 * Self.maximumStates else { return }
        for old in stateOrder.prefix(Self.maximumStates) { tree[old]?.state = nil }
        stateOrder.removeFirst(Self.maximumStates)
    }

    /// The state after a known block, made from the nearest ancestor that has one.
    func state(of id: BlockID) -> ChainState? {
        if id == head.id { return head }
        var path: [Block] = []
        var next = id
        while next != root.id {
            guard let entry = tree[next] else { return nil }
            if let state = entry.state { return apply(path, to: state) }
            path.append(entry.block)
            next = entry.block.header.parent
        }
        return apply(path, to: root)
    }

    private func apply(_ newestFirst: [Block], to state: ChainState) -> ChainState? {
        newestFirst.reversed().reduce(state) { state, block in
            state.flatMap { try? $0.applying(block, configuration, ports, isTrusted: true) }
        }
    }

    // MARK: The chain that is followed

    private mutating func follow(_ state: ChainState) {
        var added: [BlockID] = []
        var next = state.id
        while next != root.id, let entry = tree[next] {
            if chainID(of: entry.block.number) == next { break }
            added.append(next)
            next = entry.block.header.parent
        }
        added.reverse()
        let common = state.number - UInt64(added.count)
        let removed = Array(chain[Int(common - root.number)...].reversed())
        let before = head
        chain.removeLast(removed.count)
        chain += added
        head = state
        effects.append(.head(added: added, removed: removed))
        if !removed.isEmpty {
            effects.append(log(.switched(from: before.number, to: state.number, common: common)))
        }
        report(added, before: before)
        settlePending(removed)
        if state.irreversible > root.number { advanceRoot(to: state.irreversible) }
    }

    private mutating func report(_ added: [BlockID], before: ChainState) {
        for id in added {
            guard let block = tree[id]?.block else { continue }
            let header = block.header
            effects.append(
                log(.applied(header.number, id, header.slot, header.producer, transactions: block.transactions.count)))
            for transaction in block.transactions {
                guard let update = ports.update(transaction) else { continue }
                effects.append(log(.updated(header.number, owner: update.owner, key: update.signingKey)))
            }
        }
        for index in head.producers.indices {
            let total = head.producers[index].totalMissed
            let known = before.producers[index].totalMissed
            if total > known { effects.append(log(.missed(index, slots: total - known, total: total))) }
        }
    }

    private mutating func advanceRoot(to number: BlockNumber) {
        guard let id = chainID(of: number), let state = state(of: id) else { return }
        let final = Set(chain.prefix(Int(number - root.number)))
        chain.removeFirst(final.count)
        root = state
        var kept: Set<BlockID> = [id]
        // By number, so that a block's parent is decided before it.
        for entry in tree.values.sorted(by: { $0.block.number < $1.block.number })
        where entry.block.number > number && kept.contains(entry.block.header.parent) {
            kept.insert(entry.block.id)
        }
        let discarded = tree.keys.filter { !kept.contains($0) && !final.contains($0) }
        tree = tree.filter { kept.contains($0.key) && $0.key != id }
        seats = seats.filter { tree[$0.value] != nil }
        withheld = withheld.filter { $0.value.number > number }
        orphans.removeAll { $0.number <= number }
        stateOrder.removeAll { tree[$0] == nil }
        effects.append(.irreversible(state: state, discarded: discarded))
        effects.append(log(.irreversible(number, id)))
    }
}
