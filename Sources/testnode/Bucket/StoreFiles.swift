import Glibc

/// Why the bucket's state on disk cannot be used.
enum StoreFailure: Error, CustomStringConvertible {
    case system(call: String, path: String, reason: String)
    case damaged(path: String)

    var description: String {
        switch self {
        case .system(let call, let path, let reason): "\(call) \(path): \(reason)."
        case .damaged(let path):
            "\(path): is not a record this program wrote. Restore the file or remove it together with its object."
        }
    }
}

/// File operations of the store. All calls block; they run on the request threads, not on the cooperative pool.
enum StoreFiles {
    private static let largestRecord = 4 * 1024 * 1024

    /// Makes a folder unless it is there.
    static func makeFolder(_ path: String) throws(StoreFailure) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw failure("mkdir", path) }
    }

    /// Names in a folder, in no particular order.
    static func list(_ path: String) throws(StoreFailure) -> [String] {
        guard let folder = opendir(path) else { throw failure("opendir", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { space in
                space.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func read(_ path: String) throws(StoreFailure) -> [UInt8] {
        guard let file = fopen(path, "re") else { throw failure("open", path) }
        defer { fclose(file) }
        var all: [UInt8] = []
        while true {
            let piece = [UInt8](unsafeUninitializedCapacity: 64 * 1024) { space, count in
                count = fread(space.baseAddress, 1, space.count, file)
            }
            guard ferror(file) == 0 else { throw failure("read", path) }
            if piece.isEmpty { return all }
            all += piece
            guard all.count <= largestRecord else { throw .damaged(path: path) }
        }
    }

    /// Reads a record; nil if there is none.
    static func readRecord(_ path: String) throws(StoreFailure) -> JSON? {
        guard exists(path) else { return nil }
        guard let json = try? JSON.parse(try read(path), depth: 16) else { throw .damaged(path: path) }
        return json
    }

    /// Replaces a record in one step: after a crash the old or the new one is there, never a torn one.
    static func writeRecord(_ json: JSON, to path: String) throws(StoreFailure) {
        let temporary = path + ".new"
        guard let file = fopen(temporary, "we") else { throw failure("open", temporary) }
        let bytes = Array((json.line + "\n").utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw failure("write", temporary) }
        try rename(temporary, to: path)
    }

    static func rename(_ old: String, to new: String) throws(StoreFailure) {
        guard Glibc.rename(old, new) == 0 else { throw failure("rename", old) }
    }

    /// Removes a file or an empty folder; one that is not there is fine.
    static func remove(_ path: String) throws(StoreFailure) {
        guard Glibc.remove(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
    }

    /// Removes a folder with the files in it and their folders, two levels deep, which is all the store makes.
    static func removeTree(_ path: String, depth: Int = 3) throws(StoreFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR, depth > 0 {
            for name in try list(path) { try removeTree(path + "/" + name, depth: depth - 1) }
        }
        try remove(path)
    }

    static func failure(_ call: String, _ path: String) -> StoreFailure {
        .system(call: call, path: path, reason: String(cString: strerror(errno)))
    }
}

/// A file that is being written. It disappears with this value unless it is moved to its place before.
final class TemporaryFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(path: String) throws(StoreFailure) {
        self.path = path
        descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreFiles.failure("open", path) }
    }

    deinit {
        close(descriptor)
        // After a move this name is free, and nothing is removed.
        unlink(path)
    }

    /// Gives the file its final name in one step.
    func move(to final: String) throws(StoreFailure) { try StoreFiles.rename(path, to: final) }

    func append(_ bytes: [UInt8]) throws(StoreFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                write(descriptor, all.baseAddress?.advanced(by: written), all.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StoreFiles.failure("write", path) }
            written += count
        }
    }
}

extension HTTP.OpenFile {
    /// Gives the bytes of a range to `sink` piece by piece.
    func read(_ range: Range<Int>, into sink: ([UInt8]) throws(S3Error) -> Void) throws(S3Error) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: min(1 << 16, range.upperBound - offset)) { space, filled in
                count = pread(descriptor, space.baseAddress, space.count, off_t(offset))
                filled = max(0, count)
            }
            guard count > 0 else { throw .internalError }
            try sink(piece)
            offset += count
        }
    }
}
