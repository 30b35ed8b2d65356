import Testing

@testable import BenchmarkFigures

@Suite struct DistributionTests {
    @Test func nothingHasNoFigures() {
        let nothing = Distribution([])
        #expect(nothing.median == nil)
        #expect(nothing.range == nil)
        #expect(nothing.quantile(0.99) == nil)
    }

    @Test(arguments: [([3.0], 3.0), ([1, 9, 2], 2), ([4, 1, 3, 2], 2.5)] as [([Double], Double)])
    func median(values: [Double], expected: Double) {
        #expect(Distribution(values).median == expected)
    }

    @Test func quantilesAreValuesThatWereSeen() {
        let hundred = Distribution((1...100).map(Double.init).shuffled())
        #expect(hundred.quantile(0.99) == 99)
        #expect(hundred.quantile(1) == 100)
        #expect(hundred.quantile(0) == 1)
        #expect(Distribution([1, 2, 50]).quantile(0.99) == 50)
        #expect(hundred.range == 99)
    }
}

@Suite struct FigureTextTests {
    @Test(
        arguments: [
            (0.0004, "0.4 ms"), (0.0312, "31.2 ms"), (0.0996, "100 ms"), (0.1352, "135 ms"), (0.9996, "1.00 s"),
            (12.348, "12.35 s"),
        ] as [(Double, String)])
    func seconds(value: Double, expected: String) {
        #expect(Text.seconds(value) == expected)
    }

    @Test func fixedKeepsZerosAndSigns() {
        #expect(Text.fixed(0.05, 2) == "0.05")
        #expect(Text.fixed(-1.5, 1) == "-1.5")
        #expect(Text.fixed(2, 0) == "2")
        #expect(Text.fixed(.infinity, 2) == "inf")
        #expect(Text.seconds(nil) == "–")
    }

    @Test func tableStaysATable() {
        var table = MarkdownTable([("client", .left), ("wall", .right)])
        table.add(["a|b", "1 ms"])
        table.add(["two\nlines", "10 ms"])
        #expect(
            table.text == """
                | client    |  wall |
                | --------- | ----: |
                | a\\|b      |  1 ms |
                | two lines | 10 ms |

                """)
    }
}

@Suite struct FleetReportTests {
    private func sample(
        _ tool: String, _ work: String = "warm", wall: Double, cpu: Double = 0.01, spread: Double? = nil,
        failed: [String] = []
    ) -> Sample {
        Sample(
            tool: tool, work: work, hosts: 64, wallSeconds: wall, clientCPUSeconds: cpu, machineCPUSeconds: 4 * cpu,
            peakBytes: 1, startSpreadSeconds: spread, failed: failed)
    }

    @Test func failedCallsAreInNoFigure() throws {
        let figures = Figures([
            sample("asyncssh", wall: 0.2), sample("asyncssh", wall: 0.001, failed: ["a: exit 1"]),
            sample("asyncssh", wall: 0.4),
        ])
        #expect(figures.failedCalls == 1)
        #expect(figures.wall.low == 0.2)
        #expect(abs(try #require(figures.wall.median) - 0.3) < 1e-9)
    }

    @Test func targetsCompareWithTheBestPeerOfTheRun() throws {
        let figures = Figures.all([
            sample("firedrill", wall: 0.03, cpu: 0.02), sample("asyncssh", wall: 0.2, cpu: 0.1),
            sample("pdsh", wall: 0.1, cpu: 0.5), sample("asyncssh shell", wall: 0.01, cpu: 0.001),
        ])
        let checks = FleetTargets.check(figures)
        let wall = try #require(checks.first { $0.statement == "what a user gets, warm: wall" })
        #expect(wall.against == "pdsh")
        #expect(!wall.isMet)
        let cpu = try #require(checks.first { $0.statement == "what a user gets, warm: client CPU" })
        #expect(cpu.against == "asyncssh")
        #expect(cpu.isMet)
        #expect(!checks.contains { $0.statement.hasPrefix("cold") }, "nothing was measured cold")
    }

    @Test func aClientThatOnlyFailedMeetsNothing() {
        let figures = Figures.all([
            sample("firedrill", wall: 0.001, failed: ["a: refused"]), sample("asyncssh", wall: 0.2),
        ])
        #expect(FleetTargets.check(figures).isEmpty)
        #expect(FleetReport(machine: [], samples: []).markdown.contains("# Fleet benchmark"))
    }

    @Test func restartIsComparedWithTheFloor() throws {
        let checks = FleetTargets.check(
            Figures.all([
                sample("firedrill", "restart", wall: 1, spread: 0.05),
                sample("no SSH", "restart", wall: 1, spread: 0.02),
            ]))
        let spread = try #require(checks.first)
        #expect(abs(spread.ratio - 2.5) < 1e-9)
        #expect(!spread.isMet)
    }
}
