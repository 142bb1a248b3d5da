let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "serve-http", let port = arguments.dropFirst().first.flatMap({ UInt16($0) }) {
    try await HTTPTestServer.run(port: port)
}
