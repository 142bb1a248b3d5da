import ArgumentParser
import Server

/// Prints an expected fault as one line instead of a stack of types.
func reportingFaults(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let fault as StartFault {
        StandardStream.error.line("mailbridge: \(fault)")
        throw ExitCode.failure
    }
}
