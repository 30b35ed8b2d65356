import Testing

@testable import SSH

@Suite struct RunTests {
    @Test func keepsStreamsAndCodeApart() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        let result = try await connection.run(RemoteCommand("echo out; echo err >&2; exit 3"))
        #expect(result.outcome == .exited(code: 3))
        #expect(result.stdoutText == "out\n")
        #expect(result.stderrText == "err\n")
        await connection.close()
    }
}
