import Timeline

/// Programs from beside the executable, and a new build that is rolled out.
extension TestnetCompiler {
    mutating func loadPrograms() {
        guard let programFolder else { return }
        let folder = RootFolder(path: programFolder)
        for program in testnet.file.programs where programs[program.program.value] == nil {
            do throws(ExpressionError) {
                let bytes = try folder.bytes(program.program.value, limit: Limits.programBytes)
                let sha256 = Hash.hex(bytes)
                staged[sha256] = StagedFile(sha256: sha256, bytes: bytes)
                programs[program.program.value] = (sha256, bytes.count)
            } catch {
                sink.error(
                    "the program '\(program.program.value)' is not beside firedrill: \(error.message)",
                    at: program.program.at,
                    remedy: "Build it with 'swift build'.")
            }
        }
    }

    /// The new build's place in `programs`; no program has a name like it.
    private static let buildName = "(new build)"

    /// Reads the new build. A testnet without `release` cannot roll one out.
    private mutating func loadBuild() {
        guard let build, programs[Self.buildName] == nil else { return }
        guard testnet.file.release != nil else {
            sink.error(
                "the testnet '\(testnet.file.name.value)' does not say how a new build is rolled out",
                at: testnet.file.at, remedy: "Add 'release', or put the program into an overlay.")
            return
        }
        let parts = build.split(separator: "/").map(String.init)
        let folder = RootFolder(path: "/" + parts.dropLast().joined(separator: "/"))
        do throws(ExpressionError) {
            let bytes = try folder.bytes(parts.last ?? "", limit: Limits.programBytes)
            let sha256 = Hash.hex(bytes)
            staged[sha256] = StagedFile(sha256: sha256, bytes: bytes)
            programs[Self.buildName] = (sha256, bytes.count)
        } catch {
            sink.error(
                "the new build '\(Quote.short(build))': \(error.message)", at: .commandLine, remedy: error.remedy)
        }
    }

    /// The new build on the hosts that roll it out.
    mutating func newBuild(for host: Testnet.Host) -> FilePlan? {
        guard build != nil else { return nil }
        loadBuild()
        guard let release = testnet.file.release, let known = programs[Self.buildName],
            release.hosts.value.matches(name: host.name, groups: host.groups)
        else { return nil }
        return FilePlan(path: release.to.value, mode: "0755", sha256: known.sha256, size: known.size)
    }

    /// The command that rolls it out; nil without a new build.
    func releaseStage() -> StagePlan? {
        guard build != nil, let release = testnet.file.release else { return nil }
        return StagePlan(
            name: "release", hosts: testnet.resolve(release.hosts, sink: sink), command: script(of: release.block))
    }
}
