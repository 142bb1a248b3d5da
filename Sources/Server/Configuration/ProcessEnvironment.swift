import FoundationEssentials

/// The environment the process was started with.
package enum ProcessEnvironment {
    package static var all: [String: String] { ProcessInfo.processInfo.environment }
}
