import Testing

@testable import SSH

@Suite struct ShortCommandTests {
    @Test func asksInTurn() async throws {
        let server = try TestServer()
        let connection = try await server.connect()
        for number in 0..<5 {
            let result = try await connection.ask(
                RemoteCommand("echo out $N; echo err >&2; exit $N", environment: ["N": "\(number)"]))
            #expect(result.outcome == .exited(code: Int32(number)))
            #expect(result.stdoutText == "out \(number)\n")
            #expect(result.stderrText == "err\n")
        }
        await connection.close()
    }
}
