/// `advancing`: the height that a quorum agrees on rose a short while ago.
///
/// A rise is dated by the first sight of its block at any target: a straggler that agrees late to a block from before
/// the outage does not make the chain look alive.
struct AdvancingMachine: CheckMachine {
    private let height: JSONPath?
    private let hash: JSONPath?
    private let quorum: Int
    private let within: Int64
    private var targets: Targets
    /// Blocks above the agreed height, seen at some targets.
    private var sightings: [Sighting] = []
    private(set) var agreedHeight: Int64?
    /// First sight of the block that raised the agreed height last.
    private var lastRise: Int64?
    /// Since when enough targets were looked at to notice a rise.
    private var watchedSince: Int64?

    private struct Sighting: Hashable {
        var height: Int64
        var hash: String
        var firstSeen: Int64
        var lastSeen: Int64
        var targets: Set<Int>
    }

    /// Most blocks above the agreed height that are remembered, so that lying nodes cannot fill the memory.
    private static let sightingLimit = 256

    init(height: String, hash: String, quorum: Int, within: Int64, targets: Targets) {
        self.height = JSONPath(height)
        self.hash = hash.isEmpty ? nil : JSONPath(hash) ?? JSONPath(".")
        self.quorum = max(1, quorum)
        self.within = within
        self.targets = targets
    }

    mutating func observe(target: Int, look: Look) {
        targets.observe(target: target, look: look)
        guard let value = look.value, let seen = height?.value(in: value)?.height, seen > agreedHeight ?? .min else {
            return
        }
        guard let hash else { return note(height: seen, hash: "", target: target, at: look.ended) }
        guard let seenHash = hash.value(in: value)?.scalarText else { return }
        note(height: seen, hash: seenHash, target: target, at: look.ended)
    }

    private mutating func note(height: Int64, hash: String, target: Int, at now: Int64) {
        if let index = sightings.firstIndex(where: { $0.height == height && $0.hash == hash }) {
            sightings[index].targets.insert(target)
            sightings[index].lastSeen = now
        } else {
            if sightings.count >= Self.sightingLimit,
                let oldest = sightings.indices.min(by: { sightings[$0].lastSeen < sightings[$1].lastSeen })
            {
                sightings.remove(at: oldest)
            }
            sightings.append(Sighting(height: height, hash: hash, firstSeen: now, lastSeen: now, targets: [target]))
        }
        agree()
    }

    /// Raises the agreed height to the highest block with a quorum. Without hashes a target at a height vouches for all
    /// heights below it.
    private mutating func agree() {
        func supporters(_ sighting: Sighting) -> Int {
            guard hash == nil else { return sighting.targets.count }
            return sightings.filter { $0.height >= sighting.height }.reduce(into: Set<Int>()) {
                $0.formUnion($1.targets)
            }.count
        }
        guard let best = sightings.filter({ supporters($0) >= quorum }).max(by: { $0.height < $1.height }) else {
            return
        }
        if agreedHeight != nil { lastRise = best.firstSeen }
        agreedHeight = best.height
        sightings.removeAll { $0.height <= best.height }
    }

    mutating func assess(at now: Int64) -> Assessment {
        let unwatched = targets.names.indices.count { targets.fresh($0, at: now) == nil }
        if unwatched >= quorum || targets.count == 0 {
            watchedSince = nil
        } else if watchedSince == nil {
            watchedSince = now
        }
        let nextStale = targets.nextStale(after: now)
        if let lastRise, now < lastRise + within {
            return Assessment(truth: .yes, changesAt: earliest(lastRise + within, nextStale))
        }
        guard let watchedSince else { return Assessment(truth: .unknown, changesAt: nextStale) }
        guard now >= watchedSince + within else {
            return Assessment(truth: .unknown, changesAt: earliest(watchedSince + within, nextStale))
        }
        return Assessment(truth: .no, changesAt: nextStale)
    }

    func evidence(at now: Int64) -> String {
        let answering = targets.names.indices.count { targets.fresh($0, at: now)?.value != nil }
        let answers = "\(answering) of \(targets.count) answer"
        guard let agreedHeight else { return "no height agreed by \(quorum); \(answers)" }
        guard let lastRise else { return "height \(agreedHeight), no rise seen yet; \(answers)" }
        return "height \(agreedHeight), last rise \(Nanoseconds.text(now - lastRise)) ago; \(answers)"
    }
}
