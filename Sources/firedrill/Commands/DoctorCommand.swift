import ArgumentParser
import Replay
import Timeline

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tries what Firedrill needs from this machine and names the command that mends what is missing.",
        discussion: "Exits 0 when everything works, 3 when something is missing.")

    @OptionGroup var place: PlaceOptions

    func run() async throws {
        let findings = await Doctor(root: place.rootPath, testnode: Programs.testnode).examine()
        let width = findings.map(\.subject.count).max() ?? 0
        for finding in findings {
            let subject = finding.subject.padding(to: width)
            print("\(finding.isWell ? "ok     " : "MISSING") \(subject)  \(finding.detail)")
            if let remedy = finding.remedy { print("        \("".padding(to: width))  \(remedy)") }
        }
        let missing = findings.count { !$0.isWell }
        guard missing == 0 else {
            print("\n\(missing) of \(findings.count) things are missing.")
            throw ArgumentParser.ExitCode(Timeline.ExitCode.harnessError.rawValue)
        }
        print("\nEverything works.")
    }
}

extension String {
    /// Filled up with spaces to `width` characters; longer text stays as it is.
    func padding(to width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }
}
