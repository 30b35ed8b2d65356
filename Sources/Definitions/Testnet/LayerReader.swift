/// A file of a layer before rendering.
struct LayerFile: Sendable {
    /// Absolute path on the host, without the `.mustache` suffix.
    var path: String
    /// Path under the root, for messages.
    var source: String
    var isExecutable: Bool
    var isTemplate: Bool
    var bytes: [UInt8]
}

/// Reads `testnet/<name>/layers/<layer>/`: regular files only, bounded in number, size and depth.
enum LayerReader {
    static let templateSuffix = ".mustache"

    static func read(_ layer: Located<String>, testnet: String, root: RootFolder, sink: Sink) -> [LayerFile] {
        let folder = "testnet/\(testnet)/layers"
        guard Scalars.isName(layer.value) else { return [] }
        guard root.entry("\(folder)/\(layer.value)") == .folder else {
            sink.unknown("the layer", layer, among: root.names(in: folder) ?? [])
            return []
        }
        return read(folder: "\(folder)/\(layer.value)", at: layer.at, root: root, sink: sink)
    }

    /// Everything below a folder of `root`, which stands for a host's `/`.
    static func read(folder: String, at: Location, root: RootFolder, sink: Sink) -> [LayerFile] {
        var files: [LayerFile] = []
        visit(folder, hostPath: "", depth: 0, at: at, root: root, files: &files, sink: sink)
        return files
    }

    private static func visit(
        _ relative: String, hostPath: String, depth: Int, at: Location, root: RootFolder, files: inout [LayerFile],
        sink: Sink
    ) {
        guard depth <= Limits.layerDepth, files.count <= Limits.filesPerLayer else {
            sink.error(
                "the layer has more than \(Limits.filesPerLayer) files or \(Limits.layerDepth) folders inside each other",
                at: at,
                remedy: "Make it smaller.")
            return
        }
        for name in root.names(in: relative) ?? [] {
            let source = "\(relative)/\(name)"
            let here = Location(file: source, line: 1, column: 1)
            guard HostPath.isValid("\(hostPath)/\(name)") else {
                sink.error(
                    "the file name holds a control character or is too long", at: at,
                    remedy: "Rename '\(Quote.short(name))'.")
                continue
            }
            switch root.entry(source) {
            case .folder:
                visit(
                    source, hostPath: "\(hostPath)/\(name)", depth: depth + 1, at: at, root: root, files: &files,
                    sink: sink)
            case .file(_, let executable):
                do throws(ExpressionError) {
                    let bytes = try root.bytes(source, limit: Limits.fileBytes)
                    let isTemplate = name.hasSuffix(templateSuffix) && name != templateSuffix
                    let target = isTemplate ? String(name.dropLast(templateSuffix.count)) : name
                    files.append(
                        LayerFile(
                            path: "\(hostPath)/\(target)", source: source, isExecutable: executable,
                            isTemplate: isTemplate,
                            bytes: bytes))
                } catch {
                    sink.error(error.message, at: here, remedy: error.remedy)
                }
            case .link:
                sink.error("a layer cannot hold a symbolic link", at: here, remedy: "Put the file itself there.")
            case .other, nil:
                sink.error("this is neither a file nor a folder", at: here, remedy: "Remove it.")
            }
        }
    }
}
