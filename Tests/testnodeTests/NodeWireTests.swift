import Testing

@testable import testnode

@Suite("Node: what travels between peers") struct NodeWireTests {
    static let hello = PeerHello(
        networkID: [UInt8](repeating: 7, count: 32), shard: 3, name: "s3-a",
        publicKey: [UInt8](repeating: 1, count: 32),
        nonce: [UInt8](repeating: 2, count: 32), head: 12345)

    @Test("a hello reads back")
    func helloReadsBack() throws {
        #expect(try PeerHello.decode(Self.hello.encoded()) == Self.hello)
    }

    @Test("every cut and every lengthened hello is refused")
    func helloCut() {
        let bytes = Self.hello.encoded()
        for length in 0..<bytes.count {
            #expect(throws: (any Error).self) { try PeerHello.decode(bytes.prefix(length)) }
        }
        #expect(throws: (any Error).self) { try PeerHello.decode(bytes + [0]) }
    }

    @Test("frames come out whole, however the bytes arrive")
    func frames() throws {
        let bytes = PeerFrame.encode(.ping, [1, 2, 3]) + PeerFrame.encode(.consensus, [])
        for cut in 0...bytes.count {
            var buffer = bytes[..<cut]
            var kinds: [PeerFrame.Kind] = []
            while let frame = try PeerFrame.take(from: &buffer) { kinds.append(frame.kind) }
            buffer.append(contentsOf: bytes[cut...])
            while let frame = try PeerFrame.take(from: &buffer) { kinds.append(frame.kind) }
            #expect(kinds == [.ping, .consensus])
            #expect(buffer.isEmpty)
        }
    }

    @Test(
        "a frame of no, an unknown or a huge kind is refused before it is buffered",
        arguments: [[0, 0, 0, 0, 1], [0, 0, 0, 1, 99], [0xFF, 0xFF, 0xFF, 0xFF, 1], [0, 8, 0, 1, 4]] as [[UInt8]])
    func badFrame(_ bytes: [UInt8]) {
        var buffer = bytes[...]
        #expect(throws: (any Error).self) { try PeerFrame.take(from: &buffer) }
    }

    @Test("a batch of blocks from nowhere is refused, not trusted")
    func badBatch() {
        var generator = SystemRandomNumberGenerator()
        for length in 1..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(throws: (any Error).self) { try BlockBatch.decode(bytes) }
        }
    }

    @Test("a payload that is not a last commit pays nobody")
    func lastCommit() throws {
        let committee = try #require(Genesis.parse(NodeValueTests.genesisText, file: "g").committees[0])
        #expect(LastCommit(payload: [1, 2, 3]).rewards(100, committee: committee).isEmpty)
        var commit = LastCommit(nil)
        #expect(commit.rewards(100, committee: committee).isEmpty)
        // Bit 7 is nobody in a committee of two.
        commit.bitmap = [0b1000_0011]
        let rewards = LastCommit(payload: commit.encoded).rewards(101, committee: committee)
        #expect(rewards == [committee[0].account: 50, committee[1].account: 50])
    }
}
