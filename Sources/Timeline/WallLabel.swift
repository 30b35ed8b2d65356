/// Unix seconds of an RFC 3339 UTC label such as `2026-01-31T10:00:00.123Z`; nil for any other text.
///
/// Only for comparing an event with a moment that a host reported (`$injected`); durations come from the monotonic
/// clock.
func unixSeconds(ofLabel label: String) -> Double? {
    let bytes = Array(label.utf8)
    guard bytes.count >= 20, bytes.count <= 30, bytes.last == UInt8(ascii: "Z") else { return nil }
    for (index, separator) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] as [(Int, Unicode.Scalar)]
    where bytes[index] != UInt8(ascii: separator) { return nil }
    func number(_ range: Range<Int>) -> Int? {
        let digits = bytes[range]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
        let minute = number(14..<16), let second = number(17..<19),
        (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var fraction = 0.0
    if bytes.count > 20 {
        guard bytes[19] == UInt8(ascii: "."), bytes.count > 21, let digits = number(20..<(bytes.count - 1)) else {
            return nil
        }
        fraction = Double(digits)
        for _ in 20..<(bytes.count - 1) { fraction /= 10 }
    }
    let whole = ((days(year: year, month: month, day: day) * 24 + hour) * 60 + minute) * 60 + second
    return Double(whole) + fraction
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar. Years start in March, so that the leap day is the last.
private func days(year: Int, month: Int, day: Int) -> Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}
