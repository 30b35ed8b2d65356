import Testing
import Timeline

@testable import Definitions

@Suite struct RunbookTests {
    private static let verify = "\n## Verify\n\n- Hosts: a\n\n```sh {name=v role=verify}\ntrue\n```\n"

    private func read(_ body: String, front: String = "runbook: r", verify: Bool = true) -> (
        file: RunbookFile?, problems: [Diagnostic]
    ) {
        let sink = Sink()
        let text = "---\n\(front)\n---\n\(body)\(verify ? Self.verify : "")"
        let file = RunbookReader.read(Array(text.utf8), file: "r.md", sink: sink)
        return (file, sink.list.sorted)
    }

    private func act(_ lines: String, info: String = "sh {name=do role=act}", before: String = "") -> String {
        "# Do\n\n\(before)\n\(lines)\n```\(info)\necho x\n```\n"
    }

    private let fine = "- Hosts: `a & !b`\n- Timeout: 10s\n- Rollback: none - nothing to undo\n"

    @Test func aStepIsReadWhole() throws {
        let (file, problems) = read(
            act(fine + "- Strategy: rolling 2\n- Expect: exit 3\n", before: "> [!WaRNing]\n> Sharp.\n> Edges.\n"))
        #expect(problems.isEmpty, "\(problems)")
        let step = try #require(file?.steps.first)
        #expect(step.name.value == "do" && step.role == .act && step.heading == "Do")
        #expect(step.name.at.line == 16)
        #expect(step.hosts?.value == .and(.term("a"), .not(.term("b"))))
        #expect(step.strategy == .rolling(batch: 2, maxFail: 0))
        #expect(step.expect == [.exit(3)])
        #expect(step.hazard == "Sharp. Edges.")
        #expect(step.script == "echo x\n")
        guard case .none(let reason)? = step.rollback else { throw YAMLTests.Failure() }
        #expect(reason == "nothing to undo")
    }

    /// Each page breaks one rule of DESIGN section 4.
    @Test(arguments: [
        ("```sh\nls\n```\n", "has no name"), ("```bash\nls\n```\n", "has no name"), ("```SH\nls\n```\n", "has no name"),
        ("> ```sh\n> ls\n> ```\n", "inside a quote"),
        ("- x\n\n  ```sh {name=x role=act}\n  ls\n  ```\n", "inside a list"),
        ("<details>\n```sh\nls\n```\n</details>\n", "inside HTML"),
        ("<details>\n\n```sh {name=x role=check}\nls\n```\n\n</details>\n", "inside HTML"),
        ("<!--\n```sh\nls\n```\n-->\n", "inside HTML"), ("- <div>\n  ```sh\n  </div>\n", "inside HTML"),
        ("> [!DANGER]\n> x\n", "'[!DANGER]' does not exist"), ("> [!CAUTON]\n> x\n", "does not exist"),
        ("> [CAUTION]\n> x\n", "does not exist"),
        ("[!CAUTION]\n", "does not stand alone"), ("> x\n> [!CAUTION]\n", "does not stand alone"),
        ("> [!CAUTION] x\n", "does not stand alone"),
        ("- > [!CAUTION]\n", "does not stand alone"), ("# H\n\n> [!CAUTION]\n> x\n", "belongs to no step"),
        ("> [!caution]\n> x\n\n[!caution]: http://x\n", "belongs to no step"),
        ("- [x] Done\n", "already ticked"), ("- [] Do\n", "not a task-list item"),
        ("- a\n  - [ ] b\n", "inside another item"),
        ("- Hosts: a\n", "belongs to no executable fence"), ("Hosts: a\n", "must be a list item"),
        ("```sh {name=x role=check}\nls\n", "a fence begins inside"),
        ("````sh {name=x role=check}\nls\n```\n", "is not closed"),
        ("```sh {nmae=x role=check}\nls\n```\n", "Did you mean 'name'"),
        ("```sh {name=x role=chekc}\nls\n```\n", "Did you mean 'check'"),
        ("```sh {name=x role=check extra=1}\nls\n```\n", "'extra' does not exist"),
        ("```sh {name=x}\nls\n```\n", "has no role"), ("```sh {name=x name=y role=check}\nls\n```\n", "appears twice"),
        ("```sh name=x\nls\n```\n", "must be 'sh {name="), ("```python {name=x role=act}\nls\n```\n", "must be 'sh'"),
        ("```sh {name=X_1 role=check}\nls\n```\n", "is not a name"),
        ("```sh {name=x role=check}\n```\n", "the fence is empty"),
        ("# A\n\n```sh {name=x role=check}\nls\n```\n", "no line 'Hosts:'"),
        ("# A\n\n- Hosts: a\n\n```sh {name=x role=act}\nls\n```\n", "no line 'Rollback:'"),
        ("# A\n\n- Hosts: a\n- Rollback: none - x\n\n```sh {name=x role=act}\nls\n```\n", "no line 'Timeout:'"),
        ("# A\n\n- Hosts: a\n- Timeout: 1s\n- Rollback: none\n\n```sh {name=x role=act}\nls\n```\n", "needs a reason"),
        (
            "# A\n\n- Hosts: a\n- Timeout: 1s\n- Rollback: back\n\n```sh {name=x role=act}\nls\n```\n",
            "the rollback 'back' does not exist"
        ),
        ("# A\n\n- Timeout: 1s\n\n```sh {name=x role=rollback}\nls\n```\n", "no step names the rollback"),
        ("# A\n\n- Hosts: a\n- Timeout: 1s\n\n```sh {name=x role=rollback}\nls\n```\n", "cannot stand here"),
        (
            "# A\n\n- Hosts: a\n- Timeout: 1s\n- Rollback: none - x\n- Until: every 1s for 2s\n\n```sh {name=x role=act}\nls\n```\n",
            "an act runs once"
        ),
        (
            "# A\n\n- Hosts: a\n- Rollback: none - x\n\n```sh {name=x role=check}\nls\n```\n",
            "only an act has a rollback"
        ),
        ("# A\n\n- Hosts: a\n- Hosts: b\n\n```sh {name=x role=check}\nls\n```\n", "appears twice in this step"),
        ("# A\n\n- Hosts: a\n- Timout: 1s\n\n```sh {name=x role=check}\nls\n```\n", "Did you mean 'Timeout'"),
        ("# A\n\n- hosts: a\n\n```sh {name=x role=check}\nls\n```\n", "Did you mean 'Hosts'"),
        ("# A\n\n- Hosts: a\n- see the wiki\n\n```sh {name=x role=check}\nls\n```\n", "among a step's lines"),
        ("# A\n\n- Hosts: a *b*\n\n```sh {name=x role=check}\nls\n```\n", "holds markup"),
        ("# A\n\n- Hosts: a\n- Timeout: 30\n\n```sh {name=x role=check}\nls\n```\n", "must be a duration"),
        (
            "# A\n\n- Hosts: a\n\n```sh {name=x role=check}\nls\n```\n\n```sh {name=y role=check}\nls\n```\n",
            "more than one executable fence"
        ),
        ("# A\n\n- Hosts: a\n\n```sh {name=v role=check}\nls\n```\n", "two steps are named 'v'"),
        ("# A\n\n- Hosts: a\n\n```sh {name=x role=check}\nls\n```\n\n- [ ] call\n", "a fence and a manual step"),
        ("- Hosts: a\n\n```sh {name=x role=check}\nls\n```\n", "before the first heading"),
    ]) func brokenPagesAreErrors(body: String, message: String) {
        let (_, problems) = read(body)
        #expect(problems.contains { $0.severity == .error && $0.description.contains(message) }, "\(problems)")
        #expect(problems.allSatisfy { $0.location.line > 0 && $0.location.file == "r.md" })
    }

    @Test func aRunbookMustVerify() {
        #expect(read(act(fine), verify: false).problems.contains { $0.message == "the runbook verifies nothing" })
        let late = read(Self.verify + act(fine), verify: false).problems
        #expect(late.map(\.severity) == [.warning])
    }

    @Test func proseIsLeftAlone() {
        let (file, problems) = read(
            "# A\n\nText `[!CAUTION]` in prose. See http://x.y | z.\n\n> [!NOTE]\n> x\n\n- Ports: 80\n- Note: b\n\n```console\n$ ls\n```\n\n```\nx\n```\n\n    ls\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"
        )
        #expect(problems.isEmpty, "\(problems)")
        #expect(file?.steps.count == 1)
    }

    @Test func manualStepsAreNamedByTheirText() {
        let (file, problems) = read("# Call\n\n> [!WARNING]\n> Loud.\n\n- [ ] Call the *exchange*, now!\n- [ ] Wait\n")
        #expect(problems.isEmpty, "\(problems)")
        #expect(file?.steps.map(\.name.value) == ["call-the-exchange-now", "wait", "v"])
        #expect(file?.steps[0].role == .manual && file?.steps[0].instruction == "Call the exchange, now!")
        #expect(file?.steps[0].hazard == "Loud.")
    }

    @Test func windowsLineEndsAreRead() {
        let sink = Sink()
        let text = ("---\nrunbook: r\n---\n" + act(fine) + Self.verify).replacing("\n", with: "\r\n")
        #expect(RunbookReader.read(Array(text.utf8), file: "r.md", sink: sink)?.steps.count == 2)
        #expect(sink.list.all.isEmpty, "\(sink.list.all)")
    }

    @Test func frontMatterIsChecked() {
        #expect(
            read("", front: "runbok: r").problems.contains {
                $0.location.line == 2 && $0.remedy == "Did you mean 'runbook'?"
            })
        #expect(read("", front: "runbook: r\nvars: {A: {match: \"(\"}}").problems.contains { $0.location.line == 3 })
        #expect(
            read("", front: "runbook: r\nvars: {a: {match: x}}").problems.contains {
                $0.message.contains("cannot be a key")
            })
        let sink = Sink()
        #expect(RunbookReader.read(Array("# x".utf8), file: "r.md", sink: sink) == nil)
        #expect(sink.list.all.first?.message == "a runbook begins with front matter")
    }

    /// Shapes that cost naive Markdown parsers quadratic or exponential time.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "> ", "- ", "[", "![", "*a_", "`", "<", "<!--", "_", "~~a", "|a", "http://", "a@", "&", "\\", "[a](",
            "- [ ] ", "1. ",
        ])
    func hostileMarkdownIsBounded(piece: String) {
        let line = String(repeating: piece, count: 4_000 / piece.utf8.count)
        let page = Array(repeating: line, count: 14).joined(separator: "\n")
        _ = read(page)
        _ = read(Array(repeating: piece, count: 50_000 / (piece.utf8.count + 1)).joined(separator: "\n"))
    }
}
