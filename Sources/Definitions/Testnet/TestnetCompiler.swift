import Crypto
import Foundation
import Timeline

/// A file's content that the run folder must hold as `staged/<sha256>`.
public struct StagedFile: Sendable, Hashable {
    /// SHA-256 of the content, lower-case hex.
    public var sha256: String
    /// Content; may hold generated secrets, so it belongs into the run folder and nowhere else.
    public var bytes: [UInt8]
}

/// Deploys on paper: layers, templates and programs become files of hosts.
struct TestnetCompiler {
    let testnet: Testnet
    let root: RootFolder
    let timeScale: Double
    let seed: UInt64
    /// Random text of this run from which generated values are derived.
    let runNonce: String
    /// Where programs lie; nil leaves them out (`firedrill check`).
    let programFolder: String?
    let sink: Sink
    /// What fixes change of the layers' files.
    let overlay: Overlay
    /// Absolute path of a new build that is rolled out as the testnet's `release` says; nil: none.
    let build: String?
    var staged: [String: StagedFile] = [:]
    private var layers: [String: [LayerFile]] = [:]
    private var stableFiles: [String: [String: [UInt8]]] = [:]
    private var stagedBytes = 0
    private var removed: Set<String> = []
    var programs: [String: (sha256: String, size: Int)] = [:]

    init(
        testnet: Testnet, root: RootFolder, timeScale: Double, seed: UInt64, runNonce: String, programFolder: String?,
        overlay: Overlay = Overlay(), build: String? = nil, sink: Sink
    ) {
        self.testnet = testnet
        self.root = root
        self.timeScale = timeScale
        self.seed = seed
        self.runNonce = runNonce
        self.programFolder = programFolder
        self.overlay = overlay
        self.build = build
        self.sink = sink
    }

    mutating func compile() -> TestnetPlan {
        loadPrograms()
        let shared = sharedContext()
        let hosts = testnet.hosts.map { hostPlan($0, shared: shared) }
        checkRemovals(hosts)
        var stages = testnet.file.stages.map { stage in
            StagePlan(
                name: stage.name.value, hosts: testnet.resolve(stage.hosts, sink: sink), command: stageScript(stage))
        }
        if let stage = releaseStage() {
            let after = testnet.file.release?.after?.value
            let place = stages.firstIndex { $0.name == after }.map { $0 + 1 } ?? stages.count
            stages.insert(stage, at: place)
        }
        return TestnetPlan(
            name: testnet.file.name.value, hosts: hosts, programs: programs.mapValues(\.sha256), stages: stages,
            bootTimeout: testnet.file.bootTimeout, settleTimeout: testnet.file.settleTimeout, size: testnet.size)
    }

    private mutating func hostPlan(_ host: Testnet.Host, shared: TemplateContext) -> HostPlan {
        var context = shared
        context.host = Self.values(of: host)
        var files: [String: FilePlan] = [:]
        for layer in host.layers {
            for file in layerFiles(layer) {
                guard let bytes = render(file, context: context) else { continue }
                files[file.path] = stage(
                    bytes, path: file.path, mode: file.isExecutable ? "0755" : "0644", at: layer.at)
            }
        }
        for program in testnet.file.programs where program.hosts.value.matches(name: host.name, groups: host.groups) {
            guard let known = programs[program.program.value] else { continue }
            files[program.to.value] = FilePlan(
                path: program.to.value, mode: "0755", sha256: known.sha256, size: known.size)
        }
        lay(over: &files, of: host.name, context: context)
        if let file = newBuild(for: host) { files[file.path] = file }
        checkTree(files, host: host)
        checkServices(of: host, files: files)
        return HostPlan(
            name: host.name, address: host.address, groups: host.groups, capabilities: host.capabilities,
            files: files.keys.sorted().compactMap { files[$0] }, services: host.services.map(\.value),
            isSSHClient: host.isSSHClient, controlsNetwork: host.controlsNetwork, fileSystems: host.fileSystems)
    }

    /// Fixes lie over everything else, and take files away.
    private mutating func lay(over files: inout [String: FilePlan], of host: String, context: TemplateContext) {
        for removal in overlay.removals where removal.hosts.contains(host) {
            if files.removeValue(forKey: removal.path) != nil { removed.insert(removal.path) }
        }
        for (path, entry) in (overlay.files[host] ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let bytes = render(entry.file, context: context) else { continue }
            files[path] = stage(bytes, path: path, mode: entry.file.isExecutable ? "0755" : "0644", at: entry.at)
        }
    }

    /// A file that is to be left out must be one that somebody has.
    private func checkRemovals(_ hosts: [HostPlan]) {
        for removal in overlay.removals where !removed.contains(removal.path) {
            let known = Set(hosts.filter { removal.hosts.contains($0.name) }.flatMap { $0.files.map(\.path) })
            sink.unknown("the file", Located(value: removal.path, at: removal.at), among: known)
        }
    }

    /// A host's files as they are in every run: generated values and the seed stand by name and scaled ones in incident
    /// time, so that an approval holds for another run, another seed and another time scale. Without programs.
    mutating func stableFiles(of name: String) -> [String: [UInt8]] {
        if let known = stableFiles[name] { return known }
        guard let host = testnet.host(name) else { return [:] }
        var context = sharedContext()
        context.host = Self.values(of: host)
        context.generated = Dictionary(
            uniqueKeysWithValues: testnet.file.generated.keys.map { ($0, "generated \($0)") })
        context.scaled = testnet.file.scaled.mapValues(\.description)
        context.seed = "seed"
        var files: [String: [UInt8]] = [:]
        for layer in host.layers {
            for file in layerFiles(layer) { files[file.path] = render(file, context: context) }
        }
        for path in overlay.removed[name] ?? [] { files[path] = nil }
        for (path, entry) in overlay.files[name] ?? [:] { files[path] = render(entry.file, context: context) }
        stableFiles[name] = files
        return files
    }

    private mutating func layerFiles(_ layer: Located<String>) -> [LayerFile] {
        if let known = layers[layer.value] { return known }
        let files = LayerReader.read(layer, testnet: testnet.file.name.value, root: root, sink: sink)
        layers[layer.value] = files
        return files
    }

    /// Nil when it cannot be rendered. The error says nothing of the host, so that it is reported once for all of them.
    private func render(_ file: LayerFile, context: TemplateContext) -> [UInt8]? {
        guard file.isTemplate else { return file.bytes }
        let here = Location(file: file.source, line: 1, column: 1)
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            sink.error("the template is not valid UTF-8", at: here, remedy: "Save the file as UTF-8.")
            return nil
        }
        do throws(ExpressionError) {
            return Array(try TemplateRenderer.render(text, context: context).utf8)
        } catch {
            sink.error(error.message, at: error.place?.location(in: file.source) ?? here, remedy: error.remedy)
            return nil
        }
    }

    private mutating func stage(_ bytes: [UInt8], path: String, mode: String, at: Location) -> FilePlan {
        let sha256 = Hash.hex(bytes)
        if staged[sha256] == nil {
            stagedBytes += bytes.count
            if stagedBytes > Limits.stagedBytes {
                sink.error(
                    "the files of the testnet are larger than \(Limits.stagedBytes >> 20) MiB", at: at,
                    remedy: "Make them smaller.")
            } else {
                staged[sha256] = StagedFile(sha256: sha256, bytes: bytes)
            }
        }
        return FilePlan(path: path, mode: mode, sha256: sha256, size: bytes.count)
    }

    /// A path cannot be a file in one layer and a folder in another.
    private func checkTree(_ files: [String: FilePlan], host: Testnet.Host) {
        for path in files.keys.sorted() {
            var parent = path[...]
            while let slash = parent.lastIndex(of: "/"), slash > parent.startIndex {
                parent = parent[..<slash]
                if files[String(parent)] != nil {
                    sink.error(
                        "on host '\(host.name)', \(parent) is a file and a folder", at: host.at,
                        remedy: "Rename it in one of the layers.")
                }
            }
        }
    }

    private func checkServices(of host: Testnet.Host, files: [String: FilePlan]) {
        for service in host.services {
            let run = "/etc/sv/\(service.value)/run"
            guard let file = files[run] else {
                let known = files.keys.compactMap { path -> String? in
                    let parts = path.split(separator: "/")
                    return parts.count == 4 && parts[1] == "sv" && parts[3] == "run" ? String(parts[2]) : nil
                }
                sink.error(
                    "the service '\(service.value)' of host '\(host.name)' has no \(run) in its layers", at: service.at,
                    remedy: NearMiss.closest(to: service.value, among: known).map { "Did you mean '\($0)'?" }
                        ?? "Add the run file to a layer.")
                continue
            }
            if file.mode != "0755" {
                sink.error(
                    "\(run) of host '\(host.name)' is not executable", at: service.at,
                    remedy: "Run chmod +x on it in the layer.")
            }
        }
    }

    /// `./file` on one line is a file of the testnet's folder; anything else is the script itself.
    private func stageScript(_ stage: TestnetFile.Stage) -> ScriptPlan { script(of: stage.block) }

    func script(of block: ScriptBlock) -> ScriptPlan {
        var plan = block.plan()
        let text = block.script.value
        guard text.hasPrefix("./"), !text.contains("\n"), !text.contains(" ") else { return plan }
        let at = block.script.at
        let relative = String(text.dropFirst(1))
        guard HostPath.isValid(relative) else {
            sink.error(
                "'\(Quote.short(text))' leads out of the testnet's folder", at: at, remedy: "Write ./folder/file.sh.")
            return plan
        }
        do throws(ExpressionError) {
            let bytes = try root.bytes("testnet/\(testnet.file.name.value)\(relative)", limit: Limits.yamlBytes)
            guard let script = String(validating: bytes, as: UTF8.self) else {
                throw ExpressionError("it is not valid UTF-8")
            }
            plan.script = script
        } catch {
            sink.error("the script '\(Quote.short(text))': \(error.message)", at: at, remedy: error.remedy)
        }
        return plan
    }

    private func sharedContext() -> TemplateContext {
        let hosts = testnet.hosts.map(Self.values)
        let none = TemplateContext.HostValues(name: "", address: "", groups: [], vars: [:])
        var generated: [String: String] = [:]
        for (name, count) in testnet.file.generated { generated[name] = token(name, bytes: count) }
        return TemplateContext(
            testnet: testnet.file.name.value, network: testnet.file.network, seed: String(seed),
            scaled: testnet.file.scaled.mapValues { Self.seconds($0.divided(by: timeScale)) },
            settings: testnet.file.settings, size: testnet.sizeValues, generated: generated, host: none, hosts: hosts,
            knownVars: Set(hosts.flatMap(\.vars.keys)))
    }

    /// HMAC-SHA256 of the name and a counter under the run's nonce, so that a run's values can be made again from it
    /// alone.
    private func token(_ name: String, bytes count: Int) -> String {
        let key = SymmetricKey(data: Array(runNonce.utf8))
        var bytes: [UInt8] = []
        var block = 0
        while bytes.count < count {
            bytes.append(
                contentsOf: HMAC<SHA256>.authenticationCode(for: Array("generated:\(name):\(block)".utf8), using: key))
            block += 1
        }
        return Hash.hexText(bytes.prefix(count))
    }

    /// Seconds with three decimals, such as `10.000`.
    static func seconds(_ duration: DurationText) -> String {
        let milliseconds = duration.duration.milliseconds
        let fraction = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    private static func values(of host: Testnet.Host) -> TemplateContext.HostValues {
        TemplateContext.HostValues(name: host.name, address: host.address, groups: host.groups, vars: host.vars)
    }
}
