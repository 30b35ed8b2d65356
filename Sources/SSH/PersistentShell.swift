final class PersistentShell {
    var deadline: Instant { .never }
    func connectionEnded(_ error: SSHError, on session: isolated Session) {}
}
