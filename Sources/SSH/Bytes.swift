import CLibssh2
import Glibc

/// Searches and encodings on bytes; the module does without Foundation.
enum Bytes {
    static let newline = UInt8(ascii: "\n")

    /// The offset of `needle` in `haystack`, or nil.
    static func find(_ needle: [UInt8], in haystack: UnsafeRawBufferPointer) -> Int? {
        guard let base = haystack.baseAddress, !needle.isEmpty else { return nil }
        return needle.withUnsafeBytes { pattern in
            guard let hit = memmem(base, haystack.count, pattern.baseAddress!, pattern.count) else { return nil }
            return UnsafeRawPointer(hit) - base
        }
    }

    static func replacing(_ needle: [UInt8], in text: [UInt8], with replacement: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        text.withUnsafeBytes { whole in
            var start = 0
            while let hit = find(needle, in: UnsafeRawBufferPointer(rebasing: whole[start...])) {
                result += whole[start..<(start + hit)]
                result += replacement
                start += hit + needle.count
            }
            result += whole[start...]
        }
        return result
    }

    /// `count` random bytes as lower-case hexadecimal, from the system's generator.
    static func randomHex(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return hex((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The text of an errno value.
    static func errorText(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix(while: { $0 != 0 }).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Base64 as in RFC 4648 section 4, decoding only.
enum Base64 {
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: byte) else { return nil }
            bits = bits << 6 | value
            count += 1
            if count % 4 == 0 {
                result += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                bits = 0
            }
        }
        guard padding <= 2, (count + padding) % 4 == 0 else { return nil }
        switch count % 4 {
        case 2: result.append(UInt8(bits >> 4 & 255))
        case 3: result += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
        default: break
        }
        return result
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

/// Nanoseconds of the monotonic clock, the module's only clock.
struct Instant: Comparable, Hashable, Sendable {
    let nanoseconds: Int64

    static let never = Instant(nanoseconds: .max)

    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Saturates, so that an absurdly long timeout means "never" instead of a trap.
    static func + (instant: Instant, duration: Duration) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(duration.saturatedNanoseconds)
        return overflow ? .never : Instant(nanoseconds: sum)
    }

    static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanoseconds &- right.nanoseconds)
    }
}

extension Duration {
    /// Whole nanoseconds, at most what Int64 holds.
    var saturatedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, tooLarge) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return tooLarge ? .max : sum
    }
}
