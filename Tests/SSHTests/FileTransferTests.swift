import Glibc
import Testing

@testable import SSH

@Suite struct FileTransferTests {
    @Test func movesLargeBinaryFilesBothWays() async throws {
        let server = try TestServer()
        let folder = try TemporaryFolder()
        let connection = try await server.connect()
        var generator = SystemRandomNumberGenerator()
        let content = Payload(
            (0..<1_500_000).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } })
        try await connection.upload(content, to: "\(folder.path)/big", mode: 0o751)
        let file = try await connection.download("\(folder.path)/big")
        #expect(file.bytes == content.bytes)
        #expect(file.mode == 0o751)
        #expect(file.sha256 == content.sha256)
        try await connection.download("\(folder.path)/big", to: "\(folder.path)/copy")
        let copy = try await Payload.file("\(folder.path)/copy")
        #expect(copy == content)
        var status = stat()
        #expect(stat("\(folder.path)/copy", &status) == 0 && status.st_mode & 0o7777 == 0o751)
    }

    @Test(arguments: ["plain", "-n", "two words", "a'b\"c`d$(e)", "line\nbreak", "Grüße", "*"])
    func takesAnyName(name: String) async throws {
        let server = try TestServer()
        let folder = try TemporaryFolder()
        let connection = try await server.connect()
        let path = "\(folder.path)/\(name)"
        try await connection.upload(Payload("first"), to: path)
        try await connection.upload(Payload(""), to: path, mode: 0o600)
        let file = try await connection.download(path)
        #expect(file.bytes.isEmpty && file.mode == 0o600)
        let list = try await connection.run(RemoteCommand("ls -A \"$D\" | wc -l", environment: ["D": folder.path]))
        #expect(list.stdoutText == (name.contains("\n") ? "2\n" : "1\n"), "parts are left behind")
    }

    @Test func failsWithoutTouchingTheOldFile() async throws {
        let server = try TestServer()
        let folder = try TemporaryFolder()
        let connection = try await server.connect()
        for path in ["\(folder.path)/missing/file", folder.path, "/dev/null/x"] {
            await #expect(throws: SSHError.self, "\(path)") {
                try await connection.upload(Payload("x"), to: path)
            }
            await #expect(throws: SSHError.self, "\(path)") { try await connection.download(path) }
        }
        let path = "\(folder.path)/file"
        try await connection.upload(Payload("0123456789"), to: path)
        await #expect(throws: SSHError.self) { try await connection.download(path, limit: 9) }
        await #expect(throws: SSHError.self) { try await connection.upload(Payload("x"), to: path, mode: 0o10000) }
        await #expect(throws: SSHError.self) { try await Payload.file("\(folder.path)/missing") }
        await #expect(throws: SSHError.self) {
            try await connection.download(path, to: "\(folder.path)/missing/file")
        }
        await #expect(throws: SSHError.self) {
            let large = Payload([UInt8](repeating: 1, count: 40_000_000))
            try await connection.upload(large, to: path, timeout: .milliseconds(30))
        }
        #expect(try await connection.download(path).bytes == Array("0123456789".utf8))
    }

    @Test func uploadsOneFileToManyHosts() async throws {
        let server = try TestServer(address: "0.0.0.0")
        let folder = try TemporaryFolder()
        let content = Payload([UInt8](repeating: 0x55, count: 3_000_000))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...8 {
                group.addTask {
                    let target = server.target(name: "host\(number)", address: "127.0.0.\(number)")
                    let connection = try await SSHConnection.connect(to: target)
                    try await connection.upload(content, to: "\(folder.path)/\(number)")
                    await connection.close()
                }
            }
            try await group.waitForAll()
        }
        for number in 1...8 { #expect(try await Payload.file("\(folder.path)/\(number)") == content) }
    }
}
