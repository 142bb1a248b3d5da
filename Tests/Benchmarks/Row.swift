/// One line of the table: what was measured, what it must reach, and against whom.
struct Row {
    enum Verdict: String {
        case met, missed
        case notMeasured = "not measured"
    }

    let what: String
    let reach: String
    let measured: String
    let against: String
    let verdict: Verdict

    static func notMeasured(_ what: String, reach: String, because reason: String) -> Row {
        Row(what: what, reach: reach, measured: "not measured: \(reason)", against: "-", verdict: .notMeasured)
    }

    static func printTable(_ rows: [Row]) {
        print("\n| what | reach | measured | against | verdict |\n|---|---|---|---|---|")
        for row in rows {
            print("| \(row.what) | \(row.reach) | \(row.measured) | \(row.against) | \(row.verdict.rawValue) |")
        }
    }
}

/// What is measured together.
///
/// Each has a file and a name on the command line.
protocol Benchmark {
    static var name: String { get }
    static func run() async throws -> [Row]
}

/// The middle one of several rounds: noise of other programs moves it least.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

/// `value` with one decimal.
func oneDecimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
}
