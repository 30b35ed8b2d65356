import Definitions
import Foundation

/// The keys of one network, made for one run: a key pair for the operator and a host key for every host.
struct Keys {
    /// The operator's public key, one line.
    let client: String
    /// Host name to its public key, as in known_hosts.
    let hostKeys: [String: String]
    let folder: RunFolder

    func privateHostKey(_ host: String) -> String { "\(folder.keys)/\(host)" }

    /// How many `ssh-keygen` run at once.
    private static let parallelism = 8

    /// - Throws: `BootError` when `ssh-keygen` is missing or the folder cannot be written.
    static func make(for hosts: [HostPlan], in folder: RunFolder) async throws -> Keys {
        try FileManager.default.createDirectory(
            atPath: folder.keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let client = try await generate(folder.privateKey, comment: "firedrill operator")
        var hostKeys: [String: String] = [:]
        try await withThrowingTaskGroup(of: (String, String).self) { group in
            for (index, host) in hosts.enumerated() {
                if index >= parallelism, let (name, key) = try await group.next() { hostKeys[name] = key }
                group.addTask { (host.name, try await generate("\(folder.keys)/\(host.name)", comment: host.name)) }
            }
            for try await (name, key) in group { hostKeys[name] = key }
        }
        let known = hosts.compactMap { host in hostKeys[host.name].map { "\(host.name),\(host.address) \($0)\n" } }
        try known.joined().write(toFile: folder.knownHosts, atomically: false, encoding: .utf8)
        return Keys(client: client, hostKeys: hostKeys, folder: folder)
    }

    /// Makes an ed25519 key pair at `path`; returns the public half without its comment.
    private static func generate(_ path: String, comment: String) async throws -> String {
        try await Tool.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], purpose: "make an SSH key")
        let line: String
        do {
            line = try String(contentsOfFile: path + ".pub", encoding: .utf8)
        } catch {
            throw BootError.fileSystem(path: path + ".pub", action: "read", reason: error.localizedDescription)
        }
        return line.split(separator: " ").prefix(2).joined(separator: " ").trimmingWhitespace()
    }
}
