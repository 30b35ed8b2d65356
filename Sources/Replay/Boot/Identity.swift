import Glibc

/// The ordinary user that hosts and the contained process run as.
public struct Identity: Sendable, Hashable {
    /// User id; never 0 for a contained process.
    public let uid: UInt32
    /// Primary group id.
    public let gid: UInt32
    /// Login name, or `user` and the id when it has none.
    public let name: String

    /// The system account that set-up makes for machines where only root exists.
    public static let systemAccount = "firedrill"

    /// Who runs the contained part: the caller, or, when the caller is root, the user behind sudo, or else the system account.
    /// - Throws: `BootError.noOrdinaryUser` when root has nobody to drop to.
    public static func forContained(environment: [String: String]) throws -> Identity {
        let uid = geteuid()
        if uid != 0 { return Identity(uid: uid, gid: getegid(), name: lookUp(uid: uid)?.name ?? "user\(uid)") }
        if let text = environment["SUDO_UID"], let sudoUID = UInt32(text), sudoUID != 0, let user = lookUp(uid: sudoUID)
        {
            return user
        }
        if let user = lookUp(name: systemAccount), user.uid != 0 { return user }
        throw BootError.noOrdinaryUser
    }

    private static func lookUp(uid: uid_t) -> Identity? {
        withRecord { record, buffer, size, result in getpwuid_r(uid, record, buffer, size, result) }
    }

    private static func lookUp(name: String) -> Identity? {
        withRecord { record, buffer, size, result in getpwnam_r(name, record, buffer, size, result) }
    }

    private static func withRecord(
        _ call: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) -> Identity? {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let base = buffer.baseAddress, call(&record, base, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return Identity(uid: record.pw_uid, gid: record.pw_gid, name: String(cString: record.pw_name))
        }
    }
}
