import Foundation
import Glibc
import Testing

extension DrillTests {
    /// Who runs it, and from where.
    @Suite struct Places {
        @Test(.enabled(if: Programs.isRoot, "the other tests do this when they do not run as root"))
        func anOrdinaryUserRunsAScenario() async throws {
            try await TempRoot.with(.counters) { root in
                let (prefix, program) = try await root.asOrdinaryUser()
                let end = try await root.firedrill(
                    ["run", "counter-held"], environment: ["HOME": "/nonexistent"], prefix: prefix, program: program)
                #expect(end.status == 0, "\(end.text)")
                let run = try root.onlyRun()
                #expect(try run.verdict().verdict == "passed")
                let owner =
                    try FileManager.default.attributesOfItem(atPath: "\(run.path)/verdict.json")[.ownerAccountID]
                    as? Int
                #expect(owner == Int(Programs.ordinaryUser.uid))
                try await root.expectNothingLeft()
                let doctor = try await root.firedrill(["doctor"], prefix: prefix, program: program)
                #expect(doctor.status == 0, "\(doctor.text)")
            }
        }

        @Test(.enabled(if: Programs.isRoot, "an ordinary user cannot become another"))
        func twoUsersAtOnceDoNotDisturbEachOther() async throws {
            try await TempRoot.with(.counters, places: 2) { own in
                try await TempRoot.with(.counters, places: 0) { other in
                    let (prefix, program) = try await other.asOrdinaryUser()
                    async let first = own.firedrill(["run", "counter-held"])
                    async let second = other.firedrill(
                        ["run", "counter-held"], environment: ["HOME": "/nonexistent"], prefix: prefix, program: program
                    )
                    for end in [try await first, try await second] { #expect(end.status == 0, "\(end.text)") }
                    for root in [own, other] {
                        #expect(try root.onlyRun().verdict().verdict == "passed")
                        try await root.expectNothingLeft()
                    }
                }
            }
        }

        @Test(.enabled(if: Programs.isRoot, "only root has folders that nobody else may enter"))
        func rootRunsAScenarioFromAFolderThatOnlyItMayEnter() async throws {
            try await TempRoot.with(.counters, mode: 0o700) { root in
                let end = try await root.firedrill(["run", "counter-held"])
                #expect(end.status == 0, "\(end.text)")
                try await root.expectNothingLeft()
            }
        }

        @Test(.enabled(if: Programs.isRoot, "as an ordinary user there is nothing to drop"))
        func nothingOfARunStartedByRootRunsAsRoot() async throws {
            try await TempRoot.with(.counters) { root in
                let command = try root.start(["run", "counter-held"])
                let run = try await root.runStarted()
                try await run.reached(.detection)
                let processes = Residue.descendants(of: command.pid)
                #expect(processes.count > 6)
                for process in processes {
                    let owner =
                        try? FileManager.default.attributesOfItem(atPath: "/proc/\(process.pid)")[.ownerAccountID]
                        as? Int
                    #expect(owner != 0, "\(process)")
                }
                await command.send(SIGINT)
                _ = try await command.end(within: .seconds(30))
                try await root.expectNothingLeft()
            }
        }

        @Test func aNameWithSpacesAndQuotesIsAPathLikeAnyOther() async throws {
            try await TempRoot.with(.counters) { root in
                let odd = "\(root.path)/it's a \"root\" $HOME; with marks"
                try FileManager.default.createDirectory(atPath: odd, withIntermediateDirectories: true)
                for folder in ["testnet", "chaos", "runbooks"] {
                    try FileManager.default.moveItem(atPath: "\(root.path)/\(folder)", toPath: "\(odd)/\(folder)")
                }
                let command = try Command(
                    [Programs.firedrill(), "run", "counter-held", "--root", odd, "--arm", "no-fault"],
                    environment: ["TMPDIR": root.temporary], folder: root.base)
                let end = try await command.end(within: .seconds(60))
                #expect(end.status == 0, "\(end.text)")
                try await root.expectNothingLeft()
            }
        }
    }
}
