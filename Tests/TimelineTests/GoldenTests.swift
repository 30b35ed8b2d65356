import Testing

@testable import Timeline

@Suite("verdict.json, byte for byte")
struct GoldenTests {
    @Test("the verdict of the synthetic runbook run is the golden one")
    func golden() {
        let text = Judge.verdict(criteria: .synthetic(), events: SyntheticRun.runbook().events).encoded()
        #expect(text == goldenVerdict + "\n")
    }

    @Test("the verdict of a run that never was is complete, and reads as JSON")
    func empty() throws {
        let text = Judge.verdict(criteria: .synthetic(), events: []).encoded()
        guard case .object(let members) = try JSONReader.read(Array(text.utf8)) else {
            Issue.record("not an object")
            return
        }
        #expect(members["verdict"] == .string("inconclusive"))
        #expect(members["exit_code"] == .int(3))
    }
}
