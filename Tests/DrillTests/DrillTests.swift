import Testing

/// End-to-end tests: they run the release programs as a user does, each in a throw-away root folder. One after the
/// other, because a testnet takes a whole small machine.
@Suite("Drill", .serialized) struct DrillTests {}
