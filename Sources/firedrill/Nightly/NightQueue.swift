import Definitions
import Reporting
import Timeline

/// What a night plays, in order.
struct NightQueue {
    var plays: [Night.Play]
    var pairs: [Night.Pair]

    /// One of several machines that share a night.
    struct Shard: Sendable, Hashable, CustomStringConvertible {
        /// From 1.
        var index: Int
        var count: Int

        static let whole = Shard(index: 1, count: 1)
        /// Most machines that share a night.
        static let most = 100

        /// Reads `2/3`.
        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
            guard parts.count == 2, let index = parts[0], let count = parts[1], (1...Self.most).contains(count),
                (1...count).contains(index)
            else { return nil }
            self.init(index: index, count: count)
        }

        init(index: Int, count: Int) {
            self.index = index
            self.count = count
        }

        var description: String { "\(index)/\(count)" }

        /// Every `count`-th of a list that is the same on all machines.
        func part<Element>(of all: [Element]) -> [Element] {
            all.enumerated().filter { $0.offset % count == index - 1 }.map(\.element)
        }
    }

    /// Canaries come first, on every machine: each must show that it sees a failure. Scenarios and fixes are dealt out.
    /// - Parameter proven: when each fix was last shown to work, by `scenario fix`, RFC 3339; those that never were come first.
    init(profile: NightlyProfile, catalogue: Catalogue, shard: Shard, proven: [String: String]) {
        let names = profile.scenarios ?? catalogue.scenarioNames
        let scenarios = names.flatMap { name -> [Night.Play] in
            // A scenario that cannot be read is played all the same, so that the night says what is wrong with it.
            let known = (try? catalogue.arms(of: name).map(\.description)) ?? profile.arms
            return profile.arms.filter(known.contains).map { Night.Play(role: .scenario, scenario: name, arm: $0) }
        }
        plays =
            profile.canaries.map { Night.Play(role: .canary, scenario: $0.scenario, arm: $0.arm) }
            + shard.part(of: scenarios)
        let fixes = profile.playsFixes ? names.flatMap { NightPairs.fixes(of: $0, in: catalogue) } : []
        pairs = shard.part(of: fixes).sorted { left, right in
            let (one, two) = (
                proven["\(left.scenario) \(left.fix)"] ?? "", proven["\(right.scenario) \(right.fix)"] ?? ""
            )
            return (one, left.scenario, left.fix) < (two, right.scenario, right.fix)
        }
    }
}
