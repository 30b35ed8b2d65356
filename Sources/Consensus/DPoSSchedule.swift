extension DPoS.Configuration {
    /// The round a slot belongs to.
    func round(of slot: DPoS.Slot) -> UInt64 { slot / roundLength }

    /// Who makes the blocks of each turn of a round when the round begins on `producers`. Disabled producers have no
    /// turn; the others share theirs. When all are disabled the order stays, and nobody can sign.
    func schedule(for round: UInt64, _ producers: [DPoS.ProducerState]) -> [DPoS.ProducerIndex] {
        var active = producers.indices.filter { !producers[$0].signingKey.isEmpty }
        if active.isEmpty { active = Array(producers.indices) }
        guard !active.isEmpty else { return [] }
        let turns = UInt64(producers.count)
        let first =
            isShuffled ? 0 : Int(round % UInt64(active.count) * (turns % UInt64(active.count)) % UInt64(active.count))
        if isShuffled { shuffle(&active, round: round) }
        return (0..<producers.count).map { active[(first + $0) % active.count] }
    }

    /// The same order on all nodes: Fisher and Yates with SplitMix64, seeded by genesis id and round.
    private func shuffle(_ order: inout [DPoS.ProducerIndex], round: UInt64) {
        var seed = genesisID.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } ^ (round &* 0xD134_2543_DE82_EF95)
        for last in stride(from: order.count - 1, to: 0, by: -1) {
            seed &+= 0x9E37_79B9_7F4A_7C15
            var mixed = seed
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            order.swapAt(last, Int((mixed ^ mixed >> 31) % UInt64(last + 1)))
        }
    }

    /// Position of a slot's turn in its round's schedule.
    func turn(of slot: DPoS.Slot) -> Int { Int(slot % roundLength) / repetitions }
}

extension DPoS.ChainState {
    /// The state before the first block.
    public init(genesis configuration: DPoS.Configuration) {
        number = 0
        id = configuration.genesisID
        slot = 0
        producer = nil
        producers = configuration.producers.map {
            DPoS.ProducerState(name: $0.name, url: $0.url, signingKey: $0.signingKey)
        }
        recentSlots = .max
        round = 0
        schedule = configuration.schedule(for: 0, producers)
        proposedIrreversible = 0
        irreversible = 0
        transactions = [:]
    }

    /// Who may make the block of a later slot, as this chain sees it. A new round's order follows from the keys before
    /// its first block.
    public func scheduled(_ slot: DPoS.Slot, _ configuration: DPoS.Configuration) -> DPoS.ProducerIndex? {
        let round = configuration.round(of: slot)
        let order = round == self.round ? schedule : configuration.schedule(for: round, producers)
        let turn = configuration.turn(of: slot)
        return turn < order.count ? order[turn] : nil
    }
}
