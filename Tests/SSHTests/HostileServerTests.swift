import Testing

@testable import SSH

/// A server, or somebody between it and us, that breaks the protocol after the login. Whatever was under way is unknown,
/// never a success; it ends within its own bound; and nobody else on the same thread suffers.
@Suite struct HostileServerTests {
    private func proxied(_ server: TestServer, _ proxy: TamperingProxy) async throws -> SSHConnection {
        var target = server.target(name: "impostor")
        target.address = proxy.address
        target.port = proxy.port
        return try await SSHConnection.connect(to: target)
    }

    private static let moments: [(TamperingProxy.Spoiling, Int)] = TamperingProxy.Spoiling.allCases.flatMap { how in
        // 0: the first block of the next packet, where its length stands; the others: within data and codes.
        [0, 5, 40, 100_000].map { (how, $0) }
    }

    @Test(arguments: moments)
    func aSpoiledTransferIsUnknown(_ how: TamperingProxy.Spoiling, after bytes: Int) async throws {
        let server = try TestServer()
        let proxy = try TamperingProxy(to: server)
        let connection = try await proxied(server, proxy)
        let other = try await server.connect()
        #expect(try await connection.run(RemoteCommand("echo fine")).stdoutText == "fine\n")
        proxy.spoil(how, after: bytes)
        let began = ContinuousClock.now
        do {
            let result = try await connection.run(
                RemoteCommand("head -c 1000000 /dev/zero; exit 0", outputLimit: 2_000_000), timeout: .seconds(3))
            #expect(unknownReason(result) != nil, "\(result.outcome)")
            #expect(!result.succeeded)
        } catch {
            // The request itself did not get through, which is as honest an end.
            #expect("\(error)".contains("impostor"), "the message names no host: \(error)")
        }
        #expect(ContinuousClock.now - began < .seconds(60), "the bound of 3 s, and what a busy machine adds")
        #expect(try await other.run(RemoteCommand("echo fine")).stdoutText == "fine\n")
        await connection.close()
    }

    @Test(arguments: TamperingProxy.Spoiling.allCases)
    func aSpoiledDownloadLeavesNoFile(_ how: TamperingProxy.Spoiling) async throws {
        let server = try TestServer()
        let folder = try TemporaryFolder()
        let file = try folder.write(String(repeating: "0123456789abcdef", count: 60_000), to: "large")
        let proxy = try TamperingProxy(to: server)
        let connection = try await proxied(server, proxy)
        proxy.spoil(how, after: 300_000)
        await #expect(throws: SSHError.self) {
            try await connection.download(file, to: "\(folder.path)/copy", timeout: .seconds(3))
        }
        let left = try await server.connect().run(RemoteCommand("ls -A \"$D\"", environment: ["D": folder.path]))
        #expect(left.stdoutText == "large\n", "a part of a file is left behind")
        await connection.close()
    }

    /// In plain text, before any key: the length of a packet is 16 MB, 2 GB, or more than fits.
    @Test(
        arguments: [[0x00, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 1]]
            as [[UInt8]])
    func aHugePacketLeadsToNoConnection(length: [UInt8]) async throws {
        let peer = try FakePeer(.saying(Array("SSH-2.0-x\r\n".utf8) + length + [UInt8](repeating: 4, count: 60_000)))
        do {
            _ = try await SSHConnection.connect(to: peer.target, timeout: .seconds(2))
            Issue.record("a packet of nonsense was accepted")
        } catch {
            guard case .handshakeFailed = error else {
                Issue.record("a packet of nonsense led to \(error)")
                return
            }
        }
    }
}
