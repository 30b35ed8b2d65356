import ArgumentParser
import Replay

/// First process of the contained namespace; started by the outer process, not by people.
struct SuperviseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "_supervise", shouldDisplay: false)

    @Argument var folder: String
    @OptionGroup var options: ContainedModeOptions

    func run() throws {
        let arguments = [RunFolder(path: folder).program, "_replay", folder] + options.mode.arguments
        throw ArgumentParser.ExitCode(SupervisorProcess.run(arguments))
    }
}
