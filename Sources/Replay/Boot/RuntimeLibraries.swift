import Foundation

/// Where this program's Swift runtime libraries were loaded from, so that hosts can see them too: the testnet's programs
/// are built by the same toolchain.
enum RuntimeLibraries {
    /// A folder such as `/usr/lib/swift/linux`; nil when the runtime is linked into the program or lies under `/usr`,
    /// which hosts see anyway.
    static var folder: String? {
        guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else { return nil }
        for line in maps.split(separator: "\n") where line.hasSuffix("/libswiftCore.so") {
            guard let start = line.firstIndex(of: "/") else { continue }
            let path = line[start...].dropLast("/libswiftCore.so".count)
            return path.hasPrefix("/usr/") ? nil : String(path)
        }
        return nil
    }
}
