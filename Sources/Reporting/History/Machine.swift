import Glibc
import Timeline

/// The machine that a run was made on: `machine.json` in the run folder. Times compare only within a class of machines.
public struct Machine: Sendable, Hashable, Codable {
    /// What is compared: architecture, cores and model, or what `FIREDRILL_MACHINE` says.
    public var machineClass: String
    /// Cores that this process may use.
    public var cores: Int
    /// Memory in MiB.
    public var memoryMiB: Int
    /// As the kernel names it; empty when it does not.
    public var model: String
    /// Release of the kernel.
    public var kernel: String

    /// The class of runs that do not say where they were made.
    public static let unknown = "unknown"
    private static let fileLimit = 1 << 16  // bytes

    /// This machine.
    /// - Parameter name: instead of the class that is found, for fleets whose machines differ in name only.
    public static func current(name: String? = nil) -> Machine {
        var system = utsname()
        uname(&system)
        let architecture = withUnsafeBytes(of: system.machine) { text($0) }
        let kernel = withUnsafeBytes(of: system.release) { text($0) }
        let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) / (1 << 20) * Int(sysconf(Int32(_SC_PAGESIZE)))
        let model = processor()
        let parts = [architecture, cores == 1 ? "1 core" : "\(cores) cores", model].filter { !$0.isEmpty }
        let found = name.map { Text.harmless($0) } ?? ""
        return Machine(
            machineClass: Text.cut(found.isEmpty ? parts.joined(separator: ", ") : found, to: 120), cores: cores,
            memoryMiB: memory, model: model, kernel: kernel)
    }

    /// `machine.json`.
    public var encoded: String {
        JSON.object([
            "class": .string(machineClass), "cores": .int(Int64(cores)), "memory_mib": .int(Int64(memoryMiB)),
            "model": .string(model), "kernel": .string(kernel),
        ]).text(.init(indent: 2)) + "\n"
    }

    /// The class that the run in `folder` was made on; `unknown` when its file is not there or says nothing.
    public static func className(in folder: String) -> String {
        guard let bytes = SmallFile.read(folder + "/machine.json", limit: fileLimit),
            let json = try? JSONReader.read(bytes), case .string(let name)? = JSONPath(".class")?.value(in: json),
            !name.isEmpty
        else { return unknown }
        return Text.cut(Text.harmless(name), to: 120)
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func processor() -> String {
        guard let bytes = SmallFile.read("/proc/cpuinfo", limit: fileLimit, allowsMore: true) else { return "" }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("model name") }),
            let name = line.split(separator: ":", maxSplits: 1).last
        else { return "" }
        return name.split(separator: " ").joined(separator: " ")
    }
}

/// Files that are read whole, up to a limit.
enum SmallFile {
    /// The file's bytes; nil when it cannot be read or is longer than `limit` (unless the rest may be left out).
    static func read(_ path: String, limit: Int, allowsMore: Bool = false) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            if bytes.count > limit { return allowsMore ? Array(bytes.prefix(limit)) : nil }
        }
    }
}
