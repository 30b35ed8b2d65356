import Crypto
import Synchronization

/// SHA-256, for comparing files on both ends of a transfer.
enum Checksum {
    /// In lower-case hexadecimal, as `sha256sum` prints it.
    static func sha256(_ bytes: [UInt8]) -> String { Bytes.hex(Array(SHA256.hash(data: bytes))) }
}

/// A digest that is computed at most once, whoever asks first.
final class OnceDigest: Sendable {
    private let digest = Mutex<String?>(nil)

    func value(of bytes: [UInt8]) -> String {
        digest.withLock { digest in
            if let digest { return digest }
            let computed = Checksum.sha256(bytes)
            digest = computed
            return computed
        }
    }
}
