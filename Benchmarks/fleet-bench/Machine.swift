import BenchmarkFigures
import Foundation

/// What the figures were measured on, and the machine's own account of its time.
enum Machine {
    /// CPU time that everything on the machine used since it started, in seconds (ticks of 10 ms, see proc(5)).
    static func busySeconds() -> Double {
        guard let stat = FileManager.default.contents(atPath: "/proc/stat") else { return 0 }
        let line = String(decoding: stat, as: UTF8.self).prefix { $0 != "\n" }
        let ticks = line.split(separator: " ").dropFirst().prefix(7).compactMap { Double($0) }
        guard ticks.count == 7 else { return 0 }
        // user, nice, system, interrupts; without idle and waiting for disks.
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / 100
    }

    /// Machine and versions, in the order in which they are printed.
    static func facts(venv: String) -> [MachineFact] {
        let processor =
            text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        let memory = text("/proc/meminfo").split(separator: "\n").first?.split(separator: " ").dropFirst().first
        let gigabytes = (Double(memory ?? "0") ?? 0) / 1_048_576
        var facts = [
            MachineFact("processor", "\(processor), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores"),
            MachineFact("memory", String(format: "%.0f GB", gigabytes)),
            MachineFact("kernel", text("/proc/sys/kernel/osrelease")),
            MachineFact("system", "Debian \(text("/etc/debian_version"))"),
            MachineFact("OpenSSH", output(["/usr/bin/ssh", "-V"])),
            MachineFact("algorithms", "curve25519-sha256, ssh-ed25519, aes128-ctr, hmac-sha2-256, no compression"),
            MachineFact("pdsh", output(["/usr/bin/pdsh", "-V"])),
            MachineFact("ClusterShell", output(["/usr/bin/clush", "--version"])),
        ]
        for package in ["asyncssh", "uvloop", "parallel-ssh", "ssh2-python", "ansible-core"] {
            let code = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"
            facts.append(MachineFact(package, output(["\(venv)/bin/python3", "-c", code, package])))
        }
        return facts
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The first line that a program prints.
    private static func output(_ command: [String]) -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return "absent" }
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return said.split(separator: "\n").first.map(String.init) ?? "unknown"
    }
}
