import Foundation
import Testing

/// The arrows of the design: which module may import which. Read from the sources as they are.
@Suite("Imports") struct ArchitectureTests {
    private static let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What each module may import besides the standard library's own modules and the platform's.
    private static let arrows: [String: Set<String>] = [
        "CLibssh2": [], "CMarkGFM": [], "CSecp256k1": [],
        "SSH": ["CLibssh2", "Crypto"],
        "Timeline": [],
        "Definitions": ["Timeline", "CMarkGFM", "Yams", "Crypto", "Mustache"],
        "Replay": ["Definitions", "Timeline", "Crypto", "Subprocess", "SystemPackage"],
        "Reporting": ["Timeline", "GRDB"],
        "Consensus": [],
        "testnode": ["Consensus", "CSecp256k1", "Crypto", "FlyingFox", "FlyingSocks", "GRDB"],
        "firedrill": ["Definitions", "Replay", "Reporting", "SSH", "Timeline", "ArgumentParser", "Subprocess"],
    ]
    private static let platform: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Dispatch", "Synchronization",
    ]
    /// Pure modules: no file, clock, socket or randomness. Timeline reads and writes the files of a run, for which it has
    /// the C library.
    private static let pure: [String: Set<String>] = [
        "Consensus": [], "Timeline": ["Glibc", "FoundationEssentials"], "Reporting": ["Glibc", "FoundationEssentials"],
        "SSH": ["Glibc", "Synchronization"],
    ]

    private static func modules() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: package.appending(path: "Sources").path).sorted()
    }

    /// Module to the files that import something, with the line.
    private static func imports(of module: String) throws -> [(module: String, place: String)] {
        let folder = package.appending(path: "Sources/\(module)")
        let files =
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
        return try files.filter { $0.pathExtension == "swift" }.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated().compactMap { index, line -> (String, String)? in
                    let pattern =
                        /^\s*(?:@\w+\s+)*(?:public |internal |package |private |fileprivate )?import (?:(?:struct|class|enum|func|protocol|typealias|let|var) )?(\w+)/
                    guard let match = try pattern.firstMatch(in: line) else { return nil }
                    return (String(match.output.1), "Sources/\(module)/\(file.lastPathComponent):\(index + 1)")
                }
        }
    }

    @Test("every module is in the table, and imports what its arrows allow")
    func arrowsHold() throws {
        let modules = try Self.modules()
        #expect(Set(modules) == Set(Self.arrows.keys), "a module without arrows, or arrows without a module")
        var found = 0
        for module in modules {
            let allowed = (Self.arrows[module] ?? []).union(Self.pure[module] ?? Self.platform)
            for entry in try Self.imports(of: module) {
                found += 1
                #expect(allowed.contains(entry.module), "\(entry.place): \(module) must not import \(entry.module)")
            }
        }
        #expect(found > 200, "only \(found) imports were found: the pattern misses them")
    }

    @Test("the manifest gives no module a dependency that its arrows forbid")
    func manifestHolds() throws {
        let text = try String(contentsOf: Self.package.appending(path: "Package.swift"), encoding: .utf8)
        let targets = text.matches(
            of: /\.(?:executableTarget|target)\(\s*name: "(\w+)"(.*?)swiftSettings/.dotMatchesNewlines()
        ).filter { !$0.output.2.contains("path: \"Benchmarks/") }
        #expect(targets.count == Self.arrows.keys.count { !$0.hasPrefix("C") || $0 == "Consensus" })
        for target in targets {
            let module = String(target.output.1)
            let allowed = (Self.arrows[module] ?? []).union([
                "swift-crypto", "swift-subprocess", "swift-system", "GRDB.swift",
                "swift-argument-parser", "swift-mustache", "README.md",
            ])
            for name in String(target.output.2).matches(of: /"([\w.-]+)"/).map({ String($0.output.1) }) {
                #expect(allowed.contains(name), "Package.swift: \(module) must not depend on \(name)")
            }
        }
    }
}
