import Testing

@testable import Replay

/// Which remedy is named for which kind of machine (docs/ci.md has the same list for people).
struct DoctorTests {
    /// Settings below `/proc/sys` as the systems have them, and what must be in the remedy.
    private static let machines: [(name: String, settings: [String: String], remedy: String)] = [
        (
            "Ubuntu 24.04",
            ["kernel/apparmor_restrict_unprivileged_userns": "1", "user/max_user_namespaces": "63000"],
            "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        ),
        (
            "a hardened Debian kernel", ["kernel/unprivileged_userns_clone": "0"],
            "sudo sysctl kernel.unprivileged_userns_clone=1"
        ),
        ("RHEL 7", ["user/max_user_namespaces": "0"], "sudo sysctl user.max_user_namespaces=15000"),
        (
            "Docker with its default profile",
            ["kernel/apparmor_restrict_unprivileged_userns": "0", "user/max_user_namespaces": "63000"],
            "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined"
        ),
    ]

    @Test(arguments: machines.indices)
    func theRemedyFitsTheMachine(_ index: Int) {
        let machine = Self.machines[index]
        #expect(Doctor.remedy { machine.settings[$0] }.contains(machine.remedy), "\(machine.name)")
    }
}
