import Timeline

/// Turns the bytes of a runbook into steps, by the rules of DESIGN section 4.
enum RunbookReader {
    static func read(_ bytes: [UInt8], file: String, sink: Sink) -> RunbookFile? {
        let start = Location(file: file, line: 1, column: 1)
        guard let text = YAMLReader.text(of: bytes, file: file, limit: Limits.runbookBytes, diagnostics: &sink.list)
        else {
            return nil
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.last == "\r" ? line.dropLast() : line
        }
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
            sink.error(
                "a runbook begins with front matter", at: start,
                remedy: "Write '---', the line 'runbook: <name>', and '---' again.")
            return nil
        }
        let head = Array(lines[1..<end].joined(separator: "\n").utf8)
        let front = YAMLReader.read(head, file: file, firstLine: 2, diagnostics: &sink.list)
        let body = lines[(end + 1)...].joined(separator: "\n")
        let blocks: [MarkdownBlock]
        do throws(ExpressionError) {
            blocks = try MarkdownTree.parse(body)
        } catch {
            sink.error(error.message, at: Location(file: file, line: end + 2, column: 1), remedy: error.remedy)
            return nil
        }
        let page = RunbookPage(blocks: blocks, text: body, file: file, lineOffset: end + 1, sink: sink)
        let all = page.sections.flatMap { RunbookStepReader(section: $0, sink: sink).steps() }
        check(all, at: start, sink: sink)
        guard let front,
            let runbook = readFrontMatter(front, title: page.sections.dropFirst().first?.heading, sink: sink)
        else { return nil }
        var result = runbook
        result.steps = all.filter { $0.role != .rollback }
        result.rollbacks = all.filter { $0.role == .rollback }
        return result
    }

    private static func readFrontMatter(_ root: YAMLValue, title: String?, sink: Sink) -> RunbookFile? {
        guard let reader = MappingReader(root, table: RunbookFile.frontMatterKeys, sink: sink) else { return nil }
        let name = reader.name("runbook")
        let summary = reader.text("summary")?.value ?? title ?? ""
        let alerts = reader.names("alerts").map(\.value)
        let budget = BudgetEntry.read(reader.object("budget"))
        let variables = reader.objectMap("vars").compactMap { VariableRule.read($0.name, $0.reader) }
        reader.finish()
        guard let name else { return nil }
        return RunbookFile(
            at: root.at, name: name, summary: summary, alerts: alerts, budget: budget, variables: variables, steps: [],
            rollbacks: [])
    }

    /// Rules over all steps: unique names, rollbacks that exist and are used, at least one verify.
    private static func check(_ steps: [RunbookFile.Step], at start: Location, sink: Sink) {
        var seen: Set<String> = []
        for step in steps where !seen.insert(step.name.value).inserted {
            sink.error("two steps are named '\(step.name.value)'", at: step.name.at, remedy: "Rename one of them.")
        }
        let rollbacks = steps.filter { $0.role == .rollback }.map(\.name.value)
        var used: Set<String> = []
        for step in steps {
            guard case .step(let name) = step.rollback else { continue }
            used.insert(name.value)
            if !rollbacks.contains(name.value) { sink.unknown("the rollback", name, among: rollbacks) }
        }
        for step in steps where step.role == .rollback && !used.contains(step.name.value) {
            sink.error(
                "no step names the rollback '\(step.name.value)'", at: step.name.at,
                remedy: "Write '- Rollback: \(step.name.value)' under the step that it undoes.")
        }
        guard let lastVerify = steps.lastIndex(where: { $0.role == .verify }) else {
            sink.error("the runbook verifies nothing", at: start, remedy: "Add a step with role=verify.")
            return
        }
        if let act = steps[lastVerify...].first(where: { $0.role == .act }) {
            sink.warning(
                "nothing verifies after the step '\(act.name.value)'", at: act.name.at,
                remedy: "End with a verify step.")
        }
    }
}

/// Makes the steps of one section.
struct RunbookStepReader {
    let section: RunbookSection
    let sink: Sink

    private static let standardTimeout = DurationText(.seconds(30))

    func steps() -> [RunbookFile.Step] {
        let fences = section.fences
        if fences.count > 1 {
            for fence in fences.dropFirst() {
                sink.error(
                    "the heading '\(Quote.short(section.heading))' has more than one executable fence", at: fence.at,
                    remedy: "Give it a heading of its own: one heading is one step.")
            }
        }
        if let fence = fences.first {
            if section.heading.isEmpty {
                sink.error("a step stands before the first heading", at: fence.at, remedy: "Give it a heading.")
            }
            if let task = section.tasks.first {
                sink.error(
                    "the heading '\(Quote.short(section.heading))' has a fence and a manual step", at: task.at,
                    remedy: "Give the manual step a heading of its own.")
            }
            return step(from: fence).map { [$0] } ?? []
        }
        if let line = section.lines.first(where: { $0.key.value != "Facts" || section.tasks.isEmpty }) {
            sink.error(
                "the line '\(line.key.value):' belongs to no executable fence", at: line.key.at,
                remedy: "Put the fence under the same heading, or remove the line.")
        }
        if section.tasks.isEmpty, let hazard = section.hazards.first {
            sink.error(
                "a hazard mark belongs to no step", at: hazard.at,
                remedy: "Put it under the heading of the step, or write [!NOTE] or [!IMPORTANT].")
        }
        return section.tasks.compactMap(manualStep)
    }

    private func step(from fence: RunbookSection.Fence) -> RunbookFile.Step? {
        guard let name = fence.name, let role = fence.role.flatMap({ StepPlan.Role(rawValue: $0.value) }) else {
            return nil
        }
        let hosts = line("Hosts").flatMap { parse($0, HostExpression.init(parsing:)) }.flatMap { hosts in
            line("Hosts").map { Located(value: hosts, at: $0.at) }
        }
        if role == .rollback {
            refuse(
                ["Hosts", "Strategy", "Until", "Rollback", "Facts"], "a rollback runs where the step ran that it undoes"
            )
        }
        if role == .act { refuse(["Until"], "an act runs once; repeat a verify step instead") }
        if role != .rollback, line("Hosts") == nil { missing("Hosts", at: fence.at, example: "ops") }
        if role == .act || role == .rollback, line("Timeout") == nil {
            missing("Timeout", at: fence.at, example: "30s")
        }
        if role == .act, line("Rollback") == nil { missing("Rollback", at: fence.at, example: "none - why") }
        if role != .act, let rollback = line("Rollback"), role != .rollback {
            sink.error("only an act has a rollback", at: rollback.at, remedy: "Remove the line, or write role=act.")
        }
        var expect = section.lines.filter { $0.key.value == "Expect" }.compactMap {
            parse($0.value, StepLine.expectation)
        }
        if !expect.contains(where: { if case .exit = $0 { true } else { false } }) { expect.insert(.exit(0), at: 0) }
        return RunbookFile.Step(
            name: name, heading: section.heading, role: role, hosts: hosts,
            strategy: line("Strategy").flatMap { parse($0, StepLine.strategy) } ?? .parallel(limit: nil, maxFail: 0),
            timeout: timeout() ?? Self.standardTimeout, until: line("Until").flatMap { parse($0, StepLine.until) },
            expect: expect, rollback: role == .act ? rollback() : nil, hazard: hazardText, facts: facts,
            script: fence.script,
            instruction: nil)
    }

    private func manualStep(_ task: Located<String>) -> RunbookFile.Step? {
        let slug = Self.slug(task.value)
        guard !slug.isEmpty else {
            sink.error("the manual step has no text", at: task.at, remedy: "Say what to do.")
            return nil
        }
        return RunbookFile.Step(
            name: Located(value: slug, at: task.at), heading: section.heading, role: .manual, hosts: nil,
            strategy: .parallel(limit: nil, maxFail: 0), timeout: Self.standardTimeout, until: nil, expect: [],
            rollback: nil, hazard: hazardText, facts: facts, script: "", instruction: task.value)
    }

    /// A manual step's name: its text in lower case, anything but letters and digits as hyphens, at most 63 characters.
    static func slug(_ text: String) -> String {
        let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        var slug = ""
        for word in words {
            guard slug.utf8.count + word.utf8.count + 1 <= 63 else { break }
            slug += slug.isEmpty ? String(word) : "-\(word)"
        }
        return slug
    }

    private var hazardText: String? {
        section.hazards.isEmpty ? nil : section.hazards.map(\.value).joined(separator: " ")
    }

    private func line(_ key: String) -> Located<String>? { section.lines.first { $0.key.value == key }?.value }

    private func timeout() -> DurationText? {
        guard let text = line("Timeout") else { return nil }
        let value = Scalars.duration(
            YAMLValue(at: text.at, content: .scalar(text: text.value, quoted: false)), what: "Timeout", sink: sink)
        guard let duration = value?.value else { return nil }
        guard duration.duration > .zero, duration.duration <= Limits.longestTimeout.duration else {
            sink.error(
                "'Timeout' must be longer than zero and at most \(Limits.longestTimeout)", at: text.at,
                remedy: "Write for example 30s.")
            return nil
        }
        return duration
    }

    /// `none - reason` or a rollback's name.
    private func rollback() -> RunbookFile.Rollback? {
        guard let text = line("Rollback") else { return nil }
        guard text.value.hasPrefix("none"), text.value != "none-" else { return named(text) }
        let rest = text.value.dropFirst(4)
        if let first = rest.first, first != " " { return named(text) }
        let reason = rest.drop { " -–—:".contains($0) }
        guard !reason.isEmpty, rest.contains(where: { "-–—".contains($0) }) else {
            sink.error(
                "a step without rollback needs a reason", at: text.at,
                remedy: "Write 'none - why there is nothing to undo'.")
            return nil
        }
        return RunbookFile.Rollback.none(reason: String(reason))
    }

    private func named(_ text: Located<String>) -> RunbookFile.Rollback? {
        let raw = YAMLValue(at: text.at, content: .scalar(text: text.value, quoted: false))
        return Scalars.name(raw, what: "Rollback", sink: sink).map { .step($0) }
    }

    /// Ids of the line `Facts:`, between commas.
    private var facts: [Located<String>] {
        guard let text = line("Facts") else { return [] }
        let ids = text.value.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        for id in ids where !Scalars.isFactID(id) {
            sink.error(
                "'\(Quote.short(id))' is not a fact id", at: text.at, remedy: "Write ids between commas: H1-R2, H1-R3.")
        }
        return ids.filter(Scalars.isFactID).map { Located(value: $0, at: text.at) }
    }

    private func refuse(_ keys: [String], _ reason: String) {
        for key in keys {
            if let text = line(key) {
                sink.error("'\(key):' cannot stand here: \(reason)", at: text.at, remedy: "Remove the line.")
            }
        }
    }

    private func missing(_ key: String, at: Location, example: String) {
        sink.error("the step has no line '\(key):'", at: at, remedy: "Write '- \(key): \(example)' under its heading.")
    }

    private func parse<Value>(_ text: Located<String>, _ parser: (String) throws(ExpressionError) -> Value) -> Value? {
        do throws(ExpressionError) {
            return try parser(text.value)
        } catch {
            sink.error(error.message, at: text.at, remedy: error.remedy)
            return nil
        }
    }
}
