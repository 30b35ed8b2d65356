import Definitions
import Timeline

/// A block as a node's own log has it.
struct LoggedBlock: Sendable, Hashable {
    var height: Int64
    /// Nanoseconds of CLOCK_MONOTONIC at which a node committed it.
    var monotonic: Int64
}

/// Finds the outage of a scope in its nodes' block logs. Pure.
enum BlockLogReading {
    /// Lines of one log that are read; more are not looked at.
    static let lineLimit = 20_000

    /// Reads JSON lines with a height and nanoseconds of CLOCK_MONOTONIC at these paths; other lines are left out.
    static func blocks(in output: [UInt8], height: JSONPath, monotonic: JSONPath) -> [LoggedBlock] {
        output.split(separator: UInt8(ascii: "\n")).suffix(lineLimit).compactMap { line in
            guard let value = try? JSONReader.read(line), let height = integer(height.value(in: value)),
                let moment = integer(monotonic.value(in: value))
            else { return nil }
            return LoggedBlock(height: height, monotonic: moment)
        }
    }

    private static func integer(_ value: JSON?) -> Int64? {
        switch value {
        case .int(let number): number
        case .double(let number): Int64(exactly: number)
        case .string(let text): text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
        default: nil
        }
    }

    /// The last block before the outage and the first one after, by the logs alone: what the probes say is no input, because
    /// it is what the logs are held against. A pause without an end has no block after it; where there was no pause, neither.
    /// - Parameters:
    ///   - blocks: Of every node of the scope; a height counts from the first node that committed it.
    ///   - onset: When the injection completed.
    ///   - frozen: When observation stopped; blocks after it may be clean-up's doing and do not count.
    ///   - shortest: A pause that is shorter is not an outage, nanoseconds.
    static func outage(
        in blocks: [LoggedBlock], onset: Int64, frozen: Int64, shortest: Int64
    ) -> (lastBefore: Int64?, firstAfter: Int64?) {
        var first: [Int64: Int64] = [:]
        for block in blocks where block.monotonic <= frozen {
            first[block.height] = min(first[block.height] ?? .max, block.monotonic)
        }
        // In the order of heights; a block that a later height overtook is no news.
        var times: [Int64] = []
        for (_, moment) in first.sorted(by: { $0.key < $1.key }) where moment > (times.last ?? .min) {
            times.append(moment)
        }
        guard let last = times.last else { return (nil, nil) }
        if frozen > onset, frozen - last >= shortest { return (last, nil) }
        // Several breaks are possible; recovery counts from the last.
        let pause = zip(times, times.dropFirst()).filter { $0.1 > onset && $0.1 - $0.0 >= shortest }.last
        return (pause?.0, pause?.1)
    }
}

/// Reads block logs over SSH and records what they say about each scope that was down.
struct CrossCheck: Sendable {
    let plan: CrossCheckPlan
    let hosts: [String: any RemoteHost]
    let sink: any EventSink

    /// A scope that was down, and between which moments its outage is looked for (monotonic nanoseconds).
    struct Outage: Sendable {
        var onset: Int64
        var frozen: Int64
        var shortest: Int64
    }

    func perform(_ outages: [String: Outage]) async {
        guard let height = JSONPath(plan.height), let monotonic = JSONPath(plan.monotonic) else {
            await sink.record(
                .note(
                    level: .warning,
                    message: "The cross-check reads '\(plan.height)' and '\(plan.monotonic)', which are not both paths."
                ))
            return
        }
        // Scopes whose blocks the plan does not look for have no logs to be held against.
        let outages = outages.filter { plan.scopes[$0.key] != nil }
        let names = Set(outages.keys.flatMap { plan.scopes[$0] ?? [] })
        let logs = await withTaskGroup(of: (String, [LoggedBlock]?).self) { group in
            for name in names {
                guard let host = hosts[name] else { continue }
                group.addTask {
                    let result = await host.run(plan.command, stdin: [])
                    guard result.outcome == .exited(code: 0) else { return (name, nil) }
                    return (name, BlockLogReading.blocks(in: result.stdout, height: height, monotonic: monotonic))
                }
            }
            return await group.reduce(into: [String: [LoggedBlock]]()) { $0[$1.0] = $1.1 }
        }
        for (scope, outage) in outages.sorted(by: { $0.key < $1.key }) {
            let members = plan.scopes[scope] ?? []
            let read = members.filter { logs[$0]?.isEmpty == false }
            let found = BlockLogReading.outage(
                in: read.flatMap { logs[$0] ?? [] }, onset: outage.onset, frozen: outage.frozen,
                shortest: outage.shortest)
            await sink.record(
                .blockLog(
                    scope: scope, lastBefore: found.lastBefore, firstAfter: found.firstAfter,
                    source: "block logs of \(read.count) of \(members.count) hosts"))
        }
    }
}
