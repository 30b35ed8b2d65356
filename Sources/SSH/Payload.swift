import Glibc

/// Bytes to send, shared by all hosts that get them; their checksum is computed once, when it is first needed.
public final class Payload: Sendable, Hashable {
    /// The bytes themselves.
    public let bytes: [UInt8]
    private let digest: OnceDigest

    /// Bytes that are already in memory.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        self.digest = OnceDigest()
    }

    /// The UTF-8 of a text.
    public convenience init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// The content of a local file, at most `SSHLimits.file` bytes, read on a thread of its own.
    /// - Throws: `SSHError.localFile`.
    public static func file(_ path: String) async throws(SSHError) -> Payload {
        let result = await BlockingThread.run {
            LocalFile.read(path, limit: SSHLimits.file).map { bytes in
                let payload = Payload(bytes)
                _ = payload.sha256
                return payload
            }
        }
        switch result {
        case .success(let payload): return payload
        case .failure(let failure): throw .localFile(path: path, reason: failure.reason)
        }
    }

    /// SHA-256 of the bytes as lower-case hexadecimal.
    public var sha256: String { digest.value(of: bytes) }

    /// Payloads are equal when their bytes are.
    public static func == (left: Payload, right: Payload) -> Bool { left.bytes == right.bytes }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// Local file access for payloads, keys and downloads. Blocking: large files only on a `BlockingThread`.
enum LocalFile {
    struct Failure: Error {
        let reason: String
    }

    static func read(_ path: String, limit: Int) -> Result<[UInt8], Failure> {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(Failure(reason: Bytes.errorText(errno))) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { return .failure(Failure(reason: Bytes.errorText(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(Failure(reason: "it is not a file")) }
        guard status.st_size <= limit else {
            return .failure(Failure(reason: "it has \(status.st_size) bytes, the limit is \(limit)"))
        }
        var problem: Int32 = 0
        let size = Int(status.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(file, buffer.baseAddress! + count, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { problem = errno }
                guard got > 0 else { return }
                count += got
            }
        }
        return problem == 0 ? .success(bytes) : .failure(Failure(reason: Bytes.errorText(problem)))
    }

    /// Writes beside `path` and renames, so that a reader sees the old file or the new one, never a part.
    static func replace(_ path: String, with bytes: [UInt8], mode: UInt32) -> Result<Void, Failure> {
        let temporary = "\(path).\(Bytes.randomHex(bytes: 6)).part"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { return .failure(Failure(reason: Bytes.errorText(errno))) }
        var problem: Int32 = 0
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let put = write(file, buffer.baseAddress! + done, buffer.count - done)
                if put < 0 && errno == EINTR { continue }
                if put < 0 {
                    problem = errno
                    return
                }
                done += put
            }
        }
        if problem == 0 && fchmod(file, mode) != 0 { problem = errno }
        if close(file) != 0 && problem == 0 { problem = errno }
        if problem == 0 && rename(temporary, path) != 0 { problem = errno }
        guard problem == 0 else {
            unlink(temporary)
            return .failure(Failure(reason: Bytes.errorText(problem)))
        }
        return .success(())
    }
}
