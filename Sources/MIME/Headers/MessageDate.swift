/// A moment as the Date field tells it: UTC, and the zone that its writer lived in.
package struct MessageDate: Sendable, Hashable {
    package var millisecondsSinceEpoch: Int64
    /// Minutes east of Greenwich; nil where the field said `-0000` or nothing (RFC 5322, section 3.3).
    package var offsetMinutes: Int?

    package init(millisecondsSinceEpoch: Int64, offsetMinutes: Int? = 0) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
        self.offsetMinutes = offsetMinutes
    }
}
