import Glibc

let benchmarks: [any Benchmark.Type] = [
    HTTPBenchmark.self, IMAPFetchBenchmark.self, ListBenchmark.self, AttachmentBenchmark.self, StartBenchmark.self,
    WebhookBenchmark.self, NewMailBenchmark.self, ManyAccountsBenchmark.self, SubmissionBenchmark.self,
]
let arguments = Array(CommandLine.arguments.dropFirst())

if arguments.first == HTTPTestServer.command {
    try await HTTPTestServer.run()
} else {
    let chosen = arguments.isEmpty ? benchmarks : benchmarks.filter { arguments.contains($0.name) }
    guard !chosen.isEmpty else {
        print("Usage: Benchmarks [\(benchmarks.map { $0.name }.joined(separator: "|"))]…")
        exit(2)
    }
    var rows: [Row] = []
    for benchmark in chosen {
        do {
            rows += try await benchmark.run()
        } catch {
            rows.append(.notMeasured(benchmark.name, reach: "-", because: "\(error)"))
        }
    }
    Row.printTable(rows)
}
