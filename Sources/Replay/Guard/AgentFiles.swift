/// What deploy puts on every host that a fault may be injected on, before the marker is written.
///
/// The service folder must then be linked into the host's service directory, and `runsvdir` must run there.
public enum AgentFiles {
    /// One file: its text and its permission bits.
    public struct File: Sendable, Hashable {
        /// The whole text.
        public var content: String
        /// Permission bits.
        public var mode: UInt16
    }

    /// Name of the lease's runit service, to be linked into the host's service directory.
    public static let service = "firedrill-lease"

    /// Absolute path on the host to the file laid there.
    public static let all: [String: File] = [
        "\(HostLayout.library)/undo": File(content: "#!/bin/sh\n" + FaultScripts.undo, mode: 0o755),
        "\(HostLayout.library)/service": File(content: FaultTools.service, mode: 0o755),
        "\(HostLayout.leaseService)/run": File(content: LeaseService.run, mode: 0o755),
    ]
}
