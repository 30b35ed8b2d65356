import Crypto
import Foundation

/// Reads files of a root folder: never through a symbolic link, never more than a limit.
struct RootFolder: Sendable {
    /// Absolute or relative to the current folder.
    var path: String

    enum Entry: Sendable, Hashable {
        case file(size: Int, executable: Bool)
        case folder
        case link
        case other
    }

    /// What lies at a path below the root; nil when nothing does.
    func entry(_ relative: String) -> Entry? {
        var info = stat()
        guard lstat(absolute(relative), &info) == 0 else { return nil }
        switch info.st_mode & S_IFMT {
        case S_IFREG: return .file(size: Int(info.st_size), executable: info.st_mode & 0o111 != 0)
        case S_IFDIR: return .folder
        case S_IFLNK: return .link
        default: return .other
        }
    }

    /// Names in a folder, sorted; nil when it cannot be read.
    func names(in relative: String) -> [String]? {
        (try? FileManager.default.contentsOfDirectory(atPath: absolute(relative)))?.sorted()
    }

    /// The bytes of a regular file of at most `limit` bytes; throws a message for people.
    func bytes(_ relative: String, limit: Int) throws(ExpressionError) -> [UInt8] {
        let file = open(absolute(relative), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            let reason = String(cString: strerror(errno))
            throw ExpressionError(
                "the file cannot be read: \(reason)",
                remedy: "Check that it exists, its permissions, and that it is no link.")
        }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
            throw ExpressionError("this is not a regular file", remedy: "Replace it with a file.")
        }
        guard info.st_size <= limit else {
            throw ExpressionError("the file is larger than \(limit / 1024) KiB", remedy: "Make it smaller.")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while bytes.count <= limit {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ExpressionError(
                    "the file cannot be read: \(String(cString: strerror(errno)))", remedy: "Check the disk.")
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
        throw ExpressionError("the file is larger than \(limit / 1024) KiB", remedy: "Make it smaller.")
    }

    private func absolute(_ relative: String) -> String { relative.isEmpty ? path : "\(path)/\(relative)" }
}

/// SHA-256 as lower-case hex.
enum Hash {
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        hexText(SHA256.hash(data: Array(bytes)))
    }

    static func hexText(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
