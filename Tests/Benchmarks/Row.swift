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
        print(
            "\nState on \(BenchmarkDatabase.name):\n\n| what | reach | measured | against | verdict |\n|---|---|---|---|---|"
        )
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

/// `value` with two decimals, not rounded up: a goal is not met by rounding.
func twoDecimals(_ value: Double) -> String {
    let hundredths = Int(value * 100)
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// `value` with one decimal.
func oneDecimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
}
