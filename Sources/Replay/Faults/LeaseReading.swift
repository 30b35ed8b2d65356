import Foundation
import Glibc

/// The lease of a booted host as it lies in the host's folder, read from outside. For people: undo asks the host.
public struct LeaseReading: Sendable, Hashable {
    /// What a lease can be.
    public enum State: Sendable, Hashable {
        /// Somebody renews it; it fires after so many seconds of silence.
        case armed(seconds: Int)
        /// Its time is over, or it is of an earlier boot; the host is about to fire it.
        case expired
        /// The host undoes its faults by itself.
        case fired
        case idle
        /// There is none to read: the host is gone, or has made something else of the file.
        case unknown
    }

    /// A lease line is shorter.
    private static let sizeLimit = 256  // bytes

    /// What it is.
    public var state: State
    /// Nonce of the run that armed it; empty when nobody did.
    public var run: String

    /// In one or two words.
    public var text: String {
        switch state {
        case .armed(let seconds): "armed, \(seconds) s left"
        case .expired: "expired"
        case .fired: "fired"
        case .idle: "idle"
        case .unknown: "none"
        }
    }

    /// Reads the lease of `host` in a run folder.
    public init(_ folder: RunFolder, host: String) {
        self.init(
            file: Self.read(folder.machine(host) + "/", HostLayout.state.dropFirst() + "/lease"),
            uptime: Self.uptime, boot: Self.boot)
    }

    init(file text: String?, uptime: Int?, boot: String?) {
        let fields = (text ?? "").split(whereSeparator: \.isWhitespace)
        state = .unknown
        run = ""
        guard fields.count == 4, let expires = Int(fields[2]), let uptime, let boot else { return }
        switch fields[0] {
        case "idle": state = .idle
        case "fired": state = .fired
        case "armed": state = fields[1] == boot && uptime < expires ? .armed(seconds: expires - uptime) : .expired
        default: return
        }
        run = String(fields[3])
    }

    private static var uptime: Int? {
        guard let text = try? String(contentsOfFile: "/proc/uptime", encoding: .utf8) else { return nil }
        return text.split(separator: ".").first.flatMap { Int($0) }
    }

    private static var boot: String? {
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?.trimmingWhitespace()
    }

    /// Folder by folder, because the host may have made any of them a link to somewhere else.
    private static func read(_ base: String, _ path: String) -> String? {
        var folder = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let names = path.split(separator: "/").map(String.init)
        for name in names.dropLast() {
            let next = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard next >= 0 else { return nil }
            close(folder)
            folder = next
        }
        // Without waiting, should the host have made it a pipe.
        let file = openat(folder, names.last ?? "", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: sizeLimit)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}
