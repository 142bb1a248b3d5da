import Foundation
import MailServers
import Synchronization
import Testing

/// What the tests of a suite asked and were answered, for the contract to judge.
final class ExchangeRecorder: Sendable {
    @TaskLocal static var current: ExchangeRecorder?

    private let lines = Mutex<[UInt8]>([])

    func record(_ method: String, _ target: String, _ response: TestHTTPResponse) throws {
        let type = response["Content-Type"]
        let isJSON = type.map { $0.contains("json") } ?? false
        let line: JSONValue = [
            "method": .string(method), "path": .string(target), "status": .number(Double(response.status)),
            "contentType": type.map { .string($0) } ?? .null, "body": isJSON ? .string(response.text) : .null,
        ]
        let bytes = try line.encoded() + [10]
        lines.withLock { $0 += bytes }
    }

    /// Holds every answer against openapi.yaml.
    func validate() async throws {
        let bytes = lines.withLock { $0 }
        guard !bytes.isEmpty else { return }
        let folder = try TemporaryFolder("exchanges")
        let file = folder("exchanges.jsonl")
        try Data(bytes).write(to: URL(filePath: file))
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        let script = tests.appending(path: "Contract/validate.py").path(percentEncoded: false)
        let document = root.appending(path: "openapi/openapi.yaml").path(percentEncoded: false)
        let result = try await onThread {
            try Command.run([Python.interpreter(), script, document, file])
        }
        #expect(result.status == 0, "answers that openapi.yaml does not describe:\n\(result.output)")
    }
}

/// Holds all answers that a suite's tests got against the contract when the suite is through, and looks for secrets in what was printed.
struct ContractTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let recorder = ExchangeRecorder()
        try await ExchangeRecorder.$current.withValue(recorder) { try await function() }
        try await recorder.validate()
        SecretScan.check()
    }
}

extension Trait where Self == ContractTrait {
    static var validatesAnswers: Self { ContractTrait() }
}
