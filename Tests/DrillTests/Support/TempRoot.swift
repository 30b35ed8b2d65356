import Foundation
import Glibc
import Testing
import Timeline

/// A throw-away root folder with definitions in it, and everything that a test does there. Its path is unique, which is
/// how processes and mounts of its runs are recognised.
struct TempRoot: Sendable {
    /// Which definitions are copied in.
    enum Source: Sendable {
        /// Two counters and a pager: a run takes seconds.
        case counters
        /// The definitions that come with the package.
        case package

        /// Of the places that `Turns` has: two small runs go on at once, a full testnet has the machine to itself.
        var places: Int { self == .counters ? 1 : 2 }
    }

    /// Folder that belongs to the test: the root, output of commands, `TMPDIR`.
    let base: String
    var path: String { "\(base)/root" }
    /// What commands get as `TMPDIR`; must be empty afterwards.
    var temporary: String { "\(base)/tmp" }

    /// Makes a root, runs `body`, ends whatever the root's runs left, and removes all.
    /// - Parameter places: of `Turns`, when others than those of the source: a second root within a `body` takes none.
    static func with(
        _ source: Source, mode: Int = 0o755, places: Int? = nil, _ body: (TempRoot) async throws -> Void
    ) async throws {
        _ = try Programs.firedrill()
        let places = places ?? source.places
        if places > 0 { await Turns.drills.take(places) }
        let root = TempRoot(base: "/tmp/firedrill-drill-\(UUID().uuidString.prefix(12))")
        do {
            try await root.fill(source, mode: mode)
            try await body(root)
        } catch {
            root.destroy()
            if places > 0 { await Turns.drills.giveBack(places) }
            throw error
        }
        root.destroy()
        if places > 0 { await Turns.drills.giveBack(places) }
    }

    private func fill(_ source: Source, mode: Int) async throws {
        let files = FileManager.default
        try files.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(temporary, 0o1777)
        let origin =
            switch source {
            case .counters: "\(Programs.package)/Tests/DrillTests/Fixtures/root"
            case .package: Programs.package
            }
        // cp, because FileManager wants to keep owners, which an ordinary user may not.
        let copy = try await Command(
            ["cp", "-r"] + ["testnet", "chaos", "runbooks"].map { "\(origin)/\($0)" } + [path], folder: base
        ).end(within: .seconds(20))
        guard copy.status == 0 else { throw TestFailure("cannot copy the definitions: \(copy.text)") }
        chmod(path, mode_t(mode))
        chmod(base, mode_t(mode))
    }

    private func destroy() {
        // Only what carries this root's unique path is ended.
        for process in Residue.processes(of: base) { kill(process.pid, SIGKILL) }
        try? FileManager.default.removeItem(atPath: base)
    }

    // MARK: users

    /// Gives the root to an ordinary user, with copies of the programs.
    /// - Returns: What makes a command that user's, and the user's `firedrill`.
    func asOrdinaryUser() async throws -> (prefix: [String], program: String) {
        let user = Programs.ordinaryUser
        let own = try Programs.firedrill()
        let programs = "\(base)/bin"
        try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
        for name in ["firedrill", "testnode"] {
            let source = URL(fileURLWithPath: own).deletingLastPathComponent().path + "/\(name)"
            // By another process: one that this one starts meanwhile would inherit the file, open for writing, and nobody could
            // execute it ("Text file busy").
            let copy = try await Command(["cp", source, "\(programs)/\(name)"], folder: base).end(within: .seconds(20))
            guard copy.status == 0 else { throw TestFailure("\(name) cannot be copied: \(copy.text)") }
            chmod("\(programs)/\(name)", 0o755)
        }
        for path in [base, path, temporary]
            + (FileManager.default.subpaths(atPath: path) ?? []).map({ "\(path)/\($0)" })
        {
            lchown(path, user.uid, user.gid)
        }
        return (
            ["setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups", "--inh-caps=-all"],
            "\(programs)/firedrill"
        )
    }

    // MARK: commands

    /// Starts `firedrill ARGUMENTS --root PATH`.
    func start(
        _ arguments: [String], environment: [String: String?] = [:], prefix: [String] = [], program: String? = nil
    ) throws -> Command {
        var environment = environment
        environment["TMPDIR"] = .some(temporary)
        return try Command(
            prefix + [program ?? Programs.firedrill()] + arguments + ["--root", path], environment: environment,
            folder: base)
    }

    /// Plays `firedrill ARGUMENTS --root PATH` to its end.
    func firedrill(
        _ arguments: [String], environment: [String: String?] = [:], prefix: [String] = [], program: String? = nil,
        within limit: Duration = .seconds(90)
    ) async throws -> Command.End {
        try await start(arguments, environment: environment, prefix: prefix, program: program).end(within: limit)
    }

    // MARK: definitions

    /// Replaces a piece of text that must occur exactly once in a definition file. Returns its line.
    @discardableResult
    func edit(_ file: String, _ old: String, _ new: String) throws -> Int {
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        let parts = text.components(separatedBy: old)
        guard parts.count == 2 else { throw TestFailure("'\(old)' occurs \(parts.count - 1) times in \(file)") }
        // In place: a file that hosts run stays executable.
        try (parts[0] + new + parts[1]).write(toFile: "\(path)/\(file)", atomically: false, encoding: .utf8)
        return parts[0].count { $0 == "\n" } + 1
    }

    // MARK: runs

    /// Absolute paths of the run folders, oldest first.
    var runs: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(path)/.firedrill/runs")) ?? []
        return names.sorted().map { "\(path)/.firedrill/runs/\($0)" }
    }

    /// The only run of this root.
    func onlyRun() throws -> RunFiles {
        guard runs.count == 1 else { throw TestFailure("there should be one run folder: \(runs)") }
        return RunFiles(path: runs[0])
    }

    /// Waits for the run that a command has just started.
    func runStarted(within limit: Duration = .seconds(20)) async throws -> RunFiles {
        let found = try await eventually(within: limit) { runs.last }
        guard let found else { throw TestFailure("no run folder appeared within \(limit)") }
        return RunFiles(path: found)
    }

    // MARK: leftovers

    /// Fails the test when a process, a mount, a file in `TMPDIR`, or something only a running network needs is left.
    func expectNothingLeft(within limit: Duration = .zero, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        _ = try await eventually(within: limit) { Residue.processes(of: path).isEmpty ? true : nil }
        let processes = Residue.processes(of: path)
        #expect(processes.isEmpty, "processes are left", sourceLocation: sourceLocation)
        #expect(Residue.mounts(of: path).isEmpty, "mounts are left", sourceLocation: sourceLocation)
        let temporary = try FileManager.default.contentsOfDirectory(atPath: temporary)
        #expect(temporary.isEmpty, "files outside the run folder are left", sourceLocation: sourceLocation)
        for run in runs {
            for name in ["machines", "staged", "keys", "control", "ready.json", "ssh_config"] {
                #expect(
                    !FileManager.default.fileExists(atPath: "\(run)/\(name)"), "\(name) is left in the run folder",
                    sourceLocation: sourceLocation)
            }
        }
    }
}
