/// Numbers as the reports print them, always with their unit.
public enum Text {
    /// Milliseconds below a second, else seconds; a dash for nothing.
    public static func seconds(_ value: Double?) -> String {
        guard let value else { return "–" }
        if value < 0.0995 { return "\(fixed(value * 1000, 1)) ms" }
        if value < 0.9995 { return "\(fixed(value * 1000, 0)) ms" }
        return "\(fixed(value, 2)) s"
    }

    /// Lowest and highest value.
    public static func range(_ values: Distribution) -> String {
        guard let low = values.low, let high = values.high else { return "–" }
        return "\(seconds(low))–\(seconds(high))"
    }

    /// Megabytes of 10⁶ bytes.
    public static func megabytes(_ bytes: Int) -> String { "\(fixed(Double(bytes) / 1e6, 1)) MB" }

    /// A share as a whole percentage.
    public static func percent(_ share: Double?) -> String {
        share.map { "\(fixed($0 * 100, 0)) %" } ?? "–"
    }

    /// A number with this many decimals, the same on every machine and in every locale.
    public static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale = 1
        for _ in 0..<decimals { scale *= 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let sign = scaled < 0 ? "-" : ""
        let digits = String(abs(scaled))
        guard decimals > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }
}
