@testable import Consensus

/// Seeded pseudo-random numbers.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func chance(_ probability: Double) -> Bool {
        guard probability > 0 else { return false }
        return Double(next() >> 11) / Double(1 << 53) < probability
    }

    mutating func pick(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// Events by time; those of the same time in the order they were pushed.
struct EventQueue<Event> {
    private var heap: [(time: Int64, order: Int, event: Event)] = []
    private var pushed = 0

    var nextTime: Int64? { heap.first?.time }

    mutating func push(_ event: Event, at time: Int64) {
        heap.append((time, pushed, event))
        pushed += 1
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Event? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let result = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return result.event
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
    }
}

extension Cryptography {
    static func fakeKey(_ index: Int) -> [UInt8] { [0xFA, UInt8(index)] }

    /// Signatures that nobody in a test forges: the key with a checksum. Cheap, and verified like real ones.
    static func fake(_ index: Int) -> Cryptography {
        Cryptography(
            sign: { fakeKey(index) + checksum($0, seed: UInt64(index)) },
            verify: { message, signature, key in
                signature.count == 10 && key.count == 2 && Array(signature.prefix(2)) == key
                    && Array(signature.dropFirst(2)) == checksum(message, seed: UInt64(key[1]))
            },
            hash: { checksum($0, seed: 77) + checksum($0, seed: 78) })
    }

    private static func checksum(_ bytes: [UInt8], seed: UInt64) -> [UInt8] {
        var sum = (seed &+ UInt64(bytes.count)) &* 0x9E37_79B9_7F4A_7C15
        bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset < raw.count {
                var word: UInt64 = 0
                if offset + 8 <= raw.count {
                    word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                } else {
                    for index in offset..<raw.count { word = word << 8 | UInt64(raw[index]) }
                }
                sum = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93
                sum ^= sum >> 32
                offset += 8
            }
        }
        return withUnsafeBytes(of: sum) { Array($0) }
    }
}
