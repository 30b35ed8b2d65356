import Testing

/// End-to-end tests: they run the release programs as a user does, each in a throw-away root folder. `Turns` says
/// how many play at once.
@Suite("Drill") struct DrillTests {}
