import Definitions
import Timeline

/// Sends a page on purpose and looks whether the pager received it, so that silence means silence.
///
/// The script sends a page whose dedup key is the value of `PAGER_TEST_KEY`, which is set for each test.
struct PagerTest: Sendable {
    /// Wall time within which a test page must have arrived.
    static let arrival = Duration.seconds(5)
    static let lookInterval = Duration.milliseconds(200)

    let plan: PagerTestPlan
    let hosts: [String: any RemoteHost]
    let feeds: [SignalFeed]
    let run: String
    let sink: any EventSink
    let clock: any ReplayClock

    /// - Parameter moment: `before` or `after`.
    func perform(moment: String) async {
        let key = "firedrill-test-\(run.prefix(12))-\(moment)"
        for feed in feeds { await feed.expectTest(key) }
        var command = plan.command
        command.environment["PAGER_TEST_KEY"] = key
        for name in plan.hosts {
            guard let host = hosts[name] else { continue }
            let result = await host.run(command, stdin: [])
            guard result.outcome == .exited(code: 0) else {
                let words = String(decoding: result.stderr.suffix(200), as: UTF8.self)
                await sink.record(
                    .pagerTest(
                        moment: moment, received: false,
                        detail: "sending from \(name) ended with \(result.outcome): \(words)"))
                return
            }
        }
        let end = clock.now() + Self.arrival.nanoseconds
        while true {
            for feed in feeds {
                _ = await feed.look()
                if await feed.hasSeenTest(key) {
                    await sink.record(.pagerTest(moment: moment, received: true, detail: "the pager received \(key)"))
                    return
                }
            }
            guard clock.now() < end, (try? await clock.sleep(for: Self.lookInterval)) != nil else { break }
        }
        await sink.record(
            .pagerTest(
                moment: moment, received: false,
                detail: "the pager did not receive \(key) within \(DurationText(Self.arrival))"))
    }
}
