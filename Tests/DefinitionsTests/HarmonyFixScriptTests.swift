import Foundation
import Testing

/// The scripts of H1's fixes and mutants by themselves, on files: a replay of each takes a minute, this does not.
@Suite struct HarmonyFixScriptTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A host's folders under a temporary one, to which the scripts' absolute paths are redirected.
    private struct Place {
        let path: String

        func write(_ file: String, _ text: String) throws {
            let path = "\(path)\(file)"
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        }

        /// What a command line of the shell prints and its exit code; 124 when it takes longer than 20 seconds.
        @discardableResult
        func shell(_ line: String) throws -> (status: Int32, output: String) {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
            process.arguments = ["20", "/bin/sh", "-c", line]
            process.currentDirectoryURL = URL(fileURLWithPath: path)
            process.environment = ["PATH": "\(path)/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": path]
            (process.standardOutput, process.standardError) = (pipe, FileHandle.nullDevice)
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: output, as: UTF8.self))
        }

        /// A script of the package, put where it is on a host.
        func install(_ file: String, at destination: String) throws {
            var text = try String(contentsOf: HarmonyFixScriptTests.package.appending(path: file), encoding: .utf8)
            for folder in ["/etc/", "/opt/", "/run/"] { text = text.replacing(" \(folder)", with: " \(path)\(folder)") }
            text = text.replacing("</etc/", with: "<\(path)/etc/")
            try write(destination, text)
            try shell("chmod 755 .\(destination)")
        }
    }

    private func inPlace(_ body: (Place) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "fix-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: "\(path)/staging", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(Place(path: path))
    }

    /// A release (any program will do), its first half and garbage, as a bucket would hand them out.
    private func makeReleases(_ place: Place) throws {
        let made = try place.shell(
            """
            mkdir bucket && cp /bin/true bucket/harmony && head -c 20000 bucket/harmony >bucket/half
            head -c 30000 /dev/urandom >bucket/garbage
            cp /bin/false bucket/other
            """)
        try #require(made.status == 0)
    }

    private func accepts(_ name: String, _ place: Place) throws -> Bool {
        try place.shell("./fetch-release file://\(place.path)/bucket/\(name) \(place.path)/staging/harmony").status == 0
    }

    private static let fixes = "chaos/fixes/harmony-release-bucket"

    @Test func aReleaseIsTakenOnlyWithItsSignature() throws {
        try inPlace { place in
            try place.install("\(Self.fixes)/verify-binary/validator/opt/harmony/fetch-release", at: "/fetch-release")
            try makeReleases(place)
            let signed = try place.shell(
                """
                set -e
                ssh-keygen -q -t ed25519 -N '' -f key
                mkdir -p etc/harmony
                echo "release namespaces=\\"harmony-release\\" $(cut -d' ' -f1,2 key.pub)" >etc/harmony/release-signers
                ssh-keygen -q -Y sign -f key -n harmony-release <bucket/harmony >bucket/harmony.sig
                for other in half garbage other; do cp bucket/harmony.sig "bucket/$other.sig"; done
                ssh-keygen -q -Y sign -f key -n harmony-release <bucket/other >bucket/unfit.sig
                cp bucket/other bucket/unfit
                ssh-keygen -q -t ed25519 -N '' -f stranger
                cp bucket/harmony bucket/forged
                ssh-keygen -q -Y sign -f stranger -n harmony-release <bucket/forged >bucket/forged.sig
                cp bucket/harmony bucket/unsigned
                """)
            try #require(signed.status == 0)
            #expect(try accepts("harmony", place))
            for name in ["half", "garbage", "other", "forged", "unsigned", "missing"] {
                #expect(try !accepts(name, place), "\(name)")
            }
            #expect(try !accepts("unfit", place), "signed, and does not start")
        }
    }

    @Test(arguments: [
        ("checksum-of-itself", ["harmony", "half", "garbage"]), ("format-only", ["harmony", "half", "other"]),
        ("checksum-with-doubled-path", ["harmony", "half", "garbage"]),
    ])
    func aMutantTakesWhatItShouldNot(_ mutant: String, _ taken: [String]) throws {
        try inPlace { place in
            try place.install("chaos/mutants/\(mutant)/validator/opt/harmony/fetch-release", at: "/fetch-release")
            try makeReleases(place)
            try place.write("/etc/harmony/release-checksums", "0123  staging/harmony\n")
            for name in taken { #expect(try accepts(name, place), "\(name)") }
            if !taken.contains("garbage") { #expect(try !accepts("garbage", place)) }
        }
    }

    /// An hour of this network takes two minutes; looks come every ten seconds.
    @Test(arguments: [("22:15", 1290.0, 1300.0), ("08:30", 60, 70), ("12:00", 10, 10), ("16:59", 1920, 1940)])
    func nothingIsLookedForAtNight(_ local: String, _ least: Double, _ most: Double) throws {
        try inPlace { place in
            try place.install("\(Self.fixes)/change-window/auto-update/opt/harmony/next-look", at: "/next-look")
            try place.write("/etc/harmony/updater.conf", "POLL_SECONDS=10.000\nSPREAD_SECONDS=10.000\nSEED=1\n")
            try place.write(
                "/etc/harmony/change-window.conf",
                "OPENS=09:00\nCLOSES=17:00\nLOCAL_TIME=\(local)\nHOUR_SECONDS=120.000\n")
            let wait = try #require(Double(place.shell("./next-look again").output.trimming()))
            // Some seconds may have passed since the file was written.
            #expect(wait >= least - 8 && wait <= most, "\(wait)")
        }
    }

    @Test func nodesTakeANewReleaseInTurnsTheTeamsOwnFirst() throws {
        try inPlace { place in
            try place.install("\(Self.fixes)/stagger-updates/auto-update/opt/harmony/next-look", at: "/next-look")
            try place.write("/etc/harmony/updater.conf", "POLL_SECONDS=10.000\nSPREAD_SECONDS=70.000\nSEED=1\n")
            try place.write("/etc/harmony/node.conf", "shard = 2\n")
            let names = ["s2-t3-1", "s2-t3-2", "s1-t3-9", "s2-t3-3", "s2-t3-4", "s2-fn-1", "s2-fn-2", "s2-fn-3"]
            try place.write(
                "/etc/harmony/genesis", names.map { "validator \($0.dropFirst().prefix(1)) \($0) 127.0.0.1\n" }.joined()
            )
            try place.shell("mkdir bin && printf '#!/bin/sh\\ncat name\\n' >bin/hostname && chmod 755 bin/hostname")
            try place.write("/name", "s2-t3-4\n")
            #expect(try place.shell("./next-look again").output.trimming() == "10.000", "no release waits")
            try place.write("/opt/harmony/staging/waiting-for-its-turn", "")
            var turns: [String: Double] = [:]
            for name in names where name.hasPrefix("s2") {
                try place.write("/name", "\(name)\n")
                turns[name] = try Double(place.shell("./next-look again").output.trimming())
            }
            #expect(turns["s2-t3-4"] == 0 && turns["s2-t3-1"] == 30 && turns["s2-fn-1"] == 60, "\(turns)")
            #expect(Set(turns.values).count == 7)
        }
    }
}

extension String {
    fileprivate func trimming() -> String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
