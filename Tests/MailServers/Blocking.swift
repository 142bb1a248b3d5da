import Foundation
import Glibc

/// Runs blocking work on a thread of its own, so that a test which waits never holds one of the few threads of the
/// concurrency pool.
package func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}

/// The text of the C library's last error.
func systemError(_ what: String) -> ServerFailure {
    ServerFailure("\(what): \(String(cString: strerror(errno)))")
}
