import Definitions
import Foundation
import Timeline

extension Journal {
    /// How a fault ends that no undo can reach any more, in the journal's words.
    public static let goneWithTestnet = "gone with its testnet"

    /// Closes `faults` whose hosts are no more: nothing was undone, and nothing is left that could be.
    /// - Throws: `JournalError.cannotWrite`; those that were not written stay open.
    public func closeGone(_ faults: [OpenFault], wall: String) throws(JournalError) {
        for fault in faults {
            try append(
                JournalEntry(
                    record: fault.record, fault: fault.plan.id, host: fault.host, run: fault.identity.run,
                    testnet: fault.identity.testnet, wall: wall, stage: .closed, fingerprint: nil, plan: nil,
                    reason: Self.goneWithTestnet))
        }
    }

    /// Replaces the values of secrets in the journal at `path` by their names. For when the network is gone: undo needs
    /// them no more, and the journal stays. The new file takes the old one's place whole, or not at all.
    /// - Throws: `JournalError`.
    public static func hideSecrets(path: String) throws(JournalError) {
        var values: [String: String] = [:]
        let lines = try lines(path: path)
        for plan in lines.compactMap(\.entry?.plan) {
            for script in [plan.fingerprint, plan.inject, plan.prove, plan.undo, plan.proveUndone] {
                for name in script.secrets {
                    if let value = script.environment[name], !value.isEmpty, value != "<\(name)>" {
                        values[value] = name
                    }
                }
            }
        }
        guard !values.isEmpty else { return }
        var text: [UInt8] = []
        for line in lines { text += hidden(line.text, line.entry, values) + [UInt8(ascii: "\n")] }
        try replace(path, with: text)
    }

    /// One line without secrets. In a damaged one they are looked for as text.
    private static func hidden(_ text: Data, _ entry: JournalEntry?, _ values: [String: String]) -> [UInt8] {
        guard var entry else {
            return Array(
                values.reduce(String(decoding: text, as: UTF8.self)) {
                    $0.replacingOccurrences(of: $1.key, with: "<\($1.value)>")
                }.utf8)
        }
        guard entry.plan != nil else { return Array(text) }
        entry.plan?.hideSecrets()
        return encoded(entry) ?? []
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(JournalError) {
        func failure() -> JournalError { .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure() }
        let new = path + ".new"
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = failure()
                unlink(new)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        // Root rewrites for the user whose journal it is.
        if geteuid() == 0 { _ = fchown(descriptor, status.st_uid, status.st_gid) }
        guard fsync(descriptor) == 0, rename(new, path) == 0 else {
            let error = failure()
            unlink(new)
            throw error
        }
    }
}
