import Glibc
import Testing
import Timeline

@testable import Reporting

@Suite("What a terminal shows")
struct TerminalTests {
    private func summary(_ verdict: Verdict, _ style: TerminalStyle = .init()) -> [String] {
        Summary(verdict, runFolder: ".firedrill/runs/x", style: style).lines
    }

    @Test("a passed run: verdict, reason, facts with evidence, times, budgets, cross-check, figures, folder")
    func passed() {
        let lines = summary(SampleRun.verdict())
        #expect(lines[0] == "PASSED  one-shard (T1), arm runbook")
        #expect(lines[1].hasPrefix("  Recovered 4m5"))
        #expect(lines.contains { $0.hasPrefix("  observed        T1-S1 (inferred)  onset     +0.8 s") }, "\(lines)")
        #expect(lines.contains { $0.contains("said: 3 of 3 match") || $0.contains("said: 1 of 3 match") })
        #expect(lines.contains { $0.hasPrefix("  not looked for  T1-S2") })
        #expect(
            lines.contains {
                $0.contains("detect (TTD)") && $0.contains("1.0 s") && $0.contains("30s") && $0.hasSuffix("alert")
            })
        #expect(lines.contains { $0.contains("shard0 recover") && $0.hasSuffix("probes") })
        #expect(lines.contains { $0.contains("detect         30s of 1m        met") })
        #expect(lines.contains { $0.contains("block logs") && $0.hasSuffix(": agree") })
        #expect(lines.contains { $0.hasPrefix("Precision  0.5") && $0.contains("commit c0ffee") })
        #expect(lines.contains { $0.hasPrefix("Harness    boot") })
        #expect(lines.last == "Run        .firedrill/runs/x")
    }

    @Test("a run that did not recover shows censored times and the missed budget")
    func failed() {
        let lines = summary(SampleRun.verdict(recovers: false))
        #expect(lines[0].hasPrefix("FAILED"))
        #expect(lines.contains { $0.contains("recover (TTR)") && $0.contains("> 40.0 s") && $0.contains("> 20m") })
        #expect(lines.contains { $0.contains("never of 10m") && $0.hasSuffix("missed") })
    }

    @Test("no control character of a host reaches the terminal, and without colour there is no escape at all")
    func harmless() {
        for recovers in [true, false] {
            let text = summary(SampleRun.verdict(recovers: recovers)).joined(separator: "\n")
            #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || $0 == "\u{202e}" })
        }
        let coloured = summary(SampleRun.verdict(), TerminalStyle(usesColour: true)).joined()
        #expect(coloured.contains("\u{1b}[1;32mPASSED\u{1b}[0m"))
        #expect(!coloured.contains("\u{1b}[31m"))
    }

    @Test("nothing is wider than the terminal, and every fact says what it is about", arguments: [40, 50, 60, 80, 110])
    func narrow(width: Int) throws {
        for recovers in [true, false] {
            let verdict = SampleRun.verdict(recovers: recovers)
            let lines = Summary(
                verdict, runFolder: ".firedrill/runs/" + String(repeating: "long", count: 30),
                style: .init(width: width)
            ).lines
            #expect(lines.filter { $0.count > width } == [])
            #expect(lines.contains { $0.contains("Something else.") })
            let coloured = Summary(verdict, runFolder: "x", style: .init(usesColour: true, width: width)).lines
            let plain = Summary(verdict, runFolder: "x", style: .init(width: width)).lines
            #expect(coloured.map { $0.replacing(/\u{1b}\[[0-9;]*m/, with: "") } == plain)
        }
    }

    @Test("what a fact says stands after its time, in one column")
    func factColumns() throws {
        let lines = summary(SampleRun.verdict())
        let first = try #require(lines.first { $0.contains("T1-S1") })
        let second = try #require(lines.first { $0.contains("T1-S2") })
        let said = try #require(first.range(of: "It says"))
        let other = try #require(second.range(of: "Something else."))
        #expect(
            first.distance(from: first.startIndex, to: said.lowerBound)
                == second.distance(from: second.startIndex, to: other.lowerBound))
        #expect(first.contains("+0.8 s  It says"))
    }

    @Test("colours need a terminal, no NO_COLOR and no dumb TERM")
    func detection() throws {
        let file = open("/dev/null", O_WRONLY)
        defer { close(file) }
        #expect(!TerminalStyle.detect(descriptor: file, environment: ["TERM": "xterm"]).usesColour)
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)), which Swift does not import.
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var lock: Int32 = 0
        var number: Int32 = -1
        try #require(
            terminal >= 0 && ioctl(terminal, 0x4004_5431, &lock) == 0 && ioctl(terminal, 0x8004_5430, &number) == 0)
        let other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(other >= 0)
        defer {
            close(other)
            close(terminal)
        }
        #expect(TerminalStyle.detect(descriptor: other, environment: ["TERM": "xterm"]).usesColour)
        #expect(TerminalStyle.detect(descriptor: other, environment: ["TERM": "xterm", "NO_COLOR": ""]).usesColour)
        #expect(!TerminalStyle.detect(descriptor: other, environment: ["TERM": "xterm", "NO_COLOR": "1"]).usesColour)
        #expect(!TerminalStyle.detect(descriptor: other, environment: ["TERM": "dumb"]).usesColour)
    }
}

@Suite("The live display")
struct LiveTests {
    private func state(until second: Double) -> (LiveState, [String]) {
        var state = LiveState(SampleRun.criteria())
        var news: [String] = []
        for event in SampleRun.events() where event.monotonic <= Int64(second * 1e9) { news += state.apply(event) }
        return (state, news)
    }

    @Test("it shows phase, heights, states, elapsed and incident time")
    func lines() {
        let style = TerminalStyle(width: 80)
        let before = state(until: 9.2).0.lines(now: 9_200_000_000, style: style)
        #expect(before[0] == "one-shard  arm runbook")
        #expect(before[1] == "elapsed  0:09")
        #expect(before[2] == "phase    baseline   1 host ready")
        #expect(before[3] == "shard0          10  steady")
        let during = state(until: 14.2).0.lines(now: 14_200_000_000, style: style)
        #expect(during[1] == "elapsed  0:14   incident time 2m since the fault")
        #expect(during[3].hasPrefix("shard0          11  down for "))
        #expect(during.contains { $0.contains("step restart (act) on 3 hosts") })
        let after = state(until: 30).0.lines(now: 30_000_000_000, style: style)
        #expect(after[3].hasSuffix("recovered"))
        #expect(after.contains { $0.hasSuffix("shard0 is back") })
    }

    @Test("nothing is wider than a narrow terminal or higher than a low one")
    func narrow() {
        let style = TerminalStyle(width: 40)
        let lines = state(until: 53).0.lines(now: 53_000_000_000, style: style, height: 8)
        #expect(lines.count <= 8)
        #expect(lines.allSatisfy { $0.count <= 40 })
    }

    @Test("plain lines carry seconds, leave samples out, and are harmless")
    func plain() {
        let news = state(until: 53).1
        #expect(news.contains { $0.hasPrefix("10.2 s") && $0.hasSuffix("fault f on ops: injected") })
        #expect(news.contains { $0.hasSuffix("1 host ready") })
        #expect(news.count < 40)
        #expect(!news.joined().unicodeScalars.contains { $0.value < 32 })
    }

    @Test("a frame goes up over the old block, clears each line and what is left below")
    func frames() {
        #expect(
            LiveTerminal.frame(["a", "b"], replacing: 0, hidesCursor: true)
                == "\u{1b}[?25l\ra\u{1b}[K\nb\u{1b}[K\n\u{1b}[J")
        #expect(LiveTerminal.frame(["a"], replacing: 2, hidesCursor: false) == "\r\u{1b}[2Aa\u{1b}[K\n\u{1b}[J")
    }

    @Test("it draws at most ten times a second and shows the cursor again")
    func driver() throws {
        var pipes: [Int32] = [0, 0]
        try #require(pipe(&pipes) == 0)
        defer { close(pipes[0]) }
        do {
            var terminal = LiveTerminal(descriptor: pipes[1])
            terminal.draw(["one"], now: 0)
            terminal.draw(["early"], now: LiveTerminal.interval - 1)
            terminal.draw(["two"], now: LiveTerminal.interval)
            terminal.clear()
            terminal.draw(["three"], now: 5 * LiveTerminal.interval)
        }
        close(pipes[1])
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(pipes[0], &buffer, buffer.count)
        let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        #expect(!text.contains("early"))
        #expect(text.contains("two") && text.contains("three"))
        #expect(text.hasSuffix("\u{1b}[?25h"))
        #expect(text.components(separatedBy: "\u{1b}[?25l") == text.components(separatedBy: "\u{1b}[?25h"))
    }
}

extension String {
    /// Where `text` stands first.
    fileprivate func range(of text: String) -> Range<Index>? { ranges(of: text).first }

    /// How many parts `separator` cuts the text into.
    fileprivate func components(separatedBy separator: String) -> Int { ranges(of: separator).count + 1 }
}
