import Foundation

/// The Python that has the packages of `.ci/requirements.txt`.
package enum Python {
    /// The one of `.venv` where `make deps` has made it, else the system's.
    package static func interpreter() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let own = root.appending(path: ".venv/bin/python3").path(percentEncoded: false)
        return FileManager.default.isExecutableFile(atPath: own) ? own : try Command.locate("python3")
    }
}
