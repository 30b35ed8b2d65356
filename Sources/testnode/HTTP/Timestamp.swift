import Glibc

/// A moment of the wall clock, in nanoseconds since 1970-01-01T00:00:00Z without leap seconds.
struct Timestamp: Sendable, Hashable, Comparable {
    var nanoseconds: Int64

    static func now() -> Timestamp {
        Timestamp(nanoseconds: Self.read(CLOCK_REALTIME))
    }

    /// The machine's monotonic clock in nanoseconds. All hosts of a testnet share it, so values compare across hosts.
    static func monotonicNanoseconds() -> Int64 {
        read(CLOCK_MONOTONIC)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    var seconds: Int { Int(nanoseconds / 1_000_000_000) }

    /// Time from `earlier` to this moment; negative if `earlier` is later.
    func since(_ earlier: Timestamp) -> Duration {
        .nanoseconds(nanoseconds - earlier.nanoseconds)
    }

    /// ISO 8601 with milliseconds, such as `2019-08-31T05:31:24.000Z`.
    var iso8601: String {
        let milliseconds = Int(nanoseconds / 1_000_000 % 1000)
        return format("%Y-%m-%dT%H:%M:%S") + "." + String(String(1000 + milliseconds).dropFirst()) + "Z"
    }

    /// IMF-fixdate of RFC 9110 section 5.6.7, such as `Sat, 31 Aug 2019 05:31:24 GMT`.
    var httpDate: String { format("%a, %d %b %Y %H:%M:%S GMT") }

    /// ISO 8601 basic format as Signature Version 4 uses it, such as `20190831T053124Z`.
    var amzDate: String { format("%Y%m%dT%H%M%SZ") }

    /// `strftime(3)` in UTC. The C locale is never changed here, so names are English.
    private func format(_ pattern: String) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let bytes = [CChar](unsafeUninitializedCapacity: 64) { space, count in
            count = strftime(space.baseAddress, space.count, pattern, &parts)
        }
        return String(decoding: bytes.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Reads ``httpDate``; nil for anything else. The name of the weekday is not compared with the date.
    init?(httpDate: String) {
        let words = httpDate.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[0].utf8.count == 4, words[0].hasSuffix(","), words[5] == "GMT",
            words[4].utf8.count == 8, let month = Self.months.firstIndex(of: String(words[2]))
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3 else { return nil }
        self.init(fields: [words[3], Substring(String(month + 1)), words[1]] + clock)
    }

    /// Reads ``amzDate``; nil for anything else.
    init?(amzDate: String) {
        let text = Array(amzDate)
        guard text.count == 16, amzDate.utf8.count == 16, text[8] == "T", text[15] == "Z" else { return nil }
        let ranges = [0..<4, 4..<6, 6..<8, 9..<11, 11..<13, 13..<15]
        self.init(fields: ranges.map { Substring(String(text[$0])) })
    }

    /// From year, month, day, hour, minute and second in digits; nil if one is out of its range.
    private init?(fields: [Substring]) {
        let numbers = fields.compactMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int32($0) : nil }
        guard numbers.count == 6, (1970...9999).contains(numbers[0]), (1...12).contains(numbers[1]),
            (1...31).contains(numbers[2]), numbers[3] < 24, numbers[4] < 60, numbers[5] <= 60
        else { return nil }
        var parts = tm()
        parts.tm_year = numbers[0] - 1900
        parts.tm_mon = numbers[1] - 1
        parts.tm_mday = numbers[2]
        parts.tm_hour = numbers[3]
        parts.tm_min = numbers[4]
        parts.tm_sec = numbers[5]
        // Nanoseconds in 64 bits end in the year 2262.
        guard let seconds = Optional(timegm(&parts)), seconds >= 0, seconds < 9_000_000_000 else { return nil }
        nanoseconds = Int64(seconds) * 1_000_000_000
    }
}
