import Definitions
import Timeline

/// A host over a connection that may be lost: says so once, and connects again within bounds. A command that was under
/// way stays unknown; nothing is sent twice.
public actor LiveHost: RemoteHost {
    /// Waits before each attempt to connect again; then the host counts as gone.
    static let pauses: [Duration] = [.milliseconds(200), .seconds(1), .seconds(2), .seconds(4)]
    /// Wall time for one attempt, and for asking whether the connection lives.
    static let connectTimeout = Duration.seconds(5)
    static let checkTimeout = Duration.seconds(3)

    /// Name of the host in the plan.
    public nonisolated let name: String
    private let address: HostAddress
    private let connector: any HostConnector
    private let sink: any EventSink
    private let clock: any ReplayClock
    private var connection: (any RemoteHost)?
    /// Counts connections, so that a late report about an old one does not end a new one.
    private var generation = 0
    private var repair: Task<Void, Never>?
    private var isClosed = false

    /// - Parameter connection: Already open.
    public init(
        _ connection: any RemoteHost, address: HostAddress, connector: any HostConnector, sink: any EventSink,
        clock: any ReplayClock
    ) {
        name = address.name
        self.connection = connection
        self.address = address
        self.connector = connector
        self.sink = sink
        self.clock = clock
    }

    /// As the connection does; unknown at once while the host is lost.
    public func run(_ command: ScriptPlan, stdin: [UInt8]) async -> CommandResult {
        await watched { await $0.run(command, stdin: stdin) }
    }

    /// As the connection does; unknown at once while the host is lost.
    public func ask(_ command: ScriptPlan) async -> CommandResult {
        await watched { await $0.ask(command) }
    }

    /// As the connection does; throws while the host is lost.
    public func upload(_ bytes: [UInt8], to path: String, mode: UInt16) async throws {
        guard let connection else { throw ProbeFailure("host \(name) is lost") }
        try await connection.upload(bytes, to: path, mode: mode)
    }

    /// As the connection does; throws while the host is lost.
    public func download(_ path: String, limit: Int) async throws -> [UInt8] {
        guard let connection else { throw ProbeFailure("host \(name) is lost") }
        return try await connection.download(path, limit: limit)
    }

    /// Ends the connection for good.
    public func close() async {
        isClosed = true
        repair?.cancel()
        await connection?.close()
        connection = nil
    }

    private func watched(_ send: @Sendable (any RemoteHost) async -> CommandResult) async -> CommandResult {
        guard let connection else {
            return CommandResult(
                outcome: .unknown(reason: "host \(name) is lost; the command was not sent"), stdout: [], stderr: [],
                truncated: false, took: .zero)
        }
        let mine = generation
        let result = await send(connection)
        if case .unknown(let reason) = result.outcome, !Task.isCancelled, !isClosed { await doubt(mine, reason) }
        return result
    }

    /// An unknown result: does the connection still carry a command that does nothing?
    private func doubt(_ seen: Int, _ reason: String) async {
        guard seen == generation, repair == nil, let connection else { return }
        let nothing = ScriptPlan(script: ":", environment: [:], secrets: [], timeout: DurationText(Self.checkTimeout))
        let check = await connection.run(nothing, stdin: [])
        guard check.outcome != .exited(code: 0), seen == generation, repair == nil, !isClosed else { return }
        self.connection = nil
        generation += 1
        repair = Task {
            await connection.close()
            await reconnect(after: reason)
        }
    }

    private func reconnect(after reason: String) async {
        await sink.record(.hostLost(host: name, reason: reason))
        for pause in Self.pauses {
            guard (try? await clock.sleep(for: pause)) != nil, !isClosed else { return }
            if let found = try? await connector.connect(to: address, timeout: Self.connectTimeout) {
                guard !isClosed else {
                    await found.close()
                    return
                }
                connection = found
                repair = nil
                await sink.record(.note(level: .warning, message: "Host \(name) answers over SSH again."))
                return
            }
        }
        await sink.record(
            .note(
                level: .warning,
                message: "Host \(name) did not come back in \(Self.pauses.count) attempts; its probes stay unknown."))
    }
}
