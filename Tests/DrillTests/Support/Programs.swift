import Foundation
import Glibc

/// The programs under test: release builds, as a user has them.
enum Programs {
    /// Variable that names another `firedrill` than `.build/release/firedrill`; `testnode` must lie beside it.
    static let variable = "FIREDRILL_BIN"

    /// The package that these tests belong to.
    static let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path

    /// Absolute path of `firedrill`.
    /// - Throws: a message that says how to make it.
    static func firedrill() throws -> String {
        let path = ProcessInfo.processInfo.environment[variable] ?? "\(package)/.build/release/firedrill"
        let testnode = URL(fileURLWithPath: path).deletingLastPathComponent().path + "/testnode"
        for program in [path, testnode] where access(program, X_OK) != 0 {
            throw TestFailure(
                "\(program) is missing: these tests run the release programs. Build them with 'make build', "
                    + "or set \(variable) to a firedrill with testnode beside it.")
        }
        return path
    }

    static var isRoot: Bool { geteuid() == 0 }

    /// An ordinary user to run as when the tests run as root: the account that set-up makes, else `nobody`.
    static let ordinaryUser: (uid: uid_t, gid: gid_t) = {
        guard let account = getpwnam("firedrill") else { return (65534, 65534) }
        return (account.pointee.pw_uid, account.pointee.pw_gid)
    }()
}
