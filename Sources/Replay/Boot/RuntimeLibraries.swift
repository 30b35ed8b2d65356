import Foundation

/// Where this program's Swift runtime libraries were loaded from, so that hosts can see them too: the testnet's programs
/// are built by the same toolchain.
enum RuntimeLibraries {
    private static let library = "/libswiftCore.so"

    /// A folder such as `/opt/swift/usr/lib/swift/linux`; nil when the runtime is linked into the program or lies under
    /// `/usr`, which hosts see anyway.
    static var folder: String? {
        // Read to the end by hand: a file of /proc gives a page at a time and says that its size is zero.
        guard let maps = FileHandle(forReadingAtPath: "/proc/self/maps"), let data = try? maps.readToEnd() else {
            return nil
        }
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasSuffix(library) {
            guard let start = line.firstIndex(of: "/") else { continue }
            let path = line[start...].dropLast(library.count)
            return path.hasPrefix("/usr/") ? nil : String(path)
        }
        return nil
    }
}
