import Definitions
import Foundation

extension RunFolder {
    /// How the hosts of a booted network are reached, with the keys that were made for it.
    /// - Throws: `BootError.fileSystem` when a host's public key cannot be read.
    public func addresses(of hosts: [HostPlan]) throws -> [HostAddress] {
        try hosts.map { host in
            let path = "\(keys)/\(host.name).pub"
            let line: String
            do {
                line = try String(contentsOfFile: path, encoding: .utf8)
            } catch {
                throw BootError.fileSystem(path: path, action: "read", reason: "\(error.localizedDescription)")
            }
            return HostAddress(
                name: host.name, address: host.address, port: 22, user: Sandbox.user, privateKeyFile: privateKey,
                hostKey: line.split(separator: " ").prefix(2).joined(separator: " ").trimmingWhitespace())
        }
    }
}
