import ArgumentParser
import Replay

/// The network's switch inside the contained namespace; started by the replay, not by people.
struct NetworkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: NetworkSwitch.subcommand, shouldDisplay: false)

    @Argument var folder: String

    func run() async throws {
        var networkSwitch = try NetworkSwitch(folder: RunFolder(path: folder))
        try await networkSwitch.serve()
    }
}
