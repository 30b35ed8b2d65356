import Foundation

/// Refuses a fault that its host, or this machine, cannot do.
struct FaultRequirements {
    let file: FaultFile
    let host: Testnet.Host
    let at: Location
    let sink: Sink

    /// Where hosts look for programs. `/usr` but for `/usr/local` is the machine's own.
    private static let machineFolders = ["/usr/sbin", "/usr/bin"]
    private static let hostFolders = ["/usr/local/sbin", "/usr/local/bin"]

    /// - Parameters:
    ///   - parameters: of this use, resolved.
    ///   - files: what is deployed to the host.
    ///   - onThisMachine: the plan is to be played here, so that what the machine lacks matters.
    func check(parameters: [String: String], files: [FilePlan], onThisMachine: Bool) {
        for program in file.requires.programs where onThisMachine {
            let deployed = files.contains { file in Self.hostFolders.contains { file.path == "\($0)/\(program.value)" }
            }
            let installed = Self.machineFolders.contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(program.value)")
            }
            if !deployed, !installed {
                sink.error(
                    "the fault '\(file.name.value)' needs the program '\(program.value)', which host '\(host.name)' does not have",
                    at: at, remedy: "Install it on this machine ('make setup' installs what the shipped faults need).")
            }
        }
        if let parameter = file.requires.fileSystem, let path = parameters[parameter.value],
            host.fileSystems[path] == nil
        {
            sink.error(
                "the fault '\(file.name.value)' needs a file system of the host's own at '\(Quote.short(path))', which "
                    + "host '\(host.name)' does not have",
                at: at,
                remedy: host.fileSystems.isEmpty
                    ? "Add 'filesystems: {\(Quote.short(path)): 8MiB}' to the host, or choose another."
                    : "It has \(host.fileSystems.keys.sorted().joined(separator: ", ")).")
        }
    }
}
