import Timeline

extension Criteria {
    /// `arm fix:fail-download, variant object-garbage`, for people.
    var playing: String { "arm \(arm)" + (variant.map { ", variant \($0)" } ?? "") }

    /// End of a run folder's name.
    var runName: String { "\(scenario)-\(arm)" + (variant.map { "-\($0)" } ?? "") }
}
