import Testing

@testable import SSH

@Suite struct FileTransferTests {
    @Test func movesLargeBinaryFilesBothWays() async throws {
        let server = try TestServer()
        let folder = try TemporaryFolder()
        let connection = try await server.connect()
        var generator = SystemRandomNumberGenerator()
        let content = Payload((0..<1_500_000).flatMap { _ in
            withUnsafeBytes(of: generator.next()) { Array($0) }
        })
        let clock = ContinuousClock()
        let up = try await clock.measure {
            try await connection.upload(content, to: "\(folder.path)/big", mode: 0o751)
        }
        let file = try await connection.download("\(folder.path)/big")
        #expect(file.bytes == content.bytes)
        #expect(file.mode == 0o751)
        print("upload of \(content.bytes.count) bytes took \(up)")
        await connection.close()
    }
}
