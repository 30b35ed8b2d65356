import ArgumentParser
import Definitions
import Foundation
import Timeline

/// Where definitions are read from and runs are kept.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Folder with testnet/, chaos/ and runbooks/; receives .firedrill/.", valueName: "folder"))
    var root: String = "."

    /// Absolute, without links.
    var rootPath: String {
        URL(fileURLWithPath: root, relativeTo: URL(fileURLWithPath: FileManager.default.currentDirectoryPath))
            .standardizedFileURL.resolvingSymlinksInPath().path
    }

    /// The definitions found there.
    func catalogue() throws -> Catalogue {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: rootPath, isDirectory: &isFolder), isFolder.boolValue else {
            throw Stop("there is no folder \(rootPath); name one with --root", .usage)
        }
        return Catalogue.load(root: rootPath, builtIn: Programs.builtInRoot)
    }
}

/// The programs that come together.
enum Programs {
    /// This very program.
    static let own: String =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    static let folder: String = URL(fileURLWithPath: own).deletingLastPathComponent().path
    /// The root that Firedrill itself comes with, when this program lies in a checkout of it: its faults and incidents
    /// can be named from any other root.
    static let builtInRoot: String? = {
        var folder = URL(fileURLWithPath: Programs.folder)
        for _ in 0..<5 {
            let parts = ["chaos/faults", "chaos/incidents", "Package.swift"]
            if parts.allSatisfy({ FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path) }) {
                return folder.path
            }
            folder.deleteLastPathComponent()
        }
        return nil
    }()
    /// What hosts run, beside the CLI.
    static let testnode: String = folder + "/testnode"
}

/// Ends a command with a message and an exit code of DESIGN section 5.
struct Stop: Error, CustomStringConvertible {
    let description: String
    let code: Timeline.ExitCode

    init(_ description: String, _ code: Timeline.ExitCode) {
        self.description = description
        self.code = code
    }

    /// Runs a command's body: definition errors end with 64, whatever else goes wrong with 3, each with its message.
    static func reporting(_ body: () async throws -> Timeline.ExitCode) async throws {
        let code: Timeline.ExitCode
        do {
            code = try await body()
        } catch let error as DefinitionErrors {
            printError("\(error)")
            code = .usage
        } catch let stop as Stop {
            printError("firedrill: \(stop.description)")
            code = stop.code
        } catch {
            printError("firedrill: \(error)")
            code = .harnessError
        }
        throw ArgumentParser.ExitCode(code.rawValue)
    }

    /// A line on standard error. That nobody reads it any more must not end a run without its tear-down.
    static func printError(_ text: String, terminator: String = "\n") {
        try? FileHandle.standardError.write(contentsOf: Data((text + terminator).utf8))
    }
}
