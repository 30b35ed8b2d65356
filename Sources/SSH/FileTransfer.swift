/// A file read from a host.
public struct RemoteFile: Sendable, Hashable {
    /// Its content.
    public var bytes: [UInt8]
    /// Its permission bits, such as `0o644`.
    public var mode: UInt32
    /// SHA-256 of the content as lower-case hexadecimal, computed on the host and again here.
    public var sha256: String
}

extension SSHConnection {
    /// Writes a file on the host: beside its place first, then, if the host computes the same SHA-256, under its name,
    /// so that readers see the old file or the new one. The folder must exist; the data go through the command's stdin.
    /// - Parameters:
    ///   - path: absolute, or relative to the account's home.
    ///   - mode: permission bits, 0 to 0o7777.
    /// - Throws: as `run`, and `transferFailed`.
    public func upload(
        _ content: Payload, to path: String, mode: UInt32 = 0o644, timeout: Duration = SSHLimits.transfer
    ) async throws(SSHError) {
        guard mode <= 0o7777 else { throw .invalidCommand(reason: "the mode \(mode) is not between 0 and 0o7777") }
        guard content.bytes.count <= SSHLimits.file else {
            throw .transferFailed(
                host: target.label, path: path, reason: "it is larger than \(SSHLimits.file) bytes")
        }
        // A large file is hashed on a thread of its own; the hash is kept with the payload.
        let sha256 = content.bytes.count > 64 * 1024 ? await BlockingThread.run { content.sha256 } : content.sha256
        let command = RemoteCommand(
            Self.uploadScript,
            environment: [
                "FILE": try Self.remotePath(path), "MODE": String(mode, radix: 8), "SHA": sha256,
                "PART": Bytes.randomHex(bytes: 6),
            ],
            stdin: content, outputLimit: 4096)
        let result = try await run(command, timeout: timeout)
        guard result.succeeded else { throw failure(path, result) }
    }

    /// Reads a file of the host into memory. A file that grows meanwhile (a log) is read up to the size it had.
    /// - Parameter limit: the largest size accepted, in bytes.
    /// - Throws: as `run`, and `transferFailed`.
    public func download(
        _ path: String, limit: Int = SSHLimits.file, timeout: Duration = SSHLimits.transfer
    ) async throws(SSHError) -> RemoteFile {
        let command = RemoteCommand(
            Self.downloadScript, environment: ["FILE": try Self.remotePath(path), "LIMIT": String(limit)],
            outputLimit: limit)
        let result = try await run(command, timeout: timeout)
        let facts = result.stderrText.split(separator: " ")
        guard result.succeeded, facts.count == 3, let mode = UInt32(facts[0], radix: 8), let size = Int(facts[1])
        else { throw failure(path, result) }
        let expected = String(facts[2].prefix(64))
        let bytes = result.stdout
        let actual =
            bytes.count > 64 * 1024 ? await BlockingThread.run { Checksum.sha256(bytes) } : Checksum.sha256(bytes)
        guard bytes.count == size, actual == expected else {
            throw .transferFailed(host: target.label, path: path, reason: "its checksum differs on the two sides")
        }
        return RemoteFile(bytes: bytes, mode: mode, sha256: actual)
    }

    /// Reads a file of the host into a local file with the same permission bits, replaced as a whole.
    /// - Throws: as `run`, and `transferFailed` or `localFile`.
    public func download(
        _ path: String, to local: String, limit: Int = SSHLimits.file, timeout: Duration = SSHLimits.transfer
    ) async throws(SSHError) {
        let file = try await download(path, limit: limit, timeout: timeout)
        let result = await BlockingThread.run { LocalFile.replace(local, with: file.bytes, mode: file.mode) }
        if case .failure(let failure) = result { throw .localFile(path: local, reason: failure.reason) }
    }

    /// A relative path gets a leading `./`, so that no tool takes it for an option.
    private static func remotePath(_ path: String) throws(SSHError) -> String {
        guard !path.isEmpty, !path.hasSuffix("/") else {
            throw .invalidCommand(reason: "the remote path '\(path)' names no file")
        }
        return path.hasPrefix("/") ? path : "./\(path)"
    }

    private func failure(_ path: String, _ result: CommandResult) -> SSHError {
        let said = result.stderrText.split(separator: "\n").first.map { ": \($0)" } ?? ""
        let reason =
            switch result.outcome {
            case .exited(let code): "the host's script ended with code \(code)\(said)"
            case .signaled(let name): "the host's script was killed by signal \(name)\(said)"
            case .unknown(let reason): reason
            }
        return .transferFailed(host: target.label, path: path, reason: reason)
    }

    private static let uploadScript = #"""
        set -eu
        umask 077
        if [ -d "$FILE" ]; then echo "$FILE is a folder" >&2; exit 1; fi
        part="$FILE.$PART.part"
        trap 'rm -f -- "$part"' EXIT
        cat >"$part"
        sum=$(sha256sum <"$part")
        if [ "${sum%% *}" != "$SHA" ]; then echo "the checksum differs on the two sides" >&2; exit 1; fi
        chmod "$MODE" "$part"
        mv -f "$part" "$FILE"
        trap - EXIT
        """#

    private static let downloadScript = #"""
        set -eu
        if [ ! -f "$FILE" ]; then echo "$FILE is not a file" >&2; exit 1; fi
        facts=$(stat -L -c '%a %s' "$FILE")
        size=${facts#* }
        if [ "$size" -gt "$LIMIT" ]; then echo "it has $size bytes, the limit is $LIMIT" >&2; exit 1; fi
        sum=$(head -c "$size" "$FILE" | sha256sum)
        head -c "$size" "$FILE"
        echo "$facts ${sum%% *}" >&2
        """#
}
