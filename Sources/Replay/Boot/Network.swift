import Foundation

/// The run's private network namespace: loopback only, low ports open to the ordinary user that owns it.
enum Network {
    private static let portSetting = "/proc/sys/net/ipv4/ip_unprivileged_port_start"

    /// Brings loopback up and lets hosts bind ports such as 22.
    ///
    /// Refuses to go on when the namespace has any other interface that is up: containment comes first (DESIGN section 5, Guard).
    /// - Throws: `BootError`.
    static func prepare() async throws {
        let links = try await Tool.run(["ip", "-o", "link", "show", "up"], purpose: "list network interfaces")
        let others = links.split(separator: "\n").filter { !$0.contains(" lo:") }
        guard others.isEmpty else {
            throw BootError.namespaceForbidden(
                message: "the network namespace is not private: it has \(others.joined(separator: "; "))")
        }
        try await Tool.run(["ip", "link", "set", "lo", "up"], purpose: "bring loopback up")
        do {
            try "0".write(toFile: portSetting, atomically: false, encoding: .utf8)
        } catch {
            throw BootError.namespaceForbidden(
                message: "\(portSetting) cannot be written: \(error.localizedDescription)")
        }
    }
}
