import Definitions

/// Which hosts a step takes next, and whether it goes on: parallel or rolling, up to so many failures. A value.
struct StrategyTracker: Sendable, Hashable {
    private(set) var waiting: [String]
    private(set) var running: Set<String> = []
    private(set) var failed: [String] = []
    private let limit: Int
    private let maxFail: Int
    /// A rolling step waits for its whole batch.
    private let isRolling: Bool

    init(_ strategy: StepPlan.Strategy, hosts: [String]) {
        waiting = hosts
        switch strategy {
        case .parallel(let limit, let maxFail):
            self.limit = max(1, limit ?? hosts.count)
            self.maxFail = maxFail
            isRolling = false
        case .rolling(let batch, let maxFail):
            limit = max(1, batch)
            self.maxFail = maxFail
            isRolling = true
        }
    }

    /// More failures than allowed: nothing new is begun.
    var isStopped: Bool { failed.count > maxFail }

    /// Hosts to begin with now; they count as running.
    mutating func begin() -> [String] {
        guard !isStopped, !isRolling || running.isEmpty else { return [] }
        let hosts = Array(waiting.prefix(max(0, limit - running.count)))
        waiting.removeFirst(hosts.count)
        running.formUnion(hosts)
        return hosts
    }

    mutating func finish(_ host: String, passed: Bool) {
        running.remove(host)
        if !passed { failed.append(host) }
    }
}
