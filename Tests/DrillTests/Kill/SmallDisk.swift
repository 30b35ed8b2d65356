import Foundation
import Glibc

/// A root folder on a small file system of its own, in a mount namespace that a sleeping shell keeps.
struct SmallDisk {
    private let keeper: Command
    private let base: TempRoot
    private var view: String { "/proc/\(keeper.pid)/root" }
    /// The root folder, as seen by this process.
    var root: String { "\(view)\(inside)" }
    private var inside: String { "\(base.base)/small/root" }
    var runs: String { "\(root)/.firedrill/runs" }
    private var filler: String { "\(view)\(base.base)/small/filler" }

    /// Room for the programs and a few megabytes more.
    private static let spare = 24 << 20  // bytes

    init(_ root: TempRoot) async throws {
        base = root
        let programs = try [Programs.firedrill(), Programs.firedrill().replacing(/firedrill$/, with: "testnode")]
        let size = try programs.reduce(Self.spare) {
            $0 + 2 * ((try FileManager.default.attributesOfItem(atPath: $1)[.size] as? Int) ?? 0)
        }
        let script = """
            set -e
            mkdir "$1/small"
            mount -t tmpfs -o size=$2 none "$1/small"
            cp -r "$1/root" "$1/small/root"
            touch "$1/small/ready"
            exec sleep 900
            """
        keeper = try Command(
            [
                "unshare", "--mount", "--propagation", "private", "--", "sh", "-c", script, "sh", root.base, "\(size)",
            ], folder: root.base)
        let ready = "/proc/\(keeper.pid)/root\(root.base)/small/ready"
        guard try await eventually(within: .seconds(20), { access(ready, F_OK) == 0 ? true : nil }) != nil else {
            throw TestFailure("the small file system was not mounted")
        }
    }

    private func entering(_ arguments: [String]) throws -> [String] {
        ["nsenter", "--mount", "--target", "\(keeper.pid)", "--", try Programs.firedrill()] + arguments
            + ["--root", inside]
    }

    func start(_ arguments: [String]) throws -> Command {
        try Command(try entering(arguments), environment: ["TMPDIR": base.temporary], folder: base.base)
    }

    func firedrill(_ arguments: [String]) async throws -> Command.End {
        try await start(arguments).end(within: .seconds(60))
    }

    /// Fills it to the last byte.
    func fill() {
        let file = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        for size in [1 << 20, 1 << 12, 1] {
            let block = [UInt8](repeating: 1, count: size)
            while write(file, block, size) > 0 {}
        }
    }

    func makeRoom() { unlink(filler) }

    /// Processes of runs on it, other than the one that keeps it.
    var processesLeft: Int {
        Residue.processes(of: inside).count { $0.pid != keeper.pid }
    }

    func end() async {
        await keeper.send(SIGKILL)
        _ = try? await keeper.end(within: .seconds(5))
    }
}
