import Wire

extension MessageDate {
    /// As a Date field says it: `Mon, 23 Nov 2026 19:12:45 +0000`; nil outside the years 1–9999.
    package var fieldValue: String? {
        let offset = offsetMinutes ?? 0
        let (seconds, overflow) = (millisecondsSinceEpoch.flooredDivision(by: 1000)).addingReportingOverflow(
            Int64(offset) * 60)
        guard !overflow, seconds >= -62_135_596_800, seconds < 253_402_300_800, abs(offset) < 24 * 60 else {
            return nil
        }
        let days = Int(seconds.flooredDivision(by: 86_400))
        let second = Int(seconds) - days * 86_400
        let date = CivilDate(daysSinceEpoch: days)
        let weekday = MessageDate.weekdays[((days % 7) + 11) % 7]
        let zone = abs(offset)
        let sign = offsetMinutes == nil || offset < 0 ? "-" : "+"
        let time = [second / 3600, second / 60 % 60, second % 60].map { digits($0, 2) }.joined(separator: ":")
        let month = MessageDate.months[date.month - 1]
        return
            "\(weekday), \(digits(date.day, 2)) \(month) \(digits(date.year, 4)) \(time) \(sign)\(digits(zone / 60 * 100 + zone % 60, 4))"
    }

    private func digits(_ value: Int, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
