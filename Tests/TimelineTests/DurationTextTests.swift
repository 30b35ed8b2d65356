import Testing

@testable import Timeline

@Suite("Durations as text")
struct DurationTextTests {
    @Test(
        "what is read is written shortest, and reads back the same",
        arguments: [
            ("500ms", "500ms"), ("30s", "30s"), ("90s", "1m30s"), ("1h30m", "1h30m"), ("2.5s", "2s500ms"), ("0s", "0s"),
            ("366d", "366d"), ("1d2h3m4s5ms", "1d2h3m4s5ms"), ("0.1m", "6s"),
        ])
    func reads(text: String, canonical: String) throws {
        let value = try #require(DurationText(text))
        #expect(value.description == canonical)
        #expect(DurationText(canonical) == value)
    }

    @Test(
        "refused: bare numbers, signs, unknown, repeated or rising units, and what a millisecond cannot hold",
        arguments: [
            "", "5", "-5s", "+5s", "5 s", "5x", "5S", "1s1s", "1s1m", "1.s", ".5s", "1.2.3s", "1e3s", "0.5ms", "367d",
            "s",
        ])
    func refuses(text: String) { #expect(DurationText(text) == nil) }

    @Test("any duration is kept to the millisecond within its range, so that its text is exact")
    func rounds() {
        #expect(DurationText(.microseconds(1_500)).description == "2ms")
        #expect(DurationText(.microseconds(1_499)).description == "1ms")
        #expect(DurationText(.seconds(-1)) == DurationText(.zero))
        #expect(DurationText(.seconds(1e9)).description == "366d")
        for nanoseconds in stride(from: Int64(0), to: 5_000_000_000, by: 123_456_789) {
            let value = DurationText(.nanoseconds(nanoseconds))
            #expect(DurationText(value.description) == value)
        }
    }
}
