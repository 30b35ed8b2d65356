import Testing

@testable import SSH

/// Logins that must fail, and how they say so.
@Suite struct ConnectTests {
    private func failure(_ target: SSHTarget, timeout: Duration = .seconds(10)) async -> SSHError? {
        do {
            let connection = try await SSHConnection.connect(to: target, timeout: timeout)
            await connection.close()
            return nil
        } catch {
            #expect("\(error)".contains(target.label), "the message names no host: \(error)")
            return error
        }
    }

    @Test func refusesAnotherHostKey() async throws {
        let server = try TestServer()
        var target = server.target
        target.hostKeys = [try TestKeys.publicKey(server.keys.userKeyFile)]
        guard case .hostKeyMismatch? = await failure(target) else {
            Issue.record("a host key that is not pinned was accepted")
            return
        }
        target.hostKeys.append(server.keys.hostKey)
        #expect(await failure(target) == nil)
        target.hostKeys = []
        guard case .invalidTarget? = await failure(target) else {
            Issue.record("a target without a pinned key was accepted")
            return
        }
    }

    @Test func prefersThePinnedKeysType() async throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/ecdsa"
        try ChildProcess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", file])
        let server = try TestServer(options: ["HostKey \(file)"])
        var target = server.target
        #expect(await failure(target) == nil)
        target.hostKeys = [try TestKeys.publicKey(file)]
        #expect(await failure(target) == nil)
    }

    @Test func refusesAWrongLoginKey() async throws {
        let server = try TestServer()
        var target = server.target
        target.privateKey = try SSHPrivateKey(file: server.keys.hostKeyFile)
        guard case .loginRefused(_, let user, let key, _)? = await failure(target) else {
            Issue.record("a wrong key was accepted")
            return
        }
        #expect(user == server.user && key == server.keys.hostKeyFile)
        target.privateKey = SSHPrivateKey(bytes: Array("not a key".utf8))
        guard case .loginRefused? = await failure(target) else {
            Issue.record("a damaged key was accepted")
            return
        }
        target = server.target
        target.user = "nobody-like-this"
        guard case .loginRefused? = await failure(target) else {
            Issue.record("an unknown user was accepted")
            return
        }
    }

    @Test func refusesUnusableTargets() async throws {
        let server = try TestServer()
        var target = server.target
        target.address = "localhost"
        guard case .invalidTarget? = await failure(target) else {
            Issue.record("a name was taken for an address")
            return
        }
        target = server.target(source: "192.0.2.1")
        guard case .invalidTarget? = await failure(target) else {
            Issue.record("an address of no interface was bound")
            return
        }
        target = server.target
        target.port = try LoopbackPort.free(on: target.address)
        guard case .unreachable? = await failure(target) else {
            Issue.record("a closed port was reached")
            return
        }
        #expect(throws: SSHError.self) { try SSHPrivateKey(file: "/nonexistent/key") }
        for line in ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa AAAAB3NzaC1yc2E=", "ssh-ed25519 !!!!"] {
            #expect(throws: SSHError.self, "\(line)") { try SSHHostKey(openSSH: line) }
        }
    }

    @Test func bindsToASourceAddress() async throws {
        let server = try TestServer(address: "127.0.0.1")
        let connection = try await SSHConnection.connect(to: server.target(source: "127.9.8.7"))
        let result = try await connection.run(RemoteCommand("echo $SSH_CONNECTION"))
        #expect(result.stdoutText.hasPrefix("127.9.8.7 "))
    }

    @Test func boundsASilentPeer() async throws {
        let peer = try FakePeer(.silent)
        let error = await failure(peer.target, timeout: .milliseconds(500))
        #expect(
            error
                == .connectTimedOut(
                    host: peer.target.label, stage: "the SSH handshake", after: .milliseconds(500)))
    }

    @Test func refusesAPeerThatHangsUp() async throws {
        let peer = try FakePeer(.closing)
        guard case .handshakeFailed? = await failure(peer.target) else {
            Issue.record("a peer that hangs up was accepted")
            return
        }
    }

    @Test(arguments: [
        [UInt8](repeating: 0, count: 100_000), Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8),
        Array("SSH-2.0-x\r\n".utf8) + [UInt8](repeating: 0xff, count: 100_000), Array("SSH-1.5-old\r\n".utf8),
    ])
    func refusesGarbage(bytes: [UInt8]) async throws {
        let peer = try FakePeer(.saying(bytes))
        let error = await failure(peer.target, timeout: .seconds(1))
        switch error {
        case .handshakeFailed, .connectTimedOut: break
        default: Issue.record("garbage led to \(String(describing: error))")
        }
    }

    @Test(arguments: ["x", "a line\r\n", "SSH-2.0-x\r\n"])
    func boundsAnEndlessBanner(text: String) async throws {
        let bytes = [UInt8](repeatElement(Array(text.utf8), count: 10_000).joined())
        let peer = try FakePeer(.flooding(bytes))
        // Another host on each of the shared threads must not suffer.
        let server = try TestServer()
        async let flooded = failure(peer.target)
        async let second = failure(peer.target)
        let connection = try await server.connect()
        let other = try await server.connect()
        #expect(try await connection.run(RemoteCommand("echo fine")).stdoutText == "fine\n")
        #expect(try await other.run(RemoteCommand("echo fine")).stdoutText == "fine\n")
        for error in [await flooded, await second] {
            guard case .handshakeFailed? = error else {
                Issue.record("an endless banner led to \(String(describing: error))")
                return
            }
        }
    }

    @Test func cancelsALogin() async throws {
        let peer = try FakePeer(.silent)
        let task = Task { try await SSHConnection.connect(to: peer.target, timeout: .seconds(30)) }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        await #expect(throws: SSHError.cancelled(host: peer.target.label)) { _ = try await task.value }
    }

    /// One sshd behind 64 addresses of 127.0.0.0/8, one connection each.
    @Test func connectsTo64HostsAtOnce() async throws {
        let server = try TestServer(address: "0.0.0.0")
        let network = LoopbackPort.address().split(separator: ".").prefix(3).joined(separator: ".")
        let results = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 1...64 {
                let target = server.target(name: "host\(number)", address: "\(network).\(number)")
                group.addTask {
                    let connection = try await SSHConnection.connect(to: target, timeout: .seconds(30))
                    let script = "set -- $SSH_CONNECTION; echo $3"
                    let run = try await connection.run(RemoteCommand(script))
                    let ask = try await connection.ask(RemoteCommand(script))
                    await connection.close()
                    #expect(run.succeeded && ask.succeeded)
                    #expect(run.stdoutText == "\(target.address)\n" && ask.stdoutText == run.stdoutText)
                    return run.stdoutText
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(results.count == 64)
    }
}
