import Testing

@testable import SSH

/// The module's values, without a network.
@Suite struct ValueTests {
    /// As FIPS 180-4 has it, and as the host's own tool says.
    @Test func hashes() throws {
        #expect(Checksum.sha256([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            Checksum.sha256(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let folder = try TemporaryFolder()
        for length in [1, 64, 65537] {
            let bytes = [UInt8](repeating: 0x62, count: length)
            let file = try folder.write(String(decoding: bytes, as: UTF8.self), to: "\(length)")
            let check = try folder.write("\(Checksum.sha256(bytes))  \(file)\n", to: "\(length).sum")
            try ChildProcess.run(["sha256sum", "--status", "-c", check])
        }
    }

    @Test func decodesBase64() {
        #expect(Base64.decode("".utf8) == [])
        #expect(Base64.decode("TQ==".utf8) == Array("M".utf8))
        #expect(Base64.decode("TWE=".utf8) == Array("Ma".utf8))
        #expect(Base64.decode("TWFu/+8A".utf8) == Array("Man".utf8) + [0xff, 0xef, 0])
        for wrong in ["T", "TQ", "TQ=", "T=Q=", "TQ===", "T Q=", "TWF-"] { #expect(Base64.decode(wrong.utf8) == nil) }
    }

    private func scan(_ pieces: [[UInt8]], nonce: String) -> (output: [UInt8], records: [RecordScanner.Record]) {
        var scanner = RecordScanner(nonce: nonce)
        var output: [UInt8] = []
        var records: [RecordScanner.Record] = []
        for piece in pieces {
            piece.withUnsafeBytes { bytes in
                scanner.feed(bytes, output: { output += $0 }, record: { records.append($0) })
            }
        }
        scanner.finish { output += $0 }
        return (output, records)
    }

    @Test func findsRecordsHoweverTheyAreCut() {
        let nonce = String(repeating: "a", count: 31) + "b"
        let text = Array("aaa\(nonce) b 0000000012\nbody aaa\(nonce.dropLast())\(nonce) e 0000000003\ntail aa".utf8)
        let expected = Array("aaabody aaa\(nonce.dropLast())tail aa".utf8)
        for size in 1...text.count {
            let pieces = stride(from: 0, to: text.count, by: size).map { Array(text[$0..<min($0 + size, text.count)]) }
            let (output, records) = scan(pieces, nonce: nonce)
            #expect(output == expected)
            #expect(records.map(\.number) == [12, 3])
            #expect(records.map(\.kind) == Array("be".utf8))
        }
    }

    @Test func execStringsAreFitForAnyShell() {
        for text in [Bootstrap.singleExec, Bootstrap.loopExec] {
            #expect(text.filter { $0 == "'" }.count == 4, "its parts must not contain single quotes")
            #expect(text.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func durationsSaturate() {
        #expect(Duration.seconds(Int64.max).saturatedNanoseconds == .max)
        #expect(Instant.now + .seconds(Int64.max) == .never)
        #expect(Duration.milliseconds(1500).saturatedNanoseconds == 1_500_000_000)
    }
}
