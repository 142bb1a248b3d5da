import Foundation
import Glibc

/// Programs that run to their end.
package enum Command {
    /// How a program ended and what it printed.
    package struct Result: Sendable {
        package let status: Int32
        package let output: String
    }

    /// Runs a program and waits for it; standard output and standard error come together.
    package static func run(
        _ arguments: [String], environment: [String: String]? = nil, input: [UInt8] = [], seconds: Double = 120
    ) throws -> Result {
        let child = try ChildProcess(arguments, environment: environment)
        child.write(input)
        child.closeInput()
        let status = try child.waitUntilExit(seconds: seconds)
        child.output.waitForEnd()
        return Result(status: status, output: child.output.text)
    }

    /// The same, for a program that has to succeed.
    @discardableResult
    package static func check(_ arguments: [String], input: [UInt8] = [], seconds: Double = 120) throws -> String {
        let result = try run(arguments, input: input, seconds: seconds)
        guard result.status == 0 else {
            throw ServerFailure("`\(arguments.joined(separator: " "))` ended with \(result.status):\n\(result.output)")
        }
        return result.output
    }

    /// Mail servers change users, so they are started by root: directly, or through `sudo` without a password.
    static var privilege: [String] { getuid() == 0 ? [] : ["sudo", "-n", "--"] }

    /// The absolute path of a program that `make deps` installs.
    ///
    /// One that is missing is a failure, never a skipped test.
    package static func locate(_ name: String, also folders: [String] = []) throws -> String {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in path + ["/usr/sbin", "/usr/bin", "/sbin"] + folders where access("\(folder)/\(name)", X_OK) == 0 {
            return "\(folder)/\(name)"
        }
        if ProcessInfo.processInfo.environment["CI"] != nil {
            throw ServerFailure(
                "\(name) is not installed; `make deps` should have done that before the tests ran in CI.")
        }
        throw ServerFailure("\(name) is not installed: run `make deps`.")
    }
}
