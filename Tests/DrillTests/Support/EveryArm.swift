import Foundation
import Testing

extension Trait where Self == ConditionTrait {
    /// For drills that take a minute and show what a quicker one shows in part: `make test-every-arm` plays them.
    static var everyArm: Self {
        .enabled(
            if: ProcessInfo.processInfo.environment["FIREDRILL_EVERY_ARM"] == "1",
            "played by 'make test-every-arm' (FIREDRILL_EVERY_ARM=1)")
    }
}
