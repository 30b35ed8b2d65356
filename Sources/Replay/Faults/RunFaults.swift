import Foundation
import Timeline

/// What one run's journal leaves open, and whether there is still a network on which it could be undone.
public struct RunFaults: Sendable, Hashable {
    /// What became of the run's network.
    public enum Network: Sendable, Hashable {
        /// The run goes on: its faults are meant to be in.
        case inUse
        /// It was left running, and its replay is over or has lost its leases.
        case kept(KeptNetwork)
        /// Nothing of it runs any more.
        case gone
    }

    /// The run.
    public var folder: RunFolder
    /// Not closed, in the order of their intents.
    public var faults: [OpenFault]
    /// What became of its network.
    public var network: Network
    /// Lines of the journal that cannot be read; 0 in a whole one.
    public var damagedLines: Int

    /// The name under `.firedrill/runs`.
    public var name: String { (folder.path as NSString).lastPathComponent }

    /// Every run under `root` that has open faults or a damaged journal, oldest first.
    /// - Throws: `BootError.fileSystem` when a kept network's record cannot be read.
    public static func all(root: String) throws -> [RunFaults] {
        let kept = try KeptNetwork.all(root: root).filter(\.isRunning)
        let runs = "\(root)/.firedrill/runs"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
        return names.sorted().compactMap { name in
            let folder = RunFolder(path: "\(runs)/\(name)")
            guard let lines = try? Journal.lines(path: folder.journal) else { return nil }
            let faults = OpenFault.open(in: lines.compactMap(\.entry))
            let damaged = lines.count { $0.entry == nil }
            guard !faults.isEmpty || damaged > 0 else { return nil }
            return RunFaults(
                folder: folder, faults: faults, network: network(of: folder, faults, kept), damagedLines: damaged)
        }
    }

    private static func network(of folder: RunFolder, _ faults: [OpenFault], _ kept: [KeptNetwork]) -> Network {
        guard let network = kept.first(where: { $0.folder == folder.path }) else {
            return RunLock.isHeld(folder) ? .inUse : .gone
        }
        if replayHasEnded(folder) { return .kept(network) }
        // A replay that renews its leases is at work; one that was stopped or hangs has lost them.
        let isAtWork = faults.contains { fault in
            if fault.stage == .intended { return true }
            let lease = LeaseReading(folder, host: fault.host)
            if case .armed = lease.state { return lease.run == fault.identity.run }
            return false
        }
        return isAtWork ? .inUse : .kept(network)
    }

    private static func replayHasEnded(_ folder: RunFolder) -> Bool {
        guard let last = try? EventLogReader.readAll(path: folder.events).events.last else { return true }
        if case .runEnded = last.body { return true }
        return false
    }
}
