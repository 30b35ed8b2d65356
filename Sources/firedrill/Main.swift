import ArgumentParser
import Foundation

@main
enum Program {
    static func main() async {
        // A reader that went away (`firedrill run ... | head`) is an error of that write, not the end of the program: a run
        // has faults to undo and a network to take down.
        signal(SIGPIPE, SIG_IGN)
        // Debian keeps some of the tools that a run needs out of an ordinary user's PATH.
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        setenv("PATH", path + ":/usr/local/sbin:/usr/sbin:/sbin", 1)
        await Firedrill.main()
    }
}

struct Firedrill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "firedrill",
        abstract: "Replays real outages on a local network of real processes, and asserts the time to recover.",
        discussion: """
            Examples:
              firedrill run harmony-release-bucket            break it, run the runbook, time the recovery
              firedrill run all                               every scenario with its runbook
              firedrill run harmony-release-bucket --arm fault-only
              firedrill validate harmony-release-bucket       replay without and with each fix, and compare
              firedrill plan harmony-release-bucket           every command that would run, and where
              firedrill check                                 find mistakes in testnet/, chaos/ and runbooks/
              firedrill coverage H1                           what covers each fact of an incident
              firedrill explain H1-S6                         what a fact, fault, scenario or runbook is
              firedrill nightly                               every scenario, then fixes, with reports for CI
              firedrill trend                                 which times to recover became longer
              firedrill up harmony-four-shards                a network to rehearse on; ssh -F FILE HOST reaches it
              firedrill faults                                what a killed run left open; 'firedrill heal' undoes it
              firedrill mutate witness-failover               does a runbook notice the mistakes that are made with it
              firedrill doctor                                what this machine lacks

            Exit codes: 0 passed, 1 failed, 2 inconclusive, 3 Firedrill itself failed, 64 usage or definition error.
            """,
        subcommands: [
            RunCommand.self, ValidateCommand.self, NightlyCommand.self, MergeCommand.self, PlanCommand.self,
            MutateCommand.self, CheckCommand.self, ListCommand.self, ExplainCommand.self, CoverageCommand.self,
            JudgeCommand.self,
            HistoryCommand.self, CompareCommand.self, TrendCommand.self, DoctorCommand.self, UpCommand.self,
            DownCommand.self, StatusCommand.self, FaultsCommand.self, HealCommand.self, SuperviseCommand.self,
            ReplayCommand.self, NetworkCommand.self, HealHostsCommand.self,
        ])
}
