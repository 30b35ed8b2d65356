/// Finds the name that somebody probably meant.
enum NearMiss {
    /// Names longer than this are not compared: the cost is quadratic.
    private static let longestName = 80

    /// The closest of `candidates` within a third of the name's length (at least 2 edits), or nil.
    static func closest(to name: String, among candidates: some Collection<String>) -> String? {
        guard !name.isEmpty, name.unicodeScalars.count <= longestName else { return nil }
        let limit = max(2, name.unicodeScalars.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates.sorted() where candidate.unicodeScalars.count <= longestName && candidate != name {
            let distance = distance(name.lowercased(), candidate.lowercased())
            if distance <= limit, distance < candidate.unicodeScalars.count, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// `Did you mean 'x'?`, else the known names when they are few, else nothing.
    static func hint(for name: String, among candidates: some Collection<String>, noun: String) -> String {
        if let match = closest(to: name, among: candidates) { return "Did you mean '\(match)'?" }
        if candidates.isEmpty { return "There is none." }
        guard candidates.count <= 24 else { return "" }
        return "Known: \(candidates.sorted().joined(separator: ", "))."
    }

    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours each cost 1.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.unicodeScalars)
        let b = Array(right.unicodeScalars)
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + Array(repeating: 0, count: b.count)
            for j in 1...b.count {
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
