import FoundationEssentials

/// What the process was started with and where.
package enum ProcessEnvironment {
    package static var all: [String: String] { ProcessInfo.processInfo.environment }

    /// What the machine calls itself; in a container that is the container's id or name.
    static var hostName: String { ProcessInfo.processInfo.hostName }
}
