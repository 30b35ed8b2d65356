import Glibc
import Testing

@testable import Timeline

private func page(_ name: String) throws -> String {
    let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(fopen("/\(folder)/docs/formats/\(name)", "r"), "docs/formats/\(name) is missing")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

/// Texts between backquotes in the first cell of each table row.
private func fields(in section: Substring) -> Set<String> {
    Set(
        section.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .flatMap {
                $0.split(separator: "|")[0].split(separator: "`").enumerated().filter { $0.offset % 2 == 1 }.map {
                    String($0.element)
                }
            })
}

@Suite("The pages about formats say what the code does")
struct FormatDocsTests {
    @Test("events.md has every type with exactly its fields, and no other type")
    func events() throws {
        let sections = try page("events.md").components(separatedBy: "\n### `").dropFirst()
        var documented: [String: Set<String>] = [:]
        for section in sections { documented[String(section.prefix { $0 != "`" })] = fields(in: section) }
        var actual: [String: Set<String>] = [:]
        for event in everyEvent {
            guard case .object(let members) = event.json else { continue }
            actual[event.body.type, default: []].formUnion(Set(members.keys).subtracting(["n", "t", "wall", "type"]))
        }
        #expect(documented == actual)
    }

    @Test("events.md lists every value of every choice")
    func choices() throws {
        let text = try page("events.md")
        let values =
            Event.Phase.allCases.map(\.rawValue) + Event.FaultStage.allCases.map(\.rawValue)
            + Event.SignalSource.allCases.map(\.rawValue) + Event.ResponderAction.allCases.map(\.rawValue)
            + Event.NoteLevel.allCases.map(\.rawValue) + Event.ProblemKind.allCases.map(\.rawValue)
        for value in values { #expect(text.contains("`\(value)`"), "\(value)") }
    }

    @Test("verdict.md names every key of a verdict and every finding")
    func verdict() throws {
        let text = try page("verdict.md")
        let json = Judge.verdict(criteria: .synthetic(), events: SyntheticRun.runbook().events).json
        guard case .object(let members) = json, case .array(let facts)? = members["facts"],
            case .object(let fact)? = facts.first, case .object(let times)? = members["times"],
            case .object(let time)? = times["ttr"], case .array(let checks)? = members["cross_check"],
            case .object(let check)? = checks.first, case .object(let harness)? = members["harness"]
        else {
            Issue.record("a verdict has another shape than the page assumes")
            return
        }
        for keys in [members.keys, fact.keys, times.keys, time.keys, check.keys, harness.keys] {
            for key in keys where key != "scope" { #expect(text.contains("`\(key)`"), "\(key)") }
        }
        let documented = Judge.verdict(criteria: .documented(), events: SyntheticRun.documented().events)
        guard case .object(let phase)? = documented.phases.first?.json, case .array(let values)? = phase["documented"],
            case .object(let value)? = values.first
        else {
            Issue.record("a phase has another shape than the page assumes")
            return
        }
        for keys in [phase.keys, value.keys] {
            for key in keys { #expect(text.contains("`\(key)`"), "\(key)") }
        }
        for result in [Verdict.Phase.Result.matched, .unresolvable, .missed, .shown] {
            #expect(text.contains("`\(result.rawValue)`"))
        }
        for finding in [
            Verdict.Fact.Finding.observed, .missing, .early, .absent, .prevented, .unprovoked, .notLookedFor,
        ] {
            #expect(text.contains("`\(finding.rawValue)`"))
        }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(rest[..<range.lowerBound])
            rest = rest[range.upperBound...]
        }
        return parts + [rest]
    }
}
