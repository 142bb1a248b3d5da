import Wire

/// A day of the Gregorian calendar: IMAP's `date`, without time and zone (RFC 9051, 9).
package struct CalendarDay: Sendable, Hashable {
    package let year: Int
    package let month: Int
    package let day: Int

    package init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day in UTC that holds this instant.
    package init(epochMilliseconds: Int64) {
        self.init(daysSinceEpoch: Self.floor(epochMilliseconds, 86_400_000))
    }

    package init(daysSinceEpoch days: Int) {
        let date = CivilDate(daysSinceEpoch: days)
        self.init(year: date.year, month: date.month, day: date.day)
    }

    package var daysSinceEpoch: Int { CivilDate(year: year, month: month, day: day).daysSinceEpoch }

    // date = date-day "-" date-month "-" date-year
    package var text: String { "\(day)-\(Self.monthNames[(month - 1) % 12])-\(Self.padded(year, 4))" }

    // date-time = DQUOTE date-day-fixed "-" … zone DQUOTE, in UTC, for APPEND
    package static func dateTime(epochMilliseconds: Int64) -> String {
        let seconds = floor(epochMilliseconds, 1_000)
        let day = CalendarDay(epochMilliseconds: epochMilliseconds)
        let time = seconds - day.daysSinceEpoch * 86_400
        let clock = [time / 3_600, time / 60 % 60, time % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\"\(padded(day.day, 2))-\(monthNames[day.month - 1])-\(padded(day.year, 4)) \(clock) +0000\""
    }

    private static func floor(_ number: Int64, _ divisor: Int64) -> Int {
        Int(number >= 0 ? number / divisor : (number + 1) / divisor - 1)
    }

    static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
