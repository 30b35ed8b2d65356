import Timeline

/// Makes one mistake in one step: data in, data out.
struct MutantMaker {
    let testnet: TestnetPlan
    let steps: [StepPlan]

    /// The mutant of a kind at a step; nil when the step cannot be got wrong in this way.
    func mutant(_ kind: RunbookMutant.Kind, at index: Int) -> RunbookMutant? {
        let step = steps[index]
        guard step.role == .act || (step.role == .check && (kind == .drop || kind == .swap)), step.command != nil
        else { return nil }
        guard let (changed, summary) = change(kind, at: index) else { return nil }
        return RunbookMutant(
            id: "\(kind.rawValue):\(step.name)", kind: kind, step: step.name, role: step.role, summary: summary,
            steps: changed.map { step in
                var step = step
                step.approved = true
                return step
            })
    }

    private typealias Change = (steps: [StepPlan], summary: String)

    private func change(_ kind: RunbookMutant.Kind, at index: Int) -> Change? {
        switch kind {
        case .drop: drop(index)
        case .swap: swap(index)
        case .wrongHosts: wrongHosts(index)
        case .tooFewHosts: tooFewHosts(index)
        case .wrongTarget: wrongTarget(index)
        case .misspeltScript: misspeltScript(index)
        case .otherScript: otherScript(index)
        case .plainHTTP: plainHTTP(index)
        case .listNotMade: listNotMade(index)
        case .staleList: staleList(index)
        }
    }

    private func replacing(_ index: Int, _ edit: (inout StepPlan) -> Void) -> [StepPlan] {
        var changed = steps
        edit(&changed[index])
        return changed
    }

    /// The steps with another path in the place of one that a step's script names.
    private func naming(_ index: Int, _ path: String, as other: String) -> [StepPlan] {
        let script = Self.replace(path, with: other, in: steps[index].command?.script ?? "")
        return replacing(index) { $0.command?.script = script }
    }

    // MARK: Order

    private func drop(_ index: Int) -> Change {
        var changed = steps
        changed.remove(at: index)
        return (changed, "'\(steps[index].name)' is left out")
    }

    /// With the next step that does more than look; a pair of which neither acts is the same either way round.
    private func swap(_ index: Int) -> Change? {
        let later = steps.indices.dropFirst(index + 1).first {
            steps[$0].role != .diagnose && steps[$0].role != .manual
        }
        guard let later, steps[index].role == .act || steps[later].role == .act else { return nil }
        var changed = steps
        changed.swapAt(index, later)
        return (changed, "'\(steps[later].name)' is done before '\(steps[index].name)'")
    }

    // MARK: Hosts

    /// Every group's hosts in the testnet's order, and every host alone: what a `Hosts:` line can name in one word.
    private var sets: [(name: String, hosts: [String])] {
        let groups = Set(testnet.hosts.flatMap(\.groups)).sorted()
        return groups.map { group in (group, testnet.hosts.filter { $0.groups.contains(group) }.map(\.name)) }
            + testnet.hosts.map { ($0.name, [$0.name]) }
    }

    /// The disjoint set whose hosts' names look most like the right ones: the slip that a person would make.
    private func wrongHosts(_ index: Int) -> Change? {
        let right = steps[index].hosts
        guard let first = right.first else { return nil }
        let candidates = sets.filter { Set($0.hosts).isDisjoint(with: right) }
        func order(_ set: (name: String, hosts: [String])) -> (Int, Int, String) {
            (NearMiss.distance(first, set.hosts[0]), abs(set.hosts.count - right.count), set.name)
        }
        guard let wrong = candidates.min(by: { order($0) < order($1) }) else { return nil }
        return (
            replacing(index) { $0.hosts = wrong.hosts },
            "'\(steps[index].name)' is done on \(wrong.name) and not on \(Self.list(right))"
        )
    }

    /// The largest group that is only a part of the right hosts; without one, all but the last host.
    private func tooFewHosts(_ index: Int) -> Change? {
        let right = steps[index].hosts
        guard right.count > 1 else { return nil }
        let parts = sets.filter { $0.hosts.count < right.count && Set($0.hosts).isSubset(of: right) }
        let most = parts.map(\.hosts.count).max() ?? 0
        let part = parts.first { $0.hosts.count == most && $0.hosts.count > 1 }
        let few = part?.hosts ?? Array(right.dropLast())
        return (
            replacing(index) { $0.hosts = few },
            "'\(steps[index].name)' is done on \(part?.name ?? Self.list(few)) only, \(few.count) of \(right.count) hosts"
        )
    }

    /// Variables of the step that hold a host's name.
    private func wrongTarget(_ index: Int) -> Change? {
        guard let command = steps[index].command else { return nil }
        let names = testnet.hosts.map(\.name)
        for variable in command.environment.keys.sorted() where Self.uses(variable, in: command.script) {
            guard let value = command.environment[variable], let host = testnet.hosts.first(where: { $0.name == value })
            else { continue }
            let alike = names.filter { name in
                name != value
                    && testnet.hosts.contains { $0.name == name && !Set($0.groups).isDisjoint(with: host.groups) }
            }
            let order = { (name: String) in (NearMiss.distance(value, name), name) }
            guard let wrong = (alike.isEmpty ? names.filter { $0 != value } : alike).min(by: { order($0) < order($1) })
            else { continue }
            return (
                replacing(index) { $0.command?.environment[variable] = wrong },
                "'\(steps[index].name)' is done with \(variable)=\(wrong) and not \(value)"
            )
        }
        return nil
    }

    // MARK: Scripts

    /// Deployed executables that the step's script names, in the order in which it names them.
    private func calledPaths(_ index: Int) -> [String] {
        guard let script = steps[index].command?.script else { return [] }
        let paths = Set(executables).filter { Self.position(of: $0, in: script) != nil }
        return paths.sorted {
            (Self.position(of: $0, in: script) ?? 0, $0) < (Self.position(of: $1, in: script) ?? 0, $1)
        }
    }

    /// Outside of the folders of commands, where a name could be any word.
    private var executables: [String] {
        let services = ["/etc/sv/"]
        return testnet.hosts.flatMap(\.files).filter { file in
            (Int(file.mode, radix: 8) ?? 0) & 0o111 != 0 && !services.contains { file.path.hasPrefix($0) }
        }.map(\.path)
    }

    private func misspeltScript(_ index: Int) -> Change? {
        guard let path = calledPaths(index).first else { return nil }
        // Two letters change places: the slip of a hand.
        var letters = Array(path)
        let name = path.lastIndex(of: "/").map { path.distance(from: path.startIndex, to: $0) + 1 } ?? 0
        guard let slip = letters.indices.dropFirst(name).dropLast().first(where: { letters[$0] != letters[$0 + 1] })
        else { return nil }
        letters.swapAt(slip, slip + 1)
        let wrong = String(letters)
        guard !executables.contains(wrong) else { return nil }
        return (
            naming(index, path, as: wrong),
            "'\(steps[index].name)' calls \(wrong), which does not exist, and not \(path)"
        )
    }

    /// The executable in the same folder whose name is nearest.
    private func otherScript(_ index: Int) -> Change? {
        for path in calledPaths(index) {
            guard let end = path.lastIndex(of: "/") else { continue }
            let folder = path[...end]
            let others = Set(executables).filter {
                $0 != path && $0.hasPrefix(folder) && !$0.dropFirst(folder.count).contains("/")
            }
            let order = { (other: String) in (NearMiss.distance(path, other), other) }
            guard let wrong = others.min(by: { order($0) < order($1) }) else { continue }
            return (
                naming(index, path, as: wrong),
                "'\(steps[index].name)' calls \(wrong) and not \(path)"
            )
        }
        return nil
    }

    private func plainHTTP(_ index: Int) -> Change? {
        guard let command = steps[index].command else { return nil }
        var changed = command
        changed.script = command.script.replacing("https://", with: "http://")
        for (name, value) in command.environment where Self.uses(name, in: command.script) {
            changed.environment[name] = value.replacing("https://", with: "http://")
        }
        guard changed != command else { return nil }
        return (replacing(index) { $0.command = changed }, "'\(steps[index].name)' asks http:// and not https://")
    }

    // MARK: Lists

    /// Files with lists that the step's script names, as it writes them.
    private func lists(in step: StepPlan) -> [String] {
        guard let script = step.command?.script else { return [] }
        return script.split { " \t\n\"'<>;|&()".contains($0) }.map(String.init)
            .filter { $0.hasPrefix("/") && $0.hasSuffix(".txt") }
    }

    private func listNotMade(_ index: Int) -> Change? {
        let made = lists(in: steps[index])
        let read = steps.dropFirst(index + 1).filter { $0.role == .act }.flatMap { lists(in: $0) }
        guard let list = made.first(where: read.contains) else { return nil }
        return (
            replacing(index) { $0.command?.script = ":\n" },
            "'\(steps[index].name)' ends well and leaves \(list) as it was"
        )
    }

    /// The copy that an earlier step kept (`cp LIST COPY`).
    private func staleList(_ index: Int) -> Change? {
        for list in lists(in: steps[index]) {
            for earlier in steps.prefix(index) where earlier.role == .act {
                for line in (earlier.command?.script ?? "").split(whereSeparator: \.isNewline) {
                    let words = line.split(separator: " ").map { $0.trimming("\"'") }
                    guard words.count == 3, words[0] == "cp", words[1] == list else { continue }
                    let old = words[2]
                    return (
                        naming(index, list, as: old),
                        "'\(steps[index].name)' uses \(old), the list from before '\(earlier.name)'"
                    )
                }
            }
        }
        return nil
    }
}

// MARK: Text

extension MutantMaker {
    /// Three hosts at most.
    private static func list(_ hosts: [String]) -> String {
        hosts.prefix(3).joined(separator: ", ") + (hosts.count > 3 ? " and \(hosts.count - 3) more" : "")
    }

    /// `$NAME` or `${NAME...}`.
    static func uses(_ variable: String, in script: String) -> Bool {
        script.ranges(of: "$\(variable)").contains { range in
            guard range.upperBound < script.endIndex else { return true }
            let next = script[range.upperBound]
            return !(next.isLetter || next.isNumber || next == "_")
        }
            || script.contains("${\(variable)")
    }

    /// Offset at which a path stands in a script as a whole word.
    static func position(of path: String, in script: String) -> Int? {
        wholeRanges(of: path, in: script).first.map { script.distance(from: script.startIndex, to: $0.lowerBound) }
    }

    static func replace(_ path: String, with other: String, in script: String) -> String {
        var changed = script
        for range in wholeRanges(of: path, in: script).reversed() { changed.replaceSubrange(range, with: other) }
        return changed
    }

    private static func wholeRanges(of path: String, in script: String) -> [Range<String.Index>] {
        script.ranges(of: path).filter { range in
            !continues(script, at: range.upperBound)
                && (range.lowerBound == script.startIndex || !isWord(script[script.index(before: range.lowerBound)]))
        }
    }

    private static func continues(_ text: String, at index: String.Index) -> Bool {
        index < text.endIndex && isWord(text[index])
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-./".contains(character)
    }
}

extension Substring {
    fileprivate func trimming(_ characters: String) -> String {
        var rest = self
        while let first = rest.first, characters.contains(first) { rest.removeFirst() }
        while let last = rest.last, characters.contains(last) { rest.removeLast() }
        return String(rest)
    }
}
