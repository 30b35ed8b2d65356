import Testing

@testable import Consensus

@Suite("Rules of voting")
struct VoteRecordTests {
    private func proof(_ name: UInt8, viewID: ViewID) -> PreparedProof {
        let block = Block(
            shard: 1, number: 1, epoch: 0, viewID: viewID, leader: 0, timestamp: 0, parentHash: [], payload: [name],
            hash: [name])
        let statement = VoteStatement(
            round: .prepare, shard: 1, number: 1, viewID: viewID, leader: 0, blockHash: [name])
        return PreparedProof(
            block: block, certificate: Certificate(statement: statement, aggregate: Aggregate([:], committeeSize: 7)))
    }

    @Test("Votes never go down, in either round")
    func monotone() {
        var votes = VoteRecord(number: 1)
        votes.recordPrepare([1], viewID: 5)
        #expect(!votes.mayPrepare([1], viewID: 4, justifiedBy: nil))
        #expect(!votes.mayCommit(proof(2, viewID: 4)))
        #expect(votes.mayPrepare([2], viewID: 6, justifiedBy: nil))
        votes.recordCommit(proof(1, viewID: 7))
        #expect(!votes.mayPrepare([1], viewID: 6, justifiedBy: nil))
        #expect(votes.mayPrepare([1], viewID: 7, justifiedBy: nil))
    }

    @Test("One PREPARE per view")
    func onePerView() {
        var votes = VoteRecord(number: 1)
        votes.recordPrepare([1], viewID: 5)
        #expect(votes.mayPrepare([1], viewID: 5, justifiedBy: nil))
        #expect(!votes.mayPrepare([2], viewID: 5, justifiedBy: nil))
    }

    @Test("A lock yields only to a later proof, and stands otherwise")
    func lock() {
        var votes = VoteRecord(number: 1)
        votes.recordCommit(proof(1, viewID: 5))
        #expect(!votes.mayPrepare([2], viewID: 9, justifiedBy: nil))
        #expect(!votes.mayPrepare([2], viewID: 9, justifiedBy: 5))
        #expect(!votes.mayPrepare([2], viewID: 9, justifiedBy: 9))
        #expect(votes.mayPrepare([2], viewID: 9, justifiedBy: 6))
        #expect(votes.mayPrepare([1], viewID: 9, justifiedBy: nil))
        #expect(votes.mayCommit(proof(2, viewID: 6)))
        #expect(!votes.mayCommit(proof(2, viewID: 5)))
        votes.recordCommit(proof(2, viewID: 6))
        #expect(votes.lock?.block.hash == [2])
    }

    @Test("All of it survives the disk")
    func disk() throws {
        var votes = VoteRecord(number: 1)
        votes.recordPrepare([1], viewID: 5)
        votes.recordCommit(proof(1, viewID: 5))
        votes.proposal = proof(1, viewID: 5).block
        let back = try VoteRecord(decoding: votes.encoded)
        #expect(back == votes)
        #expect(!back.mayPrepare([2], viewID: 9, justifiedBy: nil))
        #expect(!back.mayPrepare([1], viewID: 4, justifiedBy: nil))
    }
}
