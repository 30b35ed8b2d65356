/// What the fleet benchmark is to show (issue "Fleet speed"), computed from the figures of one run.
public enum FleetTargets {
    /// One target and what was measured.
    public struct Check: Sendable, Hashable {
        /// What is compared, in words.
        public var statement: String
        /// Our figure in seconds.
        public var ours: Double
        /// The one it is compared with.
        public var other: Double
        /// Whose figure the other one is.
        public var against: String
        /// The largest allowed ratio.
        public var limit: Double

        /// Ours divided by the other.
        public var ratio: Double { ours / other }
        /// Whether the target is met.
        public var isMet: Bool { ratio <= limit }
    }

    /// The number of hosts that the targets speak of.
    static let hosts = 64
    /// Ways in which peers execute one command over an open connection.
    static let peers = ["asyncssh", "parallel-ssh", "ControlMaster", "pdsh", "ClusterShell", "Ansible"]

    /// Every target that the figures allow to check.
    public static func check(_ figures: [Figures]) -> [Check] {
        let all = Dictionary(
            figures.filter { $0.hosts == hosts }.map { ("\($0.work) \($0.tool)", $0) },
            uniquingKeysWith: { first, _ in first })
        func best(_ work: String, _ value: (Figures) -> Double?) -> (name: String, value: Double)? {
            let known = peers.compactMap { name in all["\(work) \(name)"].flatMap(value).map { (name, $0) } }
            return known.min { $0.1 < $1.1 }
        }
        func check(_ statement: String, _ tool: String, _ work: String, _ limit: Double, _ value: (Figures) -> Double?)
            -> Check?
        {
            guard let ours = all["\(work) \(tool)"].flatMap(value), let other = best(work, value) else { return nil }
            return Check(statement: statement, ours: ours, other: other.value, against: other.name, limit: limit)
        }
        let wall: (Figures) -> Double? = { $0.wall.median }
        let cpu: (Figures) -> Double? = { $0.clientCPU.median }
        var checks = [
            check("exec against exec, warm: wall", "firedrill exec", "warm", 1, wall),
            check("exec against exec, warm: client CPU", "firedrill exec", "warm", 0.5, cpu),
            check("what a user gets, warm: wall", "firedrill", "warm", 0.25, wall),
            check("what a user gets, warm: client CPU", "firedrill", "warm", 0.25, cpu),
            check("cold connect and exec: wall", "firedrill exec", "cold", 1, wall),
        ].compactMap(\.self)
        if let ours = all["restart firedrill"]?.startSpread.median,
            let floor = all["restart no SSH"]?.startSpread.median
        {
            checks.append(
                Check(
                    statement: "restart: spread of the starts", ours: ours, other: floor,
                    against: "waiting shells without SSH", limit: 2))
        }
        return checks
    }

    /// The checks as a table.
    public static func table(_ checks: [Check]) -> String {
        var table = MarkdownTable([
            ("target (64 hosts)", .left), ("firedrill", .right), ("best other", .right), ("which", .left),
            ("ratio", .right), ("at most", .right), ("", .left),
        ])
        for check in checks {
            table.add([
                check.statement, Text.seconds(check.ours), Text.seconds(check.other), check.against,
                Text.fixed(check.ratio, 2), Text.fixed(check.limit, 2), check.isMet ? "met" : "missed",
            ])
        }
        return table.text
    }
}
