import Glibc

/// Where this program's Swift runtime libraries were loaded from, so that hosts can see them too: the testnet's programs
/// are built by the same toolchain.
enum RuntimeLibraries {
    /// A folder such as `/opt/swift/usr/lib/swift/linux`; nil when the runtime is linked into the program or lies under
    /// `/usr`, which hosts see anyway.
    static var folder: String? {
        var info = Dl_info()
        guard let symbol = dlsym(nil, "swift_retain"), dladdr(symbol, &info) != 0, let file = info.dli_fname,
            let resolved = realpath(file, nil)
        else { return nil }
        defer { free(resolved) }
        let path = String(cString: resolved)
        guard path.hasSuffix(".so"), !path.hasPrefix("/usr/"), let slash = path.lastIndex(of: "/") else { return nil }
        return String(path[..<slash])
    }
}
