/// Whether a regular expression can take exponentially long: the matcher tries every way in which a text can be divided among
/// repetitions, so a repetition that can match the same text in two ways doubles its work with each turn.
///
/// The pattern becomes an automaton whose states are its places. It is ambiguous in this way when some place can be come back
/// to by two different paths over the same text: two edges between the same places of a loop, or a pair of different
/// places that a loop reaches from one place and leaves for one place.
struct PatternAmbiguity {
    /// Most places of a pattern that are looked at.
    static let placeLimit = 800
    /// Repetitions of one character up to this many, and of more than a character up to `copiesOfGroup`, are written out;
    /// more count as any number.
    private static let copiesOfCharacter = 64
    private static let copiesOfGroup = 3

    private var places: [CharacterChoice] = []
    private var followers: [[Int: Int]] = []
    private var isTooLong = false

    private struct Part {
        var isOptional: Bool
        var first: [Int]
        var last: [Int]
        static let nothing = Part(isOptional: true, first: [], last: [])
    }

    /// True when `text` (which must be a regular expression) has such a repetition, or is too long to tell.
    static func isExponential(_ text: String) -> Bool {
        var reader = PatternTreeReader(text)
        let tree = reader.read()
        return ([tree] + reader.asides).contains { tree in
            var automaton = PatternAmbiguity()
            _ = automaton.add(tree)
            return automaton.isTooLong || automaton.isAmbiguous
        }
    }

    // MARK: The automaton

    private mutating func add(_ tree: PatternTree) -> Part {
        guard places.count < Self.placeLimit else {
            isTooLong = true
            return .nothing
        }
        switch tree {
        case .characters(let choice):
            places.append(choice)
            followers.append([:])
            return Part(isOptional: false, first: [places.count - 1], last: [places.count - 1])
        case .sequence(let parts): return parts.reduce(.nothing) { join($0, add($1)) }
        case .choice(let branches):
            return branches.reduce(Part(isOptional: false, first: [], last: [])) { sum, branch in
                let part = add(branch)
                return Part(
                    isOptional: sum.isOptional || part.isOptional, first: sum.first + part.first,
                    last: sum.last + part.last)
            }
        case .repeated(let inner, let least, let most): return add(repeated: inner, least, most)
        }
    }

    private mutating func add(repeated inner: PatternTree, _ least: Int, _ most: Int?) -> Part {
        let copies = if case .characters = inner { Self.copiesOfCharacter } else { Self.copiesOfGroup }
        if let most, most <= copies {
            return (0..<most).reduce(.nothing) { sum, index in
                var part = add(inner)
                if index >= least { part.isOptional = true }
                return join(sum, part)
            }
        }
        var part = add(inner)
        connect(part.last, part.first)
        if least == 0 { part.isOptional = true }
        return part
    }

    private mutating func join(_ left: Part, _ right: Part) -> Part {
        connect(left.last, right.first)
        return Part(
            isOptional: left.isOptional && right.isOptional,
            first: left.first + (left.isOptional ? right.first : []),
            last: right.last + (right.isOptional ? left.last : []))
    }

    private mutating func connect(_ from: [Int], _ to: [Int]) {
        for start in from { for end in to { followers[start][end, default: 0] += 1 } }
    }

    // MARK: Two ways

    private var isAmbiguous: Bool {
        let reach = places.indices.map { reachable(from: $0) }
        func inOneLoop(_ one: Int, _ other: Int) -> Bool { reach[one].contains(other) && reach[other].contains(one) }
        let loops = places.indices.filter { reach[$0].contains($0) }
        for place in loops {
            for (next, ways) in followers[place] where ways > 1 && inOneLoop(place, next) { return true }
        }
        // Pairs of places of one loop that the same text reaches from one place, and whether it leads on to one place again.
        var seen: Set<[Int]> = []
        var waiting = loops.map { [$0, $0] }
        while let pair = waiting.popLast() {
            for one in followers[pair[0]].keys {
                for other in followers[pair[1]].keys
                where inOneLoop(pair[0], one) && inOneLoop(one, other) && places[one].overlaps(places[other]) {
                    if one == other, pair[0] != pair[1] { return true }
                    let next = [min(one, other), max(one, other)]
                    if one != other, seen.insert(next).inserted { waiting.append(next) }
                }
            }
            // What a long pattern makes of this is not worth the time.
            if seen.count > Self.pairLimit { return true }
        }
        return false
    }

    private static let pairLimit = 50_000

    private func reachable(from place: Int) -> Set<Int> {
        var found: Set<Int> = []
        var waiting = Array(followers[place].keys)
        while let next = waiting.popLast() {
            if found.insert(next).inserted { waiting += followers[next].keys }
        }
        return found
    }
}
