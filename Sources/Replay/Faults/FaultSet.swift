import Definitions
import Timeline

/// One fault on all its hosts.
struct FaultSet: Sendable {
    let plan: FaultPlan
    let drivers: [FaultDriver]

    /// Prepares on every host at once. True when the lease is armed on all of them.
    func prepare() async -> Bool {
        await all { await $0.prepare() }
    }

    /// Injects on every host at once. True when the effect was proven on all of them.
    func inject() async -> Bool {
        await all { await $0.inject() }
    }

    /// Undoes on every host at once, whatever happened; false when a record stays open.
    func undo() async -> Bool {
        await all {
            if case .closed = await $0.undo() { true } else { false }
        }
    }

    private func all(_ body: @escaping @Sendable (FaultDriver) async -> Bool) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for driver in drivers { group.addTask { await body(driver) } }
            return await group.reduce(true) { $0 && $1 }
        }
    }
}
