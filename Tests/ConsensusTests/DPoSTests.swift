import Testing

@testable import Consensus

@Suite("DPoS")
struct DPoSTests {
    @Test("every producer has its turn in each round, in order or shuffled, with repetitions")
    func schedule() {
        for (isShuffled, repetitions) in [(true, 1), (false, 1), (false, 3), (true, 12)] {
            let chain = DPoSSimulation(producers: 7, repetitions: repetitions, isShuffled: isShuffled, seed: 1)
            let state = chain.state(0)
            var orders: Set<[Int]> = []
            for round in 0..<20 {
                let slots = (0..<7 * repetitions).map { UInt64(round * 7 * repetitions + $0) }
                let order = slots.compactMap { state.scheduled($0, chain.configuration) }
                #expect(Set(order) == Set(0..<7))
                for turn in 0..<7 { #expect(Set(order[turn * repetitions..<(turn + 1) * repetitions]).count == 1) }
                orders.insert(order)
            }
            #expect(isShuffled ? orders.count > 10 : orders == [Array(0..<7 * repetitions).map { $0 / repetitions }])
        }
    }

    @Test("a full network fills every slot and makes blocks irreversible behind the head")
    func fullNetwork() {
        var chain = DPoSSimulation(producers: 5, observers: 1, seed: 3)
        chain.run(slots: 60)
        #expect(chain.top == 60)
        #expect(chain.heads.count == 1)
        #expect(chain.state(5).producers.allSatisfy { $0.totalMissed == 0 && $0.version == "1" })
        #expect(chain.state(5).participation == 128)
        #expect(chain.state(5).irreversible >= 45)
        #expect(chain.conflicts.isEmpty)
    }

    @Test("a silent producer's slots are counted against it, and only against it")
    func missedSlots() {
        var chain = DPoSSimulation(producers: 5, seed: 4)
        chain.run(slots: 20)
        chain.kill(2)
        chain.run(slots: 50)
        let state = chain.state(0)
        #expect(chain.top == 60)
        #expect(state.producers.map(\.totalMissed) == [0, 0, 10, 0, 0])
        #expect(state.participation == 118)
        // Four of five are more than two thirds.
        #expect(state.irreversible > 45)
        chain.kill(3)
        chain.run(slots: 50)
        // Three are not; the chain goes on all the same.
        #expect(chain.state(0).irreversible < 65)
        #expect(chain.state(0).number > 85)
        chain.restart(2)
        chain.restart(3)
        chain.run(slots: 30)
        #expect(chain.heads.count == 1)
        #expect(chain.state(0).irreversible > 90)
        #expect(chain.conflicts.isEmpty)
    }

    @Test("an update moves production to the node with the new key; the old one says that it has no key")
    func keyChange() throws {
        var chain = DPoSSimulation(producers: 5, isShuffled: false, seed: 5)
        chain.add(own: [1], keys: [[9, 9]])
        chain.run(slots: 12)
        let before = chain.events.count
        chain.feed(.transaction(chain.transaction(owner: 1, key: [9, 9])), to: 4, from: nil)
        #expect(chain.nodes[4].engine.lastAdmission == .accepted)
        chain.run(slots: 20)
        let state = chain.state(0)
        #expect(state.producers[1].signingKey == [9, 9])
        #expect(state.producers[1].totalMissed == 0)
        let after = chain.events[before...]
        #expect(
            after.contains {
                if case .noPrivateKey(_, 1, let key) = $0.event { $0.node == 1 && key == [9, 9] } else { false }
            })
        let makers = after.compactMap { entry in
            if case .produced(_, _, _, 1, _) = entry.event { entry.node } else { nil }
        }
        #expect(makers.last == 5 && makers.count >= 3)
        // The same transaction again is known.
        chain.feed(.transaction(chain.transaction(owner: 1, key: [9, 9], validFor: 0)), to: 4, from: nil)
        let again = try #require(chain.nodes[0].blocks.values.flatMap(\.transactions).first)
        chain.feed(.transaction(again), to: 4, from: nil)
        #expect(chain.nodes[4].engine.lastAdmission == .duplicate)
    }

    @Test("the null key takes a producer out of the next rounds, and its slots go to others")
    func disabled() {
        var chain = DPoSSimulation(producers: 5, seed: 6)
        chain.run(slots: 10)
        chain.feed(.transaction(chain.transaction(owner: 3, key: [])), to: 0, from: nil)
        chain.run(slots: 50)
        let state = chain.state(0)
        #expect(state.producers[3].signingKey.isEmpty)
        #expect(state.producers[3].totalMissed <= 1)
        #expect(chain.top >= 58)
        #expect(!state.schedule.contains(3))
        #expect(state.irreversible > 40)
    }

    @Test("transactions that are not signed, expired, or for nobody are refused")
    func refusedTransactions() {
        var chain = DPoSSimulation(producers: 4, seed: 7)
        chain.run(slots: 4)
        func admission(_ transaction: DPoS.Transaction) -> DPoS.Admission {
            chain.feed(.transaction(transaction), to: 0, from: nil)
            return chain.nodes[0].engine.lastAdmission
        }
        var unsigned = chain.transaction(owner: 1, key: [7])
        unsigned.signature = [41]
        #expect(admission(unsigned) == .notAuthorised)
        #expect(admission(chain.transaction(owner: 1, key: [7], validFor: -1000)) == .notValid)
        #expect(admission(chain.transaction(owner: 1, key: [7], validFor: DPoS.longestExpiration * 2)) == .notValid)
        #expect(admission(chain.transaction(owner: 77, key: [7])) == .notValid)
        #expect(admission(chain.transaction(owner: 1, key: Array(repeating: 7, count: 9000))) == .notValid)
    }

    @Test("blocks with a wrong key, producer, slot, parent, seal or transaction are refused")
    func refusedBlocks() throws {
        var chain = DPoSSimulation(producers: 4, isShuffled: false, seed: 8)
        chain.run(slots: 9)
        let state = chain.state(0)
        let ports = DPoSSimulation.ports(keys: (0..<4).map { [1, UInt8($0)] })
        func rejection(_ change: (inout DPoS.Header) -> Void, key: [UInt8] = [1, 2]) throws -> DPoS.Rejection? {
            var header = DPoS.Header(
                number: 10, parent: state.id, slot: 10, producer: 2, confirmsAbove: 0, version: "",
                transactionsHash: DPoS.Header.hash([], ports))
            change(&header)
            let block = try #require(DPoS.Block(header, [], key: key, ports))
            do throws(DPoS.Rejection) { _ = try state.applying(block, chain.configuration, ports) } catch {
                return error
            }
            return nil
        }
        #expect(try rejection { _ in } == nil)
        #expect(try rejection({ _ in }, key: [1, 1]) == .badSignature)
        #expect(try rejection { $0.producer = 1 } == .wrongProducer)
        #expect(try rejection { $0.slot = 9 } == .slotTaken)
        #expect(try rejection { $0.slot = 11 } == .wrongProducer)
        #expect(try rejection { $0.number = 11 } == .wrongParent)
        #expect(try rejection { $0.transactionsHash = [] } == .badTransactions)
        #expect(try rejection { $0.version = String(repeating: "9", count: 33) } == .tooLong)
    }

    @Test("a second block for a slot is refused, but taken once the network has built on it")
    func doubleProduction() throws {
        var chain = DPoSSimulation(producers: 4, isShuffled: false, seed: 9)
        chain.run(slots: 9)
        let state = chain.state(3)
        let ports = DPoSSimulation.ports(keys: (0..<4).map { [1, UInt8($0)] })
        func block(_ state: DPoS.ChainState, _ slot: UInt64, _ version: String) throws -> DPoS.Block {
            let producer = Int(slot % 4)
            let header = DPoS.Header(
                number: state.number + 1, parent: state.id, slot: slot, producer: producer, confirmsAbove: 0,
                version: version, transactionsHash: DPoS.Header.hash([], ports))
            return try #require(DPoS.Block(header, [], key: [1, UInt8(producer)], ports))
        }
        let one = try block(state, 10, "one")
        let two = try block(state, 10, "two")
        func give(_ block: DPoS.Block) -> Bool {
            chain.feed(.block(block, now: 12, isNew: true), to: 3, from: nil)
            return chain.nodes[3].engine.knows(block.id)
        }
        #expect(give(one))
        #expect(!give(two))
        #expect(
            chain.events.contains {
                if case .rejected(10, _, 2, .doubleProduction) = $0.event { true } else { false }
            })
        let afterTwo = try state.applying(two, chain.configuration, ports)
        let child = try block(afterTwo, 11, "child")
        #expect(give(child))
        #expect(chain.state(3).id == child.id)
        // From the future, too, it is refused.
        #expect(!give(try block(try afterTwo.applying(child, chain.configuration, ports), 16, "late")))
    }

    @Test("a node that starts late has everything after one sync, and its state is the same")
    func catchUp() {
        var chain = DPoSSimulation(producers: 4, observers: 1, seed: 10)
        chain.kill(4)
        chain.run(slots: 300)
        chain.restart(4)
        chain.run(slots: 8)
        #expect(chain.state(4) == chain.state(0))
        #expect(chain.nodes[4].engine.root == chain.nodes[0].engine.root)
    }

    @Test("state, blocks and transactions survive their encoding; damaged bytes do not crash")
    func coding() throws {
        var chain = DPoSSimulation(producers: 5, seed: 11)
        chain.run(slots: 5)
        chain.feed(.transaction(chain.transaction(owner: 3, key: [4])), to: 0, from: nil)
        chain.run(slots: 5)
        let state = chain.state(0)
        #expect(try DPoS.ChainState(decoding: state.encoded) == state)
        for block in chain.nodes[0].blocks.values {
            #expect(try DPoS.Block(decoding: block.encoded) == block)
            for cut in stride(from: 0, to: block.encoded.count, by: 7) {
                #expect(throws: DecodingError.self) { try DPoS.Block(decoding: Array(block.encoded.prefix(cut))) }
            }
        }
        for cut in stride(from: 0, to: state.encoded.count, by: 5) {
            #expect(throws: DecodingError.self) { try DPoS.ChainState(decoding: Array(state.encoded.prefix(cut))) }
        }
    }
}
