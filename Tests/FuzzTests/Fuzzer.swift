import Foundation
import Glibc
import Testing

/// SplitMix64: the same inputs for the same seed, so that a failure can be repeated.
struct FuzzRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Feeds mutants of known inputs to a parser. Every input is made from the seed and its number alone; its number is
/// written down before it is tried, so that one that ends the process can be tried again.
struct Fuzzer: Sendable {
    /// What is fuzzed; also the name of the results.
    let name: String
    /// Good inputs to begin with.
    let seeds: [[UInt8]]
    /// Texts that mean something in this format.
    let pieces: [String]
    /// Share of all inputs, in percent.
    let share: Int

    /// One input may take this much CPU time, which other work on the machine does not lengthen; the slowest takes a small
    /// part of it. A hang is ended by the test's own time limit.
    static let longest = Duration.seconds(5)
    /// How much more memory all inputs together may have needed at one time, in MiB.
    static let memoryLimit = 768
    /// Inputs are cut to this: formats have limits of their own, which other tests try.
    private static let largest = 64 << 10  // bytes

    private static let variables = ProcessInfo.processInfo.environment
    /// `FIREDRILL_FUZZ_INPUTS`: how many inputs in all.
    static let total = variables["FIREDRILL_FUZZ_INPUTS"].flatMap { Int($0) } ?? 4_000
    static let seed = variables["FIREDRILL_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_190_830
    /// `FIREDRILL_RESULTS`: a folder for the results.
    private static let results = variables["FIREDRILL_RESULTS"]

    /// The file for `docs/safety.md`.
    struct Results: Codable {
        var kind = "fuzz"
        var name: String
        var seed: UInt64
        var inputs: Int
        var refused: Int
        var slowest_ms: Int
        var peak_mib: Int
    }

    /// Tries this format's share of the inputs; `read` returns whether it took the input, and must not crash or hang.
    func run(_ read: @Sendable (_ input: [UInt8], _ number: Int) throws -> Bool) async throws {
        let count = Self.total * share / 100
        let position = open(
            "\(NSTemporaryDirectory())/firedrill-fuzz-\(name)-\(getpid())", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        unlink("\(NSTemporaryDirectory())/firedrill-fuzz-\(name)-\(getpid())")
        defer { close(position) }
        var refused = 0
        var slowest = Duration.zero
        for number in 0..<count {
            let input = input(number)
            var place = number
            pwrite(position, &place, MemoryLayout<Int>.size, 0)
            // Nothing is awaited in between, so that it is one thread's time.
            let start = Self.threadTime
            if try !read(input, number) { refused += 1 }
            let took = Self.threadTime - start
            slowest = max(slowest, took)
            #expect(took < Self.longest, "input \(number) of seed \(Self.seed) is slow")
            if number % 512 == 0 { await Task.yield() }
        }
        let peak = Self.peakMemory
        #expect(peak < Self.memoryLimit, "the process needed \(peak) MiB")
        #expect(refused * 10 > count && refused < count, "\(refused) of \(count) were refused: the mutations miss")
        guard let results = Self.results else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let summary = Results(
            name: name, seed: Self.seed, inputs: count, refused: refused,
            slowest_ms: Int(slowest / .milliseconds(1)), peak_mib: peak)
        try encoder.encode(summary).write(to: URL(fileURLWithPath: "\(results)/fuzz-\(name).json"))
    }

    private static var threadTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Largest resident size so far, in MiB.
    private static var peakMemory: Int {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss / 1024
    }

    // MARK: mutations

    /// The mutant with this number.
    func input(_ number: Int) -> [UInt8] {
        var random = FuzzRandom(seed: Self.seed &+ UInt64(number) &* 0x2545_F491_4F6C_DD1D)
        var bytes = seeds[number % seeds.count]
        for _ in 0..<Int.random(in: 1...5, using: &random) where !bytes.isEmpty { mutate(&bytes, &random) }
        return Array(bytes.prefix(Self.largest))
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        let at = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &random)))
        case 3: if Int.random(in: 0..<4, using: &random) == 0 { bytes.removeSubrange(at...) }
        case 4, 5: bytes.insert(contentsOf: piece(&random), at: at)
        case 6:
            let piece = piece(&random)
            let count = Int.random(in: 1...200, using: &random)
            bytes.insert(contentsOf: (0..<count).flatMap { _ in piece }, at: at)
        case 7: lines(&bytes, &random)
        case 8: value(&bytes, &random)
        case 9:
            // A part of another input: two formats, or two moments, in one.
            let other = seeds.randomElement(using: &random) ?? []
            guard !other.isEmpty else { return }
            let from = Int.random(in: 0..<other.count, using: &random)
            bytes.insert(contentsOf: other[from..<min(other.count, from + 300)], at: at)
        default:
            let length = min(bytes.count - at, Int.random(in: 1...200, using: &random))
            bytes.insert(
                contentsOf: Array(bytes[at..<(at + length)]), at: Int.random(in: 0..<bytes.count, using: &random))
        }
    }

    private func piece(_ random: inout FuzzRandom) -> [UInt8] {
        Array((pieces.randomElement(using: &random) ?? "").utf8)
    }

    /// Doubles, drops, swaps or indents a line.
    private func lines(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        let at = Int.random(in: 0..<lines.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: lines.insert(lines[at], at: at)
        case 1: lines.remove(at: at)
        case 2: lines.swapAt(at, Int.random(in: 0..<lines.count, using: &random))
        case 3: lines[at] = Array("  ".utf8) + lines[at]
        default: lines[at] = Array(lines[at].drop { $0 == UInt8(ascii: " ") })
        }
        bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    /// Puts a piece where a value stands: between a colon and what ends it.
    private func value(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
        guard let colon = colons.randomElement(using: &random) else { return }
        let ends: Set<UInt8> = [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "\n")]
        let end = bytes[(colon + 1)...].firstIndex { ends.contains($0) } ?? bytes.count
        bytes.replaceSubrange((colon + 1)..<end, with: [UInt8(ascii: " ")] + piece(&random))
    }
}
