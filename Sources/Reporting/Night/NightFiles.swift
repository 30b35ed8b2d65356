import FoundationEssentials
import Timeline

/// Writes and reads the files of a night's folder.
public enum NightFiles {
    /// Longest `night.json` that is read, bytes.
    private static let limit = 16 << 20

    /// Writes `night.json`, `junit.xml`, `summary.md` and `metrics.prom`, each as a whole: called after every play, so that a
    /// night that is ended from outside has all of them.
    /// - Parameter endedAt: Unix seconds, for the metrics.
    public static func write(_ night: Night, into folder: String, endedAt: Double) throws(ReportError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(night) else {
            throw .cannotWrite(path: folder + "/night.json", reason: "it cannot be said in JSON")
        }
        try ReportFiles.write(String(decoding: json, as: UTF8.self) + "\n", to: folder + "/night.json")
        try ReportFiles.write(NightJUnit(night).text, to: folder + "/junit.xml")
        try ReportFiles.write(NightSummary(night).markdown, to: folder + "/summary.md")
        try ReportFiles.write(NightMetrics(night, endedAt: endedAt).text, to: folder + "/metrics.prom")
    }

    /// The night in `folder`; nil when there is none that can be read.
    public static func read(_ folder: String) -> Night? {
        guard let bytes = SmallFile.read(folder + "/night.json", limit: limit),
            let night = try? JSONDecoder().decode(Night.self, from: Data(bytes)), night.format == 1
        else { return nil }
        return night
    }
}
