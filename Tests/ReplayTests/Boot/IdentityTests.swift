import Foundation
import Replay
import Testing

@Suite("Who the contained part runs as")
struct IdentityTests {
    @Test("an ordinary user stays who it is, whatever sudo's variables say", .enabled(if: geteuid() != 0))
    func ordinaryUser() throws {
        let identity = try Identity.forContained(environment: ["SUDO_UID": "0"])
        #expect(identity.uid == geteuid())
        #expect(identity.gid == getegid())
    }

    @Test("root drops to the user behind sudo", .enabled(if: geteuid() == 0))
    func sudoUser() throws {
        let nobody = try #require(getpwnam("nobody")).pointee.pw_uid
        let identity = try Identity.forContained(environment: ["SUDO_UID": "\(nobody)"])
        #expect(identity.uid == nobody)
        #expect(identity.name == "nobody")
    }

    @Test(
        "root never stays root: without a usable user behind sudo it is the system account or an error",
        .enabled(if: geteuid() == 0), arguments: [nil, "0", "", "-1", "nobody", "4294967295", "99999999999"])
    func noSudoUser(_ text: String?) throws {
        do {
            let identity = try Identity.forContained(environment: text.map { ["SUDO_UID": $0] } ?? [:])
            #expect(identity.uid != 0)
            #expect(identity.name == Identity.systemAccount)
        } catch {
            #expect(error as? BootError == .noOrdinaryUser)
            #expect(getpwnam(Identity.systemAccount) == nil)
        }
    }
}
