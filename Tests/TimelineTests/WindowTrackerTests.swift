import Testing

@testable import Timeline

@Suite("Recovery windows")
struct WindowTrackerTests {
    /// Steps `second:truth` into a tracker with a hold of 5 that counts from second 0.
    private func tracked(_ steps: [(Int64, Truth)], until end: Int64) -> WindowTracker {
        var tracker = WindowTracker(hold: 5)
        tracker.update(.yes, at: 0)
        tracker.begin(at: 0)
        for (at, truth) in steps { tracker.update(truth, at: at) }
        tracker.update(tracker.truth, at: end)
        return tracker
    }

    @Test("it came back at the start of the first window that is long enough")
    func window() {
        let tracker = tracked([(10, .no), (20, .yes), (23, .no), (30, .yes)], until: 35)
        #expect(tracker.downAt == 10)
        #expect(tracker.returnedAt == 30)
        #expect(tracker.breaks == 1)
    }

    @Test("a window that is not full yet is none")
    func tooShort() {
        #expect(tracked([(10, .no), (30, .yes)], until: 34).returnedAt == nil)
        #expect(tracked([(10, .no), (30, .yes)], until: 35).returnedAt == 30)
    }

    @Test("a condition that ends with its window has not held")
    func endsWithWindow() {
        #expect(tracked([(10, .no), (30, .yes), (35, .no)], until: 50).returnedAt == nil)
        #expect(tracked([(10, .no), (30, .yes), (36, .no)], until: 50).breaks == 2)
    }

    @Test("one unknown moment breaks a window")
    func unknownBreaksWindow() {
        #expect(tracked([(10, .no), (20, .yes), (24, .unknown), (25, .yes)], until: 29).returnedAt == nil)
        #expect(tracked([(10, .no), (20, .yes), (24, .unknown), (25, .yes)], until: 30).returnedAt == 25)
    }

    @Test("a short unknown spell is no break; one as long as hold is, from its start")
    func unknownAsBreak() {
        #expect(tracked([(10, .unknown), (14, .yes)], until: 40).downAt == nil)
        let long = tracked([(10, .unknown), (15, .yes)], until: 40)
        #expect(long.downAt == 10)
        #expect(long.returnedAt == 15)
        #expect(!long.wasKnownBroken)
    }

    @Test("an endpoint that answers now and then is broken once it was unknown for as long as hold altogether")
    func flapping() {
        let flaps: [(Int64, Truth)] = [
            (10, .unknown), (12, .yes), (14, .unknown), (16, .yes), (18, .unknown), (20, .yes),
        ]
        let tracker = tracked(flaps, until: 24)
        #expect(tracker.downAt == 10 && tracker.wasLongUnknown && !tracker.wasKnownBroken)
        #expect(tracker.returnedAt == nil && tracked(flaps, until: 25).returnedAt == 20)
        // A full window in between: the spells are two, and neither is long enough.
        let apart: [(Int64, Truth)] = [(10, .unknown), (13, .yes), (19, .unknown), (22, .yes)]
        #expect(tracked(apart, until: 40).downAt == nil)
    }

    @Test("breaking again withdraws the recovery")
    func relapse() {
        let tracker = tracked([(10, .no), (20, .yes), (27, .no)], until: 40)
        #expect(tracker.returnedAt == nil)
        #expect(tracker.breaks == 2)
        #expect(tracker.downAt == 10)
    }

    @Test("what happened before it began does not count")
    func beforeBegin() {
        var tracker = WindowTracker(hold: 5)
        tracker.update(.no, at: 0)
        tracker.update(.yes, at: 3)
        tracker.begin(at: 10)
        tracker.update(.yes, at: 100)
        #expect(tracker.downAt == nil)
        #expect(tracker.returnedAt == nil)
    }
}
